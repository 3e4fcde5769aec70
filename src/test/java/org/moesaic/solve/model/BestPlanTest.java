package org.moesaic.solve.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** The keeper of the best plan, and what it keeps, against bills and the ledger. */
class BestPlanTest {
  private static final int MOST_PLANS = 2_000;

  @Test
  void pricesAPlanAsTheBillDoesAndOnce() {
    for (int seed = 0; seed < 50; seed++) {
      Instance instance = Instance.of(RandomProblems.of(seed, new Size(2, 6, 6, 3)));
      Tariff tariff = new Tariff(instance);
      Assignment assignment = RandomPlacements.anyAssignment(instance, new SplittableRandom(seed));
      Bill bill = Pricing.price(instance, assignment);
      PricedPlan plan = PricedPlan.of(tariff, assignment);
      PlacementSolution solution = PlacementSolution.of(tariff, assignment);
      solution.setScore(Ledger.of(tariff, assignment).score());
      for (PricedPlan each : List.of(plan, PricedPlan.of(solution))) {
        assertThat(each.assignment()).as("seed %d", seed).isEqualTo(assignment);
        assertThat(each.score()).as("seed %d", seed).isEqualTo(solution.getScore());
        assertThat(each.bill()).as("seed %d", seed).isEqualTo(bill).isSameAs(each.bill());
        assertThat(each.usdPerHour()).as("seed %d", seed).isEqualTo(bill.usdPerHour());
        assertThat(each.keepsRules()).as("seed %d", seed).isEqualTo(bill.keepsRules());
        long[] nodes = new long[instance.offers()];
        bill.leases().forEach(lease -> nodes[lease.offer()] = lease.nodes());
        assertThat(each.nodes()).as("seed %d", seed).isEqualTo(nodes);
      }
    }
  }

  @Test
  void keepsTheLeastBillOrTheBestScore() {
    int kept = 0;
    for (int seed = 0; seed < 60; seed++) {
      Instance instance = Instance.of(RandomProblems.tiny(seed));
      Tariff tariff = new Tariff(instance);
      List<List<Placement>> choices = AllPlans.choices(instance);
      double count = AllPlans.count(choices);
      if (count == 0 || count > MOST_PLANS) {
        continue;
      }
      List<Assignment> plans = new ArrayList<>();
      AllPlans.forEach(choices, plans::add);
      BestPlan byBill = BestPlan.byBill();
      BestPlan byScore = BestPlan.byScore();
      double least = Double.POSITIVE_INFINITY;
      for (Assignment assignment : plans) {
        PricedPlan plan = PricedPlan.of(tariff, assignment);
        byScore.offer(plan);
        double before = least;
        Bill bill = Pricing.price(instance, assignment);
        least = bill.keepsRules() ? Math.min(least, bill.usdPerHour()) : least;
        assertThat(byBill.offer(plan)).as("seed %d", seed).isEqualTo(least < before);
        assertThat(byBill.usdPerHour()).as("seed %d", seed).isEqualTo(least);
        assertThat(byBill.usdPerHour(plan))
            .as("seed %d", seed)
            .isGreaterThanOrEqualTo(least)
            .matches(usd -> (usd < Double.POSITIVE_INFINITY) == bill.keepsRules());
      }
      assertThat(byScore.plan())
          .isNotNull()
          .extracting(PricedPlan::score)
          .as("seed %d", seed)
          .isEqualTo(
              plans.stream()
                  .map(each -> Ledger.of(tariff, each).score())
                  .max(Comparator.naturalOrder())
                  .orElseThrow());
      assertThat(byScore.keepsRules()).as("seed %d", seed).isEqualTo(byBill.keepsRules());
      kept++;
    }
    assertThat(kept).isGreaterThan(20);
  }

  @Test
  void keepsTheFirstOfEquals() {
    Instance instance = Instance.of(RandomProblems.tiny(1));
    Tariff tariff = new Tariff(instance);
    Assignment assignment = RandomPlacements.anyAssignment(instance, new SplittableRandom(1));
    PricedPlan first = PricedPlan.of(tariff, assignment);
    BestPlan best = BestPlan.byScore();
    assertThat(best.plan()).isNull();
    assertThat(best.usdPerHour()).isInfinite();
    assertThat(best.offer(first)).isTrue();
    assertThat(best.offer(PricedPlan.of(tariff, assignment))).isFalse();
    assertThat(best.plan()).isSameAs(first);
  }
}
