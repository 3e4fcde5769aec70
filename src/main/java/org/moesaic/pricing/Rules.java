package org.moesaic.pricing;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

/** Tells which rules an assignment breaks, one method per rule. An origin is a part of one. */
final class Rules {
  /**
   * A limit is kept if it is exceeded by this share of it at most, as the ceiling of nodes
   * forgives.
   */
  private static final double TOLERANCE = 1e-9;

  private final Instance instance;
  private final Policy policy;
  private final Assignment assignment;
  private final Whereabouts where;
  private final List<Lease> leases;
  private final Flows flows;
  private final List<Service> services;
  private final List<Violation> violations = new ArrayList<>();

  Rules(
      Instance instance,
      Assignment assignment,
      Whereabouts where,
      List<Lease> leases,
      Flows flows,
      List<Service> services) {
    this.instance = instance;
    this.policy = instance.problem().policy();
    this.assignment = assignment;
    this.where = where;
    this.leases = leases;
    this.flows = flows;
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
    access();
    providerShare();
    pin();
    ban();
    return List.copyOf(violations);
  }

  /** Reports a rule in one violation, whose sentences may all be empty: then it is kept. */
  private void broken(Rule rule, String subject, String... sentences) {
    String message =
        Stream.of(sentences)
            .filter(sentence -> !sentence.isEmpty())
            .collect(Collectors.joining(" "));
    if (!message.isEmpty()) {
      violations.add(new Violation(rule, subject, message));
    }
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
    broken(
        Rule.REPLICAS,
        "minReplicas",
        shardsThat(
            s -> assignment.of(s).replicas().length < least,
            "have fewer replicas than minReplicas (%d)".formatted(least),
            this::offersOf));
    Integer most = policy.maxReplicas();
    if (most != null) {
      broken(
          Rule.REPLICAS,
          "maxReplicas",
          shardsThat(
              s -> assignment.of(s).replicas().length > most,
              "have more replicas than maxReplicas (%d)".formatted(most),
              this::offersOf));
    }
  }

  private void residency() {
    for (int o = 0; o < instance.origins(); o++) {
      int origin = o;
      String id = instance.origin(o).id();
      broken(
          Rule.RESIDENCY,
          id,
          shardsThat(
              s -> where.calls(origin, s) && !instance.mayServe(origin, where.server(origin, s)),
              "serve the origin (%s) in a region that its servableIn does not list".formatted(id),
              s -> instance.offer(where.server(origin, s)).id()),
          hostsThat(
              (part, layer) -> part == origin && !instance.mayServe(part, where.host(part, layer)),
              "lie in a region that servableIn does not list"));
    }
  }

  private void survival() {
    for (DomainKind kind : DomainKind.values()) {
      if (policy.survive().contains(kind)) {
        broken(
            Rule.SURVIVAL,
            name(kind),
            shardsThat(
                s -> assignment.of(s).replicas().length > 0 && inOneDomain(kind, assignment.of(s)),
                "would be lost with one %s".formatted(name(kind)),
                this::offersOf));
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
    for (int a = 0; a < instance.sites().size(); a++) {
      for (int b = 0; b < instance.sites().size(); b++) {
        double bytesPerSecond = flows.onLink(a, b);
        double limit = instance.linkBytesPerSecond(a, b);
        if (a != b && exceeds(bytesPerSecond, limit)) {
          String subject = instance.sites().get(a) + " -> " + instance.sites().get(b);
          boolean hurries = flows.sync(a, b) > 0 && instance.syncWindow() < 1;
          broken(
              Rule.LINK,
              subject,
              "The link (%s) carries %s Gbit/s%s, more than its gbps times usable.link (%s)."
                  .formatted(
                      subject,
                      show(bytesPerSecond * 8 / 1e9),
                      hurries ? " while it syncs" : "",
                      show(limit * 8 / 1e9)));
        }
      }
    }
  }

  private void latency() {
    for (Service service : services) {
      waits(
          Rule.LATENCY,
          service.part(),
          "added latency",
          service.addedLatencyMs(),
          "maxAddedLatencyMs",
          instance.maxAddedLatencyMs(service.part()),
          "the sites that serve it");
    }
  }

  private void access() {
    for (Service service : services) {
      waits(
          Rule.ACCESS,
          service.part(),
          "access time",
          service.accessMs(),
          "maxAccessMs",
          instance.maxAccessMs(service.part()),
          "the site that hosts its first layer");
    }
  }

  private void waits(
      Rule rule, int part, String what, double ms, String limitName, double limit, String there) {
    String id = instance.origin(part).id();
    if (limit == Double.POSITIVE_INFINITY) {
      return;
    }
    if (Double.isNaN(ms)) {
      broken(
          rule,
          id,
          """
          The %s of origin (%s) is unknown, so it may exceed %s (%s).
          Maybe give the links to %s rttMs, or their regions coordinates.\
          """
              .formatted(what, id, limitName, show(limit), there));
    } else if (exceeds(ms, limit)) {
      broken(
          rule,
          id,
          "The %s of origin (%s) is %s ms, more than %s (%s)."
              .formatted(what, id, show(ms), limitName, show(limit)));
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
      broken(
          Rule.PIN,
          "pins/" + i,
          shardsThat(
              s ->
                  instance.names(pin, s) && replicasIn(pin, s) < assignment.of(s).replicas().length,
              "have replicas outside the places of policy/pins/" + i,
              this::offersOf),
          hostsThat(
              (part, layer) -> bindsHosts(pin, layer) && !hostIn(pin, part, layer),
              "lie outside the places of policy/pins/" + i));
    }
  }

  private void ban() {
    for (int i = 0; i < policy.bans().size(); i++) {
      Selector ban = policy.bans().get(i);
      broken(
          Rule.BAN,
          "bans/" + i,
          shardsThat(
              s -> instance.names(ban, s) && replicasIn(ban, s) > 0,
              "have replicas in the places of policy/bans/" + i,
              this::offersOf),
          hostsThat(
              (part, layer) -> bindsHosts(ban, layer) && hostIn(ban, part, layer),
              "lie in the places of policy/bans/" + i));
    }
  }

  private static boolean bindsHosts(Selector selector, int layer) {
    return selector.expert() == null && (selector.layer() == null || selector.layer() == layer);
  }

  private boolean hostIn(Selector selector, int part, int layer) {
    return selector.includes(instance.offer(where.host(part, layer)));
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

  /** One sentence about all shards that break a rule, of maybe thousands; empty for none. */
  private String shardsThat(IntPredicate isBroken, String what, IntFunction<String> place) {
    int count = 0;
    int first = 0;
    for (int s = 0; s < instance.shards(); s++) {
      if (isBroken.test(s)) {
        first = count == 0 ? s : first;
        count++;
      }
    }
    return count == 0
        ? ""
        : "%d of %d shards %s; the first is shard %d of layer %d, on %s."
            .formatted(
                count,
                instance.shards(),
                what,
                first - instance.shard(instance.layerOf(first), 0),
                instance.layerOf(first),
                place.apply(first));
  }

  /** Tells whether the host of a layer of a part breaks a rule. */
  @FunctionalInterface
  private interface HostPredicate {
    boolean test(int part, int layer);
  }

  /** One sentence about all hosts that break a rule; empty for none. */
  private String hostsThat(HostPredicate isBroken, String what) {
    int count = 0;
    String first = "";
    for (int part = 0; part < instance.origins() && instance.hasBackbone(); part++) {
      for (int l = 0; l < instance.layers(); l++) {
        if (isBroken.test(part, l)) {
          if (count == 0) {
            first =
                "that of layer %d for origin (%s), on %s"
                    .formatted(
                        l, instance.origin(part).id(), instance.offer(where.host(part, l)).id());
          }
          count++;
        }
      }
    }
    return count == 0
        ? ""
        : "%d of %d hosts of layers %s; the first is %s."
            .formatted(count, instance.origins() * instance.layers(), what, first);
  }

  private String offersOf(int shard) {
    List<String> ids = new ArrayList<>();
    for (int offer : assignment.of(shard).replicas()) {
      ids.add(instance.offer(offer).id());
    }
    return ids.isEmpty() ? "no offer" : String.join(", ", ids);
  }
}
