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
  private final Prices prices;
  private final List<Placement> cheapest;
  private final double[] leastUsd;
  private final int[][] offers;

  /**
   * Prices of holding and serving; arrays are not written to.
   *
   * @param usdPerExpert per offer, price of holding one expert, USD per hour
   * @param usdPerLayer per offer, price of holding a layer's dense part, USD per hour
   * @param usdPerUnit by the ordinals of roles, origin and offer, price of serving one call a
   *     second, or of hosting one token a second, traffic included, USD per hour
   */
  public record Prices(double[] usdPerExpert, double[] usdPerLayer, double[][][] usdPerUnit) {}

  /**
   * Takes arrays over without copying.
   *
   * @param cheapest per piece, the cheapest placement at these prices, as far as known
   * @param offers per piece, some offers in the order of their reduced costs, lowest first
   */
  public Guide(Instance instance, Prices prices, List<Placement> cheapest, int[][] offers) {
    this.instance = instance;
    this.prices = prices;
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

  private double usd(int piece, Placement placement) {
    double usd = 0;
    boolean shard = instance.isShard(piece);
    for (int replica : placement.replicas()) {
      usd +=
          shard
              ? prices.usdPerExpert[replica] * instance.sizeOf(piece)
              : prices.usdPerLayer[replica];
    }
    double[][] usdPerUnit = prices.usdPerUnit[Role.of(instance, piece).ordinal()];
    int[] servedBy = placement.servedBy();
    for (int o = 0; o < servedBy.length; o++) {
      if (servedBy[o] >= 0) {
        usd += instance.demand(o, piece) * usdPerUnit[o][servedBy[o]];
      }
    }
    return usd;
  }

  /** Who of some replicas serves an origin at the lowest price; -1 if nobody may. */
  public int cheapestServer(int piece, int origin, int[] replicas) {
    double[] usd = prices.usdPerUnit[Role.of(instance, piece).ordinal()][origin];
    int server = -1;
    for (int replica : replicas) {
      if (instance.mayServe(origin, replica) && (server < 0 || usd[replica] < usd[server])) {
        server = replica;
      }
    }
    return server;
  }
}
