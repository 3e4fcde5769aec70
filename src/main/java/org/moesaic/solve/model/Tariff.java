package org.moesaic.solve.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

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
  private final Units units;
  private final Penalties penalties;
  private final long[][] calls;
  private final OfferTerms[] offers;
  private final List<Traffic> traffic;
  private final Way[][] ways;
  private final double[][] floorUsd;
  private final boolean[] latencyLimitedOf;
  private final boolean latencyLimited;

  /** Prepares an instance that has nothing {@code Unsupported}. */
  public Tariff(Instance instance) {
    this.instance = instance;
    traffic = Traffic.of(instance);
    units = new Units(instance, traffic);
    penalties = new Penalties(instance, units);
    calls = new long[instance.origins()][instance.shards()];
    for (int o = 0; o < instance.origins(); o++) {
      for (int s = 0; s < instance.shards(); s++) {
        calls[o][s] = units.toCalls(instance.demand(o, s));
      }
    }
    offers = new OfferTerms[instance.offers()];
    Arrays.setAll(offers, i -> new OfferTerms(this, i));
    int n = instance.sites().size();
    ways = new Way[n][n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        ways[a][b] = new Way(instance, units, a, b);
      }
    }
    floorUsd = new double[instance.origins()][n];
    for (int o = 0; o < floorUsd.length; o++) {
      for (int site = 0; site < n; site++) {
        for (Traffic kind : traffic) {
          floorUsd[o][site] += kind.floorUsd(o, instance.siteOfHome(o, Homes.OWN_SITE), site);
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

  /** One direction between two sites. */
  public Way way(int from, int to) {
    return ways[from][to];
  }

  /**
   * What the traffic of one call per second costs at least, egress and bandwidth, USD per hour,
   * where the layer is at home at its origin's own site.
   *
   * @param site that serves it
   */
  public double floorUsd(int origin, int site) {
    return floorUsd[origin][site];
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

  /** Whether the lease of one provider is limited. */
  public boolean providerShareLimited() {
    return instance.problem().policy().maxProviderShare() != null;
  }

  /** Whether a placement keeps the rules that concern one shard alone. */
  public boolean keepsPlacementRules(int shard, Placement placement) {
    return penalties.placement(shard, placement) == 0;
  }
}
