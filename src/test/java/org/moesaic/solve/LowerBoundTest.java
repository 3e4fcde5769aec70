package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
import org.moesaic.solve.bound.LowerBound;
import org.moesaic.solve.bound.Natives;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.RandomProblems;

/** The lower bound against trying everything, judged by the reference prices. */
class LowerBoundTest {
  private static final int PROBLEMS = 500;
  private static final int MOST_ASSIGNMENTS = 6_000;
  private static final int STEPS = 25;

  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  /** What a bound tells on its way. */
  private static final class Told implements LowerBound.Found {
    final List<Double> bounds = new ArrayList<>();
    final List<Assignment> plans = new ArrayList<>();

    @Override
    public void bound(double usdPerHour) {
      bounds.add(usdPerHour);
    }

    @Override
    public void plan(Assignment plan) {
      plans.add(plan);
    }
  }

  @Test
  void neverExceedsTheOptimumOfTinyProblems() {
    List<Double> gaps = new ArrayList<>();
    int tried = 0;
    for (long seed = 100_000; tried < PROBLEMS; seed++) {
      Problem problem = RandomProblems.tiny(seed);
      Instance instance = Instance.of(problem);
      List<List<Placement>> choices = ExhaustiveTest.choices(instance);
      double count = choices.stream().mapToDouble(List::size).reduce(1, (a, b) -> a * b);
      if (count == 0 || count > MOST_ASSIGNMENTS) {
        continue;
      }
      tried++;
      Double optimum = ExhaustiveTest.optimum(instance, choices);
      Told told = new Told();
      LowerBound bound =
          new LowerBound(
              new Tariff(instance), seed, told, () -> false, () -> Double.POSITIVE_INFINITY);
      for (int step = 0; step < STEPS && bound.step(null, Double.POSITIVE_INFINITY); step++) {
        // Each step may give another bound.
      }
      assertThat(told.bounds).as("seed %d", seed).isSorted();
      if (optimum != null) {
        assertThat(told.bounds)
            .as("seed %d", seed)
            .allSatisfy(usd -> assertThat(usd).isLessThanOrEqualTo(optimum * (1 + 1e-9)));
        if (!told.bounds.isEmpty() && optimum > 0) {
          gaps.add(1 - told.bounds.getLast() / optimum);
        }
      }
      for (Assignment plan : told.plans) {
        Bill bill = Pricing.price(instance, plan);
        if (bill.keepsRules()) {
          assertThat(optimum).as("seed %d", seed).isNotNull();
          assertThat(bill.usdPerHour())
              .as("seed %d", seed)
              .isGreaterThanOrEqualTo(optimum * (1 - 1e-9));
        }
      }
    }
    double[] sorted = gaps.stream().mapToDouble(g -> g).sorted().toArray();
    System.out.printf(
        "%d problems with a plan and a bound: gap %.2f%% median, %.2f%% mean, %.2f%% most%n",
        sorted.length,
        100 * sorted[sorted.length / 2],
        100 * Arrays.stream(sorted).average().orElseThrow(),
        100 * sorted[sorted.length - 1]);
    // Most problems with a plan have a bound, and most bounds say something.
    assertThat(sorted).hasSizeGreaterThan(PROBLEMS / 3);
    assertThat(sorted[sorted.length / 2]).isLessThan(0.1);
  }
}
