package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.moesaic.check.Checker;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
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
      List<List<Placement>> choices = choices(instance);
      double count = choices.stream().mapToDouble(List::size).reduce(1, (a, b) -> a * b);
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

  /**
   * All placements of each shard; of the infeasible ones only those that no shape allows are left
   * out.
   */
  static List<List<Placement>> choices(Instance instance) {
    List<List<Placement>> choices = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
      List<Placement> placements = new ArrayList<>();
      for (int bits = 1; bits < 1 << instance.offers(); bits++) {
        int mask = bits;
        int[] replicas =
            IntStream.range(0, instance.offers()).filter(i -> (mask >> i & 1) == 1).toArray();
        serve(instance, s, replicas, new int[instance.origins()], 0, placements);
      }
      choices.add(placements);
    }
    return choices;
  }

  private static void serve(
      Instance instance, int s, int[] replicas, int[] servedBy, int o, List<Placement> into) {
    if (o == servedBy.length) {
      into.add(new Placement(replicas, servedBy.clone()));
    } else if (instance.demand(o, s) == 0) {
      servedBy[o] = Placement.NOBODY;
      serve(instance, s, replicas, servedBy, o + 1, into);
    } else {
      for (int replica : replicas) {
        servedBy[o] = replica;
        serve(instance, s, replicas, servedBy, o + 1, into);
      }
    }
  }

  static @Nullable Double optimum(Instance instance, List<List<Placement>> choices) {
    int[] chosen = new int[choices.size()];
    Double best = null;
    while (true) {
      List<Placement> placements = new ArrayList<>();
      for (int s = 0; s < chosen.length; s++) {
        placements.add(choices.get(s).get(chosen[s]));
      }
      Bill bill = Pricing.price(instance, new Assignment(placements));
      if (bill.keepsRules() && (best == null || bill.usdPerHour() < best)) {
        best = bill.usdPerHour();
      }
      int s = 0;
      while (s < chosen.length && ++chosen[s] == choices.get(s).size()) {
        chosen[s++] = 0;
      }
      if (s == chosen.length) {
        return best;
      }
    }
  }
}
