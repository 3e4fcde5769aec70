package org.moesaic.solve.model;

import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/** Completes replica sets to placements. */
public final class Serving {
  private Serving() {}

  /**
   * Serves every origin from the replica whose route is cheapest among those that residency allows,
   * or among all if it allows none; the first of equals.
   *
   * @param replicas ascending; kept, not copied
   */
  public static Placement cheapest(Tariff tariff, int shard, int[] replicas) {
    int[] servedBy = new int[tariff.instance().origins()];
    for (int o = 0; o < servedBy.length; o++) {
      servedBy[o] =
          tariff.instance().demand(o, shard) == 0
              ? Placement.NOBODY
              : cheapestServer(tariff, o, replicas);
    }
    return new Placement(replicas, servedBy);
  }

  /**
   * The replica whose route is cheapest for an origin, as in {@link #cheapest(Tariff, int, int[])}.
   */
  public static int cheapestServer(Tariff tariff, int origin, int[] replicas) {
    Instance instance = tariff.instance();
    int best = replicas[0];
    double bestUsd = Double.POSITIVE_INFINITY;
    for (int replica : replicas) {
      double usd = routeUsd(tariff, origin, replica);
      if (instance.mayServe(origin, replica) && usd < bestUsd) {
        bestUsd = usd;
        best = replica;
      }
    }
    return best;
  }

  /**
   * Egress and bandwidth of one call per second of an origin at an offer, USD per hour, of layers
   * that are at home at its own site.
   */
  public static double routeUsd(Tariff tariff, int origin, int offer) {
    return tariff.floorUsd(origin, tariff.instance().siteOfOffer(offer));
  }
}
