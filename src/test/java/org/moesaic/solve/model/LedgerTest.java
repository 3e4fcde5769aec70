package org.moesaic.solve.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.timefold.solver.core.api.score.HardSoftScore;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.moesaic.fixture.Assignments;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Region;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** A ledger in which shards come and go, and one of figures of any magnitude. */
class LedgerTest {
  private static final double CENT = 0.01;

  @Test
  void forgetsWhatIsTakenOut() {
    for (int seed = 0; seed < 60; seed++) {
      Instance instance = Instance.of(RandomProblems.of(seed, new Size(2, 6, 6, 3)));
      Tariff tariff = new Tariff(instance);
      RandomGenerator random = new SplittableRandom(seed);
      Ledger ledger = new Ledger(tariff);
      assertThat(ledger.score()).isEqualTo(HardSoftScore.ZERO);
      for (int turn = 0; turn < 10; turn++) {
        Assignment assignment = RandomPlacements.anyAssignment(instance, random);
        for (int s = 0; s < instance.shards(); s++) {
          ledger.put(s, assignment.of(s));
        }
        assertThat(ledger.score())
            .as("seed %d", seed)
            .isEqualTo(Ledger.of(tariff, assignment).score());
        for (int s = instance.shards() - 1; s >= 0; s--) {
          ledger.take(s, assignment.of(s));
          if (random.nextInt(4) == 0) {
            ledger.score();
          }
        }
        assertThat(ledger.score()).as("seed %d", seed).isEqualTo(HardSoftScore.ZERO);
      }
    }
  }

  @Test
  void saysWhatTheBillSays() {
    for (int seed = 100; seed < 200; seed++) {
      Instance instance = Instance.of(RandomProblems.of(seed, new Size(2, 6, 6, 3)));
      Tariff tariff = new Tariff(instance);
      Assignment assignment = RandomPlacements.anyAssignment(instance, new SplittableRandom(seed));
      Ledger ledger = Ledger.of(tariff, assignment);
      Bill bill = Pricing.price(instance, assignment);
      long nodes = 0;
      for (Bill.Lease lease : bill.leases()) {
        assertThat(ledger.nodes(lease.offer())).as("seed %d", seed).isEqualTo(lease.nodes());
        nodes += lease.nodes();
      }
      long all = 0;
      for (int i = 0; i < instance.offers(); i++) {
        all += ledger.nodes(i);
      }
      assertThat(all).as("seed %d", seed).isEqualTo(nodes);
      for (int o = 0; o < instance.origins(); o++) {
        if (tariff.latencyLimited(o)) {
          double ms = bill.origins().get(o).addedLatencyMs();
          assertThat(ledger.latencyMs(o))
              .as("seed %d", seed)
              .isCloseTo(ms, within(1e-9 * Math.max(1, ms)));
        }
      }
    }
  }

  @Test
  void saysHowMuchOfALimitIsUsed() {
    for (int seed = 200; seed < 300; seed++) {
      Instance instance = Instance.of(RandomProblems.of(seed, new Size(2, 6, 6, 3)));
      Assignment assignment = RandomPlacements.anyAssignment(instance, new SplittableRandom(seed));
      Ledger ledger = Ledger.of(new Tariff(instance), assignment);
      Bill bill = Pricing.price(instance, assignment);
      for (int r = 0; r < instance.problem().regions().size(); r++) {
        Region region = instance.problem().regions().get(r);
        double kw = 0;
        for (Bill.Lease lease : bill.leases()) {
          boolean here = instance.offer(lease.offer()).region().equals(region.id());
          kw += here ? lease.powerKw() : 0;
        }
        double use = region.powerCapKw() == null ? 0 : kw / region.powerCapKw();
        assertThat(ledger.powerUse(r)).as("seed %d", seed).isCloseTo(use, within(1e-9));
      }
      for (int i = 0; i < instance.offers(); i++) {
        String provider = instance.offer(i).provider();
        double usd = 0;
        for (Bill.Lease lease : bill.leases()) {
          boolean same = instance.offer(lease.offer()).provider().equals(provider);
          usd += same ? lease.usdPerHour() : 0;
        }
        assertThat(ledger.providerShare(i))
            .as("seed %d", seed)
            .isCloseTo(usd / bill.leaseUsdPerHour(), within(1e-9));
      }
      for (Bill.Traffic way : bill.traffic()) {
        double use = way.bytesPerSecond() / instance.linkBytesPerSecond(way.from(), way.to());
        assertThat(ledger.linkUse(way.from(), way.to()))
            .as("seed %d", seed)
            .isCloseTo(use, within(1e-9 * Math.max(1, use)));
      }
    }
  }

  /**
   * A model of 64 experts in 4 layers. One offer is small, one huge, one without limits; experts of
   * 1 GiB, calls of 10 KB there and 20 KB back.
   */
  private static ProblemBuilder problem(double tokensPerSecond, double usdPerNodeHour) {
    return ProblemBuilder.threeRegions()
        .provider("p", 0.02, 0.05, 0.09)
        .provider("q", 0.03, 0.06, 0.11)
        .model(4, 16, 8)
        .expertFlopsPerToken(1e8)
        .callBytes(1e4, 2e4)
        .bandwidthUsdPerGb(0.01)
        .maxAddedLatencyMs(1)
        .origin("o", "p/east", tokensPerSecond)
        .origin("idle", "q/east", 0)
        .offer(
            "small",
            "p/east",
            o -> {
              o.memoryGib = 5.0;
              o.tflops = 2.0;
              o.powerKw = 1e-3;
              o.usdPerNodeHour = usdPerNodeHour;
            })
        .offer(
            "huge",
            "p/west",
            o -> {
              o.memoryGib = 1e6;
              o.tflops = 1e9;
              o.networkGbps = 1e9;
              o.powerKw = 1e6;
              o.usdPerNodeHour = usdPerNodeHour;
              o.maxNodes = Integer.MAX_VALUE - 1;
            })
        .offer("unlimited", "q/paris", o -> o.usdPerNodeHour = usdPerNodeHour);
  }

  @ParameterizedTest
  @CsvSource({
    "1e-6, 1e-6",
    "1e-6, 98.32",
    "1e-6, 1e6",
    "1, 1e-6",
    "1, 98.32",
    "1, 1e6",
    "123456.789, 98.32",
    "1e9, 1e-6",
    "1e9, 98.32",
    "1e9, 1e6"
  })
  void losesNoCentAtAnyMagnitude(double tokensPerSecond, double usdPerNodeHour) {
    agrees(problem(tokensPerSecond, usdPerNodeHour).instance());
  }

  @Test
  void losesNoCentWhereAnOfferHasNoCapacity() {
    agrees(problem(1e5, 98.32).offer("none", "p/east", o -> o.tflops = 0.0).instance());
    agrees(problem(1e5, 98.32).offer("none", "p/east", o -> o.memoryGib = 0.0).instance());
    agrees(problem(0, 98.32).offer("none", "p/east", o -> o.tflops = 0.0).instance());
  }

  @Test
  void losesNoCentOverMillionsOfNodes() {
    // 1e9 tokens/s * 32 calls * 1e8 operations on nodes of 2 TFLOPS are 1.6 million nodes; on nodes
    // of 0.01 TFLOPS 320 million.
    agrees(problem(1e9, 98.32).offer("weak", "p/east", o -> o.tflops = 0.01).instance());
    agrees(
        problem(1e9, 1)
            .offer(
                "crowd",
                "p/east",
                o -> {
                  o.minNodes = 2_000_000_000;
                  o.usdPerNodeHour = 1e3;
                  o.powerKw = 1e6;
                })
            .instance());
  }

  @Test
  void countsCallsThatAreRareBeyondMeasure() {
    // One expert has 10^-30 of the calls. Where there is no capacity for any, that is too much.
    double[] weights = {1, 1e-30};
    Instance instance =
        ProblemBuilder.threeRegions()
            .freeProvider("p")
            .model(1, 2, 1)
            .expertFlopsPerToken(1)
            .origin("o", "p/east", 1000)
            .load("o", weights)
            .offer("a", "p/east")
            .offer("none", "p/east", o -> o.tflops = 0.0)
            .instance();
    agrees(instance);
    Ledger ledger = Ledger.of(new Tariff(instance), Assignments.single(1, 0, 1));
    assertThat(ledger.score().hardScore()).isNegative();
  }

  private static void agrees(Instance instance) {
    Tariff tariff = new Tariff(instance);
    for (int seed = 0; seed < 20; seed++) {
      Assignment assignment = RandomPlacements.anyAssignment(instance, new SplittableRandom(seed));
      Ledger ledger = Ledger.of(tariff, assignment);
      Bill bill = Pricing.price(instance, assignment);
      double usd = bill.usdPerHour();
      assertThat(ledger.usdPerHour())
          .as("seed %d", seed)
          .isCloseTo(usd, within(Math.max(CENT / 2, 1e-12 * usd)));
      assertThat(tariff.toUsdPerHour(-ledger.score().softScore()))
          .as("seed %d", seed)
          .isEqualTo(ledger.usdPerHour());
      assertThat(ledger.score().hardScore() == 0)
          .as("seed %d: %s, %s", seed, ledger.score(), bill.violations())
          .isEqualTo(bill.keepsRules());
      assertThat(ledger.score().hardScore()).as("seed %d", seed).isNotPositive();
      for (Bill.Lease lease : bill.leases()) {
        assertThat(ledger.nodes(lease.offer())).as("seed %d", seed).isEqualTo(lease.nodes());
      }
      for (int s = 0; s < instance.shards(); s++) {
        ledger.take(s, assignment.of(s));
      }
      assertThat(ledger.score()).as("seed %d", seed).isEqualTo(HardSoftScore.ZERO);
    }
  }
}
