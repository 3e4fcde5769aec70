package org.moesaic.solve.move;

import java.util.Arrays;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.Serving;
import org.moesaic.solve.model.Tariff;

/** Placements that differ from a given one in one respect. */
final class Edits {
  private final Tariff tariff;
  private final Instance instance;

  Edits(Tariff tariff) {
    this.tariff = tariff;
    instance = tariff.instance();
  }

  /** One more replica; every origin that is served cheaper from it goes there. */
  Placement open(Placement placement, int offer) {
    int[] replicas = Arrays.copyOf(placement.replicas(), placement.replicas().length + 1);
    replicas[replicas.length - 1] = offer;
    Arrays.sort(replicas);
    int[] servedBy = placement.servedBy().clone();
    for (int o = 0; o < servedBy.length; o++) {
      if (servedBy[o] >= 0 && instance.mayServe(o, offer) && usd(o, offer) < usd(o, servedBy[o])) {
        servedBy[o] = offer;
      }
    }
    return new Placement(replicas, servedBy);
  }

  /** One replica fewer, of at least two; its origins go where it is cheapest. */
  Placement close(Placement placement, int offer) {
    int[] replicas =
        Arrays.stream(placement.replicas()).filter(replica -> replica != offer).toArray();
    int[] servedBy = placement.servedBy().clone();
    for (int o = 0; o < servedBy.length; o++) {
      if (servedBy[o] == offer) {
        servedBy[o] = Serving.cheapestServer(tariff, o, replicas);
      }
    }
    return new Placement(replicas, servedBy);
  }

  /** A replica moved, with the origins that it serves where residency lets it keep them. */
  Placement relocate(Placement placement, int from, int to) {
    int[] replicas = placement.replicas().clone();
    for (int r = 0; r < replicas.length; r++) {
      replicas[r] = replicas[r] == from ? to : replicas[r];
    }
    Arrays.sort(replicas);
    int[] servedBy = placement.servedBy().clone();
    for (int o = 0; o < servedBy.length; o++) {
      if (servedBy[o] == from) {
        servedBy[o] = instance.mayServe(o, to) ? to : Serving.cheapestServer(tariff, o, replicas);
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
    return Serving.cheapest(tariff, shard, placement.replicas());
  }

  /** Traffic of a placement, USD per hour. */
  double trafficUsd(int shard, Placement placement) {
    double usd = 0;
    for (int o = 0; o < placement.servedBy().length; o++) {
      if (placement.servedBy()[o] >= 0) {
        usd += instance.demand(o, shard) * usd(o, placement.servedBy()[o]);
      }
    }
    return usd;
  }

  private double usd(int origin, int offer) {
    return Serving.routeUsd(tariff, origin, offer);
  }
}
