package org.moesaic.solve.start;

import org.moesaic.instance.Instance;
import org.moesaic.solve.model.OfferTerms;
import org.moesaic.solve.model.Tariff;

/**
 * Linear prices of everything that shards share: memory and service of each offer, and the way from
 * each origin to each offer. With them the shards no longer depend on each other.
 */
final class Prices {
  private final Tariff tariff;

  /** USD per hour of one expert's memory. */
  final double[] usdPerExpert;

  /** USD per hour of one call per second served. */
  final double[] usdPerCall;

  /** USD per hour of one call per second of an origin at an offer: egress and bandwidth. */
  final double[][] usdPerRemoteCall;

  /**
   * USD per hour of one unit of {@code callProbability * rtt}: nothing while latency does not bind.
   */
  final double[] usdPerLatencyMs;

  /** Ways that carry no more: to be taken only where there is no other. */
  final boolean[][] full;

  /** More than any call is worth, less than a broken rule costs a shard. */
  private static final double FULL_USD = 1e9;

  private static final double MOST_USD = 1e15;

  Prices(Tariff tariff) {
    this.tariff = tariff;
    Instance instance = tariff.instance();
    usdPerExpert = new double[instance.offers()];
    usdPerCall = new double[instance.offers()];
    usdPerRemoteCall = new double[instance.origins()][instance.offers()];
    usdPerLatencyMs = new double[instance.origins()];
    full = new boolean[instance.origins()][instance.offers()];
    for (int o = 0; o < instance.origins(); o++) {
      for (int i = 0; i < instance.offers(); i++) {
        usdPerRemoteCall[o][i] = routeUsd(o, i);
      }
    }
  }

  /** Egress and bandwidth of one call per second; nothing while it is open where layers are. */
  double routeUsd(int origin, int offer) {
    Instance instance = tariff.instance();
    return instance.hasBackbone()
        ? 0
        : tariff.callUsd(origin, instance.siteOfOrigin(origin), instance.siteOfOffer(offer));
  }

  /**
   * Shares the price of an offer's node out between its memory and its service.
   *
   * @param memoryShare of the node's price, 0 to 1
   * @param usdPerNode the price
   */
  void share(int offer, double memoryShare, double usdPerNode) {
    OfferTerms terms = tariff.offer(offer);
    usdPerExpert[offer] = finite(memoryShare * usdPerNode * terms.nodesPerExpert());
    usdPerCall[offer] = finite((1 - memoryShare) * usdPerNode * terms.nodesPerCall());
  }

  /** Bounded; so is the price of a free node without capacity, which 0 * infinity does not tell. */
  private static double finite(double usd) {
    return usd < MOST_USD ? usd : MOST_USD;
  }

  /** Cost of holding a shard. */
  double hold(int shard, int offer) {
    return usdPerExpert[offer] * tariff.instance().sizeOf(shard);
  }

  /** Cost of serving an origin's calls to a shard. */
  double serve(int origin, int shard, int offer) {
    Instance instance = tariff.instance();
    double usd =
        instance.demand(origin, shard) * (usdPerCall[offer] + usdPerRemoteCall[origin][offer]);
    if (full[origin][offer]) {
      usd += FULL_USD;
    }
    if (usdPerLatencyMs[origin] > 0) {
      double rttMs = instance.rttMs(instance.siteOfOrigin(origin), instance.siteOfOffer(offer));
      usd += usdPerLatencyMs[origin] * instance.callProbability(origin, shard) * rttMs;
    }
    return usd;
  }
}
