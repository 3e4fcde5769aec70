package org.moesaic.pricing;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill.Lease;
import org.moesaic.pricing.Bill.Service;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Policy;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Policy.Selector;
import org.moesaic.problem.Region;

/** Tells which rules an assignment breaks, one method per rule. */
final class Rules {
  /**
   * A limit is kept if it is exceeded by this share of it at most, as the ceiling of nodes
   * forgives.
   */
  private static final double TOLERANCE = 1e-9;

  private final Instance instance;
  private final Policy policy;
  private final Assignment assignment;
  private final List<Lease> leases;
  private final double[][] bytesPerSecond;
  private final List<Service> services;
  private final List<Violation> violations = new ArrayList<>();

  Rules(
      Instance instance,
      Assignment assignment,
      List<Lease> leases,
      double[][] bytesPerSecond,
      List<Service> services) {
    this.instance = instance;
    this.policy = instance.problem().policy();
    this.assignment = assignment;
    this.leases = leases;
    this.bytesPerSecond = bytesPerSecond;
    this.services = services;
  }

  List<Violation> violations() {
    capacity();
    availability();
    replicas();
    residency();
    survival();
    power();
    link();
    latency();
    providerShare();
    pin();
    ban();
    return List.copyOf(violations);
  }

  private void broken(Rule rule, String subject, String message) {
    violations.add(new Violation(rule, subject, message));
  }

  private static boolean exceeds(double figure, double limit) {
    return figure > limit + TOLERANCE * limit;
  }

  /** Six significant digits, without an exponent. */
  private static String show(double figure) {
    return new BigDecimal(figure).round(new MathContext(6)).stripTrailingZeros().toPlainString();
  }

  private void capacity() {
    for (Lease lease : leases) {
      Offer offer = instance.offer(lease.offer());
      Integer maxNodes = offer.maxNodes();
      if (lease.nodes() == Pricing.MAX_NODES) {
        broken(
            Rule.CAPACITY,
            offer.id(),
            ("No number of nodes of offer (%s) is enough: a resource that it needs has a"
                    + " capacity of (almost) nothing.")
                .formatted(offer.id()));
      } else if (maxNodes != null && lease.nodes() > maxNodes) {
        broken(
            Rule.CAPACITY,
            offer.id(),
            "The offer (%s) needs %d nodes, more than maxNodes (%d)."
                .formatted(offer.id(), lease.nodes(), maxNodes));
      }
    }
  }

  private void availability() {
    for (Lease lease : leases) {
      if (!instance.available(lease.offer())) {
        Offer offer = instance.offer(lease.offer());
        broken(
            Rule.AVAILABILITY,
            offer.id(),
            "The offer (%s) is availableFrom %s, after neededBy (%s)."
                .formatted(offer.id(), offer.availableFrom(), policy.neededBy()));
      }
    }
  }

  private void replicas() {
    int least = policy.minReplicas();
    shardsBreak(
        s -> assignment.of(s).replicas().length < least,
        Rule.REPLICAS,
        "minReplicas",
        "have fewer replicas than minReplicas (%d)".formatted(least));
    Integer most = policy.maxReplicas();
    if (most != null) {
      shardsBreak(
          s -> assignment.of(s).replicas().length > most,
          Rule.REPLICAS,
          "maxReplicas",
          "have more replicas than maxReplicas (%d)".formatted(most));
    }
  }

  private void residency() {
    for (int o = 0; o < instance.origins(); o++) {
      int origin = o;
      shardsBreak(
          s ->
              instance.demand(origin, s) > 0
                  && !instance.mayServe(origin, assignment.of(s).servedBy()[origin]),
          Rule.RESIDENCY,
          instance.origin(o).id(),
          "serve the origin (%s) in a region that its servableIn does not list"
              .formatted(instance.origin(o).id()),
          s -> instance.offer(assignment.of(s).servedBy()[origin]).id());
    }
  }

  private void survival() {
    for (DomainKind kind : DomainKind.values()) {
      if (policy.survive().contains(kind)) {
        shardsBreak(
            s -> assignment.of(s).replicas().length > 0 && inOneDomain(kind, assignment.of(s)),
            Rule.SURVIVAL,
            name(kind),
            "would be lost with one %s".formatted(name(kind)));
      }
    }
  }

  private boolean inOneDomain(DomainKind kind, Placement placement) {
    for (int offer : placement.replicas()) {
      if (instance.domain(kind, offer) != instance.domain(kind, placement.replicas()[0])) {
        return false;
      }
    }
    return true;
  }

  private static String name(DomainKind kind) {
    return switch (kind) {
      case REGION -> "region";
      case PROVIDER -> "provider";
      case POWER_DOMAIN -> "powerDomain";
    };
  }

  private void power() {
    for (Region region : instance.problem().regions()) {
      double kw = 0;
      for (Lease lease : leases) {
        if (instance.offer(lease.offer()).region().equals(region.id())) {
          kw += lease.powerKw();
        }
      }
      Double cap = region.powerCapKw();
      if (cap != null && exceeds(kw, cap)) {
        broken(
            Rule.POWER,
            region.id(),
            "The leases in region (%s) draw %s kW, more than powerCapKw (%s)."
                .formatted(region.id(), show(kw), show(cap)));
      }
    }
  }

  private void link() {
    for (int a = 0; a < bytesPerSecond.length; a++) {
      for (int b = 0; b < bytesPerSecond.length; b++) {
        double limit = instance.linkBytesPerSecond(a, b);
        if (a != b && exceeds(bytesPerSecond[a][b], limit)) {
          String subject = instance.sites().get(a) + " -> " + instance.sites().get(b);
          broken(
              Rule.LINK,
              subject,
              "The link (%s) carries %s Gbit/s, more than its gbps times usable.link (%s)."
                  .formatted(subject, show(bytesPerSecond[a][b] * 8 / 1e9), show(limit * 8 / 1e9)));
        }
      }
    }
  }

  private void latency() {
    for (Service service : services) {
      String id = instance.origin(service.origin()).id();
      double limit = instance.maxAddedLatencyMs(service.origin());
      if (limit == Double.POSITIVE_INFINITY) {
        continue;
      }
      if (Double.isNaN(service.addedLatencyMs())) {
        broken(
            Rule.LATENCY,
            id,
            """
            The added latency of origin (%s) is unknown, so it may exceed maxAddedLatencyMs (%s).
            Maybe give the links to the sites that serve it rttMs, or their regions coordinates.\
            """
                .formatted(id, show(limit)));
      } else if (exceeds(service.addedLatencyMs(), limit)) {
        broken(
            Rule.LATENCY,
            id,
            "The added latency of origin (%s) is %s ms, more than maxAddedLatencyMs (%s)."
                .formatted(id, show(service.addedLatencyMs()), show(limit)));
      }
    }
  }

  private void providerShare() {
    Double share = policy.maxProviderShare();
    if (share == null) {
      return;
    }
    Map<String, Double> byProvider = new LinkedHashMap<>();
    double all = 0;
    for (Lease lease : leases) {
      byProvider.merge(instance.offer(lease.offer()).provider(), lease.usdPerHour(), Double::sum);
      all += lease.usdPerHour();
    }
    for (var entry : byProvider.entrySet()) {
      if (exceeds(entry.getValue(), share * all)) {
        broken(
            Rule.PROVIDER_SHARE,
            entry.getKey(),
            ("The provider (%s) has %s of %s USD/h of all leases, a share of %s, more than"
                    + " maxProviderShare (%s).")
                .formatted(
                    entry.getKey(),
                    show(entry.getValue()),
                    show(all),
                    show(entry.getValue() / all),
                    show(share)));
      }
    }
  }

  private void pin() {
    for (int i = 0; i < policy.pins().size(); i++) {
      Selector pin = policy.pins().get(i);
      shardsBreak(
          s -> instance.names(pin, s) && replicasIn(pin, s) < assignment.of(s).replicas().length,
          Rule.PIN,
          "pins/" + i,
          "have replicas outside the places of policy/pins/" + i);
    }
  }

  private void ban() {
    for (int i = 0; i < policy.bans().size(); i++) {
      Selector ban = policy.bans().get(i);
      shardsBreak(
          s -> instance.names(ban, s) && replicasIn(ban, s) > 0,
          Rule.BAN,
          "bans/" + i,
          "have replicas in the places of policy/bans/" + i);
    }
  }

  private int replicasIn(Selector selector, int shard) {
    int inside = 0;
    for (int offer : assignment.of(shard).replicas()) {
      if (selector.includes(instance.offer(offer))) {
        inside++;
      }
    }
    return inside;
  }

  /** Reports shards that break a rule, all in one violation: a plan may have thousands. */
  private void shardsBreak(IntPredicate isBroken, Rule rule, String subject, String what) {
    shardsBreak(isBroken, rule, subject, what, this::offersOf);
  }

  private void shardsBreak(
      IntPredicate isBroken, Rule rule, String subject, String what, IntFunction<String> place) {
    int count = 0;
    int first = 0;
    for (int s = 0; s < instance.shards(); s++) {
      if (isBroken.test(s)) {
        first = count == 0 ? s : first;
        count++;
      }
    }
    if (count > 0) {
      broken(
          rule,
          subject,
          "%d of %d shards %s; the first is shard %d of layer %d, on %s."
              .formatted(
                  count,
                  instance.shards(),
                  what,
                  first - instance.shard(instance.layerOf(first), 0),
                  instance.layerOf(first),
                  place.apply(first)));
    }
  }

  private String offersOf(int shard) {
    List<String> ids = new ArrayList<>();
    for (int offer : assignment.of(shard).replicas()) {
      ids.add(instance.offer(offer).id());
    }
    return ids.isEmpty() ? "no offer" : String.join(", ", ids);
  }
}
