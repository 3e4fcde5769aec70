package org.moesaic.solve.model;

import static ai.timefold.solver.core.api.score.stream.ConstraintCollectors.max;
import static ai.timefold.solver.core.api.score.stream.ConstraintCollectors.sum;

import ai.timefold.solver.core.api.score.HardSoftScore;
import ai.timefold.solver.core.api.score.stream.Constraint;
import ai.timefold.solver.core.api.score.stream.ConstraintFactory;
import ai.timefold.solver.core.api.score.stream.ConstraintProvider;
import ai.timefold.solver.core.api.score.stream.bi.BiConstraintStream;
import ai.timefold.solver.core.api.score.stream.tri.TriConstraintStream;
import ai.timefold.solver.core.api.score.stream.uni.UniConstraintStream;
import org.moesaic.solve.model.ShardAssignment.Holding;
import org.moesaic.solve.model.ShardAssignment.Service;
import org.moesaic.solve.model.ShardAssignment.Transfer;

/**
 * The rules and prices of a placement, one method each: what a plan must keep, then what it costs.
 */
public final class PlacementConstraintProvider implements ConstraintProvider {
  @Override
  public Constraint[] defineConstraints(ConstraintFactory factory) {
    return new Constraint[] {
      capacity(factory),
      availability(factory),
      replicas(factory),
      residency(factory),
      survival(factory),
      power(factory),
      link(factory),
      latency(factory),
      providerShare(factory),
      pin(factory),
      ban(factory),
      lease(factory),
      egress(factory),
      bandwidth(factory)
    };
  }

  /** No offer leases more nodes than there are. */
  Constraint capacity(ConstraintFactory factory) {
    return offersInUse(factory)
        .filter((offer, experts, calls) -> offer.capacityPenalty(experts, calls) > 0)
        .penalize(
            HardSoftScore.ONE_HARD,
            (offer, experts, calls) -> offer.capacityPenalty(experts, calls))
        .asConstraint("capacity");
  }

  /** Every offer in use is there by the day on which it is needed. */
  Constraint availability(ConstraintFactory factory) {
    return holdings(factory)
        .penalize(
            HardSoftScore.ONE_HARD,
            h -> h.shard().tariff().penalties().availability(h.offer().index()))
        .asConstraint("availability");
  }

  /** Every shard has as many replicas as the policy says. */
  Constraint replicas(ConstraintFactory factory) {
    return factory
        .forEach(ShardAssignment.class)
        .penalize(
            HardSoftScore.ONE_HARD, shard -> shard.tariff().penalties().replicas(shard.placement()))
        .asConstraint("replicas");
  }

  /** No origin is served where it may not be. */
  Constraint residency(ConstraintFactory factory) {
    return services(factory)
        .penalize(
            HardSoftScore.ONE_HARD,
            s -> s.shard().tariff().penalties().residency(s.origin(), s.offer().index()))
        .asConstraint("residency");
  }

  /** No single region, provider or power domain holds all replicas of a shard. */
  Constraint survival(ConstraintFactory factory) {
    return factory
        .forEach(ShardAssignment.class)
        .penalize(
            HardSoftScore.ONE_HARD, shard -> shard.tariff().penalties().survival(shard.placement()))
        .asConstraint("survival");
  }

  /** No region draws more power than its cap. */
  Constraint power(ConstraintFactory factory) {
    return nodes(factory)
        .groupBy((offer, nodes) -> offer.region(), sum((offer, nodes) -> offer.power(nodes)))
        .join(Tariff.class)
        .penalize(
            HardSoftScore.ONE_HARD,
            (region, power, tariff) -> tariff.penalties().power(region, power))
        .asConstraint("power");
  }

  /** No link carries more than its usable capacity. */
  Constraint link(ConstraintFactory factory) {
    return transfers(factory)
        .filter(transfer -> transfer.way().limited())
        .groupBy(Transfer::way, sum(Transfer::peak))
        .penalize(HardSoftScore.ONE_HARD, Way::penalty)
        .asConstraint("link");
  }

  /**
   * No origin waits longer, over its layers, than its limit; a layer waits at most for its longest
   * round trip.
   */
  Constraint latency(ConstraintFactory factory) {
    return services(factory)
        .filter(s -> s.remote() && s.shard().tariff().latencyLimited(s.origin()))
        .groupBy(Service::origin, Service::layer, sum(Service::latency), max(Service::roundTrip))
        .groupBy(
            (origin, layer, sum, longest) -> origin,
            sum((origin, layer, sum, longest) -> Math.min(sum, longest)))
        .join(Tariff.class)
        .penalize(
            HardSoftScore.ONE_HARD,
            (origin, latency, tariff) -> tariff.penalties().latency(origin, latency))
        .asConstraint("latency");
  }

  /** No provider has more of the lease than its share. */
  Constraint providerShare(ConstraintFactory factory) {
    UniConstraintStream<Long> total =
        nodes(factory).groupBy(sum((OfferTerms offer, Long nodes) -> offer.lease(nodes)));
    return nodes(factory)
        .groupBy((offer, nodes) -> offer.provider(), sum((offer, nodes) -> offer.lease(nodes)))
        .join(total)
        .join(Tariff.class)
        .penalize(
            HardSoftScore.ONE_HARD,
            (provider, part, lease, tariff) -> tariff.penalties().providerShare(part, lease))
        .asConstraint("providerShare");
  }

  /** Every replica of a pinned shard lies in the places of the pin. */
  Constraint pin(ConstraintFactory factory) {
    return holdings(factory)
        .penalize(
            HardSoftScore.ONE_HARD,
            h -> h.shard().tariff().penalties().pin(h.shard().getShard(), h.offer().index()))
        .asConstraint("pin");
  }

  /** No replica of a banned shard lies in the places of the ban. */
  Constraint ban(ConstraintFactory factory) {
    return holdings(factory)
        .penalize(
            HardSoftScore.ONE_HARD,
            h -> h.shard().tariff().penalties().ban(h.shard().getShard(), h.offer().index()))
        .asConstraint("ban");
  }

  /** Whole nodes are leased. */
  Constraint lease(ConstraintFactory factory) {
    return nodes(factory).penalize(HardSoftScore.ONE_SOFT, OfferTerms::lease).asConstraint("lease");
  }

  /** Traffic between sites is billed. */
  Constraint egress(ConstraintFactory factory) {
    return waysInUse(factory).penalize(HardSoftScore.ONE_SOFT, Way::egress).asConstraint("egress");
  }

  /** Traffic between regions has the price that the objective gives it. */
  Constraint bandwidth(ConstraintFactory factory) {
    return waysInUse(factory)
        .penalize(HardSoftScore.ONE_SOFT, Way::bandwidth)
        .asConstraint("bandwidth");
  }

  private static UniConstraintStream<Holding> holdings(ConstraintFactory factory) {
    return factory.forEach(ShardAssignment.class).flattenLast(ShardAssignment::holdings);
  }

  private static UniConstraintStream<Service> services(ConstraintFactory factory) {
    return factory.forEach(ShardAssignment.class).flattenLast(ShardAssignment::services);
  }

  private static TriConstraintStream<OfferTerms, Long, Long> offersInUse(
      ConstraintFactory factory) {
    return holdings(factory).groupBy(Holding::offer, sum(Holding::experts), sum(Holding::calls));
  }

  private static BiConstraintStream<OfferTerms, Long> nodes(ConstraintFactory factory) {
    return offersInUse(factory)
        .map(
            (offer, experts, calls) -> offer,
            (offer, experts, calls) -> offer.nodes(experts, calls));
  }

  private static BiConstraintStream<Way, Long> waysInUse(ConstraintFactory factory) {
    return transfers(factory).groupBy(Transfer::way, sum(Transfer::bytes));
  }

  private static UniConstraintStream<Transfer> transfers(ConstraintFactory factory) {
    return factory.forEach(ShardAssignment.class).flattenLast(ShardAssignment::transfers);
  }
}
