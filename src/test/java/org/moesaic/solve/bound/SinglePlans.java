package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;

/**
 * A small random problem with one replica of each shard, in which whole nodes are tight, with every
 * plan that keeps its rules.
 */
record SinglePlans(long seed, Instance instance, List<Plan> plans) {
  static final int OFFERS = 4;
  static final int EXPERTS = 5;

  /** A plan that keeps the rules: where each shard is, and what all of it costs. */
  record Plan(int[] at, Bill bill) {
    double usdPerHour() {
      return bill.usdPerHour();
    }

    double trafficUsd() {
      return bill.egressUsdPerHour() + bill.bandwidthUsdPerHour();
    }

    /** Nodes of each offer. */
    double[] nodes() {
      double[] nodes = new double[OFFERS];
      bill.leases().forEach(lease -> nodes[lease.offer()] = lease.nodes());
      return nodes;
    }
  }

  /** The problem of a seed. */
  static SinglePlans of(long seed) {
    Instance instance = Instance.of(problem(seed));
    List<Plan> plans = new ArrayList<>();
    int count = (int) Math.pow(OFFERS, EXPERTS);
    for (int code = 0; code < count; code++) {
      int[] at = new int[EXPERTS];
      for (int s = 0, rest = code; s < EXPERTS; s++, rest /= OFFERS) {
        at[s] = rest % OFFERS;
      }
      Bill bill = Pricing.price(instance, assignment(instance, at));
      if (bill.keepsRules()) {
        plans.add(new Plan(at, bill));
      }
    }
    return new SinglePlans(seed, instance, plans);
  }

  /** Cost of the best plan; infinite if there is none. */
  double optimum() {
    return plans.stream().mapToDouble(Plan::usdPerHour).min().orElse(Double.POSITIVE_INFINITY);
  }

  private static Problem problem(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ProblemBuilder problem =
        new ProblemBuilder()
            .model(1, EXPERTS, 2)
            .expertBytes(1L << 30)
            .expertFlopsPerToken(1e9)
            .callBytes(1e5, 1e5)
            .provider("p", 0.01 + random.nextDouble() / 10, 0.05, 0.1)
            .replicas(1, 1);
    for (int i = 0; i < OFFERS; i++) {
      String region = "r" + i % 3;
      if (i < 3) {
        problem.region(region, details -> {});
      }
      double memory = 0.9 + random.nextInt(4);
      double tflops = 0.5 + 3 * random.nextDouble();
      double usd = 1 + random.nextInt(20);
      int least = random.nextInt(3);
      int most = least + random.nextInt(3);
      problem.offer(
          "o" + i,
          "p/" + region,
          offer -> {
            offer.memoryGib = memory;
            offer.tflops = tflops;
            offer.usdPerNodeHour = usd;
            offer.minNodes = least;
            offer.maxNodes = most;
          });
    }
    for (int o = 0; o < 2; o++) {
      problem.origin("from" + o, "p/r" + o, 200 + random.nextInt(1000));
      double[] weights = new double[EXPERTS];
      Arrays.setAll(weights, e -> random.nextInt(6) == 0 ? 0 : random.nextInt(1, 20));
      weights[0] = 1;
      problem.load("from" + o, weights);
    }
    return problem.build();
  }

  private static Assignment assignment(Instance instance, int[] at) {
    List<Placement> placements = new ArrayList<>();
    for (int s = 0; s < at.length; s++) {
      int[] servedBy = new int[instance.origins()];
      for (int o = 0; o < servedBy.length; o++) {
        servedBy[o] = instance.demand(o, s) > 0 ? at[s] : Placement.NOBODY;
      }
      placements.add(new Placement(new int[] {at[s]}, servedBy));
    }
    return new Assignment(placements);
  }
}
