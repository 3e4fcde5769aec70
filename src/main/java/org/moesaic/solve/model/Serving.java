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
   * @param homes where layers are that call
   * @param replicas ascending; kept, not copied
   */
  public static Placement cheapest(Tariff tariff, HomeSites homes, int piece, int[] replicas) {
    int[] servedBy = new int[tariff.instance().origins()];
    for (int o = 0; o < servedBy.length; o++) {
      servedBy[o] =
          tariff.instance().isServed(o, piece)
              ? cheapestServer(tariff, homes, piece, o, replicas)
              : Placement.NOBODY;
    }
    return new Placement(replicas, servedBy);
  }

  /**
   * The replica whose route is cheapest for an origin, as in {@link #cheapest(Tariff, HomeSites,
   * int, int[])}.
   */
  public static int cheapestServer(
      Tariff tariff, HomeSites homes, int piece, int origin, int[] replicas) {
    Instance instance = tariff.instance();
    int best = replicas[0];
    double bestUsd = Double.POSITIVE_INFINITY;
    for (int replica : replicas) {
      double usd = routeUsd(tariff, homes, piece, origin, replica);
      if (instance.mayServe(origin, replica) && usd < bestUsd) {
        bestUsd = usd;
        best = replica;
      }
    }
    return best;
  }

  /**
   * Egress and bandwidth, USD per hour, of one call per second of an origin to a shard at an offer;
   * or of one token per second through a layer that an offer hosts, on its way from the layer
   * before and to the one after.
   */
  public static double routeUsd(Tariff tariff, HomeSites homes, int piece, int origin, int offer) {
    Instance instance = tariff.instance();
    int site = instance.siteOfOffer(offer);
    int layer = instance.layerOf(piece);
    if (instance.isShard(piece)) {
      int home = homes.site(origin, layer);
      return home == HomeSites.NOWHERE ? 0 : tariff.callUsd(origin, home, site);
    }
    double usd = tariff.floorUsd(Role.of(instance, piece), origin, site);
    int before = layer == 0 ? HomeSites.NOWHERE : homes.site(origin, layer - 1);
    int after = layer == instance.layers() - 1 ? HomeSites.NOWHERE : homes.site(origin, layer + 1);
    if (before != HomeSites.NOWHERE) {
      usd += tariff.cutUsd(before, site);
    }
    if (after != HomeSites.NOWHERE) {
      usd += tariff.cutUsd(site, after);
    }
    return usd;
  }
}
