package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.moesaic.check.EarlierPlan;
import org.moesaic.instance.Instance;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Problem;
import org.moesaic.testing.Changed;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Feature;

/** Solving again from a plan: never worse than what is left of it. */
class EarlierPlanSolveTest {
  private static final int PROBLEMS = 60;

  @Test
  void whatIsFoundIsNeverWorseThanWhatIsLeft() {
    int kept = 0;
    for (long seed = 0; seed < PROBLEMS; seed++) {
      var random = new SplittableRandom(seed);
      EnumSet<Feature> features = EnumSet.allOf(Feature.class);
      if (seed % 2 == 0) {
        features.removeAll(EnumSet.of(Feature.HOSTS, Feature.PARTS, Feature.SYNC));
      }
      Problem before = RandomProblems.tiny(seed, features);
      Plan old = Planner.builder().steps(2_000).threads(1).build().solve(before);
      Problem now = changed(before, random);
      Instance instance = Instance.of(now);
      Bill left = Pricing.price(instance, EarlierPlan.take(instance, old).assignment());
      // Hardly any steps: what is found is what it began with, or better.
      Plan plan = Planner.builder().steps(10).threads(1).from(old).build().solve(now);
      if (left.keepsRules()) {
        kept++;
        assertThat(plan.status()).as("seed %d", seed).isNotEqualTo(Status.INFEASIBLE);
        assertThat(plan.objective().usdPerHour())
            .as("seed %d", seed)
            .isLessThanOrEqualTo(left.usdPerHour() * (1 + 1e-6));
      }
    }
    assertThat(kept).isGreaterThan(PROBLEMS / 4);
  }

  /** Other prices, and now and then an offer fewer. */
  private static Problem changed(Problem problem, SplittableRandom random) {
    List<Offer> offers = new ArrayList<>();
    for (Offer o : problem.offers()) {
      offers.add(
          Changed.offer(o, o.usdPerNodeHour() * (0.7 + 0.6 * random.nextDouble()), o.maxNodes()));
    }
    if (offers.size() > 2 && random.nextInt(3) == 0) {
      offers.remove(random.nextInt(offers.size()));
    }
    return problem.toBuilder().offers(offers).build();
  }
}
