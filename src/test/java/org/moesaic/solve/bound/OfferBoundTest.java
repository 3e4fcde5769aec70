package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
import org.moesaic.solve.model.Tariff;

/** The bounds by offers, and the tree of nodes, against all plans of small random problems. */
class OfferBoundTest {
  private static final int PROBLEMS = 60;
  private static final int OFFERS = 4;
  private static final int EXPERTS = 5;
  private static final int DIVES = 60;

  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  /** A plan that keeps the rules: where each shard is, and what all of it costs. */
  private record Priced(int[] at, double usdPerHour) {}

  /** A problem with all its plans. */
  private record Small(long seed, Instance instance, List<Priced> plans) {
    double optimum() {
      return plans.stream().mapToDouble(Priced::usdPerHour).min().orElse(Double.POSITIVE_INFINITY);
    }
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

  private static Small small(long seed) {
    Instance instance = Instance.of(problem(seed));
    List<Priced> plans = new ArrayList<>();
    int count = (int) Math.pow(OFFERS, EXPERTS);
    for (int code = 0; code < count; code++) {
      int[] at = new int[EXPERTS];
      for (int s = 0, rest = code; s < EXPERTS; s++, rest /= OFFERS) {
        at[s] = rest % OFFERS;
      }
      Bill bill = Pricing.price(instance, assignment(instance, at));
      if (bill.keepsRules()) {
        plans.add(new Priced(at, bill.usdPerHour()));
      }
    }
    return new Small(seed, instance, plans);
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

  private static NodeProgram nodeProgram(Relaxation relaxation) {
    return new NodeProgram(relaxation, new Solvers(() -> Double.POSITIVE_INFINITY));
  }

  @Test
  void noPlanCostsLessThanWhatItsDecisionsAreBoundBy() {
    double gaps = 0;
    int counted = 0;
    for (long seed = 0; seed < PROBLEMS; seed++) {
      Small small = small(seed);
      Relaxation relaxation = new Relaxation(new Tariff(small.instance()));
      OfferBound bound = new OfferBound(relaxation, nodeProgram(relaxation), () -> false);
      SplittableRandom random = new SplittableRandom(seed);
      for (int round = 0; round < 3; round++) {
        if (round == 0) {
          bound.evaluate(random.doubles(EXPERTS, 0, 30).toArray());
        } else {
          bound.ascend(round * 50, 0.05);
        }
        DecisionBounds decisions = bound.decisions();
        for (Priced plan : small.plans()) {
          double most = plan.usdPerHour() * (1 + 1e-9);
          assertThat(bound.usdPerHour()).as("seed %d", seed).isLessThanOrEqualTo(most);
          boolean[] leased = new boolean[OFFERS];
          for (int s = 0; s < EXPERTS; s++) {
            leased[plan.at()[s]] = true;
            assertThat(decisions.held()[s][plan.at()[s]])
                .as("seed %d, shard %d at %d", seed, s, plan.at()[s])
                .isLessThanOrEqualTo(most);
          }
          for (int i = 0; i < OFFERS; i++) {
            assertThat((leased[i] ? decisions.leased() : decisions.unleased())[i])
                .as("seed %d, offer %d", seed, i)
                .isLessThanOrEqualTo(most);
          }
        }
      }
      if (!small.plans().isEmpty()) {
        gaps += 1 - bound.usdPerHour() / small.optimum();
        counted++;
      }
    }
    System.out.printf("%d problems with a plan, mean gap %.2f%%%n", counted, 100 * gaps / counted);
    assertThat(counted).isGreaterThan(PROBLEMS / 3);
    // Where a plan has but a node or two, whole shards matter, which this bound divides.
    assertThat(gaps / counted).isLessThan(0.6);
  }

  @Test
  void treeOfNodesEnclosesTheOptimum() {
    int found = 0;
    int possible = 0;
    for (long seed = 0; seed < PROBLEMS; seed++) {
      Small small = small(seed);
      Relaxation relaxation = new Relaxation(new Tariff(small.instance()));
      NodeProgram nodes = nodeProgram(relaxation);
      OfferBound bound = new OfferBound(relaxation, nodes, () -> false);
      bound.ascend(100, 0.05);
      AtomicInteger plans = new AtomicInteger();
      String name = "seed %d".formatted(seed);
      NodeTree tree =
          new NodeTree(
              relaxation,
              nodes,
              bound,
              plan -> {
                plans.incrementAndGet();
                Bill bill = Pricing.price(small.instance(), plan);
                assertThat(bill.violations()).as(name).isEmpty();
                assertThat(bill.usdPerHour())
                    .as(name)
                    .isGreaterThanOrEqualTo(small.optimum() * (1 - 1e-9));
                return bill.usdPerHour();
              },
              () -> false,
              new SplittableRandom(seed),
              Double.POSITIVE_INFINITY);
      for (int dive = 0; dive < DIVES && tree.open(); dive++) {
        tree.dive();
        if (dive < 3) {
          tree.improve();
        }
        assertThat(tree.usdPerHour()).as(name).isLessThanOrEqualTo(small.optimum() * (1 + 1e-9));
      }
      if (!small.plans().isEmpty()) {
        possible++;
        if (plans.get() > 0 && tree.bestUsd() <= small.optimum() * (1 + 1e-6)) {
          found++;
          assertThat(tree.bestUsd()).as(name).isCloseTo(small.optimum(), withinPercentage(1e-4));
        }
      }
    }
    System.out.printf("%d of %d optima found by the tree of nodes%n", found, possible);
    // The rest is closed by an integer program, which is not part of this.
    assertThat(found).isGreaterThan(possible * 3 / 4);
  }
}
