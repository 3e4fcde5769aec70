package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.solve.bound.LowerBound;
import org.moesaic.solve.bound.Natives;
import org.moesaic.solve.model.BestPlan;
import org.moesaic.solve.model.PricedPlan;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomProblems;

/** The lower bound against trying everything, judged by the reference prices. */
class LowerBoundTest {
  /** Seeds, of which some make too large a problem. */
  private static final int PROBLEMS = 240;

  private static final int CLOSED_PROBLEMS = 200;
  private static final int MOST_ASSIGNMENTS = 4_000;
  private static final int STEPS = 25;
  private static final int STEPS_TO_CLOSE = 40;

  /** Steps after a bound has reached the optimum, which must not pass it. */
  private static final int STEPS_AFTER = 3;

  /** Relative difference to the optimum at which a bound has reached it. */
  private static final double CLOSE = 1e-6;

  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  /** What a bound tells on its way. */
  static final class Told implements LowerBound.Found {
    final List<Double> bounds = new ArrayList<>();
    final List<Assignment> plans = new ArrayList<>();
    final List<String> notes = new ArrayList<>();
    boolean noPlan;

    @Override
    public void bound(double usdPerHour) {
      bounds.add(usdPerHour);
    }

    @Override
    public void plan(PricedPlan plan) {
      plans.add(plan.assignment());
    }

    @Override
    public void noPlan() {
      noPlan = true;
    }

    @Override
    public void note(String text) {
      notes.add(text);
    }

    /** Whether the last bound is that of the best plan. */
    boolean reach(@Nullable Double optimum) {
      return optimum != null && !bounds.isEmpty() && bounds.getLast() >= optimum * (1 - CLOSE);
    }
  }

  /** A tiny problem, with the lowest cost of all its plans. */
  private record Tiny(long seed, Instance instance, @Nullable Double optimum) {}

  /** Problems from consecutive seeds, to be gone through by all processors. */
  private static Stream<Tiny> tinyProblems(long firstSeed, int count) {
    return LongStream.range(firstSeed, firstSeed + count)
        .parallel()
        .mapToObj(LowerBoundTest::tiny)
        .flatMap(Optional::stream);
  }

  private static Optional<Tiny> tiny(long seed) {
    Instance instance = Instance.of(RandomProblems.tiny(seed));
    List<List<Placement>> choices = AllPlans.choices(instance);
    double count = AllPlans.count(choices);
    return count == 0 || count > MOST_ASSIGNMENTS
        ? Optional.empty()
        : Optional.of(new Tiny(seed, instance, ExhaustiveTest.optimum(instance, choices)));
  }

  /** Does steps as long as they can tell something. */
  private static void step(LowerBound bound, int steps, Told told, Tiny tiny) {
    int after = 0;
    for (int step = 0; step < steps && after < STEPS_AFTER && bound.step(null, null); step++) {
      after += told.reach(tiny.optimum()) ? 1 : 0;
    }
  }

  /** Lowest cost of the plans told that keep the rules; null if there is none. */
  private static @Nullable Double checkAgainstOptimum(Tiny tiny, Told told) {
    Double optimum = tiny.optimum();
    assertThat(told.bounds).as("seed %d", tiny.seed()).isSorted();
    assertThat(told.notes).as("seed %d", tiny.seed()).isEmpty();
    if (optimum != null) {
      assertThat(told.noPlan).as("seed %d", tiny.seed()).isFalse();
      assertThat(told.bounds)
          .as("seed %d", tiny.seed())
          .allSatisfy(usd -> assertThat(usd).isLessThanOrEqualTo(optimum * (1 + 1e-9)));
    }
    Double lowest = null;
    for (Assignment plan : told.plans) {
      Bill bill = Pricing.price(tiny.instance(), plan);
      if (bill.keepsRules()) {
        assertThat(optimum).as("seed %d", tiny.seed()).isNotNull();
        assertThat(bill.usdPerHour())
            .as("seed %d", tiny.seed())
            .isGreaterThanOrEqualTo(optimum * (1 - 1e-9));
        lowest = lowest == null ? bill.usdPerHour() : Math.min(lowest, bill.usdPerHour());
      }
    }
    return lowest;
  }

  @Test
  void boundByMultipliersNeverExceedsTheOptimumOfTinyProblems() {
    List<Double> gaps = Collections.synchronizedList(new ArrayList<>());
    tinyProblems(100_000, PROBLEMS)
        .forEach(
            tiny -> {
              Told told = new Told();
              LowerBound bound =
                  new LowerBound(
                      new Tariff(tiny.instance()),
                      tiny.seed(),
                      told,
                      () -> false,
                      () -> Double.POSITIVE_INFINITY,
                      BestPlan.byBill(),
                      0);
              step(bound, STEPS, told, tiny);
              checkAgainstOptimum(tiny, told);
              Double optimum = tiny.optimum();
              if (optimum != null && optimum > 0 && !told.bounds.isEmpty()) {
                gaps.add(1 - told.bounds.getLast() / optimum);
              }
            });
    double[] sorted = gaps.stream().mapToDouble(g -> g).sorted().toArray();
    System.out.printf(
        "%d problems with a plan and a bound: gap %.2f%% median, %.2f%% mean, %.2f%% most%n",
        sorted.length,
        100 * sorted[sorted.length / 2],
        100 * Arrays.stream(sorted).average().orElseThrow(),
        100 * sorted[sorted.length - 1]);
    // Most of those with a plan have a bound, and most bounds say something.
    assertThat(sorted).hasSizeGreaterThan(PROBLEMS / 5);
    assertThat(sorted[sorted.length / 2]).isLessThan(0.1);
  }

  @Test
  void closesTinyProblemsAtTheOptimum() {
    var withPlan = new AtomicInteger();
    var closed = new AtomicInteger();
    tinyProblems(200_000, CLOSED_PROBLEMS)
        .forEach(
            tiny -> {
              Told told = new Told();
              LowerBound bound =
                  new LowerBound(
                      new Tariff(tiny.instance()),
                      tiny.seed(),
                      told,
                      () -> false,
                      () -> Double.POSITIVE_INFINITY,
                      BestPlan.byBill());
              step(bound, STEPS_TO_CLOSE, told, tiny);
              Double lowest = checkAgainstOptimum(tiny, told);
              Double optimum = tiny.optimum();
              // A program may lease nodes that nobody needs to keep a provider's share, no plan
              // may.
              boolean exact = tiny.instance().problem().policy().maxProviderShare() == null;
              if (exact && optimum != null && optimum > 0) {
                withPlan.incrementAndGet();
                if (lowest != null && told.reach(optimum)) {
                  closed.incrementAndGet();
                  assertThat(lowest)
                      .as("seed %d", tiny.seed())
                      .isCloseTo(optimum, withinPercentage(1e-4));
                }
              }
            });
    System.out.printf("%d of %d tiny problems with a plan closed%n", closed.get(), withPlan.get());
    assertThat(withPlan.get()).isGreaterThan(CLOSED_PROBLEMS / 5);
    assertThat(closed.get()).isGreaterThan(withPlan.get() * 98 / 100);
  }
}
