package org.moesaic.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Backbone;
import org.moesaic.plan.Plan.Bound;
import org.moesaic.plan.Plan.Cost;
import org.moesaic.plan.Plan.Lease;
import org.moesaic.plan.Plan.Origin;
import org.moesaic.plan.Plan.Part;
import org.moesaic.plan.Plan.Placement;
import org.moesaic.plan.Plan.ProblemId;
import org.moesaic.plan.Plan.Serving;
import org.moesaic.plan.Plan.Solver;
import org.moesaic.plan.Plan.Status;
import org.moesaic.plan.Plan.Traffic;
import org.moesaic.plan.Plan.Utilization;
import org.moesaic.plan.Plan.Violation;
import org.moesaic.plan.Plans.Objections;
import org.moesaic.pricing.Bill;

/** Turns assignments into plans and back. */
public final class PlanConverter {
  /** The largest gap of a plan that is called optimal. */
  public static final double OPTIMAL_GAP = 1e-6;

  /** By how large a share of the cost a bound may exceed it through rounding. */
  private static final double ROUNDING = 1e-9;

  private PlanConverter() {}

  /**
   * Writes an assignment down as a plan. The plan is infeasible, and without a bound, if the
   * assignment breaks a rule; optimal if its gap is at most {@value #OPTIMAL_GAP}; feasible
   * otherwise.
   *
   * @param bill what the assignment costs
   * @param boundUsdPerHour a proven lower bound on the cost of every plan that keeps the rules;
   *     null if none is known
   * @param solver how it was found, if that is to be told
   * @throws IllegalArgumentException if the bound lies above the cost of a plan that keeps the
   *     rules, by more than rounding
   */
  public static Plan toPlan(
      Instance instance,
      Assignment assignment,
      Bill bill,
      @Nullable Double boundUsdPerHour,
      @Nullable Solver solver) {
    Bound bound = boundUsdPerHour == null ? null : bound(bill, boundUsdPerHour);
    Instance split = instance.split(assignment.parts());
    return new Plan(
        new ProblemId(
            instance.problem().name(),
            instance.problem().sha256(),
            instance.problem().routing().filesSha256()),
        status(bill, bound),
        new Cost(
            bill.usdPerHour(),
            bill.leaseUsdPerHour(),
            bill.egressUsdPerHour(),
            bill.bandwidthUsdPerHour(),
            bill.migrationUsdPerHour()),
        bound,
        bill.leases().stream().map(row -> lease(instance, row)).toList(),
        placements(instance, assignment),
        serving(split, assignment),
        parts(instance, assignment),
        backbone(split, assignment),
        bill.traffic().stream().map(row -> traffic(instance, row)).toList(),
        bill.origins().stream().map(row -> origin(split, row)).toList(),
        bill.violations().stream()
            .map(row -> new Violation(row.rule().id(), row.subject(), row.message()))
            .toList(),
        solver);
  }

  private static @Nullable Bound bound(Bill bill, double usdPerHour) {
    if (!bill.keepsRules()) {
      return null;
    }
    double cost = bill.usdPerHour();
    if (!(usdPerHour <= cost + ROUNDING * cost)) {
      throw new IllegalArgumentException(
          ("The bound (%s USD/h) must not lie above the cost (%s USD/h) of a plan that keeps the"
                  + " rules.")
              .formatted(usdPerHour, cost));
    }
    double bound = Math.min(usdPerHour, cost);
    return new Bound(bound, Bound.gap(cost, bound));
  }

  private static Status status(Bill bill, @Nullable Bound bound) {
    if (!bill.keepsRules()) {
      return Status.INFEASIBLE;
    }
    return bound != null && bound.gap() <= OPTIMAL_GAP ? Status.OPTIMAL : Status.FEASIBLE;
  }

  private static Lease lease(Instance instance, Bill.Lease row) {
    return new Lease(
        instance.offer(row.offer()).id(),
        row.nodes(),
        row.usdPerHour(),
        row.powerKw(),
        new Utilization(row.memoryUse(), row.computeUse(), row.networkUse()));
  }

  private static Traffic traffic(Instance instance, Bill.Traffic row) {
    return new Traffic(
        instance.sites().get(row.from()).toString(),
        instance.sites().get(row.to()).toString(),
        row.gbps(),
        gbps(row.callsBytesPerSecond()),
        gbps(row.cutsBytesPerSecond()),
        gbps(row.accessBytesPerSecond()),
        gbps(row.syncBytesPerSecond()),
        row.usdPerHour());
  }

  private static double gbps(double bytesPerSecond) {
    return 8 * bytesPerSecond / 1e9;
  }

  private static Origin origin(Instance split, Bill.Service row) {
    return new Origin(
        split.origin(row.part()).id(),
        row.localShare(),
        known(row.addedLatencyMs()),
        row.latencyEstimated(),
        known(row.accessMs()));
  }

  private static @Nullable Double known(double ms) {
    return Double.isNaN(ms) ? null : ms;
  }

  private static List<Placement> placements(Instance instance, Assignment assignment) {
    List<Placement> rows = new ArrayList<>();
    for (int l = 0; l < instance.layers(); l++) {
      List<List<String>> experts = new ArrayList<>();
      for (int k = 0; k < instance.shardsPerLayer(); k++) {
        List<String> offers = new ArrayList<>();
        for (int offer : assignment.of(instance.shard(l, k)).replicas()) {
          offers.add(instance.offer(offer).id());
        }
        experts.add(offers);
      }
      rows.add(new Placement(l, experts));
    }
    return rows;
  }

  private static List<Serving> serving(Instance split, Assignment assignment) {
    List<Serving> rows = new ArrayList<>();
    for (int o = 0; o < split.origins(); o++) {
      for (int l = 0; l < split.layers(); l++) {
        List<Integer> replica = new ArrayList<>();
        for (int k = 0; k < split.shardsPerLayer(); k++) {
          int shard = split.shard(l, k);
          var placement = assignment.of(shard);
          replica.add(
              split.demand(o, shard) > 0
                  ? indexOf(placement.servedBy()[o], placement.replicas())
                  : -1);
        }
        rows.add(new Serving(split.origin(o).id(), l, replica));
      }
    }
    return rows;
  }

  private static List<Part> parts(Instance instance, Assignment assignment) {
    List<Part> rows = new ArrayList<>();
    Parts parts = assignment.parts().in(instance.problem().origins());
    for (int part = 0; part < parts.count(); part++) {
      var origin = instance.origin(parts.origin(part));
      if (origin.streams() > 1) {
        rows.add(new Part(Parts.id(origin, parts.number(part)), origin.id(), parts.streams(part)));
      }
    }
    return rows;
  }

  private static List<Backbone> backbone(Instance split, Assignment assignment) {
    List<Backbone> rows = new ArrayList<>();
    for (int o = 0; o < split.origins() && split.hasBackbone(); o++) {
      List<String> layers = new ArrayList<>();
      for (int l = 0; l < split.layers(); l++) {
        layers.add(split.offer(assignment.home(o, l)).id());
      }
      rows.add(new Backbone(split.origin(o).id(), layers));
    }
    return rows;
  }

  private static int indexOf(int offer, int[] replicas) {
    int index = 0;
    while (replicas[index] != offer) {
      index++;
    }
    return index;
  }

  /**
   * Reads the decisions of a plan: its parts, its placements, who serves whom and who hosts what,
   * none of its figures. A plan that names a replica for an origin that never calls the shard is
   * tolerated: routing may have changed since, and nothing depends on it.
   *
   * @param objections receives every reason why the plan does not fit the problem
   * @return empty if there was one
   */
  public static Optional<Assignment> toAssignment(
      Instance instance, Plan plan, Objections objections) {
    return new PlanReader(instance, plan, objections).assignment();
  }
}
