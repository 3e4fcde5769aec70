package org.moesaic.solve.model;

import ai.timefold.solver.core.api.domain.common.PlanningId;
import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.valuerange.ValueRange;
import ai.timefold.solver.core.api.domain.valuerange.ValueRangeProvider;
import ai.timefold.solver.core.api.domain.variable.PlanningVariable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Placement;

/**
 * The one decision about a shard: its replicas, and which of them serves whom; or, where the dense
 * part is placed, that about a layer: which offers host it, and for whom. A view of one element of
 * its solution's array, so that cloning a solution copies one array (see {@link
 * PlacementSolution}).
 */
@PlanningEntity
public class ShardAssignment {
  private final Tariff tariff;
  private final @Nullable Placement[] placements;
  private final Candidates candidates;
  private final int shard;

  ShardAssignment(
      Tariff tariff, @Nullable Placement[] placements, Candidates candidates, int shard) {
    this.tariff = tariff;
    this.placements = placements;
    this.candidates = candidates;
    this.shard = shard;
  }

  /** The shard's index. */
  @PlanningId
  public int getShard() {
    return shard;
  }

  /** Where the shard is; null only before construction. */
  @PlanningVariable
  public @Nullable Placement getPlacement() {
    return placements[shard];
  }

  /** Moves the shard. */
  public void setPlacement(@Nullable Placement placement) {
    placements[shard] = placement;
  }

  /**
   * Values for Timefold's own construction and moves: small replica sets, each origin served where
   * it is cheapest.
   */
  @ValueRangeProvider
  public ValueRange<Placement> getCandidates() {
    return candidates.of(shard);
  }

  Placement placement() {
    Placement placement = placements[shard];
    if (placement == null) {
      throw new IllegalStateException("The shard (%d) is not placed.".formatted(shard));
    }
    return placement;
  }

  Tariff tariff() {
    return tariff;
  }

  /** What the shard puts on each of its offers. */
  List<Holding> holdings() {
    Placement placement = placement();
    List<Holding> holdings = new ArrayList<>(placement.replicas().length);
    for (int replica : placement.replicas()) {
      long calls = 0;
      for (int o = 0; o < placement.servedBy().length; o++) {
        calls += placement.servedBy()[o] == replica ? tariff.calls(o, shard) : 0;
      }
      holdings.add(new Holding(this, tariff.offer(replica), tariff.load(shard, calls)));
    }
    return holdings;
  }

  /** Whether it is experts, and not the dense part of a layer. */
  boolean isShard() {
    return tariff.instance().isShard(shard);
  }

  /** Whom it serves, and from where. */
  List<Service> services() {
    int[] servedBy = placement().servedBy();
    List<Service> services = new ArrayList<>(servedBy.length);
    for (int o = 0; o < servedBy.length; o++) {
      if (servedBy[o] >= 0) {
        services.add(new Service(this, o, tariff.offer(servedBy[o])));
      }
    }
    return services;
  }

  /** One replica, and what it puts on its offer. */
  record Holding(ShardAssignment shard, OfferTerms offer, Load load) {}

  /** What it puts on ways between sites, as far as that does not depend on others. */
  List<Transfer> transfers() {
    List<Transfer> transfers = new ArrayList<>();
    for (Traffic kind : tariff.traffic()) {
      if (kind.byPiece()) {
        kind.meter(tariff, HomeSites.own(tariff.instance()))
            .change(shard, placement(), 1, receiver(tariff, kind, transfers));
      }
    }
    return transfers;
  }

  private static Traffic.Bytes receiver(Tariff tariff, Traffic kind, List<Transfer> transfers) {
    return (from, to, sent) ->
        transfers.add(new Transfer(tariff.way(from, to), sent, Traffic.peak(sent, kind.peak())));
  }

  /** Bytes per second on a way, in units of the tariff: as they cost, and as links count them. */
  record Transfer(Way way, long bytes, long peak) {}

  /** One origin, served by an offer; or its layer, hosted by it. */
  record Service(ShardAssignment shard, int origin, OfferTerms offer) {
    int layer() {
      return shard.tariff.instance().layerOf(shard.shard);
    }

    /** The layer before, which the last one is to the first. */
    int layerBefore() {
      return Math.floorMod(layer() - 1, shard.tariff.instance().layers());
    }

    long latency(int home) {
      return shard.tariff.latency(origin, shard.shard, home, offer.site());
    }

    long roundTrip(int home) {
      return shard.tariff.roundTrip(home, offer.site());
    }

    long halfTripFrom(Service before) {
      return shard.tariff.halfTrip(before.offer.site(), offer.site());
    }

    /** Calls from the host of the layer. */
    List<Transfer> callsFrom(Service host) {
      List<Transfer> transfers = new ArrayList<>();
      for (Traffic kind : shard.tariff.traffic()) {
        if (kind instanceof CallTraffic calls) {
          calls.send(
              shard.tariff,
              host.offer.site(),
              offer.site(),
              shard.tariff.calls(origin, shard.shard),
              receiver(shard.tariff, kind, transfers));
        }
      }
      return transfers;
    }

    /** Whether it is calls of which a token sends one copy to each site. */
    boolean sharesCopies() {
      return shard.isShard() && shard.tariff.instance().sharesCopies();
    }

    /** Counts copies of the origin, none as yet. */
    SharedCopies.Tally tally() {
      return shard.tariff.sharedCopies().tally(origin);
    }

    /** The way of its copies from the site of the layer. */
    Route routeFrom(int home) {
      return new Route(shard.tariff, origin, layer(), home, offer.site());
    }

    /** The cut from the layer before. */
    List<Transfer> cutFrom(Service before) {
      List<Transfer> transfers = new ArrayList<>();
      for (Traffic kind : shard.tariff.traffic()) {
        if (kind instanceof CutTraffic cuts) {
          cuts.cut(
              shard.tariff,
              origin,
              before.offer.site(),
              offer.site(),
              1,
              receiver(shard.tariff, kind, transfers));
        }
      }
      return transfers;
    }
  }

  /** From where an origin's layer is to a site that serves some of its shards. */
  record Route(Tariff tariff, int origin, int layer, int home, int site) {
    /** Copies of a share of the tokens. */
    List<Transfer> copies(double share) {
      List<Transfer> transfers = new ArrayList<>();
      for (Traffic kind : tariff.traffic()) {
        if (kind instanceof SharedCopyTraffic copies) {
          copies.send(tariff, origin, home, site, share, receiver(tariff, kind, transfers));
        }
      }
      return transfers;
    }
  }

  @Override
  public String toString() {
    return isShard() ? "shard " + shard : "layer " + tariff.instance().layerOf(shard);
  }
}
