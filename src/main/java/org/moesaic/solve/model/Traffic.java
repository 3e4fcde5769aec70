package org.moesaic.solve.model;

import java.util.List;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * A kind of traffic between sites, and all that bounds and searches know of it.
 *
 * <p>A kind says two things. Its {@link Meter} counts its bytes exactly, shard by shard as they
 * come and go; they are what the reference in {@code pricing} prices. Its <em>floor</em> is linear
 * in who serves whom, and on every placement at most those bytes: so bounds that take it hold.
 * Where the floor is exact, a program that closes the gap to it closes the problem.
 *
 * <p>Kinds are told apart here alone: a new one is a class that this interface permits, and a line
 * in {@link #of}.
 */
public sealed interface Traffic permits CallTraffic {
  /** The kinds of traffic that an instance has. */
  static List<Traffic> of(Instance instance) {
    return List.of(new CallTraffic(instance));
  }

  /** Most that it can come to on all ways together, bytes per second. */
  double mostBytesPerSecond();

  /** Most that it can cost, USD per hour. */
  double mostUsdPerHour();

  /** Counts its bytes, from nothing placed; layers are at home where they are said to be. */
  Meter meter(Tariff tariff, Homes homes);

  /**
   * Bytes per second that one call per second of an origin puts on ways, at least.
   *
   * @param home the site where the layer is at home that calls
   * @param site the site that serves it
   */
  void floor(int origin, int home, int site, Flow flow);

  /** Price of the floor, egress and bandwidth, of one call per second, USD per hour. */
  double floorUsd(int origin, int home, int site);

  /**
   * Whether its bytes are sums over shards, each counted as if it were alone. The constraint
   * streams take such a kind from its meter; another needs a stream of its own.
   */
  boolean byShard();

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

  /** Counts bytes exactly while shards come and go. Not safe for use by several threads. */
  interface Meter {
    /**
     * Takes a placement of a shard in or out.
     *
     * @param sign 1 for in, -1 for out
     * @param bytes receives what that changes
     */
    void change(int shard, Placement placement, int sign, Bytes bytes);
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
