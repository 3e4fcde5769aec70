package org.moesaic.solve.model;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Model;
import org.moesaic.problem.Policy;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Policy.Selector;

/**
 * An instance in whole numbers, and the functions from sums of them to the amounts of a score.
 *
 * <p>Idea: a score that is kept up to date by adding and subtracting must not drift, so everything
 * that is summed is a {@code long} in a fixed unit, chosen per instance as fine as its totals
 * allow: calls per second, power and latency in powers of two, money in a power of ten of a USD per
 * hour. Only the last step, from a sum to an amount, computes in doubles. The constraint streams
 * and the incremental calculator share these functions and so agree to the last unit; the reference
 * in {@code pricing} shares nothing with them.
 *
 * <p>Amounts of broken rules are relative to their limit, in millionths, so that a search can weigh
 * rules of different units against each other.
 */
public final class Tariff {
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
  private final double usdScale;
  private final double callScale;
  private final double powerScale;
  private final double latencyScale;
  private final long[][] calls;
  private final OfferTerms[] offers;
  private final Route[][] routes;
  private final double[] maxLatency;
  private final boolean latencyLimited;
  private final DomainKind[] survive;

  /** Prepares an instance that has nothing {@code Unsupported}. */
  public Tariff(Instance instance) {
    this.instance = instance;
    Model model = instance.problem().model();
    double totalCalls = 0;
    for (int o = 0; o < instance.origins(); o++) {
      totalCalls +=
          instance.origin(o).tokensPerSecond() * model.topK() * (double) instance.layers();
    }
    callScale = powerOfTwoFor(totalCalls);
    calls = new long[instance.origins()][instance.shards()];
    for (int o = 0; o < instance.origins(); o++) {
      for (int s = 0; s < instance.shards(); s++) {
        calls[o][s] = toCalls(instance.demand(o, s));
      }
    }
    usdScale = usdScaleFor(mostUsdPerHour(totalCalls));
    powerScale = powerOfTwoFor(mostKw(totalCalls));
    offers = new OfferTerms[instance.offers()];
    Arrays.setAll(offers, i -> new OfferTerms(this, i));
    int n = instance.sites().size();
    routes = new Route[n][n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        routes[a][b] = new Route(this, a, b);
      }
    }
    maxLatency = new double[instance.origins()];
    latencyScale = powerOfTwoFor(mostLatencyMs());
    boolean limited = false;
    for (int o = 0; o < instance.origins(); o++) {
      maxLatency[o] = instance.maxAddedLatencyMs(o) * latencyScale;
      limited |= Double.isFinite(maxLatency[o]);
    }
    latencyLimited = limited;
    survive = instance.problem().policy().survive().stream().sorted().toArray(DomainKind[]::new);
  }

  private static double powerOfTwoFor(double most) {
    return most <= 0 ? 1 : Math.scalb(1.0, Math.min(60 - Math.getExponent(most) - 1, 60));
  }

  private double mostNodes(int offer, double totalCalls) {
    double bytes =
        (double) instance.problem().model().expertBytes()
            * instance.layers()
            * instance.problem().model().expertsPerLayer();
    return Math.min(OfferTerms.MAX_NODES, instance.nodes(offer, bytes, totalCalls));
  }

  private double mostKw(double totalCalls) {
    double most = 0;
    for (int i = 0; i < instance.offers(); i++) {
      most += mostNodes(i, totalCalls) * instance.offer(i).powerKwPerNode();
    }
    return most;
  }

  /** Most that a plan costs without offers whose price says never. */
  private double mostUsdPerHour(double totalCalls) {
    double[] prices = new double[instance.offers()];
    Arrays.setAll(prices, i -> instance.offer(i).usdPerNodeHour());
    Arrays.sort(prices);
    double never = NEVER * prices[prices.length / 2];
    double most = 0;
    for (int i = 0; i < instance.offers(); i++) {
      double price = instance.offer(i).usdPerNodeHour();
      if (price <= never || never == 0) {
        most += mostNodes(i, totalCalls) * price;
      }
    }
    double unit = 0;
    for (int a = 0; a < instance.sites().size(); a++) {
      for (int b = 0; b < instance.sites().size(); b++) {
        unit = Math.max(unit, egressUsdPerCall(a, b) + bandwidthUsdPerCall(a, b));
      }
    }
    return most + totalCalls * unit;
  }

  /** Offers dearer than the median by this factor are not meant to be leased. */
  private static final double NEVER = 1e4;

  /** What all that a plan costs comes to at most, in money of the score. */
  private static final double MOST_MONEY = 1e17;

  /** What it comes to at least, so that a cent of it is not lost where all of it is cents. */
  private static final double LEAST_MONEY = 1e8;

  private static final double FINEST_SCALE = 1e30;

  private static double usdScaleFor(double most) {
    double scale = 1e9;
    while (scale > 1 && most * scale > MOST_MONEY) {
      scale /= 10;
    }
    while (most > 0 && most * scale < LEAST_MONEY && scale < FINEST_SCALE) {
      scale *= 10;
    }
    if (most * scale > 1e18) {
      throw new CostOverflowException(most);
    }
    return scale;
  }

  private double mostLatencyMs() {
    double rtt = 0;
    for (int a = 0; a < instance.sites().size(); a++) {
      for (int b = 0; b < instance.sites().size(); b++) {
        if (instance.rttMs(a, b) > rtt) {
          rtt = instance.rttMs(a, b);
        }
      }
    }
    return rtt * instance.layers() * instance.problem().model().topK();
  }

  double egressUsdPerCall(int a, int b) {
    Model model = instance.problem().model();
    return (usd(model.dispatchBytes(), instance.usdPerGb(a, b))
            + usd(model.combineBytes(), instance.usdPerGb(b, a)))
        * 3600
        / 1e9;
  }

  double bandwidthUsdPerCall(int a, int b) {
    if (instance.regionOfSite(a) == instance.regionOfSite(b)) {
      return 0;
    }
    Model model = instance.problem().model();
    return (model.dispatchBytes() + model.combineBytes())
        * instance.problem().objective().bandwidthUsdPerGb()
        * 3600
        / 1e9;
  }

  /**
   * A pair without a price never carries traffic in a plan that keeps residency; it is free where
   * one does not.
   */
  private static double usd(double bytes, double usdPerGb) {
    return bytes == 0 || Double.isNaN(usdPerGb) ? 0 : bytes * usdPerGb;
  }

  /** What this is a tariff of. */
  public Instance instance() {
    return instance;
  }

  /** Units of {@link #calls} in one call per second. */
  double callScale() {
    return callScale;
  }

  private long toCalls(double callsPerSecond) {
    return callsPerSecond > 0 ? Math.max(1, Math.round(callsPerSecond * callScale)) : 0;
  }

  long toPower(double kw) {
    return Math.round(kw * powerScale);
  }

  /** Power in units of the tariff as kW. */
  double toKw(long power) {
    return power / powerScale;
  }

  /**
   * Price of a lease in money of the score. That of an offer that is not meant to be leased is cut
   * off, far above what plans without it cost: so it needs no coarser money for all others.
   */
  long leaseMoney(double usdPerHour) {
    double most = MOST_MONEY / Math.max(1, instance.offers());
    long money = Math.round(Math.min(usdPerHour * usdScale, 2 * most));
    // Nothing costs nothing but what is free: shares of a lease go by it.
    return usdPerHour > 0 ? Math.max(1, money) : money;
  }

  long toMoney(double usdPerHour) {
    return Math.round(usdPerHour * usdScale);
  }

  /** Money of a score as USD per hour. */
  public double toUsdPerHour(long money) {
    return money / usdScale;
  }

  /**
   * The offers that a search puts a shard on: those that may hold it. If pins and bans leave none,
   * all: any plan breaks one, and some plan has to say so.
   */
  public int[] holders(int shard) {
    int[] holders = instance.holders(shard);
    return holders.length > 0 ? holders : IntStream.range(0, instance.offers()).toArray();
  }

  /** Calls of an origin to a shard, in units; 0 exactly where there is no demand. */
  public long calls(int origin, int shard) {
    return calls[origin][shard];
  }

  /** Terms of an offer. */
  public OfferTerms offer(int offer) {
    return offers[offer];
  }

  /** What it takes to serve from a site the calls that come from another. */
  public Route route(int originSite, int servingSite) {
    return routes[originSite][servingSite];
  }

  /** Whether any origin has a limit to its latency. */
  public boolean latencyLimited() {
    return latencyLimited;
  }

  /** Whether an origin has a limit to its latency. */
  public boolean latencyLimited(int origin) {
    return Double.isFinite(maxLatency[origin]);
  }

  /** What serving a shard at a site adds to its layer's sum of an origin's latency, in units. */
  public long latency(int origin, int shard, int site) {
    double rtt = instance.rttMs(instance.siteOfOrigin(origin), site);
    return Math.round(instance.callProbability(origin, shard) * rtt * latencyScale);
  }

  /** The round trip that bounds a layer's latency, in the same units. */
  public long roundTrip(int origin, int site) {
    return Math.round(instance.rttMs(instance.siteOfOrigin(origin), site) * latencyScale);
  }

  double toMs(long latency) {
    return latency / latencyScale;
  }

  /** Penalty for the added latency of an origin, in units, summed over its layers. */
  public long latencyPenalty(int origin, long latency) {
    return over(latency, maxLatency[origin]);
  }

  /** Penalty for one provider's part of the lease. */
  public long providerSharePenalty(long leaseOfProvider, long lease) {
    Double share = instance.problem().policy().maxProviderShare();
    if (share == null || leaseOfProvider <= share * lease * (1 + TOLERANCE)) {
      return 0;
    }
    return penalty((leaseOfProvider - share * lease) / lease);
  }

  /** Whether the lease of one provider is limited. */
  public boolean providerShareLimited() {
    return instance.problem().policy().maxProviderShare() != null;
  }

  /** Power of nodes in a region, in units; see {@link OfferTerms#power}. */
  public long powerPenalty(int region, long power) {
    Double cap = instance.problem().regions().get(region).powerCapKw();
    return cap == null ? 0 : over(power, cap * powerScale);
  }

  /** Penalty for too few or too many replicas. */
  public long replicasPenalty(Placement placement) {
    Policy policy = instance.problem().policy();
    int count = placement.replicas().length;
    Integer max = policy.maxReplicas();
    int under = Math.max(0, policy.minReplicas() - count);
    int above = max == null ? 0 : Math.max(0, count - max);
    return PENALTY * (under + above);
  }

  /** Penalty for each kind of domain that could take all replicas with it. */
  public long survivalPenalty(Placement placement) {
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
  public long residencyPenalty(int origin, int offer) {
    return instance.mayServe(origin, offer) ? 0 : PENALTY;
  }

  /** Penalty for a replica on an offer that comes too late. */
  public long availabilityPenalty(int offer) {
    return instance.available(offer) ? 0 : PENALTY;
  }

  /** Penalty for each pin that a replica does not keep. */
  public long pinPenalty(int shard, int offer) {
    return selectorPenalty(instance.problem().policy().pins(), shard, offer, false);
  }

  /** Penalty for each ban that a replica does not keep. */
  public long banPenalty(int shard, int offer) {
    return selectorPenalty(instance.problem().policy().bans(), shard, offer, true);
  }

  private long selectorPenalty(
      Iterable<Selector> selectors, int shard, int offer, boolean penalized) {
    long penalty = 0;
    for (Selector selector : selectors) {
      if (instance.names(selector, shard)
          && selector.includes(instance.offer(offer)) == penalized) {
        penalty += PENALTY;
      }
    }
    return penalty;
  }

  /** Whether a placement keeps the rules that concern one shard alone. */
  public boolean keepsPlacementRules(int shard, Placement placement) {
    return placementPenalty(shard, placement) == 0;
  }

  /** Penalty of all rules that concern one placement alone. */
  long placementPenalty(int shard, Placement placement) {
    long penalty = replicasPenalty(placement) + survivalPenalty(placement);
    for (int replica : placement.replicas()) {
      if (!instance.mayHold(shard, replica)) {
        penalty +=
            availabilityPenalty(replica) + pinPenalty(shard, replica) + banPenalty(shard, replica);
      }
    }
    for (int o = 0; o < placement.servedBy().length; o++) {
      int server = placement.servedBy()[o];
      if (server >= 0) {
        penalty += residencyPenalty(o, server);
      }
    }
    return penalty;
  }

  static long over(double use, double limit) {
    if (use <= limit * (1 + TOLERANCE)) {
      return 0;
    }
    return penalty(limit == 0 ? use : (use - limit) / limit);
  }

  /** In proportion at first, with the logarithm where it is out of all proportion. */
  static long penalty(double relative) {
    double penalty = relative * PENALTY;
    if (penalty <= MAX_PENALTY) {
      return Math.max(1, Math.round(penalty));
    }
    // Still less for whoever breaks a rule less, so that a search finds its way back.
    double excess = Math.min(MOST_EXCESS, Math.log(penalty / MAX_PENALTY));
    return Math.round(MAX_PENALTY * (1 + excess / EXCESS_UNIT));
  }
}
