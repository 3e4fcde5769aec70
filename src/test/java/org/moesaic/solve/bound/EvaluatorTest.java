package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Instance;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** What evaluations prove, against trying everything. */
class EvaluatorTest {
  private static final int PROBLEMS = 150;
  private static final int POINTS = 4;

  private static Evaluator evaluator(Relaxation relaxation, int groups) {
    return new Evaluator(relaxation, groups, () -> false);
  }

  /** The cheapest placement of each shard at some prices, of all that keep its rules. */
  private static double cheapest(TinyPlans tiny, Multipliers at) {
    double sum = 0;
    for (int s = 0; s < tiny.choices().size(); s++) {
      int shard = s;
      sum +=
          tiny.choices().get(s).stream()
              .mapToDouble(placement -> tiny.usdAt(at, shard, placement))
              .min()
              .orElseThrow();
    }
    return sum;
  }

  @Test
  void valueIsThatOfTheCheapestPlacements() {
    int[] compared = new int[1];
    TinyPlans.forEach(
        1000,
        PROBLEMS,
        tiny -> {
          SplittableRandom random = new SplittableRandom(tiny.seed());
          for (int point = 0; point < POINTS; point++) {
            Multipliers at = tiny.multipliers(random);
            double cheapest = cheapest(tiny, at);
            double value = evaluator(tiny.relaxation(), 2).evaluate(at, null, null).value();
            assertThat(value)
                .as(tiny.replay())
                .isCloseTo(cheapest, within(1e-9 * Math.max(1e-6, Math.abs(cheapest))));
            compared[0]++;
          }
        });
    assertThat(compared[0]).isEqualTo(PROBLEMS * POINTS);
  }

  @Test
  void cutsAreBelowTheTrafficOfEveryPlan() {
    int[] cuts = new int[2];
    TinyPlans.forEach(
        2000,
        PROBLEMS,
        tiny -> {
          SplittableRandom random = new SplittableRandom(tiny.seed());
          int offers = tiny.instance().offers();
          for (int point = 0; point < POINTS; point++) {
            double[] share = null;
            if (point % 2 == 1) {
              share = new double[offers];
              Arrays.setAll(share, i -> random.nextInt(3) / 2.0);
            }
            Evaluation evaluation =
                evaluator(tiny.relaxation(), 2).evaluate(tiny.multipliers(random), share, null);
            Cut cut = Cut.of(tiny.relaxation().resources(), evaluation, tiny.instance().shards());
            for (TinyPlans.Plan plan : tiny.plans()) {
              double[] nodes = plan.nodes(offers);
              double[] open = Arrays.stream(nodes).map(n -> n > 0 ? 1 : 0).toArray();
              assertThat(cut.at(nodes, open))
                  .as("%s, %s", tiny.replay(), plan.assignment())
                  .isLessThanOrEqualTo(plan.trafficUsd() * (1 + 1e-9) + 1e-9);
              cuts[0]++;
              cuts[1] += cut.at(nodes, open) > 0.5 * plan.trafficUsd() ? 1 : 0;
            }
          }
        });
    // Some of them say something.
    assertThat(cuts[1]).as("of %d", cuts[0]).isGreaterThan(100);
  }

  @Test
  void plansThatKeepTheRulesUseNoMoreThanThereIs() {
    int[] plans = new int[2];
    TinyPlans.forEach(
        3000,
        PROBLEMS,
        tiny -> {
          Resources resources = tiny.relaxation().resources();
          Multipliers none = Multipliers.of(new double[resources.count()]);
          for (TinyPlans.Plan plan : tiny.plans()) {
            Evaluation column = evaluator(tiny.relaxation(), 2).of(plan.assignment(), none);
            double[] nodes = plan.nodes(tiny.instance().offers());
            for (int r = 0; r < resources.count(); r++) {
              double used = 0;
              for (Evaluation.Part part : column.parts()) {
                used += part.use()[r];
              }
              int offer = resources.offerOf(r);
              double most = offer == Resources.NO_OFFER ? 1 : nodes[offer];
              assertThat(used)
                  .as("%s, resource %d, %s", tiny.replay(), r, plan.assignment())
                  .isLessThanOrEqualTo(most * (1 + 1e-12));
              plans[1] += offer == Resources.NO_OFFER && used > 0.5 ? 1 : 0;
            }
            plans[0]++;
          }
        });
    assertThat(plans[0]).isGreaterThan(1000);
    assertThat(plans[1]).as("links and latencies more than half used").isGreaterThan(100);
  }

  @Test
  void threadsAndGroupsChangeNothing() {
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      for (int seed = 0; seed < 10; seed++) {
        // Enough shards for several blocks.
        Instance instance = Instance.of(RandomProblems.of(seed, new Size(9, 160, 5, 3)));
        Relaxation relaxation = new Relaxation(new Tariff(instance));
        double[] usd = new double[relaxation.resources().count()];
        SplittableRandom random = new SplittableRandom(seed);
        Arrays.setAll(usd, r -> random.nextDouble());
        Multipliers at = Multipliers.of(usd);
        Evaluation here = evaluator(relaxation, 4).evaluate(at, null, null);
        Evaluation shared = evaluator(relaxation, 4).evaluate(at, null, threads);
        assertThat(shared.value()).as("seed %d", seed).isEqualTo(here.value());
        for (int g = 0; g < 4; g++) {
          assertThat(shared.parts().get(g).use()).isEqualTo(here.parts().get(g).use());
          assertThat(shared.parts().get(g).trafficUsd())
              .isEqualTo(here.parts().get(g).trafficUsd());
        }
        double value = here.value();
        assertThat(evaluator(relaxation, 1).evaluate(at, null, null).value())
            .as("seed %d", seed)
            .isCloseTo(value, within(1e-9 * Math.abs(value)));
      }
    }
  }

  @Test
  void givesNothingOnceItIsStopped() {
    Instance instance = Instance.of(RandomProblems.tiny(1));
    Relaxation relaxation = new Relaxation(new Tariff(instance));
    Multipliers none = Multipliers.of(new double[relaxation.resources().count()]);
    assertThat(new Evaluator(relaxation, 2, () -> true).evaluate(none, null, null)).isNull();
  }
}
