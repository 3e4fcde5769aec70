package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.moesaic.check.Checker;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomProblems;

/** The planner against trying everything, judged by the reference prices. */
class ExhaustiveTest {
  private static final int PROBLEMS = 320;
  private static final int MOST_ASSIGNMENTS = 40_000;

  @Test
  void findsTheOptimumOfTinyProblems() {
    List<String> exceptions = new ArrayList<>();
    int tried = 0;
    int infeasible = 0;
    for (long seed = 0; tried < PROBLEMS; seed++) {
      Problem problem = RandomProblems.tiny(seed);
      Instance instance = Instance.of(problem);
      List<List<Placement>> choices = AllPlans.choices(instance);
      double count = AllPlans.count(choices);
      if (count == 0 || count > MOST_ASSIGNMENTS) {
        continue;
      }
      tried++;
      Double optimum = optimum(instance, choices);
      Plan plan = Planner.builder().steps(60_000).threads(1).seed(seed).build().solve(problem);
      double found = plan.objective().usdPerHour();
      boolean keepsRules = plan.status() != Status.INFEASIBLE;
      infeasible += optimum == null ? 1 : 0;
      assertThat(Checker.check(problem, plan).findings()).as("seed %d", seed).isEmpty();
      if (keepsRules != (optimum != null)) {
        exceptions.add("seed %d: optimum %s, found %s".formatted(seed, optimum, plan.violations()));
      } else if (optimum != null) {
        assertThat(found)
            .as("seed %d: nothing is cheaper than the optimum", seed)
            .isGreaterThan(optimum * (1 - 1e-9));
        if (found > optimum * (1 + 1e-6)) {
          exceptions.add("seed %d: gap %.4f%%".formatted(seed, 100 * (found / optimum - 1)));
        }
      }
    }
    System.out.printf("%d problems, %d of them infeasible%n", tried, infeasible);
    assertThat(exceptions).as("exceptions among %d problems", tried).isEmpty();
  }

  static @Nullable Double optimum(Instance instance, List<List<Placement>> choices) {
    double[] best = {Double.POSITIVE_INFINITY};
    AllPlans.forEach(
        choices,
        assignment -> {
          Bill bill = Pricing.price(instance, assignment);
          if (bill.keepsRules()) {
            best[0] = Math.min(best[0], bill.usdPerHour());
          }
        });
    return best[0] == Double.POSITIVE_INFINITY ? null : best[0];
  }
}
