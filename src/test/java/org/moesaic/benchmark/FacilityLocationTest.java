package org.moesaic.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.moesaic.benchmark.FacilityLocation.Solved;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.solve.Planner;
import org.moesaic.solve.bound.Natives;

/** Facility location as placement: the same costs, and between its bounds the published optimum. */
class FacilityLocationTest {
  private static List<Solved> recorded() throws IOException {
    List<Solved> recorded = FacilityLocation.recorded();
    assumeTrue(
        !recorded.isEmpty(),
        "Skipped: the recorded instances are not here. Maybe name the folder that holds"
            + " facility-location with -Dmoesaic.recordings=...");
    return recorded;
  }

  @Test
  void anyAllocationCostsTheSame() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    List<FacilityLocation> instances = new ArrayList<>();
    recorded().forEach(solved -> instances.add(solved.instance()));
    instances.add(FacilityLocation.random(3, 12, 40, 2));
    for (FacilityLocation instance : instances) {
      Instance placement = Instance.of(instance.toProblem());
      int m = instance.capacity().length;
      int n = instance.demand().length;
      int[] facility = random.ints(n, 0, m).toArray();
      double usd = 0;
      double[] load = new double[m];
      boolean[] open = new boolean[m];
      for (int c = 0; c < n; c++) {
        usd += instance.allocationUsd()[c][facility[c]];
        load[facility[c]] += instance.demand()[c];
        open[facility[c]] = true;
      }
      boolean fits = true;
      for (int f = 0; f < m; f++) {
        usd += open[f] ? instance.openingUsd()[f] : 0;
        fits &= !instance.singleSource() || load[f] <= instance.capacity()[f];
      }
      Bill bill = Pricing.price(placement, assignment(instance, facility));
      if (fits) {
        assertThat(bill.usdPerHour()).as(instance.name()).isCloseTo(usd, within(1e-6 * usd));
      }
      assertThat(bill.keepsRules()).as(instance.name()).isEqualTo(fits);
    }
  }

  private static Assignment assignment(FacilityLocation instance, int[] facility) {
    int n = facility.length;
    if (!instance.singleSource()) {
      int[] replicas = Arrays.stream(facility).distinct().sorted().toArray();
      return new Assignment(List.of(new Placement(replicas, facility)));
    }
    return new Assignment(
        IntStream.range(0, n)
            .mapToObj(
                c -> {
                  int[] servedBy = new int[n];
                  Arrays.fill(servedBy, Placement.NOBODY);
                  servedBy[c] = facility[c];
                  return new Placement(new int[] {facility[c]}, servedBy);
                })
            .toList());
  }

  @Test
  void publishedOptimaLieBetweenBoundAndPlan() throws IOException {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
    for (Solved solved : recorded()) {
      if (solved.instance().demand().length <= 50) {
        Plan plan =
            Planner.builder().steps(20_000).threads(2).build().solve(solved.instance().toProblem());
        assertThat(plan.status()).as(solved.instance().name()).isNotEqualTo(Status.INFEASIBLE);
        assertThat(plan.objective().usdPerHour())
            .as(solved.instance().name())
            .isGreaterThanOrEqualTo(solved.optimumUsd() * (1 - 1e-7));
        assertThat(plan.bound().usdPerHour())
            .as(solved.instance().name())
            .isLessThanOrEqualTo(solved.optimumUsd() * (1 + 1e-7));
      }
    }
  }

  @Test
  void neitherTheUnitOfMoneyNorAnOfferForNeverMakesABoundFalse() throws IOException {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
    for (Solved solved : recorded()) {
      if (solved.instance().demand().length > 50) {
        continue;
      }
      for (double factor : new double[] {1e-9, 1e-3, 1e6}) {
        FacilityLocation instance =
            solved.instance().costing(factor).withOneNever(Math.max(1, factor) * 1e12);
        double optimum = solved.optimumUsd() * factor;
        Plan plan = Planner.builder().steps(5_000).threads(1).build().solve(instance.toProblem());
        assertThat(plan.status()).as(instance.name()).isNotEqualTo(Status.INFEASIBLE);
        assertThat(plan.objective().usdPerHour())
            .as(instance.name())
            .isBetween(optimum * (1 - 1e-7), optimum * 1.02);
        assertThat(plan.bound()).as(instance.name()).isNotNull();
        assertThat(plan.bound().usdPerHour())
            .as(instance.name())
            .isBetween(optimum * 0.98, optimum * (1 + 1e-7));
      }
    }
  }
}
