package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.moesaic.check.Checker;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Feature;

/**
 * Placed layers, parts, access, sync and shared copies: the planner against trying everything,
 * judged by the reference prices. {@code -Dfabric.problems=500} tries more.
 */
class FabricExhaustiveTest {
  private static final int PROBLEMS = Integer.getInteger("fabric.problems", 60);
  private static final double MOST_ASSIGNMENTS = 20_000;

  /** Half of them share copies; some of these have layers where they are. */
  private static Set<Feature> features(long seed) {
    Set<Feature> features = EnumSet.allOf(Feature.class);
    if (seed % 3 == 1) {
      features.remove(Feature.PARTS);
    }
    if (seed % 2 == 0) {
      features.remove(Feature.SHARED_COPIES);
    } else if (seed % 5 < 2) {
      features.removeAll(EnumSet.of(Feature.HOSTS, Feature.PARTS, Feature.SYNC));
    }
    return features;
  }

  @Test
  void boundsHoldAndPlansAreNearlyAsGoodAsCanBe() {
    int tried = 0;
    int infeasible = 0;
    int missed = 0;
    int optimal = 0;
    int closed = 0;
    double worst = 0;
    double gaps = 0;
    for (long seed = 0; tried < PROBLEMS; seed++) {
      Problem problem = RandomProblems.tiny(seed, features(seed));
      Instance instance = streams(problem);
      List<List<Placement>> choices = AllPlans.choices(instance);
      int hosted = instance.hasBackbone() ? instance.origins() * instance.layers() : 0;
      double hosts = Math.pow(instance.offers(), hosted);
      double count = AllPlans.count(choices) * hosts;
      if (count == 0 || count > MOST_ASSIGNMENTS) {
        continue;
      }
      tried++;
      Double optimum = optimum(instance, choices);
      Plan plan = Planner.builder().steps(40_000).threads(1).seed(seed).build().solve(problem);
      assertThat(Checker.check(problem, plan).findings()).as("seed %d", seed).isEmpty();
      Plan.Bound bound = plan.bound();
      if (optimum == null) {
        infeasible++;
        assertThat(plan.status()).as("seed %d", seed).isEqualTo(Status.INFEASIBLE);
        continue;
      }
      if (plan.status() == Status.INFEASIBLE) {
        missed++;
        System.out.printf("seed %d: missed, optimum %s, %s%n", seed, optimum, plan.violations());
        continue;
      }
      double found = plan.objective().usdPerHour();
      assertThat(found).as("seed %d", seed).isGreaterThanOrEqualTo(optimum * (1 - 1e-9));
      if (bound != null) {
        assertThat(bound.usdPerHour())
            .as("seed %d", seed)
            .isLessThanOrEqualTo(optimum * (1 + 1e-9));
      }
      optimal += found <= optimum * (1 + 1e-6) ? 1 : 0;
      closed += plan.status() == Status.OPTIMAL ? 1 : 0;
      worst = Math.max(worst, found / optimum - 1);
      gaps += bound == null ? 1 : 1 - bound.usdPerHour() / optimum;
      if (found > optimum * (1 + 1e-6)) {
        System.out.printf("seed %d: %.3f%% above the optimum%n", seed, 100 * (found / optimum - 1));
      }
    }
    System.out.printf(
        "%d problems, %d infeasible, %d missed, %d optimal, %d closed, worst %.2f%%, bound %.2f%%"
            + " below%n",
        tried, infeasible, missed, optimal, closed, 100 * worst, 100 * gaps / (tried - infeasible));
    assertThat(missed).isZero();
    assertThat(optimal).isGreaterThanOrEqualTo((int) (0.9 * (tried - infeasible)));
  }

  /** Every stream by itself: any plan groups them somehow, at the same cost. */
  private static Instance streams(Problem problem) {
    int[][] single =
        problem.origins().stream()
            .map(
                origin -> {
                  int[] ones = new int[origin.streams()];
                  Arrays.fill(ones, 1);
                  return ones;
                })
            .toArray(int[][]::new);
    return Instance.of(problem).split(Parts.of(problem.origins(), single));
  }

  private static @Nullable Double optimum(Instance instance, List<List<Placement>> choices) {
    double[] best = {Double.POSITIVE_INFINITY};
    List<Homes> hosts = new ArrayList<>();
    if (instance.hasBackbone()) {
      hosts(instance, new int[instance.origins()][instance.layers()], 0, hosts);
    } else {
      hosts.add(Homes.OWN);
    }
    AllPlans.forEach(
        choices,
        assignment -> {
          for (Homes homes : hosts) {
            Bill bill = Pricing.price(instance, new Assignment(assignment.placements(), homes));
            if (bill.keepsRules()) {
              best[0] = Math.min(best[0], bill.usdPerHour());
            }
          }
        });
    return best[0] == Double.POSITIVE_INFINITY ? null : best[0];
  }

  private static void hosts(Instance instance, int[][] offers, int n, List<Homes> into) {
    if (n == instance.origins() * instance.layers()) {
      into.add(Homes.of(offers));
      return;
    }
    for (int i = 0; i < instance.offers(); i++) {
      offers[n / instance.layers()][n % instance.layers()] = i;
      hosts(instance, offers, n + 1, into);
    }
  }
}
