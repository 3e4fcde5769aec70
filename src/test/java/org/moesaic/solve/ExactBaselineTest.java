package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
import org.moesaic.solve.bound.ExactBaseline;
import org.moesaic.solve.bound.ExactBaseline.Kind;
import org.moesaic.solve.bound.ExactBaseline.Result;
import org.moesaic.solve.bound.Natives;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.start.PricedStart;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomProblems;

/** The exact model in general solvers against trying everything, judged by the reference prices. */
class ExactBaselineTest {
  private static final int PROBLEMS = 100;
  private static final int MOST_ASSIGNMENTS = 1_000;

  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  @ParameterizedTest
  @EnumSource
  void findsTheOptimumOfTinyProblems(Kind kind) {
    int tried = 0;
    int withPlan = 0;
    for (long seed = 300_000; tried < PROBLEMS; seed++) {
      Problem problem = RandomProblems.tiny(seed);
      Instance instance = Instance.of(problem);
      List<List<Placement>> choices = AllPlans.choices(instance);
      double count = AllPlans.count(choices);
      // A program may lease nodes that nobody needs to keep a provider's share, no plan may.
      if (count == 0 || count > MOST_ASSIGNMENTS || problem.policy().maxProviderShare() != null) {
        continue;
      }
      tried++;
      Double optimum = ExhaustiveTest.optimum(instance, choices);
      withPlan += optimum == null ? 0 : 1;
      Tariff tariff = new Tariff(instance);
      Assignment start = tried % 2 == 0 ? new PricedStart(() -> false).construct(tariff) : null;
      Result result = ExactBaseline.solve(tariff, kind, start, Duration.ofSeconds(20));
      assertThat(result.proven()).as("seed %d is proven", seed).isTrue();
      Double usd = usdPerHour(instance, result.plan());
      if (optimum == null) {
        assertThat(usd).as("seed %d", seed).isNull();
      } else {
        assertThat(usd).as("seed %d", seed).isCloseTo(optimum, withinPercentage(1e-4));
      }
    }
    assertThat(withPlan).isGreaterThan(PROBLEMS / 4);
  }

  /** Cost of a plan that keeps the rules; null if there is none. */
  private static @Nullable Double usdPerHour(Instance instance, @Nullable Assignment plan) {
    if (plan == null) {
      return null;
    }
    Bill bill = Pricing.price(instance, plan);
    assertThat(bill.keepsRules()).as("%s", bill.violations()).isTrue();
    return bill.usdPerHour();
  }
}
