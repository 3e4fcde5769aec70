package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Mixes of placements, against trying everything. */
class ColumnProgramTest {
  private static final int PROBLEMS = 120;
  private static final int GROUPS = 2;

  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  /** A program of a tiny problem, and what it is made of. */
  private record Program(
      TinyPlans tiny, NodeProgram nodes, Evaluator evaluator, ColumnProgram columns) {
    static Program of(TinyPlans tiny) {
      Solvers solvers = new Solvers(() -> Double.POSITIVE_INFINITY);
      NodeProgram nodes = new NodeProgram(tiny.relaxation(), solvers);
      double[] scale = new double[tiny.relaxation().resources().count()];
      Arrays.fill(scale, 20);
      return new Program(
          tiny,
          nodes,
          new Evaluator(tiny.relaxation(), GROUPS, () -> false),
          new ColumnProgram(tiny.relaxation(), nodes, solvers, scale));
    }

    /** Evaluations at random multipliers; whether all shards could be placed. */
    boolean evaluate(int times, SplittableRandom random) {
      for (int k = 0; k < times; k++) {
        Evaluation evaluation = evaluator.evaluate(tiny.multipliers(random), null, null);
        if (!Double.isFinite(evaluation.value())) {
          return false;
        }
        columns.add(evaluation);
      }
      return true;
    }

    double[] zero() {
      return new double[tiny.relaxation().resources().count()];
    }

    /** What a mix uses of a resource. */
    double used(ColumnProgram.Mix mix, int resource) {
      double used = 0;
      for (int e = 0; e < mix.weights().length; e++) {
        for (int g = 0; g < mix.weights()[e].length; g++) {
          used += mix.weights()[e][g] * columns.evaluations().get(e).parts().get(g).use()[resource];
        }
      }
      return used;
    }

    double trafficUsd(ColumnProgram.Mix mix) {
      double usd = 0;
      for (int e = 0; e < mix.weights().length; e++) {
        for (int g = 0; g < mix.weights()[e].length; g++) {
          usd += mix.weights()[e][g] * columns.evaluations().get(e).parts().get(g).trafficUsd();
        }
      }
      return usd;
    }

    double leaseUsd(double[] count) {
      double usd = 0;
      for (int i = 0; i < count.length; i++) {
        usd += count[i] * nodes.usdPerNode(i);
      }
      return usd;
    }

    void isAMix(ColumnProgram.Mix mix, String what) {
      for (int g = 0; g < mix.weights()[0].length; g++) {
        double sum = 0;
        for (double[] weights : mix.weights()) {
          assertThat(weights[g]).as(what).isGreaterThan(-1e-7);
          sum += weights[g];
        }
        assertThat(sum).as(what).isCloseTo(1, within(1e-6));
      }
    }

    /** Whether a mix stays within its nodes, and within all links and latencies. */
    void fits(ColumnProgram.Mix mix, String what) {
      Resources resources = tiny.relaxation().resources();
      for (int r = 0; r < resources.count(); r++) {
        int offer = resources.offerOf(r);
        double most = offer == Resources.NO_OFFER ? 1 : mix.nodes()[offer];
        assertThat(used(mix, r))
            .as("%s, resource %d", what, r)
            .isLessThanOrEqualTo(most + 1e-6 * Math.max(1, most));
      }
    }
  }

  /** Where every plan is a column, whole nodes give the best plan, or a mix that costs less. */
  @Test
  void costsNoMoreThanTheBestPlanWhereEveryPlanIsAColumn() {
    int[] close = new int[2];
    TinyPlans.forEach(
        4000,
        PROBLEMS,
        tiny -> {
          if (tiny.plans().isEmpty() || tiny.plans().size() > 300) {
            return;
          }
          Program program = Program.of(tiny);
          Multipliers none = Multipliers.of(program.zero());
          for (TinyPlans.Plan plan : tiny.plans()) {
            program.columns.add(
                new Evaluation(none, program.evaluator.of(plan.assignment(), none).parts(), null));
          }
          ColumnProgram.Mix mix = program.columns.whole(1_000);
          assertThat(mix).as(tiny.replay()).isNotNull();
          program.isAMix(mix, tiny.replay());
          program.fits(mix, tiny.replay());
          // It looks for nodes only as long as they can be better by a share of 5e-4.
          assertThat(mix.usdPerHour())
              .as(tiny.replay())
              .isLessThanOrEqualTo(tiny.optimum() * (1 + 1e-3) + 1e-6)
              .isCloseTo(
                  program.trafficUsd(mix) + program.leaseUsd(mix.nodes()),
                  within(1e-6 * Math.max(1, mix.usdPerHour())));
          close[0]++;
          close[1] += mix.usdPerHour() > 0.9 * tiny.optimum() ? 1 : 0;
        });
    assertThat(close[0]).isGreaterThan(PROBLEMS / 4);
    assertThat(close[1]).as("of %d", close[0]).isGreaterThan(close[0] / 2);
  }

  /** Weak duality: no cut of any multipliers, at the cheapest nodes for it, is above a mix. */
  @Test
  void noCutIsAboveTheBestMixInsideItsBox() {
    int[] inside = new int[1];
    TinyPlans.forEach(
        5000,
        PROBLEMS,
        tiny -> {
          Program program = Program.of(tiny);
          SplittableRandom random = new SplittableRandom(tiny.seed());
          if (!program.evaluate(6, random)) {
            return;
          }
          ColumnProgram.Mix mix = program.columns.best(program.zero(), 1e4, null);
          if (mix == null || !mix.inside()) {
            return;
          }
          inside[0]++;
          program.isAMix(mix, tiny.replay());
          program.fits(mix, tiny.replay());
          assertThat(mix.usdPerHour())
              .as(tiny.replay())
              .isCloseTo(
                  program.trafficUsd(mix) + program.leaseUsd(mix.nodes()),
                  within(1e-5 * Math.max(1, mix.usdPerHour())));
          for (int point = 0; point < 4; point++) {
            Multipliers at = point == 0 ? mix.at() : tiny.multipliers(random);
            Evaluation evaluation = program.evaluator.evaluate(at, null, null);
            Cut cut = Cut.of(tiny.relaxation().resources(), evaluation, tiny.instance().shards());
            double least = cut.constant();
            for (int i = 0; i < cut.perNode().length; i++) {
              double gain = program.nodes.usdPerNode(i) - cut.perNode()[i];
              least += gain < 0 ? gain * program.nodes.most(i) : 0;
            }
            assertThat(least)
                .as(tiny.replay())
                .isLessThanOrEqualTo(mix.usdPerHour() + 1e-5 * Math.max(1, mix.usdPerHour()));
          }
        });
    assertThat(inside[0]).as("mixes inside their boxes").isGreaterThan(PROBLEMS / 4);
  }

  @Test
  void aDiveEndsAtWholeNodesThatAreAllowed() {
    int[] ended = new int[1];
    TinyPlans.forEach(
        6000,
        PROBLEMS,
        tiny -> {
          Program program = Program.of(tiny);
          if (!program.evaluate(4, new SplittableRandom(tiny.seed()))) {
            return;
          }
          ColumnProgram.Mix mix = program.columns.dive(program.zero(), 1);
          if (mix == null) {
            return;
          }
          ended[0]++;
          program.isAMix(mix, tiny.replay());
          for (int i = 0; i < mix.nodes().length; i++) {
            double count = mix.nodes()[i];
            assertThat(count).as(tiny.replay()).isEqualTo(Math.rint(count));
            assertThat(count == 0 || count >= program.nodes.fewest(i)).as(tiny.replay()).isTrue();
            assertThat(count).as(tiny.replay()).isLessThanOrEqualTo(program.nodes.most(i));
          }
        });
    assertThat(ended[0]).isGreaterThan(PROBLEMS / 2);
  }

  @Test
  void keepsTheLastPlanAndForgetsTheOldest() {
    TinyPlans.forEach(
        7000,
        3,
        tiny -> {
          Program program = Program.of(tiny);
          if (tiny.plans().isEmpty() || !program.evaluate(2, new SplittableRandom(1))) {
            return;
          }
          Multipliers none = Multipliers.of(program.zero());
          Evaluation plan = program.evaluator.of(tiny.plans().getFirst().assignment(), none);
          program.columns.add(program.evaluator.of(tiny.plans().getLast().assignment(), none));
          program.columns.add(plan);
          assertThat(program.columns.evaluations()).hasSize(3).endsWith(plan);
          Evaluation second = program.columns.evaluations().get(1);
          program.columns.trim(2);
          assertThat(program.columns.evaluations()).containsExactly(second, plan);
        });
  }
}
