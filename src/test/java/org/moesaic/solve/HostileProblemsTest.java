package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.moesaic.check.CheckReport;
import org.moesaic.check.Checker;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.plan.Plan;
import org.moesaic.problem.Problem;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.start.PricedStart;
import org.moesaic.solve.start.Rebuild;

/** Problems that are valid but unkind, and ends that come early or very late. */
class HostileProblemsTest {
  private static Plan solve(Problem problem) {
    Plan plan = Planner.builder().steps(1_000).threads(1).build().solve(problem);
    assertThat(Checker.check(problem, plan).findings()).isEmpty();
    return plan;
  }

  /** No price leads to the offer that is off, and none is asked for: nothing may be put there. */
  @Test
  void anOfferOfNoNodesHoldsNothingEvenWhereTheOthersAreTooSmall() {
    Problem problem =
        ProblemBuilder.threeRegions()
            .model(1, 100, 1)
            .callBytes(1, 1)
            .provider("p", 0.0, null, null)
            .origin("o", "p/east", 1)
            .offer(
                "small",
                "p/west",
                d -> {
                  d.memoryGib = 1.0;
                  d.maxNodes = 1;
                })
            .offer("off", "p/paris", d -> d.maxNodes = 0)
            .build();
    Plan plan = solve(problem);
    assertThat(plan.status()).isEqualTo(Plan.Status.INFEASIBLE);
    assertThat(plan.leases()).extracting(Plan.Lease::offer).containsExactly("small");
  }

  @Test
  void aFreeOfferAlmostWithoutCapacityIsNoTrap() {
    Problem problem =
        ProblemBuilder.threeRegions()
            .model(1, 4, 1)
            .freeProvider("p")
            .origin("o", "p/east", 1)
            .expertFlopsPerToken(1e30)
            .offer("nothing", "p/east", d -> d.tflops = Double.MIN_VALUE)
            .build();
    assertThat(Checker.check(problem, solve(problem)).verdict())
        .isEqualTo(CheckReport.Verdict.BREAKS_RULES);
  }

  @Test
  void aTimeOfAgesIsNoLimit() {
    Planner planner =
        Planner.builder().time(Duration.ofSeconds(Long.MAX_VALUE)).steps(100).threads(1).build();
    assertThat(planner.solve(spread(4, 4, 4)).status()).isNotEqualTo(Plan.Status.INFEASIBLE);
  }

  /** A round of the start takes long where shards have hundreds of replicas to choose from. */
  @Test
  @Timeout(20)
  void timeEndsASearchWithinItsStart() {
    Problem problem = spread(2_000, 100, 60);
    long began = System.nanoTime();
    Planner.builder().time(Duration.ofSeconds(1)).threads(1).build().solve(problem);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void aStopEndsAStartAfterItsFirstRoundAndARebuildAtOnce() {
    Tariff tariff = new Tariff(Instance.of(spread(10, 4, 4)));
    AtomicInteger asked = new AtomicInteger();
    Assignment start = new PricedStart(() -> asked.incrementAndGet() >= 5).construct(tariff);
    assertThat(start.placements()).hasSize(10);
    // The first round goes on in a hurry for all of its 10 shards, the second ends at its first.
    assertThat(asked).hasValue(11);

    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 20; i++) {
      assertThat(new Rebuild(tariff, () -> true).of(start, random)).isEqualTo(start);
    }
  }

  /** Origins far apart, with an offer near each, so that many replicas pay. */
  private static Problem spread(int shards, int offers, int origins) {
    var random = new SplittableRandom(1);
    var builder =
        new ProblemBuilder()
            .model(1, shards, Math.min(8, shards))
            .expertBytes(1L << 20)
            .callBytes(7_000, 14_000)
            .provider("p", 0.05, 0.05, 0.05);
    for (int r = 0; r < Math.max(offers, origins); r++) {
      builder.region("r" + r, d -> {});
    }
    for (int i = 0; i < offers; i++) {
      builder.offer(
          "offer" + i,
          "p/r" + i,
          d -> {
            d.memoryGib = 640.0;
            d.usdPerNodeHour = 50 + random.nextInt(50);
          });
    }
    for (int o = 0; o < origins; o++) {
      builder.origin("origin" + o, "p/r" + o, 1_000 + random.nextInt(100_000));
    }
    return builder.build();
  }
}
