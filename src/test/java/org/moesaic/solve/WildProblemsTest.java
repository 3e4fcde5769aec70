package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
import org.moesaic.solve.bound.LowerBound;
import org.moesaic.solve.bound.Natives;
import org.moesaic.solve.model.BestPlan;
import org.moesaic.solve.model.PricedPlan;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomProblems;

/**
 * Bounds and plans of tiny problems whose figures are of all sizes, against trying everything.
 * {@code -Dwild.problems=N} tries N problems, from {@code -Dwild.seed=S} on.
 */
class WildProblemsTest {
  private static final int PROBLEMS = Integer.getInteger("wild.problems", 1_000);
  private static final long FIRST_SEED = Long.getLong("wild.seed", 0);
  private static final int MOST_ASSIGNMENTS = 700;
  private static final int STEPS = 30;

  /** Steps after a bound has reached the optimum, which must not pass it. */
  private static final int STEPS_AFTER = 3;

  /** So many problems for one that the planner as a whole solves. */
  private static final int PER_SOLVED = 8;

  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  private final AtomicInteger withPlan = new AtomicInteger();
  private final AtomicInteger without = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final AtomicInteger bounded = new AtomicInteger();
  private final AtomicInteger proven = new AtomicInteger();
  private final AtomicInteger solved = new AtomicInteger();
  private final AtomicInteger missed = new AtomicInteger();
  private final List<String> faults = Collections.synchronizedList(new ArrayList<>());

  @Test
  void noBoundIsFalseAndNoPlanIsMissed() {
    LongStream.range(FIRST_SEED, FIRST_SEED + PROBLEMS).parallel().forEach(this::tryOne);
    System.out.printf(
        "%d wild problems with a plan, %d of them bounded, %d closed; %d without, %d of them"
            + " proven%n",
        withPlan.get(), bounded.get(), closed.get(), without.get(), proven.get());
    System.out.printf("%d of them solved, %d plans missed%n", solved.get(), missed.get());
    assertThat(faults).isEmpty();
    assertThat(missed.get()).isLessThanOrEqualTo(solved.get() / 500);
    // A bound that says nothing is never false either.
    assertThat(withPlan.get()).isGreaterThan(PROBLEMS / 10);
    assertThat(closed.get()).isGreaterThan(withPlan.get() / 2);
    assertThat(proven.get()).isGreaterThan(without.get() / 2);
  }

  private void tryOne(long seed) {
    try {
      Problem problem = RandomProblems.wild(seed);
      Instance instance = Instance.of(problem);
      Tariff tariff;
      try {
        tariff = new Tariff(instance);
      } catch (IllegalArgumentException e) {
        // More than can be summed exactly, and said so.
        return;
      }
      List<List<Placement>> choices = AllPlans.choices(instance);
      double count = AllPlans.count(choices);
      if (count > MOST_ASSIGNMENTS) {
        return;
      }
      Double optimum = count == 0 ? null : ExhaustiveTest.optimum(instance, choices);
      (optimum == null ? without : withPlan).incrementAndGet();
      boolean byMultipliers = seed % 2 == 0;
      Assignment given = seed % 3 == 0 ? anyPlan(instance, choices) : null;
      bound(seed, instance, tariff, optimum, byMultipliers, given);
      if (seed % PER_SOLVED == 0) {
        solve(seed, problem, optimum);
      }
    } catch (RuntimeException | Error e) {
      faults.add("seed %d: %s at %s".formatted(seed, e, e.getStackTrace()[0]));
    }
  }

  /** The first plan that keeps the rules. */
  private static @Nullable Assignment anyPlan(Instance instance, List<List<Placement>> choices) {
    int[] chosen = new int[choices.size()];
    for (int s = 0; s < chosen.length; ) {
      List<Placement> placements = new ArrayList<>();
      for (int k = 0; k < chosen.length; k++) {
        if (choices.get(k).isEmpty()) {
          return null;
        }
        placements.add(choices.get(k).get(chosen[k]));
      }
      Assignment plan = new Assignment(placements);
      if (Pricing.price(instance, plan).keepsRules()) {
        return plan;
      }
      for (s = 0; s < chosen.length && ++chosen[s] == choices.get(s).size(); s++) {
        chosen[s] = 0;
      }
    }
    return null;
  }

  private void bound(
      long seed,
      Instance instance,
      Tariff tariff,
      @Nullable Double optimum,
      boolean byMultipliers,
      @Nullable Assignment given) {
    var told = new LowerBoundTest.Told();
    LowerBound bound =
        byMultipliers
            ? new LowerBound(
                tariff,
                seed,
                told,
                () -> false,
                () -> Double.POSITIVE_INFINITY,
                BestPlan.byBill(),
                0)
            : new LowerBound(
                tariff, seed, told, () -> false, () -> Double.POSITIVE_INFINITY, BestPlan.byBill());
    PricedPlan incumbent = given == null ? null : PricedPlan.of(tariff, given);
    int after = 0;
    for (int step = 0; step < STEPS && after < STEPS_AFTER && bound.step(null, incumbent); step++) {
      after += told.reach(optimum) ? 1 : 0;
    }
    told.notes.forEach(note -> faults.add("seed %d: %s".formatted(seed, note)));
    double last = told.bounds.isEmpty() ? Double.NEGATIVE_INFINITY : told.bounds.getLast();
    if (optimum == null) {
      proven.addAndGet(told.noPlan ? 1 : 0);
      return;
    }
    bounded.addAndGet(last > 0 || optimum == 0 ? 1 : 0);
    closed.addAndGet(last >= optimum * (1 - 1e-5) ? 1 : 0);
    if (told.noPlan) {
      faults.add("seed %d: said to have no plan, but one costs %s".formatted(seed, optimum));
    }
    if (last > optimum * (1 + 1e-9)) {
      faults.add("seed %d: bound %s, optimum %s".formatted(seed, last, optimum));
    }
    for (Assignment plan : told.plans) {
      Bill bill = Pricing.price(instance, plan);
      if (bill.keepsRules() && bill.usdPerHour() < optimum * (1 - 1e-9)) {
        faults.add("seed %d: a plan of %s".formatted(seed, bill.usdPerHour()));
      }
    }
  }

  private void solve(long seed, Problem problem, @Nullable Double optimum) {
    var notes = new ArrayList<String>();
    var ending = new ArrayList<Progress.Ending>();
    Plan plan =
        Planner.builder()
            .steps(3_000)
            .threads(1)
            .seed(seed)
            .listener(
                progress -> {
                  if (progress instanceof Progress.Note note) {
                    notes.add(note.text());
                  } else if (progress instanceof Progress.Ended ended) {
                    ending.add(ended.ending());
                  }
                })
            .build()
            .solve(problem);
    notes.forEach(note -> faults.add("seed %d: %s".formatted(seed, note)));
    boolean keepsRules = plan.status() != Status.INFEASIBLE;
    solved.incrementAndGet();
    if (keepsRules && optimum == null) {
      faults.add("seed %d: a plan where there is none".formatted(seed));
    } else if (!keepsRules && optimum != null) {
      // Said to be unknown; a few thousand steps do not always find what there is.
      System.out.printf("seed %d: a plan of %s was missed%n", seed, optimum);
      missed.incrementAndGet();
    }
    if (optimum != null && ending.contains(Progress.Ending.NO_PLAN)) {
      faults.add("seed %d: no plan, says solve".formatted(seed));
    }
    if (optimum != null
        && plan.bound() != null
        && plan.bound().usdPerHour() > optimum * (1 + 1e-9)) {
      faults.add("seed %d: bound %s of solve".formatted(seed, plan.bound().usdPerHour()));
    }
  }
}
