package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.moesaic.solve.model.BestPlan;
import org.moesaic.solve.model.PricedPlan;

/** Small problems solved as a whole, against trying everything. */
class ExactModelTest implements BoundContract {
  private static final int PROBLEMS = 70;
  private static final int STEPS = 60;

  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  /** A model at work, and what it has told. */
  private static final class Run implements LowerBound.Found {
    final List<Double> bounds = new ArrayList<>();
    final List<PricedPlan> plans = new ArrayList<>();
    final BestPlan known = BestPlan.byBill();
    boolean noPlan;
    private final ExactModel model;

    Run(TinyPlans tiny, BooleanSupplier stop) {
      Solvers solvers = new Solvers(() -> Double.POSITIVE_INFINITY);
      model =
          new ExactModel(
              new Blackboard(
                  tiny.relaxation(),
                  solvers,
                  new SplittableRandom(tiny.seed()),
                  stop,
                  this,
                  known));
    }

    /** Does steps until there are no more; false if there would be. */
    boolean end() {
      for (int step = 0; step < STEPS; step++) {
        if (model.step(null) != Phase.Then.MORE) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void bound(double usdPerHour) {
      bounds.add(usdPerHour);
    }

    @Override
    public void plan(PricedPlan plan) {
      plans.add(plan);
    }

    @Override
    public void noPlan() {
      noPlan = true;
    }

    @Override
    public void note(String text) {
      throw new AssertionError(text);
    }
  }

  /** A program may lease nodes that nobody needs to keep a provider's share; no plan may. */
  private static boolean closes(TinyPlans tiny) {
    return tiny.instance().problem().policy().maxProviderShare() == null
        && tiny.relaxation().trafficIsExact();
  }

  @Override
  public List<Proved> prove(TinyPlans tiny) {
    Run run = new Run(tiny, () -> false);
    run.end();
    return run.bounds.stream().map(usd -> new Proved("a step", usd, null)).toList();
  }

  @Override
  public int problems() {
    return 40;
  }

  @Test
  void endsAtTheOptimum() {
    int[] ended = new int[2];
    TinyPlans.forEach(
        61_000,
        PROBLEMS,
        tiny -> {
          Run run = new Run(tiny, () -> false);
          boolean end = run.end();
          assertThat(run.bounds).as(tiny.replay()).isSorted();
          assertThat(run.noPlan && !tiny.plans().isEmpty()).as(tiny.replay()).isFalse();
          for (PricedPlan plan : run.plans) {
            if (plan.bill().keepsRules()) {
              assertThat(plan.usdPerHour())
                  .as(tiny.replay())
                  .isGreaterThanOrEqualTo(tiny.optimum() * (1 - 1e-9));
            }
          }
          if (tiny.plans().isEmpty()) {
            assertThat(run.known.plan()).as(tiny.replay()).isNull();
          } else if (closes(tiny) && tiny.optimum() > 0) {
            ended[0]++;
            if (end) {
              ended[1]++;
              assertThat(run.known.usdPerHour())
                  .as(tiny.replay())
                  .isCloseTo(tiny.optimum(), withinPercentage(1e-4));
              assertThat(run.bounds.getLast())
                  .as(tiny.replay())
                  .isCloseTo(tiny.optimum(), withinPercentage(1e-4));
            }
          }
        });
    assertThat(ended[0]).isGreaterThan(PROBLEMS / 4);
    assertThat(ended[1]).as("of %d", ended[0]).isGreaterThanOrEqualTo(ended[0] * 98 / 100);
  }

  /**
   * What is left out costs more than the known plan; so a better one is found, a best one stays.
   */
  @Test
  void goesOnFromAKnownPlan() {
    int[] better = new int[2];
    TinyPlans.forEach(
        62_000,
        PROBLEMS / 2,
        tiny -> {
          if (tiny.plans().isEmpty() || !closes(tiny)) {
            return;
          }
          int some = new SplittableRandom(tiny.seed()).nextInt(tiny.plans().size());
          TinyPlans.Plan given = tiny.plans().get(some);
          Run run = new Run(tiny, () -> false);
          run.known.offer(PricedPlan.of(tiny.tariff(), given.assignment()));
          if (run.end()) {
            assertThat(run.known.usdPerHour())
                .as(tiny.replay())
                .isCloseTo(tiny.optimum(), withinPercentage(1e-4));
            better[given.bill().usdPerHour() > tiny.optimum() * (1 + 1e-6) ? 1 : 0]++;
          }
        });
    assertThat(better[1]).isPositive();
  }

  @Test
  void givesNothingFalseOnceItIsStopped() {
    TinyPlans.forEach(
        63_000,
        5,
        tiny -> {
          Run run = new Run(tiny, () -> true);
          assertThat(run.end()).as(tiny.replay()).isTrue();
          assertThat(run.bounds)
              .as(tiny.replay())
              .allMatch(usd -> usd <= tiny.optimum() * (1 + 1e-9));
        });
  }
}
