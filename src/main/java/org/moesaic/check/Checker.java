package org.moesaic.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.moesaic.check.CheckReport.Finding;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Unpriced;
import org.moesaic.instance.UnsupportedProblemException;
import org.moesaic.plan.Plan;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.pricing.UnpricedTrafficException;
import org.moesaic.problem.Problem;

/** Checks plans against their problems, from what the two say alone. */
public final class Checker {
  private Checker() {}

  /**
   * Prices the decisions of a plan anew, and compares every figure that the plan states but those
   * of {@code solver}. Figures agree within a share of 1e-6, or 1e-9 of their unit; numbers of
   * nodes have to be equal.
   *
   * @throws UnsupportedProblemException if the problem uses what is {@link Unpriced}
   */
  public static CheckReport check(Problem problem, Plan plan) {
    Unpriced.refuse(problem);
    Instance instance = Instance.of(problem);
    List<Finding> findings = new ArrayList<>();
    Optional<Assignment> assignment =
        PlanConverter.toAssignment(
            instance,
            plan,
            (pointer, value, message, hint) ->
                findings.add(new Finding(pointer, value, null, message, hint)));
    if (assignment.isEmpty()) {
      return new CheckReport(null, null, findings);
    }
    try {
      Bill bill = Pricing.price(instance, assignment.get());
      Plan recomputed = PlanConverter.toPlan(instance, assignment.get(), bill, null, null);
      new Comparison(plan, recomputed).findings().forEach(findings::add);
      return new CheckReport(bill, recomputed, findings);
    } catch (UnpricedTrafficException e) {
      findings.add(new Finding("/serving", null, null, e.problem(), e.hint()));
      return new CheckReport(null, null, findings);
    }
  }
}
