package org.moesaic.solve.model;

import static ai.timefold.solver.core.api.score.stream.ConstraintCollectors.max;
import static ai.timefold.solver.core.api.score.stream.ConstraintCollectors.sum;

import ai.timefold.solver.core.api.score.HardSoftScore;
import ai.timefold.solver.core.api.score.stream.Constraint;
import ai.timefold.solver.core.api.score.stream.ConstraintFactory;
import ai.timefold.solver.core.api.score.stream.ConstraintProvider;
import ai.timefold.solver.core.api.score.stream.Joiners;
import ai.timefold.solver.core.api.score.stream.bi.BiConstraintStream;
import ai.timefold.solver.core.api.score.stream.uni.UniConstraintStream;
import java.util.ArrayList;
import java.util.List;
import org.moesaic.instance.Instance;
import org.moesaic.solve.model.ShardAssignment.Holding;
import org.moesaic.solve.model.ShardAssignment.Route;
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
      access(factory),
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
        .filter((offer, load) -> offer.capacityPenalty(load) > 0)
        .penalize(HardSoftScore.ONE_HARD, OfferTerms::capacityPenalty)
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
        .filter(ShardAssignment::isShard)
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
        .filter(ShardAssignment::isShard)
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
   * round trip, and each step from layer to layer for half of one.
   */
  Constraint latency(ConstraintFactory factory) {
    UniConstraintStream<Delay> calls =
        services(factory)
            .filter(s -> s.shard().isShard() && s.shard().tariff().latencyLimited(s.origin()))
            .join(
                homes(factory),
                Joiners.equal(Service::origin, Home::origin),
                Joiners.equal(Service::layer, Home::layer))
            .filter((service, home) -> home.site() != service.offer().site())
            .groupBy(
                (service, home) -> service.origin(),
                (service, home) -> service.layer(),
                sum((Service service, Home home) -> service.latency(home.site())),
                max((Service service, Home home) -> service.roundTrip(home.site())))
            .map((origin, layer, sum, longest) -> new Delay(origin, Math.min(sum, longest)));
    UniConstraintStream<Delay> steps =
        hosts(factory)
            .filter(host -> host.shard().tariff().latencyLimited(host.origin()))
            .join(
                hosts(factory),
                Joiners.equal(Service::origin),
                Joiners.equal(Service::layerBefore, Service::layer))
            .map((host, before) -> new Delay(host.origin(), host.halfTripFrom(before)));
    return calls
        .concat(steps)
        .groupBy(Delay::origin, sum(Delay::latency))
        .join(Tariff.class)
        .penalize(
            HardSoftScore.ONE_HARD,
            (origin, latency, tariff) -> tariff.penalties().latency(origin, latency))
        .asConstraint("latency");
  }

  /** No origin's first layer is further from it than its limit. */
  Constraint access(ConstraintFactory factory) {
    return hosts(factory)
        .filter(host -> host.layer() == 0)
        .penalize(
            HardSoftScore.ONE_HARD,
            host -> host.shard().tariff().penalties().access(host.origin(), host.offer().index()))
        .asConstraint("access");
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

  private static BiConstraintStream<OfferTerms, Load> offersInUse(ConstraintFactory factory) {
    return holdings(factory).groupBy(Holding::offer, LoadCollector.LOAD);
  }

  private static BiConstraintStream<OfferTerms, Long> nodes(ConstraintFactory factory) {
    return offersInUse(factory).map((offer, load) -> offer, (offer, load) -> offer.nodes(load));
  }

  private static BiConstraintStream<Way, Long> waysInUse(ConstraintFactory factory) {
    return transfers(factory).groupBy(Transfer::way, sum(Transfer::bytes));
  }

  /** Layers that are placed, by whom they are hosted for. */
  private static UniConstraintStream<Service> hosts(ConstraintFactory factory) {
    return services(factory).filter(service -> !service.shard().isShard());
  }

  /** Where layers are, placed or not. */
  private static UniConstraintStream<Home> homes(ConstraintFactory factory) {
    UniConstraintStream<Home> own = factory.forEach(Tariff.class).flattenLast(Home::own);
    return hosts(factory)
        .map(host -> new Home(host.origin(), host.layer(), host.offer().site()))
        .concat(own);
  }

  /** Where an origin's layer is. */
  record Home(int origin, int layer, int site) {
    /** Those of layers that are not placed. */
    static List<Home> own(Tariff tariff) {
      Instance instance = tariff.instance();
      List<Home> homes = new ArrayList<>();
      for (int o = 0; o < instance.origins() && !instance.hasBackbone(); o++) {
        for (int l = 0; l < instance.layers(); l++) {
          homes.add(new Home(o, l, instance.siteOfOrigin(o)));
        }
      }
      return homes;
    }
  }

  /** What an origin waits for, in units. */
  record Delay(int origin, long latency) {}

  private static UniConstraintStream<Transfer> transfers(ConstraintFactory factory) {
    UniConstraintStream<Transfer> alone =
        factory.forEach(ShardAssignment.class).flattenLast(ShardAssignment::transfers);
    UniConstraintStream<Transfer> calls =
        services(factory)
            .filter(service -> service.shard().isShard())
            .join(hosts(factory), Joiners.equal(Service::origin), Joiners.equal(Service::layer))
            .map(Service::callsFrom)
            .flattenLast(list -> list);
    UniConstraintStream<Transfer> cuts =
        hosts(factory)
            .filter(host -> host.layer() > 0)
            .join(
                hosts(factory),
                Joiners.equal(Service::origin),
                Joiners.equal(Service::layerBefore, Service::layer))
            .map(Service::cutFrom)
            .flattenLast(list -> list);
    UniConstraintStream<Transfer> copies =
        services(factory)
            .filter(Service::sharesCopies)
            .join(
                homes(factory),
                Joiners.equal(Service::origin, Home::origin),
                Joiners.equal(Service::layer, Home::layer))
            .filter((service, home) -> home.site() != service.offer().site())
            .groupBy((service, home) -> service.routeFrom(home.site()), CopiesCollector.SHARE)
            .map(Route::copies)
            .flattenLast(list -> list);
    return alone.concat(calls).concat(cuts).concat(copies);
  }
}
