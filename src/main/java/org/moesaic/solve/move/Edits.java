package org.moesaic.solve.move;

import java.util.Arrays;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.HomeSites;
import org.moesaic.solve.model.Serving;
import org.moesaic.solve.model.Tariff;

/** Placements that differ from a given one in one respect. */
final class Edits {
  private final Tariff tariff;
  private final Instance instance;
  private final HomeSites homes;

  /**
   * @param homes where layers are, which decides what is cheap
   */
  Edits(Tariff tariff, HomeSites homes) {
    this.tariff = tariff;
    this.homes = homes;
    instance = tariff.instance();
  }

  /** One more replica; every origin that is served cheaper from it goes there. */
  Placement open(int piece, Placement placement, int offer) {
    int[] replicas = Arrays.copyOf(placement.replicas(), placement.replicas().length + 1);
    replicas[replicas.length - 1] = offer;
    Arrays.sort(replicas);
    int[] servedBy = placement.servedBy().clone();
    for (int o = 0; o < servedBy.length; o++) {
      if (servedBy[o] >= 0
          && instance.mayServe(o, offer)
          && usd(piece, o, offer) < usd(piece, o, servedBy[o])) {
        servedBy[o] = offer;
      }
    }
    return new Placement(replicas, servedBy);
  }

  /** One replica fewer, of at least two; its origins go where it is cheapest. */
  Placement close(int piece, Placement placement, int offer) {
    int[] replicas = without(placement.replicas(), offer);
    int[] servedBy = placement.servedBy().clone();
    for (int o = 0; o < servedBy.length; o++) {
      if (servedBy[o] == offer) {
        servedBy[o] = Serving.cheapestServer(tariff, homes, piece, o, replicas);
      }
    }
    return new Placement(replicas, servedBy);
  }

  /** A replica moved, with the origins that it serves where residency lets it keep them. */
  Placement relocate(int piece, Placement placement, int from, int to) {
    int[] replicas = placement.replicas().clone();
    for (int r = 0; r < replicas.length; r++) {
      replicas[r] = replicas[r] == from ? to : replicas[r];
    }
    Arrays.sort(replicas);
    int[] servedBy = placement.servedBy().clone();
    for (int o = 0; o < servedBy.length; o++) {
      if (servedBy[o] == from) {
        servedBy[o] =
            instance.mayServe(o, to)
                ? to
                : Serving.cheapestServer(tariff, homes, piece, o, replicas);
      }
    }
    return new Placement(replicas, servedBy);
  }

  /** An origin served by another replica. */
  Placement serve(Placement placement, int origin, int offer) {
    int[] servedBy = placement.servedBy().clone();
    servedBy[origin] = offer;
    return new Placement(placement.replicas(), servedBy);
  }

  /** The same replicas, every origin served where it is cheapest. */
  Placement serveCheapest(int shard, Placement placement) {
    return Serving.cheapest(tariff, homes, shard, placement.replicas());
  }

  /** Traffic of a placement, USD per hour. */
  double trafficUsd(int shard, Placement placement) {
    double usd = 0;
    for (int o = 0; o < placement.servedBy().length; o++) {
      if (placement.servedBy()[o] >= 0) {
        usd += instance.demand(o, shard) * usd(shard, o, placement.servedBy()[o]);
      }
    }
    return usd;
  }

  private double usd(int piece, int origin, int offer) {
    return Serving.routeUsd(tariff, homes, piece, origin, offer);
  }

  /**
   * A placement without what serves nobody and is not needed: a layer is held for whom it is
   * hosted, and a shard by as many replicas as rules ask for.
   */
  Placement trim(int piece, Placement placement) {
    Placement trimmed = placement;
    for (int replica : placement.replicas()) {
      if (trimmed.replicas().length > 1 && !trimmed.serves(replica)) {
        Placement without = new Placement(without(trimmed.replicas(), replica), trimmed.servedBy());
        if (!instance.isShard(piece) || tariff.keepsPlacementRules(piece, without)) {
          trimmed = without;
        }
      }
    }
    return trimmed;
  }

  /** The same for the dense part of a layer alone: a shard keeps its replicas. */
  Placement trimLayer(int piece, Placement placement) {
    return instance.isShard(piece) ? placement : trim(piece, placement);
  }

  private static int[] without(int[] replicas, int offer) {
    return Arrays.stream(replicas).filter(replica -> replica != offer).toArray();
  }
}
