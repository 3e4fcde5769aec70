package org.moesaic.solve.model;

import ai.timefold.solver.core.api.domain.common.PlanningId;
import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.valuerange.ValueRange;
import ai.timefold.solver.core.api.domain.valuerange.ValueRangeProvider;
import ai.timefold.solver.core.api.domain.variable.PlanningVariable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * The one decision about a shard: its replicas, and which of them serves whom. A view of one
 * element of its solution's array, so that cloning a solution copies one array (see {@link
 * PlacementSolution}).
 */
@PlanningEntity
public class ShardAssignment {
  private final Tariff tariff;
  private final Homes homes;
  private final @Nullable Placement[] placements;
  private final Candidates candidates;
  private final int shard;

  ShardAssignment(
      Tariff tariff,
      Homes homes,
      @Nullable Placement[] placements,
      Candidates candidates,
      int shard) {
    this.tariff = tariff;
    this.homes = homes;
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
      holdings.add(
          new Holding(this, tariff.offer(replica), tariff.instance().sizeOf(shard), calls));
    }
    return holdings;
  }

  /** Whom the shard serves, and from where. */
  List<Service> services() {
    Instance instance = tariff.instance();
    int[] servedBy = placement().servedBy();
    List<Service> services = new ArrayList<>(servedBy.length);
    for (int o = 0; o < servedBy.length; o++) {
      if (servedBy[o] >= 0) {
        OfferTerms offer = tariff.offer(servedBy[o]);
        services.add(
            new Service(
                this, o, instance.siteOfHome(o, homes.offer(o, instance.layerOf(shard))), offer));
      }
    }
    return services;
  }

  /** One replica: {@code experts} in memory, {@code calls} served. */
  record Holding(ShardAssignment shard, OfferTerms offer, long experts, long calls) {}

  /** What the shard puts on ways between sites. */
  List<Transfer> transfers() {
    List<Transfer> transfers = new ArrayList<>();
    for (Traffic kind : tariff.traffic()) {
      if (kind.byShard()) {
        Traffic.Bytes bytes =
            (from, to, sent) ->
                transfers.add(
                    new Transfer(tariff.way(from, to), sent, Traffic.peak(sent, kind.peak())));
        kind.meter(tariff, homes).change(shard, placement(), 1, bytes);
      }
    }
    return transfers;
  }

  /** Bytes per second on a way, in units of the tariff: as they cost, and as links count them. */
  record Transfer(Way way, long bytes, long peak) {}

  /** One origin, whose layer is at home at a site, served by an offer. */
  record Service(ShardAssignment shard, int origin, int home, OfferTerms offer) {
    boolean remote() {
      return home != offer.site();
    }

    int layer() {
      return shard.tariff.instance().layerOf(shard.shard);
    }

    long latency() {
      return shard.tariff.latency(origin, shard.shard, home, offer.site());
    }

    long roundTrip() {
      return shard.tariff.roundTrip(home, offer.site());
    }
  }

  @Override
  public String toString() {
    return "shard " + shard;
  }
}
