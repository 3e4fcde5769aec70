package org.moesaic.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.fixture.ProblemBuilder.OfferDetails;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.problem.Weights;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** EPLB's published figures, and what the baseline makes of whole problems. */
class ReplicateHotAndBalanceTest {
  private static final double[] LOADS = {40, 20, 12, 9, 7, 5, 4, 3};

  @Test
  void balancesTheExampleOfEplb() {
    double[][] weights = {
      {90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86},
      {20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27}
    };
    double[] most = new double[weights.length];
    Arrays.setAll(most, l -> max(BalancedReplicas.gpuLoads(weights[l], 16, 8)));
    assertThat(most).containsExactly(138.5, 172.0);
  }

  private static double max(double[] loads) {
    return Arrays.stream(loads).max().orElseThrow();
  }

  @Test
  void balancesRecordedPrefillAsEplbDoes() {
    requireImbalance("prefill_in4096", 32, 1.0061, 1.0132);
  }

  @Test
  void balancesRecordedDecodeAsEplbDoes() {
    requireImbalance("decode_in2000out100", 72, 1.0258, 1.0480);
  }

  /**
   * Max over mean load of GPUs with 288 slots in all: averaged over layers, and the worst layer.
   */
  private static void requireImbalance(String recording, int gpus, double average, double worst) {
    assumeTrue(
        Recordings.folder("routing/deepseek-r1") != null,
        "Skipped: the recorded loads are not here. Maybe name the folder that holds"
            + " routing/deepseek-r1 with -Dmoesaic.recordings=...");
    Weights recorded = Recordings.deepSeekR1(recording);
    double[] imbalance = new double[58];
    for (int l = 0; l < imbalance.length; l++) {
      int layer = l;
      double[] weights = new double[256];
      Arrays.setAll(weights, e -> recorded.get(layer, e));
      double[] loads = BalancedReplicas.gpuLoads(weights, 288, gpus);
      imbalance[l] = max(loads) * gpus / Arrays.stream(loads).sum();
    }
    assertThat(Arrays.stream(imbalance).average().orElseThrow())
        .isCloseTo(average, within(0.00005));
    assertThat(max(imbalance)).isCloseTo(worst, within(0.00005));
  }

  @Test
  void leasesAndBalancesNodesOfSevenClouds() {
    Instance instance = instance("03-seven-clouds.json");
    Assignment assignment = new ReplicateHotAndBalance().construct(new Tariff(instance));
    RandomPlacements.requireShape(instance, assignment, "03-seven-clouds.json");
    Bill bill = Pricing.price(instance, assignment);
    assertThat(bill.usdPerHour()).isGreaterThan(bill.leaseUsdPerHour()).isFinite();
    assertThat(bill.leases())
        .hasSizeGreaterThan(1)
        .allSatisfy(
            lease ->
                assertThat(lease.nodes()).isBetween(1, instance.offer(lease.offer()).maxNodes()));
    double[] use =
        bill.leases().stream()
            .mapToDouble(lease -> Math.max(lease.computeUse(), lease.networkUse()))
            .toArray();
    assertThat(max(use))
        .as("the busiest nodes")
        .isCloseTo(Arrays.stream(use).average().orElseThrow(), withinPercentage(0.1));
  }

  @Test
  void replicatesTheHotExpertsOfSevenClouds() {
    Instance instance = instance("03-seven-clouds.json");
    Assignment assignment = new ReplicateHotAndBalance().construct(new Tariff(instance));
    double[] demand = new double[2];
    int[] shards = new int[2];
    for (int s = 0; s < instance.shards(); s++) {
      int several = assignment.of(s).replicas().length > 1 ? 1 : 0;
      shards[several]++;
      for (int o = 0; o < instance.origins(); o++) {
        demand[several] += instance.demand(o, s);
      }
    }
    assertThat(shards[1]).as("shards with several replicas").isGreaterThan(shards[0] / 10);
    assertThat(demand[1] / shards[1])
        .as("mean demand of these")
        .isGreaterThan(2 * demand[0] / shards[0]);
  }

  private static Instance instance(String file) {
    return Instance.of(Problems.read(Path.of("problems", "calls", file)));
  }

  @Test
  void keepsRulesOfSingleShardsAndLimitsOfPower() {
    for (String file : List.of("05-eu-residency.json", "06-power-survival.json")) {
      Instance instance = instance(file);
      Assignment assignment = new ReplicateHotAndBalance().construct(new Tariff(instance));
      assertThat(Pricing.price(instance, assignment).violations()).as(file).isEmpty();
    }
  }

  @Test
  void doesNotKnowTheNetwork() {
    Assignment assignment = twoClouds(0.0, 5.0, 0.0, 1.0);
    assertThat(twoClouds(1.0, 500.0, 1.0, 0.001)).isEqualTo(assignment);
    assertThat(assignment.placements()).anyMatch(p -> p.replicas().length > 1);
  }

  private static Assignment twoClouds(
      double egressUsdPerGb, double rttMs, double linkUsdPerGb, double gbps) {
    return new ReplicateHotAndBalance()
        .construct(
            new Tariff(
                ProblemBuilder.threeRegions()
                    .provider("p", egressUsdPerGb, egressUsdPerGb, egressUsdPerGb)
                    .provider("q", egressUsdPerGb, egressUsdPerGb, egressUsdPerGb)
                    .link("p/east", "q/west", linkUsdPerGb, rttMs, gbps)
                    .model(2, 8, 1)
                    .expertBytes(1L << 30)
                    .expertFlopsPerToken(1e9)
                    .callBytes(1e6, 1e6)
                    .origin("o", "p/east", 300)
                    .origin("n", "q/west", 200)
                    .load(null, LOADS, LOADS)
                    .offer("a", "p/east", ReplicateHotAndBalanceTest::smallNodes)
                    .offer("b", "q/west", ReplicateHotAndBalanceTest::smallNodes)
                    .offer("c", "q/paris", ReplicateHotAndBalanceTest::smallNodes)
                    .instance()));
  }

  private static void smallNodes(OfferDetails offer) {
    offer.memoryGib = 4.0;
    offer.tflops = 1.0;
    offer.usdPerNodeHour = 1;
    offer.maxNodes = 3;
  }

  @Test
  void placesEveryShardOfRandomProblems() {
    for (int seed = 0; seed < 400; seed++) {
      Size size = new Size(1 + seed % 3, 1 + seed % 6, 1 + seed % 11, 1 + seed % 4);
      Problem problem = RandomProblems.of(seed, size);
      Instance instance = Instance.of(problem);
      RandomPlacements.requireShape(
          instance,
          new ReplicateHotAndBalance().construct(new Tariff(instance)),
          "RandomProblems.of(%d, %s)".formatted(seed, size));
    }
  }
}
