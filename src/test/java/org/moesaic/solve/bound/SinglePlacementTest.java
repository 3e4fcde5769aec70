package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.moesaic.solve.model.Tariff;

/** Shards placed on given nodes, against all ways to place them. */
class SinglePlacementTest {
  private static final int PROBLEMS = 120;
  private static final int MOVES = 3_000;

  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  /** A problem with some nodes, those of one of its plans. */
  private record Tried(
      SinglePlans all, double[] nodes, SinglePlacement placement, SplittableRandom random) {
    /** Null if the problem has no plan. */
    static @Nullable Tried of(long seed) {
      SinglePlans all = SinglePlans.of(seed);
      if (all.plans().isEmpty()) {
        return null;
      }
      SplittableRandom random = new SplittableRandom(seed);
      double[] nodes = all.plans().get(random.nextInt(all.plans().size())).nodes();
      return new Tried(all, nodes, placement(all, () -> false), random);
    }

    static SinglePlacement placement(SinglePlans all, BooleanSupplier stop) {
      Relaxation relaxation = new Relaxation(new Tariff(all.instance()));
      NodeProgram program =
          new NodeProgram(relaxation, new Solvers(() -> Double.POSITIVE_INFINITY));
      OfferBound costs = new OfferBound(relaxation, program, () -> false);
      return new SinglePlacement(costs, program, stop, SinglePlans.EXPERTS, SinglePlans.OFFERS);
    }

    double[] prices() {
      return random.doubles(SinglePlans.OFFERS, 0, 10).toArray();
    }

    /** Traffic of the best plan within the nodes. */
    double leastUsd() {
      return all.plans().stream()
          .filter(plan -> within(plan.nodes()))
          .mapToDouble(SinglePlans.Plan::trafficUsd)
          .min()
          .orElseThrow();
    }

    boolean within(double[] used) {
      for (int i = 0; i < used.length; i++) {
        if (used[i] > nodes[i]) {
          return false;
        }
      }
      return true;
    }

    /** Whether it is a plan that keeps the rules within the nodes, at the price it says; which. */
    SinglePlans.Plan isRight(int[] at) {
      String what = "SinglePlans.of(%d): %s".formatted(all.seed(), Arrays.toString(at));
      SinglePlans.Plan plan =
          all.plans().stream().filter(p -> Arrays.equals(p.at(), at)).findAny().orElse(null);
      assertThat(plan).as("%s keeps the rules", what).isNotNull();
      assertThat(placement.nodes(at)).as(what).isEqualTo(plan.nodes());
      assertThat(within(plan.nodes())).as("%s within %s", what, Arrays.toString(nodes)).isTrue();
      assertThat(placement.usd(at)).as(what).isCloseTo(plan.trafficUsd(), offset(1e-9));
      return plan;
    }
  }

  @Test
  void placesWithinTheNodesAndSeldomMissesTheCheapestWay() {
    int tried = 0;
    int placed = 0;
    int best = 0;
    for (long seed = 0; seed < PROBLEMS; seed++) {
      Tried problem = Tried.of(seed);
      if (problem == null) {
        continue;
      }
      tried++;
      int[] at = problem.placement.place(problem.nodes, problem.prices(), 0.1, problem.random);
      if (at != null) {
        placed++;
        double usd = problem.isRight(at).trafficUsd();
        best += usd <= problem.leastUsd() * (1 + 1e-9) ? 1 : 0;
      }
    }
    System.out.printf("%d of %d placed, %d of them at best%n", placed, tried, best);
    assertThat(tried).isGreaterThan(PROBLEMS / 3);
    assertThat(placed).isGreaterThan(tried * 9 / 10);
    assertThat(best).isGreaterThan(placed * 3 / 4);
  }

  @Test
  void annealingSeldomMissesTheCheapestWay() {
    int tried = 0;
    int best = 0;
    for (long seed = 0; seed < PROBLEMS; seed++) {
      Tried problem = Tried.of(seed);
      if (problem == null) {
        continue;
      }
      tried++;
      double[] prices = problem.prices();
      problem.placement.place(problem.nodes, prices, 0.5, problem.random);
      int[] at = problem.placement.anneal(problem.nodes, prices, MOVES, problem.random);
      if (at != null) {
        double usd = problem.isRight(at).trafficUsd();
        best += usd <= problem.leastUsd() * (1 + 1e-9) ? 1 : 0;
      }
    }
    System.out.printf("%d of %d annealed to the best%n", best, tried);
    assertThat(best).isGreaterThan(tried * 3 / 4);
  }

  @Test
  void findsNothingWhereThereIsNoRoom() {
    for (long seed = 0; seed < 20; seed++) {
      SinglePlans all = SinglePlans.of(seed);
      SinglePlacement placement = Tried.placement(all, () -> false);
      SplittableRandom random = new SplittableRandom(seed);
      double[] prices = new double[SinglePlans.OFFERS];
      double[] none = new double[SinglePlans.OFFERS];
      assertThat(placement.place(none, prices, 0, random)).as("seed %d", seed).isNull();
      double[] little = new double[SinglePlans.OFFERS];
      little[(int) (seed % SinglePlans.OFFERS)] = 0.5;
      assertThat(placement.place(little, prices, 0, random)).as("seed %d", seed).isNull();
      assertThat(placement.anneal(little, prices, 500, random)).as("seed %d", seed).isNull();
    }
  }

  @Test
  void sameSeedSamePlacement() {
    for (long seed = 0; seed < 20; seed++) {
      Tried one = Tried.of(seed);
      Tried other = Tried.of(seed);
      if (one != null && other != null) {
        assertThat(one.placement.place(one.nodes, one.prices(), 0.5, one.random))
            .as("seed %d", seed)
            .isEqualTo(other.placement.place(other.nodes, other.prices(), 0.5, other.random));
      }
    }
  }
}
