package org.moesaic.solve.model;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Model;

/**
 * An instance in whole numbers, and the functions from sums of them to the amounts of a score: its
 * {@link Units}, terms of offers, {@link Way}s, kinds of {@link Traffic}, and {@link Penalties}.
 *
 * <p>The constraint streams and the incremental calculator share these and so agree to the last
 * unit; the reference in {@code pricing} shares nothing with them. Immutable, shared by all
 * threads.
 */
public final class Tariff {
  private final Instance instance;
  private final boolean divides;
  private final int[] streams;
  private final Units units;
  private final Penalties penalties;
  private final long[] memory;
  private final long[][] calls;
  private final long[] tokens;
  private final OfferTerms[] offers;
  private final List<Traffic> traffic;
  private final Way[][] ways;
  private final double[][][] floorUsd;
  private final double[][] copyUsd;
  private final @Nullable SharedCopies sharedCopies;
  private final double[][] cutUsd;
  private final boolean[] latencyLimitedOf;
  private final boolean latencyLimited;

  /** Prepares an instance that has nothing {@code Unsupported}. */
  public Tariff(Instance instance) {
    this(instance, Parts.whole(instance.problem().origins()));
  }

  /**
   * Prepares an instance whose origins are parts of others.
   *
   * @param parts that its origins are, in their order
   */
  public Tariff(Instance instance, Parts parts) {
    streams = IntStream.range(0, instance.origins()).map(parts::streams).toArray();
    divides = Arrays.stream(streams).anyMatch(count -> count > 1);
    this.instance = instance;
    traffic = Traffic.of(instance);
    units = new Units(instance, traffic);
    penalties = new Penalties(instance, units);
    memory = new long[instance.pieces()];
    for (int p = 0; p < memory.length; p++) {
      memory[p] = instance.hasBackbone() ? units.toMemory(instance.bytesOf(p)) : instance.sizeOf(p);
    }
    calls = new long[instance.origins()][instance.pieces()];
    for (int o = 0; o < instance.origins(); o++) {
      for (int p = 0; p < memory.length; p++) {
        calls[o][p] = units.toCalls(instance.demand(o, p));
      }
    }
    tokens = new long[instance.origins()];
    Arrays.setAll(tokens, o -> units.toCalls(instance.origin(o).tokensPerSecond()));
    offers = new OfferTerms[instance.offers()];
    Arrays.setAll(offers, i -> new OfferTerms(this, i));
    int n = instance.sites().size();
    ways = new Way[n][n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        ways[a][b] = new Way(instance, units, a, b);
      }
    }
    Model model = instance.problem().model();
    copyUsd = new double[n][n];
    cutUsd = new double[n][n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        copyUsd[a][b] = Way.usdPerHour(instance, a, b, model.dispatchBytes(), model.combineBytes());
        cutUsd[a][b] =
            Way.usdPerHour(instance, a, b, instance.activationBytes(), instance.gradientBytes());
      }
    }
    sharedCopies =
        traffic.stream()
            .filter(SharedCopyTraffic.class::isInstance)
            .map(kind -> ((SharedCopyTraffic) kind).shared())
            .findFirst()
            .orElse(null);
    floorUsd = new double[Role.values().length][instance.origins()][n];
    for (Role role : Role.values()) {
      for (int o = 0; o < instance.origins(); o++) {
        for (int site = 0; site < n; site++) {
          floorUsd[role.ordinal()][o][site] = floorUsdPerHour(role, o, site);
        }
      }
    }
    latencyLimitedOf = new boolean[instance.origins()];
    boolean limited = false;
    for (int o = 0; o < latencyLimitedOf.length; o++) {
      latencyLimitedOf[o] = Double.isFinite(instance.maxAddedLatencyMs(o));
      limited |= latencyLimitedOf[o];
    }
    latencyLimited = limited;
  }

  /** What this is a tariff of. */
  public Instance instance() {
    return instance;
  }

  /** Whether there are plans that divide the streams of origins in other ways. */
  public boolean divides() {
    return divides;
  }

  /** How many equal streams an origin of the instance is. */
  public int streams(int origin) {
    return streams[origin];
  }

  /** Units of what is summed. */
  public Units units() {
    return units;
  }

  /** What broken rules cost. */
  public Penalties penalties() {
    return penalties;
  }

  /** The kinds of traffic that there are. */
  public List<Traffic> traffic() {
    return traffic;
  }

  /** Money of a score as USD per hour. */
  public double toUsdPerHour(long money) {
    return units.toUsdPerHour(money);
  }

  /**
   * The offers that a search puts a piece on: those that may hold it. If pins and bans leave none,
   * all: any plan breaks one, and some plan has to say so.
   */
  public int[] holders(int piece) {
    int[] holders = instance.holders(piece);
    return holders.length > 0 ? holders : IntStream.range(0, instance.offers()).toArray();
  }

  /** Most replicas of a piece; of a layer's dense part, as many as there are offers. */
  public int maxReplicas(int piece) {
    return instance.isShard(piece) ? instance.maxReplicas() : instance.offers();
  }

  /** Memory of a replica of a piece, in units. */
  public long memory(int piece) {
    return memory[piece];
  }

  /**
   * Calls of an origin to a shard, or its tokens through a layer, in units; 0 exactly where there
   * is no demand.
   */
  public long calls(int origin, int piece) {
    return calls[origin][piece];
  }

  /** What a piece puts on one of the offers that hold it. */
  public Load load(int piece, Placement placement, int offer) {
    long served = 0;
    int[] servedBy = placement.servedBy();
    for (int o = 0; o < servedBy.length; o++) {
      served += servedBy[o] == offer ? calls[o][piece] : 0;
    }
    return load(piece, served);
  }

  /** What a replica of a piece puts on an offer, with so many calls or tokens. */
  public Load load(int piece, long served) {
    return instance.isShard(piece)
        ? new Load(1, memory[piece], served, 0)
        : new Load(1, memory[piece], 0, served);
  }

  /** Terms of an offer. */
  public OfferTerms offer(int offer) {
    return offers[offer];
  }

  /** One direction between two sites. */
  public Way way(int from, int to) {
    return ways[from][to];
  }

  private double floorUsdPerHour(Role role, int origin, int site) {
    if (role == Role.SHARD && !instance.hasBackbone() && !instance.sharesCopies()) {
      return copyUsd[instance.siteOfOrigin(origin)][site];
    }
    double[] usd = {0};
    for (Traffic kind : traffic) {
      kind.floor(
          role,
          origin,
          site,
          (from, to, bytes) -> usd[0] += Way.usdPerHour(instance, from, to, bytes, 0));
    }
    return usd[0];
  }

  /**
   * What the traffic of one call per second of an origin to a shard, or of one token per second
   * through its layer, costs at least, egress and bandwidth, USD per hour, wherever all else is.
   *
   * @param site that serves it
   */
  public double floorUsd(Role role, int origin, int site) {
    return floorUsd[role.ordinal()][origin][site];
  }

  /** Counts copies where they are shared. */
  SharedCopies sharedCopies() {
    return Objects.requireNonNull(sharedCopies, "Every call ships a copy of its own.");
  }

  /** What one copy per second from one site to another costs, and its result, USD per hour. */
  public double copyUsd(int from, int to) {
    return copyUsd[from][to];
  }

  /**
   * What the traffic of one call per second of an origin from one site to another costs, USD per
   * hour; where copies are shared, as it is where they are most.
   */
  public double callUsd(int origin, int from, int to) {
    double copies = sharedCopies == null ? 1 : sharedCopies.usualPerCall(origin);
    return copies * copyUsd[from][to];
  }

  /** Copies that a call of an origin to another site causes at least; 1 unless they are shared. */
  public double fewestCopies(int origin) {
    return sharedCopies == null ? 1 : sharedCopies.fewestPerCall(origin);
  }

  /**
   * Where copies are shared: the share of an origin's tokens that a shard it calls is the cause of
   * at least, whatever else is served there.
   */
  public double fewestTokens(int origin, int shard) {
    return sharedCopies().fewest(origin, shard);
  }

  /**
   * Where copies are shared: by how much the share of an origin's tokens with an expert among some
   * shards of a layer grows as these come one by one. As a linear function of the shards it is at
   * most that share, for any of them; and so is any mean of such functions.
   *
   * @param order shards of one layer that the origin calls, each once
   * @param growth receives what is added, by position in the order
   */
  public void growTokens(int origin, int[] order, double[] growth) {
    sharedCopies().grow(origin, order, growth);
  }

  /** What one token per second costs that goes on from one site to another, USD per hour. */
  public double cutUsd(int from, int to) {
    return cutUsd[from][to];
  }

  /** What a byte per second there and one back between two sites cost, USD per hour. */
  public double bothWaysUsd(int from, int to) {
    return Way.usdPerHour(instance, from, to, 1, 1);
  }

  /**
   * The tree over some sites that keeps replicas there in step: pairs of them.
   *
   * @throws java.util.NoSuchElementException without sync
   */
  public int[][] syncTree(BitSet sites) {
    return traffic.stream()
        .filter(SyncTraffic.class::isInstance)
        .map(kind -> ((SyncTraffic) kind).tree(sites))
        .findFirst()
        .orElseThrow();
  }

  /** Tokens per second of an origin, in the units of calls. */
  public long tokens(int origin) {
    return tokens[origin];
  }

  /** Whether any origin has a limit to its latency. */
  public boolean latencyLimited() {
    return latencyLimited;
  }

  /** Whether an origin has a limit to its latency. */
  public boolean latencyLimited(int origin) {
    return latencyLimitedOf[origin];
  }

  /**
   * What serving a shard at a site adds to its layer's sum of an origin's latency, in units.
   *
   * @param home the site where the layer is at home
   */
  public long latency(int origin, int shard, int home, int site) {
    double rttMs = instance.rttMs(home, site);
    return units.toLatency(instance.callProbability(origin, shard) * rttMs);
  }

  /** The round trip that bounds a layer's latency, in the same units. */
  public long roundTrip(int home, int site) {
    return units.toLatency(instance.rttMs(home, site));
  }

  /** What the step from a layer at one site to the next at another adds, in the same units. */
  public long halfTrip(int from, int to) {
    return from < 0 || to < 0 || from == to ? 0 : units.toLatency(instance.rttMs(from, to) / 2);
  }

  /** Whether the lease of one provider is limited. */
  public boolean providerShareLimited() {
    return instance.problem().policy().maxProviderShare() != null;
  }

  /** Whether a placement keeps the rules that concern one shard alone. */
  public boolean keepsPlacementRules(int shard, Placement placement) {
    return penalties.placement(shard, placement) == 0;
  }
}
