package org.moesaic.solve.model;

import java.util.List;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * What the lower bound knows about shards, for moves to go by: its prices, and what shards would
 * choose at them.
 *
 * <p>At the prices each shard is a problem of its own. What its placement costs more than its
 * cheapest one is the <em>reduced cost</em> of the placement: the part of the gap that is due to
 * this shard. What any placement with a replica at some offer costs more, at least, is the reduced
 * cost of that offer. Shards whose placements have high reduced costs are worth moving, to offers
 * whose reduced costs are low. Source: pricing in column generation, Barnhart et al.,
 * "Branch-and-price", Operations Research 46 (1998).
 *
 * <p>Immutable, shared by all threads; arrays are not written to once this is made.
 */
public final class Guide {
  private final Instance instance;
  private final double[] usdPerExpert;
  private final double[][] usdPerCall;
  private final List<Placement> cheapest;
  private final double[] leastUsd;
  private final int[][] offers;

  /**
   * Takes arrays over without copying.
   *
   * @param usdPerExpert per offer, price of holding one expert, USD per hour
   * @param usdPerCall per origin and offer, price of serving one call a second, traffic included,
   *     USD per hour
   * @param cheapest per shard, the cheapest placement at these prices, as far as known
   * @param offers per shard, some offers in the order of their reduced costs, lowest first
   */
  public Guide(
      Instance instance,
      double[] usdPerExpert,
      double[][] usdPerCall,
      List<Placement> cheapest,
      int[][] offers) {
    this.instance = instance;
    this.usdPerExpert = usdPerExpert;
    this.usdPerCall = usdPerCall;
    this.cheapest = List.copyOf(cheapest);
    this.offers = offers;
    leastUsd = new double[cheapest.size()];
    for (int s = 0; s < leastUsd.length; s++) {
      leastUsd[s] = usd(s, cheapest.get(s));
    }
  }

  /** Offers where a replica of a shard is least out of the way, best first; possibly none. */
  public int[] offers(int shard) {
    return offers[shard];
  }

  /** The cheapest placement of a shard at the prices, as far as known. */
  public Placement cheapest(int shard) {
    return cheapest.get(shard);
  }

  /**
   * What a placement costs at the prices more than the cheapest, USD per hour; the price of latency
   * aside, so that it can be negative where latency has one.
   */
  public double reducedUsd(int shard, Placement placement) {
    return usd(shard, placement) - leastUsd[shard];
  }

  private double usd(int shard, Placement placement) {
    double usd = 0;
    for (int replica : placement.replicas()) {
      usd += usdPerExpert[replica] * instance.sizeOf(shard);
    }
    int[] servedBy = placement.servedBy();
    for (int o = 0; o < servedBy.length; o++) {
      if (servedBy[o] >= 0) {
        usd += instance.demand(o, shard) * usdPerCall[o][servedBy[o]];
      }
    }
    return usd;
  }

  /** Who of some replicas serves an origin at the lowest price; -1 if nobody may. */
  public int cheapestServer(int origin, int[] replicas) {
    int server = -1;
    for (int replica : replicas) {
      if (instance.mayServe(origin, replica)
          && (server < 0 || usdPerCall[origin][replica] < usdPerCall[origin][server])) {
        server = replica;
      }
    }
    return server;
  }
}
