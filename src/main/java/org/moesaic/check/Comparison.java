package org.moesaic.check;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.check.CheckReport.Finding;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Bound;
import org.moesaic.plan.Plan.Cost;
import org.moesaic.plan.Plan.Lease;
import org.moesaic.plan.Plan.Origin;
import org.moesaic.plan.Plan.Status;
import org.moesaic.plan.Plan.Traffic;
import org.moesaic.plan.Plan.Violation;

/** Compares what a plan states with the same plan as it follows from the plan's decisions. */
final class Comparison {
  private static final double SHARE = 1e-6;
  private static final double LEAST = 1e-9;

  private final Plan stated;
  private final Plan recomputed;
  private final List<Finding> findings = new ArrayList<>();

  Comparison(Plan stated, Plan recomputed) {
    this.stated = stated;
    this.recomputed = recomputed;
  }

  List<Finding> findings() {
    problem();
    status();
    cost();
    bound();
    rows("leases", Plan::leases, Lease::offer, this::lease, row -> true);
    rows(
        "traffic",
        Plan::traffic,
        row -> row.from() + " -> " + row.to(),
        this::traffic,
        this::flows);
    rows("origins", Plan::origins, Origin::id, this::origin, row -> true);
    violations();
    return findings;
  }

  private static boolean agree(double a, double b) {
    double tolerance = Math.max(LEAST, SHARE * Math.max(Math.abs(a), Math.abs(b)));
    // An infinite figure would be near to every other.
    return a == b || (Double.isFinite(tolerance) && Math.abs(a - b) <= tolerance);
  }

  private void problem() {
    same("/problem/name", stated.problem().name(), recomputed.problem().name());
    // A problem that was built in code has no file, and so no hash.
    if (!recomputed.problem().sha256().isEmpty()) {
      same("/problem/sha256", stated.problem().sha256(), recomputed.problem().sha256());
    }
    String weights = stated.problem().weightsSha256();
    // Plans of earlier versions say nothing of weights.
    if (weights != null) {
      String theirs = recomputed.problem().weightsSha256();
      same("/problem/weightsSha256", weights, theirs == null ? "" : theirs);
    }
  }

  private void status() {
    boolean claims = stated.status() != Status.INFEASIBLE;
    boolean keeps = recomputed.status() != Status.INFEASIBLE;
    String status = lowerCase(stated.status());
    if (claims && !keeps) {
      find(
          "/status",
          status,
          "infeasible",
          "The status (%s) must be infeasible: the plan breaks %d rules."
              .formatted(status, recomputed.violations().size()),
          "Maybe the problem changed since the plan was made.");
    } else if (!claims && keeps) {
      find(
          "/status",
          status,
          "feasible",
          "The status (%s) must not be infeasible: the plan keeps every rule.".formatted(status),
          "Maybe the problem changed since the plan was made.");
    }
  }

  private static String lowerCase(Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }

  private void cost() {
    Cost says = stated.objective();
    Cost is = recomputed.objective();
    figure("/objective/usdPerHour", says.usdPerHour(), is.usdPerHour());
    figure("/objective/leaseUsdPerHour", says.leaseUsdPerHour(), is.leaseUsdPerHour());
    figure("/objective/egressUsdPerHour", says.egressUsdPerHour(), is.egressUsdPerHour());
    figure("/objective/bandwidthUsdPerHour", says.bandwidthUsdPerHour(), is.bandwidthUsdPerHour());
    figure("/objective/migrationUsdPerHour", says.migrationUsdPerHour(), is.migrationUsdPerHour());
  }

  private void bound() {
    Bound bound = stated.bound();
    double cost = recomputed.objective().usdPerHour();
    if (bound == null) {
      if (stated.status() == Status.OPTIMAL) {
        find(
            "/bound",
            null,
            null,
            "The bound of an optimal plan must be there: without one, nothing is proven.",
            "Maybe the plan is feasible only.");
      }
      return;
    }
    if (stated.status() == Status.INFEASIBLE) {
      find(
          "/bound",
          bound.usdPerHour(),
          null,
          "The bound of an infeasible plan must be absent.",
          "Maybe remove it.");
      return;
    }
    if (bound.usdPerHour() > cost && !agree(bound.usdPerHour(), cost)) {
      find(
          "/bound/usdPerHour",
          bound.usdPerHour(),
          null,
          "The bound (%s) must not lie above the cost of this plan (%s)."
              .formatted(Texts.number(bound.usdPerHour()), Texts.number(cost)),
          "Maybe it was proven for another problem.");
    }
    double gap = Bound.gap(cost, bound.usdPerHour());
    // Where the cost is 0, a bound above it has no gap; that it lies above was said already.
    if (Double.isFinite(gap)) {
      figure("/bound/gap", bound.gap(), gap);
    }
    if (stated.status() == Status.OPTIMAL && gap > PlanConverter.OPTIMAL_GAP + LEAST) {
      find(
          "/status",
          "optimal",
          "feasible",
          "The status (optimal) must be feasible: the gap (%s) is larger than %s."
              .formatted(gap, PlanConverter.OPTIMAL_GAP),
          "Maybe the bound was improved after the plan was written.");
    }
  }

  private void lease(String at, Lease says, Lease is) {
    if (says.nodes() != is.nodes()) {
      differ(at + "/nodes", says.nodes(), is.nodes());
    }
    figure(at + "/usdPerHour", says.usdPerHour(), is.usdPerHour());
    figure(at + "/powerKw", says.powerKw(), is.powerKw());
    String use = at + "/utilization";
    figure(use + "/memory", says.utilization().memory(), is.utilization().memory());
    figure(use + "/compute", says.utilization().compute(), is.utilization().compute());
    figure(use + "/network", says.utilization().network(), is.utilization().network());
  }

  private void traffic(String at, Traffic says, Traffic is) {
    figure(at + "/gbps", says.gbps(), is.gbps());
    figure(at + "/callsGbps", says.callsGbps(), is.callsGbps());
    figure(at + "/cutsGbps", says.cutsGbps(), is.cutsGbps());
    figure(at + "/accessGbps", says.accessGbps(), is.accessGbps());
    figure(at + "/syncGbps", says.syncGbps(), is.syncGbps());
    figure(at + "/usdPerHour", says.usdPerHour(), is.usdPerHour());
  }

  /** A row that says nothing need not be there. */
  private boolean flows(Traffic row) {
    return DoubleStream.of(
            row.gbps(),
            row.callsGbps(),
            row.cutsGbps(),
            row.accessGbps(),
            row.syncGbps(),
            row.usdPerHour())
        .anyMatch(figure -> !agree(figure, 0));
  }

  private void origin(String at, Origin says, Origin is) {
    figure(at + "/localShare", says.localShare(), is.localShare());
    figureIfKnown(at + "/addedLatencyMs", says.addedLatencyMs(), is.addedLatencyMs());
    same(at + "/latencyEstimated", says.latencyEstimated(), is.latencyEstimated());
    figureIfKnown(at + "/accessMs", says.accessMs(), is.accessMs());
  }

  /** Compares two rows that are about the same. */
  @FunctionalInterface
  private interface RowComparison<T> {
    void compare(String pointer, T says, T is);
  }

  private <T> void rows(
      String list,
      Function<Plan, List<T>> in,
      Function<T, String> key,
      RowComparison<T> comparison,
      Predicate<T> matters) {
    Map<String, T> missing = new LinkedHashMap<>();
    in.apply(recomputed).forEach(row -> missing.put(key.apply(row), row));
    List<T> rows = in.apply(stated);
    for (int i = 0; i < rows.size(); i++) {
      String id = key.apply(rows.get(i));
      T same = missing.remove(id);
      if (same != null) {
        comparison.compare(Texts.pointer(list, i), rows.get(i), same);
      } else if (matters.test(rows.get(i))) {
        find(
            Texts.pointer(list, i),
            id,
            null,
            "The %s must not have a row for (%s).".formatted(list, Texts.shown(id)),
            "Maybe the row was left over from another plan.");
      }
    }
    missing.forEach(
        (id, row) -> {
          if (matters.test(row)) {
            find(
                "/" + list,
                null,
                id,
                "The %s must have a row for (%s).".formatted(list, Texts.shown(id)),
                "Maybe the row was lost.");
          }
        });
  }

  private void violations() {
    Set<String> broken = new HashSet<>();
    recomputed.violations().forEach(row -> broken.add(name(row)));
    Set<String> listed = new HashSet<>();
    for (int i = 0; i < stated.violations().size(); i++) {
      String name = name(stated.violations().get(i));
      listed.add(name);
      if (!broken.contains(name)) {
        find(
            Texts.pointer("violations", i),
            name,
            null,
            "The violation (%s) must not be listed: the plan keeps that rule."
                .formatted(Texts.shown(name)),
            "Maybe the problem changed since the plan was made.");
      }
    }
    for (Violation row : recomputed.violations()) {
      if (!listed.contains(name(row))) {
        find(
            "/violations",
            null,
            name(row),
            "The violation (%s) must be listed: %s".formatted(name(row), row.message()),
            "Maybe the problem changed since the plan was made.");
      }
    }
  }

  private static String name(Violation row) {
    return row.rule() + " of " + row.subject();
  }

  private void figure(String pointer, double says, double is) {
    if (!agree(says, is)) {
      differ(pointer, says, is);
    }
  }

  private void figureIfKnown(String pointer, @Nullable Double says, @Nullable Double is) {
    if (says != null && is != null) {
      figure(pointer, says, is);
    } else {
      same(pointer, says, is);
    }
  }

  private void same(String pointer, @Nullable Object says, @Nullable Object is) {
    if (!Objects.equals(says, is)) {
      differ(pointer, says, is);
    }
  }

  private void differ(String pointer, @Nullable Object says, @Nullable Object is) {
    find(
        pointer,
        says,
        is,
        "The %s (%s) must be %s."
            .formatted(pointer.substring(pointer.lastIndexOf('/') + 1), show(says), show(is)),
        "Maybe it was edited, or the problem changed since the plan was made.");
  }

  private static String show(@Nullable Object value) {
    return value == null
        ? "absent"
        : value instanceof Double figure ? Texts.number(figure) : Texts.shown(value);
  }

  private void find(
      String pointer, @Nullable Object says, @Nullable Object is, String message, String hint) {
    findings.add(new Finding(pointer, says, is, message, hint));
  }
}
