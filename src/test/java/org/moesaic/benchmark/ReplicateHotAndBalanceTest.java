package org.moesaic.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
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

  /** Max over mean load of GPUs with 288 slots in all: averaged over layers, and the worst layer. */
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

  private static Bill bill(String file) {
    Instance instance = Instance.of(Problems.read(Path.of("problems", file)));
    Assignment assignment = new ReplicateHotAndBalance().construct(new Tariff(instance));
    RandomPlacements.requireShape(instance, assignment, file);
    Bill bill = Pricing.price(instance, assignment);
    for (Bill.Lease lease : bill.leases()) {
      System.out.println(instance.offer(lease.offer()).id() + " " + lease);
    }
    System.out.println(file + " " + bill.usdPerHour() + " " + bill.leaseUsdPerHour() + " "
        + bill.violations()
        + " reps " + assignment.placements().stream().mapToInt(p -> p.replicas().length).sum());
    return bill;
  }

  @Test
  void explore() {
    for (String f : new String[] {"01-hand-sized", "02-azure-oci", "03-seven-clouds", "04-cold-tier", "05-eu-residency", "06-power-survival", "07-tight"}) {
      bill(f + ".json");
    }
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
