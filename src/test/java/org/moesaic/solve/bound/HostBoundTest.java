package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Feature;

/** The bound over paths of layers against every plan that keeps the rules. */
class HostBoundTest {
  private static final int PROBLEMS = 60;
  private static final double MOST_ASSIGNMENTS = 6_000;
  private static final Set<Feature> FEATURES =
      EnumSet.of(Feature.HOSTS, Feature.ACCESS, Feature.SAMPLES);

  /** A plan that keeps the rules: its nodes, and what its traffic costs. */
  private record Kept(double[] nodes, double trafficUsd) {}

  @Test
  void noValueIsAboveWhatAPlanPaysAndStepsRaiseIt() {
    int tried = 0;
    int raised = 0;
    double[] share = {0, 0};
    for (long seed = 0; tried < PROBLEMS; seed++) {
      Instance instance = Instance.of(RandomProblems.tiny(seed, FEATURES));
      List<Kept> plans = plans(instance);
      if (plans.isEmpty()) {
        continue;
      }
      tried++;
      var relaxation = new Relaxation(new Tariff(instance));
      var random = new SplittableRandom(seed);
      double[] usd = new double[relaxation.resources().count()];
      for (int i = 0; i < instance.offers(); i++) {
        double part = random.nextDouble();
        double price = instance.offer(i).usdPerNodeHour();
        usd[relaxation.resources().memory(i)] = part * price;
        usd[relaxation.resources().service(i)] = (1 - part) * price;
      }
      var bound = new HostBound(relaxation, Multipliers.of(usd), () -> false);
      double cheapest =
          plans.stream()
              .mapToDouble(plan -> plan.trafficUsd + lease(instance, plan.nodes))
              .min()
              .orElseThrow();
      double first = bound.step(cheapest);
      for (int step = 0; step < 60; step++) {
        Cut cut = bound.cut(bound.step(cheapest));
        for (Kept plan : plans) {
          assertThat(cut.at(plan.nodes, plan.nodes))
              .as("seed %d, step %d", seed, step)
              .isLessThanOrEqualTo(plan.trafficUsd + 1e-9 * cheapest);
        }
      }
      raised += bound.bestValue() > first * (1 + 1e-9) ? 1 : 0;
      share[0] += first / cheapest;
      share[1] += bound.bestValue() / cheapest;
    }
    System.out.printf(
        "of the optimum: %.1f%% with equal shares, %.1f%% after steps%n",
        100 * share[0] / tried, 100 * share[1] / tried);
    assertThat(raised).isGreaterThan(PROBLEMS / 4);
  }

  private static double lease(Instance instance, double[] nodes) {
    double usd = 0;
    for (int i = 0; i < nodes.length; i++) {
      usd += nodes[i] * instance.offer(i).usdPerNodeHour();
    }
    return usd;
  }

  private static List<Kept> plans(Instance instance) {
    List<List<Placement>> choices = AllPlans.choices(instance);
    double hosts = Math.pow(instance.offers(), (double) instance.origins() * instance.layers());
    List<Kept> plans = new ArrayList<>();
    if (AllPlans.count(choices) == 0 || AllPlans.count(choices) * hosts > MOST_ASSIGNMENTS) {
      return plans;
    }
    List<Homes> homes = new ArrayList<>();
    hosts(instance, new int[instance.origins()][instance.layers()], 0, homes);
    AllPlans.forEach(
        choices,
        assignment -> {
          for (Homes home : homes) {
            Bill bill = Pricing.price(instance, new Assignment(assignment.placements(), home));
            if (bill.keepsRules()) {
              double[] nodes = new double[instance.offers()];
              bill.leases().forEach(lease -> nodes[lease.offer()] = lease.nodes());
              plans.add(new Kept(nodes, bill.egressUsdPerHour() + bill.bandwidthUsdPerHour()));
            }
          }
        });
    return plans;
  }

  private static void hosts(Instance instance, int[][] offers, int n, List<Homes> into) {
    if (n == instance.origins() * instance.layers()) {
      into.add(Homes.of(offers));
      return;
    }
    for (int i = 0; i < instance.offers(); i++) {
      offers[n / instance.layers()][n % instance.layers()] = i;
      hosts(instance, offers, n + 1, into);
    }
  }
}
