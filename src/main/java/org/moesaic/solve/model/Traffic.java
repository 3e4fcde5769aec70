package org.moesaic.solve.model;

import java.util.ArrayList;
import java.util.List;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Model;

/**
 * A kind of traffic between sites, and all that bounds and searches know of it.
 *
 * <p>A kind says two things. Its {@link Meter} counts its bytes exactly, as pieces come and go and
 * layers move; they are what the reference in {@code pricing} prices. Its <em>floor</em> is linear
 * in who serves whom, and on every placement at most those bytes: so bounds that take it hold.
 * Where the floor is exact, a program that closes the gap to it closes the problem.
 *
 * <p>Kinds are told apart here alone: a new one is a class that this interface permits, and a line
 * in {@link #of}.
 */
public sealed interface Traffic
    permits CallTraffic, SharedCopyTraffic, CutTraffic, AccessTraffic, SyncTraffic {
  /** The kinds of traffic that an instance has. */
  static List<Traffic> of(Instance instance) {
    List<Traffic> kinds = new ArrayList<>();
    Model model = instance.problem().model();
    kinds.add(
        instance.sharesCopies() ? new SharedCopyTraffic(instance) : new CallTraffic(instance));
    if (model.backbone() != null) {
      kinds.add(new CutTraffic(instance));
      kinds.add(new AccessTraffic(instance));
    }
    if (model.sync() != null) {
      kinds.add(new SyncTraffic(instance));
    }
    return List.copyOf(kinds);
  }

  /** Most that it can come to on all ways together, bytes per second. */
  double mostBytesPerSecond();

  /** Most that it can cost, USD per hour. */
  double mostUsdPerHour();

  /**
   * Counts its bytes, from nothing placed.
   *
   * @param homes asked while layers move
   */
  Meter meter(Tariff tariff, HomeSites homes);

  /**
   * Bytes per second that one call per second of an origin to a shard, or one token per second
   * through a layer, puts on ways, at least, wherever all else is.
   *
   * @param site that serves the origin, or hosts its layer
   */
  void floor(Role role, int origin, int site, Flow flow);

  /**
   * Whether its bytes are sums over pieces, each counted as if it were alone. The constraint
   * streams take such a kind from its meter; another needs a stream of its own.
   */
  boolean byPiece();

  /**
   * What a byte of it counts against the capacity of a link: 1, or more where all of it has to be
   * through in a part of the time.
   */
  double peak();

  /** Whether the floor is all there is. */
  boolean floorIsExact();

  /** Bytes as links count them, the same with either sign. */
  static long peak(long bytes, double peak) {
    return peak == 1 ? bytes : Math.round(Math.abs(bytes) * peak) * Long.signum(bytes);
  }

  /** Counts bytes exactly while pieces come and go. Not safe for use by several threads. */
  interface Meter {
    /**
     * Takes a placement of a piece in or out; layers are where they are.
     *
     * @param sign 1 for in, -1 for out
     * @param bytes receives what that changes
     */
    void change(int piece, Placement placement, int sign, Bytes bytes);

    /**
     * An origin's layer is about to move.
     *
     * @param from the site where it is, as {@link HomeSites} still says
     * @param to the site where it will be; either may be {@link HomeSites#NOWHERE}
     * @param bytes receives what that changes
     */
    default void rehome(int origin, int layer, int from, int to, Bytes bytes) {}
  }

  /** Receives changes of bytes per second on a way, in units of a tariff. */
  interface Bytes {
    void add(int from, int to, long bytes);
  }

  /** Receives bytes per second on a way. */
  interface Flow {
    void add(int from, int to, double bytesPerSecond);
  }
}
