package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Model;
import org.moesaic.problem.SampledTokens;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Feature;
import org.moesaic.testing.RandomProblems.Size;

/** The bound of shared copies against every set of shards, and every plan that keeps the rules. */
class CopyBoundTest {
  private static final int PROBLEMS = Integer.getInteger("copies.problems", 100);
  private static final double MOST_ASSIGNMENTS = 20_000;
  private static final Set<Feature> FEATURES = EnumSet.of(Feature.SHARED_COPIES, Feature.SAMPLES);

  /** A plan that keeps the rules: its nodes, and what its traffic costs. */
  private record Kept(double[] nodes, double trafficUsd) {}

  @Test
  void noLinearFunctionIsAboveTheShareOfTokensOnAnySetOfShards() {
    int counted = 0;
    for (long seed = 0; seed < 100; seed++) {
      var instance = Instance.of(RandomProblems.of(seed, new Size(2, 7, 3, 2), FEATURES));
      var tariff = new Tariff(instance);
      var random = new Random(seed);
      for (int o = 0; o < instance.origins(); o++) {
        counted += instance.sample(o) == null ? 0 : 1;
        for (int l = 0; l < instance.layers(); l++) {
          int[] served = served(instance, o, l);
          double[] fewest = new double[served.length];
          for (int k = 0; k < served.length; k++) {
            fewest[k] = tariff.fewestTokens(o, served[k]);
          }
          double[] mean = fewest.clone();
          for (int step = 0; step < 5; step++) {
            double part = random.nextDouble();
            double[] vertex = vertex(tariff, o, served, random);
            for (int k = 0; k < mean.length; k++) {
              mean[k] += part * (vertex[k] - mean[k]);
            }
            assertBelow(instance, o, served, vertex, "vertex, seed " + seed);
          }
          assertBelow(instance, o, served, fewest, "fewest, seed " + seed);
          assertBelow(instance, o, served, mean, "mean, seed " + seed);
        }
      }
    }
    assertThat(counted).isBetween(40, 160);
  }

  private static int[] served(Instance instance, int origin, int layer) {
    return java.util.stream.IntStream.range(instance.shard(layer, 0), instance.shard(layer + 1, 0))
        .filter(s -> instance.isServed(origin, s))
        .toArray();
  }

  private static double[] vertex(Tariff tariff, int origin, int[] served, Random random) {
    List<Integer> positions = new ArrayList<>();
    for (int k = 0; k < served.length; k++) {
      positions.add(k);
    }
    Collections.shuffle(positions, random);
    double[] growth = new double[served.length];
    tariff.growTokens(origin, positions.stream().mapToInt(k -> served[k]).toArray(), growth);
    double[] vertex = new double[served.length];
    for (int n = 0; n < growth.length; n++) {
      vertex[positions.get(n)] = growth[n];
    }
    return vertex;
  }

  private static void assertBelow(
      Instance instance, int origin, int[] served, double[] linear, String what) {
    for (int set = 0; set < 1 << served.length; set++) {
      double sum = 0;
      boolean[] there = new boolean[instance.shards()];
      for (int k = 0; k < served.length; k++) {
        if ((set >> k & 1) != 0) {
          sum += linear[k];
          there[served[k]] = true;
        }
      }
      double share = share(instance, origin, there);
      assertThat(sum).as(what).isLessThanOrEqualTo(share + 1e-12);
      if (what.startsWith("vertex") && set == (1 << served.length) - 1) {
        assertThat(sum).as(what).isCloseTo(share, within(1e-12));
      }
    }
  }

  /** The share of tokens with an expert among some shards of one layer, from its definition. */
  private static double share(Instance instance, int origin, boolean[] there) {
    SampledTokens sample = instance.sample(origin);
    Model model = instance.problem().model();
    int copies = 0;
    double missed = 1;
    for (int l = 0; l < instance.layers(); l++) {
      for (int t = 0; sample != null && t < sample.tokens(); t++) {
        boolean any = false;
        for (int k = 0; k < sample.topK(); k++) {
          any |= there[instance.shard(l, sample.expert(t, l, k) / model.expertsPerShard())];
        }
        copies += any ? 1 : 0;
      }
      for (int k = 0; sample == null && k < instance.shardsPerLayer(); k++) {
        int s = instance.shard(l, k);
        if (there[s]) {
          missed *= Math.exp(instance.logMiss(origin, s));
        }
      }
    }
    return sample == null ? 1 - missed : (double) copies / sample.tokens();
  }

  @Test
  void noValueIsAboveWhatAPlanPaysAndStepsRaiseIt() {
    int tried = 0;
    int raised = 0;
    double[] share = {0, 0};
    for (long seed = 0; tried < PROBLEMS; seed++) {
      Instance instance = Instance.of(RandomProblems.tiny(seed, FEATURES));
      List<Kept> plans = plans(instance);
      var relaxation = new Relaxation(new Tariff(instance));
      double cheapest =
          plans.stream()
              .mapToDouble(plan -> plan.trafficUsd + lease(instance, plan.nodes))
              .min()
              .orElse(0);
      if (cheapest == 0) {
        continue;
      }
      assertThat(CopyBound.fits(relaxation)).isTrue();
      tried++;
      var random = new SplittableRandom(seed);
      double[] usd = new double[relaxation.resources().count()];
      for (int i = 0; i < instance.offers(); i++) {
        double part = random.nextDouble();
        double price = instance.offer(i).usdPerNodeHour();
        usd[relaxation.resources().memory(i)] = part * price;
        usd[relaxation.resources().service(i)] = (1 - part) * price;
      }
      var nodes = new NodeProgram(relaxation, new Solvers(() -> 1e9));
      var bound = new CopyBound(relaxation, nodes, usd, () -> false);
      double first = bound.step();
      while (!bound.done()) {
        double value = bound.step();
        assertThat(value).as("seed %d", seed).isLessThanOrEqualTo(cheapest * (1 + 1e-9));
        Cut cut = bound.cut();
        for (Kept plan : plans) {
          assertThat(cut.at(plan.nodes, plan.nodes))
              .as("seed %d", seed)
              .isLessThanOrEqualTo(plan.trafficUsd + 1e-9 * cheapest);
        }
      }
      raised += bound.bestValue() > first * (1 + 1e-9) ? 1 : 0;
      share[0] += first / cheapest;
      share[1] += bound.bestValue() / cheapest;
    }
    System.out.printf(
        "of the optimum: %.1f%% at first, %.1f%% after steps%n",
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
    List<Kept> plans = new ArrayList<>();
    if (AllPlans.count(choices) == 0 || AllPlans.count(choices) > MOST_ASSIGNMENTS) {
      return plans;
    }
    AllPlans.forEach(
        choices,
        assignment -> {
          Bill bill = Pricing.price(instance, assignment);
          if (bill.keepsRules()) {
            double[] nodes = new double[instance.offers()];
            bill.leases().forEach(lease -> nodes[lease.offer()] = lease.nodes());
            plans.add(new Kept(nodes, bill.egressUsdPerHour() + bill.bandwidthUsdPerHour()));
          }
        });
    return plans;
  }
}
