package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.moesaic.benchmark.Callers;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.solve.model.BestPlan;
import org.moesaic.solve.model.PricedPlan;
import org.moesaic.solve.model.Tariff;

/** The bound by offers against trying every plan. */
class CallBoundTest {
  private static final int PROBLEMS = 60;

  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  /** A tiny problem of each kind, with its optimum and the nodes of its best plan. */
  private record Tiny(long seed, Instance instance, double optimum, double[] nodes) {}

  private static Tiny tiny(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Callers.Kind kind = Callers.Kind.values()[(int) (seed % Callers.Kind.values().length)];
    Instance instance =
        Instance.of(
            Callers.random(seed, kind, 3, 3, 1 + random.nextInt(2), random.nextDouble(1, 30)));
    List<List<Placement>> choices = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
      List<Placement> placements = new ArrayList<>();
      for (int code = 0; code < 27; code++) {
        int[] servedBy = {code % 3, code / 3 % 3, code / 9};
        int[] replicas = Arrays.stream(servedBy).distinct().sorted().toArray();
        placements.add(new Placement(replicas, servedBy));
      }
      choices.add(placements);
    }
    double best = Double.POSITIVE_INFINITY;
    double[] nodes = new double[3];
    int[] chosen = new int[choices.size()];
    for (int s = 0; s < chosen.length; ) {
      List<Placement> placements = new ArrayList<>();
      for (int k = 0; k < chosen.length; k++) {
        placements.add(choices.get(k).get(chosen[k]));
      }
      Bill bill = Pricing.price(instance, new Assignment(placements));
      if (bill.keepsRules() && bill.usdPerHour() < best) {
        best = bill.usdPerHour();
        Arrays.fill(nodes, 0);
        bill.leases().forEach(lease -> nodes[lease.offer()] = lease.nodes());
      }
      for (s = 0; s < chosen.length && ++chosen[s] == choices.get(s).size(); s++) {
        chosen[s] = 0;
      }
    }
    return new Tiny(seed, instance, best, nodes);
  }

  @Test
  void noPlanCostsLessThanTheBoundOrItsBranches() {
    double gaps = 0;
    int closed = 0;
    for (long seed = 0; seed < PROBLEMS; seed++) {
      Tiny tiny = tiny(seed);
      Tariff tariff = new Tariff(tiny.instance());
      Relaxation relaxation = new Relaxation(tariff);
      var nodeProgram = new NodeProgram(relaxation, new Solvers(() -> Double.POSITIVE_INFINITY));
      var bound = new CallBound(relaxation, nodeProgram, () -> false);
      while (!bound.done()) {
        bound.ascend(50);
      }
      double root = bound.usdPerHour();
      assertThat(root)
          .as("seed %d", seed)
          .isPositive()
          .isLessThanOrEqualTo(tiny.optimum() * (1 + 1e-9));
      gaps += 1 - root / tiny.optimum();

      var known = BestPlan.byBill();
      var tree =
          new CallTree(
              bound,
              new CallPlacement(relaxation, bound),
              nodeProgram,
              relaxation.offers(),
              plan -> {
                PricedPlan priced = PricedPlan.of(tariff, plan);
                known.offer(priced);
                return known.usdPerHour(priced);
              },
              () -> false,
              Double.POSITIVE_INFINITY);
      for (int k = 0; k < 30 && tree.open(); k++) {
        tree.dive();
      }
      assertThat(tree.usdPerHour())
          .as("seed %d", seed)
          .isLessThanOrEqualTo(tiny.optimum() * (1 + 1e-9))
          .isGreaterThanOrEqualTo(root * (1 - 1e-4));
      assertThat(known.usdPerHour())
          .as("seed %d", seed)
          .isGreaterThanOrEqualTo(tiny.optimum() * (1 - 1e-9));
      closed += tree.usdPerHour() > tiny.optimum() * (1 - 1e-4) ? 1 : 0;

      // A branch that holds the best plan's nodes holds its cost.
      bound.restrict(tiny.nodes(), tiny.nodes(), bound.rewards(), 0.1);
      bound.ascend(300);
      assertThat(bound.usdPerHour())
          .as("seed %d", seed)
          .isLessThanOrEqualTo(tiny.optimum() * (1 + 1e-9));
    }
    System.out.printf(
        "mean gap %.2f%% at the root, %d of %d closed by the tree%n",
        100 * gaps / PROBLEMS, closed, PROBLEMS);
    assertThat(gaps / PROBLEMS).isLessThan(0.1);
    assertThat(closed).isGreaterThan(PROBLEMS / 2);
  }
}
