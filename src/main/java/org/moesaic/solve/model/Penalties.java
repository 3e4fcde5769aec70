package org.moesaic.solve.model;

import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Policy;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Policy.Selector;

/**
 * What broken rules add to the hard score: relative to their limits, in millionths, so that a
 * search can weigh rules of different units against each other.
 */
public final class Penalties {
  /**
   * What breaking a rule by its whole limit, or a rule without a scale by one, adds to the hard
   * score.
   */
  public static final long PENALTY = 1_000_000;

  /** Where penalties stop growing in proportion. */
  private static final long MAX_PENALTY = 1_000_000_000_000L;

  /** Of the logarithm: beyond, all is alike; and what of it counts as much as the limit. */
  private static final double MOST_EXCESS = 500;

  private static final double EXCESS_UNIT = 10;

  /** Rules forgive the same relative difference that the ceiling of nodes does. */
  private static final double TOLERANCE = 1e-9;

  private final Instance instance;
  private final Units units;
  private final double[] maxLatency;
  private final DomainKind[] survive;

  Penalties(Instance instance, Units units) {
    this.instance = instance;
    this.units = units;
    maxLatency = new double[instance.origins()];
    for (int o = 0; o < maxLatency.length; o++) {
      maxLatency[o] = instance.maxAddedLatencyMs(o) * units.latencyScale();
    }
    survive = instance.problem().policy().survive().stream().sorted().toArray(DomainKind[]::new);
  }

  /** Penalty for the added latency of an origin, in units, summed over its layers. */
  public long latency(int origin, long latency) {
    return over(latency, maxLatency[origin]);
  }

  /** Penalty for one provider's part of the lease. */
  public long providerShare(long leaseOfProvider, long lease) {
    Double share = instance.problem().policy().maxProviderShare();
    if (share == null || leaseOfProvider <= share * lease * (1 + TOLERANCE)) {
      return 0;
    }
    return of((leaseOfProvider - share * lease) / lease);
  }

  /** Power of nodes in a region, in units; see {@link OfferTerms#power}. */
  public long power(int region, long power) {
    Double cap = instance.problem().regions().get(region).powerCapKw();
    return cap == null ? 0 : over(power, cap * units.powerScale());
  }

  /** Penalty for too few or too many replicas. */
  public long replicas(Placement placement) {
    Policy policy = instance.problem().policy();
    int count = placement.replicas().length;
    Integer max = policy.maxReplicas();
    int under = Math.max(0, policy.minReplicas() - count);
    int above = max == null ? 0 : Math.max(0, count - max);
    return PENALTY * (under + above);
  }

  /** Penalty for each kind of domain that could take all replicas with it. */
  public long survival(Placement placement) {
    long penalty = 0;
    for (DomainKind kind : survive) {
      int first = instance.domain(kind, placement.replicas()[0]);
      boolean alone = true;
      for (int replica : placement.replicas()) {
        alone &= instance.domain(kind, replica) == first;
      }
      penalty += alone ? PENALTY : 0;
    }
    return penalty;
  }

  /** Penalty for serving an origin where residency forbids it. */
  public long residency(int origin, int offer) {
    return instance.mayServe(origin, offer) ? 0 : PENALTY;
  }

  /** Penalty for a replica on an offer that comes too late. */
  public long availability(int offer) {
    return instance.available(offer) ? 0 : PENALTY;
  }

  /** Penalty for each pin that a replica does not keep. */
  public long pin(int shard, int offer) {
    return selectors(instance.problem().policy().pins(), shard, offer, false);
  }

  /** Penalty for each ban that a replica does not keep. */
  public long ban(int shard, int offer) {
    return selectors(instance.problem().policy().bans(), shard, offer, true);
  }

  private long selectors(Iterable<Selector> selectors, int shard, int offer, boolean penalized) {
    long penalty = 0;
    for (Selector selector : selectors) {
      if (instance.names(selector, shard)
          && selector.includes(instance.offer(offer)) == penalized) {
        penalty += PENALTY;
      }
    }
    return penalty;
  }

  /** Penalty for hosting an origin's first layer too far from it. */
  public long access(int origin, int offer) {
    double limitMs = instance.maxAccessMs(origin);
    if (limitMs == Double.POSITIVE_INFINITY) {
      return 0;
    }
    double rttMs = instance.rttMs(instance.siteOfOrigin(origin), instance.siteOfOffer(offer));
    return Double.isNaN(rttMs) ? PENALTY : over(rttMs, limitMs);
  }

  /** Penalty of all rules that concern one placement alone. */
  long placement(int piece, Placement placement) {
    boolean shard = instance.isShard(piece);
    long penalty = shard ? replicas(placement) + survival(placement) : 0;
    boolean first = !shard && instance.layerOf(piece) == 0;
    for (int replica : placement.replicas()) {
      if (!instance.mayHold(piece, replica)) {
        penalty += availability(replica) + pin(piece, replica) + ban(piece, replica);
      }
    }
    for (int o = 0; o < placement.servedBy().length; o++) {
      int server = placement.servedBy()[o];
      if (server >= 0) {
        penalty += residency(o, server) + (first ? access(o, server) : 0);
      }
    }
    return penalty;
  }

  static long over(double use, double limit) {
    if (use <= limit * (1 + TOLERANCE)) {
      return 0;
    }
    return of(limit == 0 ? use : (use - limit) / limit);
  }

  /** In proportion at first, with the logarithm where it is out of all proportion. */
  static long of(double relative) {
    double penalty = relative * PENALTY;
    if (penalty <= MAX_PENALTY) {
      return Math.max(1, Math.round(penalty));
    }
    // Still less for whoever breaks a rule less, so that a search finds its way back.
    double excess = Math.min(MOST_EXCESS, Math.log(penalty / MAX_PENALTY));
    return Math.round(MAX_PENALTY * (1 + excess / EXCESS_UNIT));
  }
}
