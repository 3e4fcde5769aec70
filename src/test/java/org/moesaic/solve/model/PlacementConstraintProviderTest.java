package org.moesaic.solve.model;

import static org.moesaic.fixture.Assignments.replicas;
import static org.moesaic.fixture.Assignments.single;

import ai.timefold.solver.core.api.score.stream.Constraint;
import ai.timefold.solver.core.api.score.stream.ConstraintFactory;
import ai.timefold.solver.core.api.score.stream.test.ConstraintVerifier;
import ai.timefold.solver.core.api.score.stream.test.SingleConstraintAssertion;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.moesaic.fixture.Assignments;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Origin.ServableIn;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Policy.Selector;

/**
 * Each constraint alone, with an amount computed by hand. A rule that is broken by its whole limit,
 * or by one where it has no scale, costs {@code 1_000_000}; money is in 10^-9 USD per hour, for no
 * problem here can cost more than 10^8 USD per hour.
 */
class PlacementConstraintProviderTest {
  private static final long USD = 1_000_000_000;
  private static final int HOME = 0;
  private static final int WEST = 1;
  private static final int PARIS = 2;
  private static final int OTHER = 3;

  private final ConstraintVerifier<PlacementConstraintProvider, PlacementSolution> verifier =
      ConstraintVerifier.build(
          new PlacementConstraintProvider(), PlacementSolution.class, ShardAssignment.class);

  private SingleConstraintAssertion verify(
      BiFunction<PlacementConstraintProvider, ConstraintFactory, Constraint> constraint,
      ProblemBuilder problem,
      Assignment assignment) {
    PlacementSolution solution = PlacementSolution.of(new Tariff(problem.instance()), assignment);
    return verifier.verifyThat(constraint).givenSolution(solution);
  }

  /** Two experts that 1000 tokens/s of p/east call, 500 calls/s each; four offers, all free. */
  private static ProblemBuilder problem() {
    return ProblemBuilder.threeRegions()
        .freeProvider("p")
        .freeProvider("q")
        .model(1, 2, 1)
        .origin("o", "p/east", 1000)
        .offer("home", "p/east")
        .offer("west", "p/west")
        .offer("paris", "p/paris")
        .offer("other", "q/east");
  }

  private static ProblemBuilder oneOffer(double memoryGib, double tflops, Integer maxNodes) {
    return ProblemBuilder.threeRegions()
        .freeProvider("p")
        .model(1, 2, 1)
        .expertFlopsPerToken(1e9)
        .origin("o", "p/east", 1000)
        .offer(
            "a",
            "p/east",
            o -> {
              o.memoryGib = memoryGib;
              o.tflops = tflops;
              o.maxNodes = maxNodes;
            });
  }

  @ParameterizedTest
  @CsvSource({
    // 2 experts of 1 GiB on nodes of 1.25: 1.6 nodes, so 2 of 1; (1.6 - 1) / 1
    "1.25, 100, 1, 600_000",
    "1.25, 100, 2, 0",
    "1.25, 100, , 0",
    // 1000 calls/s of 10^9 operations on nodes of 0.4 * 10^12: 2.5 nodes, so 3 of 2; 0.5 / 2
    "100, 0.4, 2, 250_000",
    "100, 0.4, 3, 0",
    // none may be leased: as if the limit were one node; 2 / 1
    "1, 100, 0, 2_000_000",
    // exactly 2 nodes of 2
    "1, 0.5, 2, 0"
  })
  void capacity(double memoryGib, double tflops, Integer maxNodes, String penalty) {
    verify(
            PlacementConstraintProvider::capacity,
            oneOffer(memoryGib, tflops, maxNodes),
            single(1, 0, 0))
        .penalizesBy(amount(penalty));
  }

  private static long amount(String written) {
    return Long.parseLong(written.replace("_", ""));
  }

  @Test
  void capacityOfAnOfferThatCannotCompute() {
    // No number of nodes is enough, and there is no limit to be relative to: the least penalty.
    verify(PlacementConstraintProvider::capacity, oneOffer(100, 0.0, null), single(1, 0, 0))
        .penalizesBy(1);
  }

  @ParameterizedTest
  @CsvSource({"2027-01-14, 0", "2027-01-15, 0", "2027-01-16, 2000000"})
  void availability(LocalDate availableFrom, long penalty) {
    // Both shards have a replica on the offer: one penalty for each.
    verify(
            PlacementConstraintProvider::availability,
            problem()
                .neededBy("2027-01-15")
                .offer("late", "p/east", o -> o.availableFrom = availableFrom),
            Assignments.of(replicas(HOME, 4), replicas(4)))
        .penalizesBy(penalty);
  }

  @ParameterizedTest
  @CsvSource({
    // replicas: 1 and 4
    "1, , 0",
    "1, 4, 0",
    "2, 4, 1000000",
    "1, 3, 1000000",
    // 2 of 3, and 2 over 2
    "3, 3, 3000000",
    "1, 1, 3000000"
  })
  void replicaCounts(int min, Integer max, long penalty) {
    verify(
            PlacementConstraintProvider::replicas,
            problem().replicas(min, max),
            Assignments.of(replicas(HOME), replicas(HOME, WEST, PARIS, OTHER)))
        .penalizesBy(penalty);
  }

  @Test
  void residency() {
    ProblemBuilder problem =
        ProblemBuilder.threeRegions()
            .freeProvider("p")
            .model(1, 3, 1)
            .origin("us", "p/east", 1000, new ServableIn(List.of(), List.of("US"), List.of()), null)
            .origin("anybody", "p/east", 1000)
            .offer("east", "p/east")
            .offer("west", "p/west")
            .offer("paris", "p/paris");
    // The first shard serves the American tokens in Paris, the third too; the second serves them
    // in the west, and has a replica in Paris for others: two services of six.
    Assignment broken =
        Assignments.of(
            new Placement(new int[] {2}, new int[] {2, 2}),
            new Placement(new int[] {1, 2}, new int[] {1, 2}),
            new Placement(new int[] {0, 2}, new int[] {2, 0}));
    verify(PlacementConstraintProvider::residency, problem, broken).penalizesBy(2_000_000);
    Assignment kept =
        Assignments.of(
            new Placement(new int[] {0, 2}, new int[] {0, 2}),
            new Placement(new int[] {1, 2}, new int[] {1, 2}),
            new Placement(new int[] {1}, new int[] {1, 1}));
    verify(PlacementConstraintProvider::residency, problem, kept).hasNoImpact();
  }

  @Test
  void survival() {
    ProblemBuilder problem = problem().survive(DomainKind.REGION).survive(DomainKind.PROVIDER);
    // The first shard is in one region, with two providers: one penalty. The second is on one
    // offer, so in one region and with one provider: two.
    verify(
            PlacementConstraintProvider::survival,
            problem,
            Assignments.of(replicas(HOME, OTHER), replicas(WEST)))
        .penalizesBy(3_000_000);
    verify(
            PlacementConstraintProvider::survival,
            problem,
            Assignments.of(replicas(WEST, OTHER), replicas(HOME, PARIS, OTHER)))
        .hasNoImpact();
  }

  @Test
  void survivalOfPowerDomains() {
    ProblemBuilder problem =
        new ProblemBuilder()
            .region("a", r -> r.powerDomain = "grid")
            .region("b", r -> r.powerDomain = "grid")
            .region("c", r -> {})
            .freeProvider("p")
            .origin("o", "p/a", 1)
            .offer("a", "p/a")
            .offer("b", "p/b")
            .offer("c", "p/c")
            .survive(DomainKind.POWER_DOMAIN);
    verify(PlacementConstraintProvider::survival, problem, Assignments.of(replicas(0, 1)))
        .penalizesBy(1_000_000);
    verify(PlacementConstraintProvider::survival, problem, Assignments.of(replicas(0, 2)))
        .hasNoImpact();
  }

  @ParameterizedTest
  @CsvSource({
    // home: 2 GiB on nodes of 1 GiB, 2 * 4.5 kW; other: one node of 3 kW in the same region; 12 kW
    "12, 0",
    "10, 200000",
    "8, 500000",
    ", 0"
  })
  void power(Double capKw, long penalty) {
    ProblemBuilder problem =
        new ProblemBuilder()
            .region("east", r -> r.powerCapKw = capKw)
            .region("west", r -> r.powerCapKw = 100.0)
            .freeProvider("p")
            .freeProvider("q")
            .model(1, 3, 1)
            .origin("o", "p/east", 1000)
            .offer(
                "home",
                "p/east",
                o -> {
                  o.memoryGib = 1.0;
                  o.powerKw = 4.5;
                })
            .offer("other", "q/east", o -> o.powerKw = 3)
            .offer("west", "p/west", o -> o.powerKw = 50);
    verify(
            PlacementConstraintProvider::power,
            problem,
            Assignments.of(replicas(0), replicas(0), replicas(1, 2)))
        .penalizesBy(penalty);
  }

  @Test
  void powerWhereNoneIsAllowed() {
    // 1 node of 3 kW; a limit of 0 gives no scale, so all there is counts, and some of it is there.
    ProblemBuilder problem =
        new ProblemBuilder()
            .region("east", r -> r.powerCapKw = 0.0)
            .freeProvider("p")
            .origin("o", "p/east", 1000)
            .offer("home", "p/east", o -> o.powerKw = 3)
            .offer("passive", "p/east");
    verify(PlacementConstraintProvider::power, problem, Assignments.of(replicas(0)))
        .penalizesByMoreThan(0);
    verify(PlacementConstraintProvider::power, problem, Assignments.of(replicas(1))).hasNoImpact();
  }

  @ParameterizedTest
  @CsvSource({
    // From east go 500 calls/s * 1000 B = 0.5 MB/s, and to it the results of 2000 calls/s of the
    // west, * 3000 B: 6 MB/s; 6.5 MB/s are 0.052 Gbit/s. The other way, 500 * 3000 B + 2000 * 1000
    // B
    // = 3.5 MB/s, are 0.028 Gbit/s.
    "0.052, 1, 0",
    "0.104, 0.5, 0",
    // (52 - 40) / 40
    "0.04, 1, 300000",
    "0.08, 0.5, 300000",
    // (52 - 20) / 20 and (28 - 20) / 20
    "0.02, 1, 2000000",
    ", 1, 0"
  })
  void link(Double gbps, double usable, long penalty) {
    ProblemBuilder problem =
        ProblemBuilder.threeRegions()
            .freeProvider("p")
            .callBytes(1000, 3000)
            .model(1, 2, 1)
            .usable(1, 1, 1, usable, Map.of())
            .link("p/east", "p/west", null, 1.0, gbps)
            .origin("east", "p/east", 1000)
            .origin("west", "p/west", 4000)
            .offer("east", "p/east")
            .offer("west", "p/west");
    // The first expert serves the east in the west, the second the west in the east.
    verify(
            PlacementConstraintProvider::link,
            problem,
            Assignments.of(
                new Placement(new int[] {1}, new int[] {1, 1}),
                new Placement(new int[] {0}, new int[] {0, 0})))
        .penalizesBy(penalty);
  }

  @Test
  void linkOfOneDirection() {
    // The limit holds for what goes to the west, 0.5 MB/s = 0.004 Gbit/s, not for what comes back.
    ProblemBuilder problem =
        problem().callBytes(1000, 3000).oneWayLink("p/east", "p/west", null, 1.0, 0.004);
    verify(PlacementConstraintProvider::link, problem, single(1, HOME, WEST)).hasNoImpact();
    // Twice that, for both experts: (8 - 4) / 4.
    verify(PlacementConstraintProvider::link, problem, single(1, WEST, WEST))
        .penalizesBy(1_000_000);
  }

  private static ProblemBuilder slow(Double originLimitMs, Double policyLimitMs) {
    ProblemBuilder problem =
        ProblemBuilder.threeRegions()
            .freeProvider("p")
            .model(3, 2, 1)
            .link("p/east", "p/west", null, 40.0, null)
            .link("p/east", "p/paris", null, 100.0, null)
            .origin("o", "p/east", 1000, null, originLimitMs)
            .load("o", new double[] {3, 1}, new double[] {3, 1}, new double[] {1, 3})
            .offer("home", "p/east")
            .offer("west", "p/west")
            .offer("paris", "p/paris");
    return policyLimitMs == null ? problem : problem.maxAddedLatencyMs(policyLimitMs);
  }

  @ParameterizedTest
  @CsvSource({
    // layer 0: 3/4 of the calls wait 40 ms: 30. Layer 1: 3/4 * 40 + 1/4 * 100 = 55, less than the
    // longest round trip. Layer 2 is served at home. 85 ms in all.
    "85, , 0",
    "50, , 700000",
    ", 50, 700000",
    ", 85, 0",
    // the origin's own limit goes first
    "85, 50, 0",
    "80, 200, 62500",
    ", , 0"
  })
  void latency(Double originLimitMs, Double policyLimitMs, long penalty) {
    verify(
            PlacementConstraintProvider::latency,
            slow(originLimitMs, policyLimitMs),
            single(1, WEST, HOME, WEST, PARIS, HOME, HOME))
        .penalizesBy(penalty);
  }

  @Test
  void latencyOfALayerIsAtMostItsLongestRoundTrip() {
    // Two of two experts: each is called by every token, so the sum would be 40 + 40 ms, but they
    // answer at the same time: 40 ms of 32; (40 - 32) / 32.
    ProblemBuilder problem =
        ProblemBuilder.threeRegions()
            .freeProvider("p")
            .model(1, 2, 2)
            .link("p/east", "p/west", null, 40.0, null)
            .origin("o", "p/east", 1000, null, 32.0)
            .offer("home", "p/east")
            .offer("west", "p/west");
    verify(PlacementConstraintProvider::latency, problem, single(1, WEST, WEST))
        .penalizesBy(250_000);
    verify(PlacementConstraintProvider::latency, problem, single(1, HOME, HOME)).hasNoImpact();
  }

  /** 3 nodes of 98.32 USD/h with p, and 1 of 98.32 with q. */
  private static ProblemBuilder leases() {
    return ProblemBuilder.threeRegions()
        .freeProvider("p")
        .freeProvider("q")
        .model(1, 4, 1)
        .origin("o", "p/east", 1000)
        .offer(
            "two",
            "p/east",
            o -> {
              o.memoryGib = 1.0;
              o.usdPerNodeHour = 98.32;
            })
        .offer(
            "one",
            "p/west",
            o -> {
              o.memoryGib = 1.0;
              o.usdPerNodeHour = 98.32;
            })
        .offer("other", "q/east", o -> o.usdPerNodeHour = 98.32)
        .offer(
            "atLeastFour",
            "q/west",
            o -> {
              o.minNodes = 4;
              o.usdPerNodeHour = 0.25;
            });
  }

  @ParameterizedTest
  @CsvSource({
    // p has 3 of 4 equal nodes
    "0.75, 0",
    "0.5, 250000",
    "1, 0",
    // p has 3/4 too much, q 1/4
    "0, 1000000"
  })
  void providerShare(double share, long penalty) {
    verify(
            PlacementConstraintProvider::providerShare,
            leases().maxProviderShare(share),
            single(1, 0, 0, 1, 2))
        .penalizesBy(penalty);
  }

  @Test
  void providerShareWithoutALimit() {
    verify(PlacementConstraintProvider::providerShare, leases(), single(1, 0, 0, 0, 0))
        .hasNoImpact();
  }

  private static Selector offers(Integer expert, String... offers) {
    return new Selector(null, expert, List.of(offers), List.of(), List.of());
  }

  @Test
  void pin() {
    ProblemBuilder problem =
        problem()
            .pin(offers(0, "home", "west"))
            .pin(new Selector(0, null, List.of(), List.of("east", "west"), List.of()));
    // Expert 0 in Paris breaks both pins, on the other cloud the first; expert 1 in Paris the
    // second: 2 + 1 + 1.
    verify(
            PlacementConstraintProvider::pin,
            problem,
            Assignments.of(replicas(HOME, PARIS, OTHER), replicas(PARIS)))
        .penalizesBy(4_000_000);
    verify(
            PlacementConstraintProvider::pin,
            problem,
            Assignments.of(replicas(HOME, WEST), replicas(OTHER, WEST)))
        .hasNoImpact();
  }

  @Test
  void ban() {
    ProblemBuilder problem =
        problem()
            .ban(offers(0, "west"))
            .ban(new Selector(null, null, List.of(), List.of(), List.of("q")));
    // Expert 0 in the west breaks the first, either on the other cloud the second: 1 + 1 + 1.
    verify(
            PlacementConstraintProvider::ban,
            problem,
            Assignments.of(replicas(WEST, OTHER), replicas(OTHER, WEST)))
        .penalizesBy(3_000_000);
    verify(
            PlacementConstraintProvider::ban,
            problem,
            Assignments.of(replicas(HOME, PARIS), replicas(WEST)))
        .hasNoImpact();
  }

  @Test
  void lease() {
    // 2 + 1 + 1 nodes of 98.32
    verify(PlacementConstraintProvider::lease, leases(), single(1, 0, 0, 1, 2))
        .penalizesBy(393_280_000_000L);
    // one node would do, but 4 of 0.25 are the fewest
    verify(PlacementConstraintProvider::lease, leases(), single(1, 3, 3, 3, 3)).penalizesBy(USD);
  }

  private static ProblemBuilder priced() {
    return ProblemBuilder.threeRegions()
        .provider("p", 0.02, 0.05, 0.09)
        .provider("q", 0.03, 0.06, 0.11)
        .callBytes(1000, 3000)
        .model(1, 2, 1)
        .bandwidthUsdPerGb(0.5)
        .origin("o", "p/east", 1000)
        .offer("home", "p/east")
        .offer("west", "p/west")
        .offer("paris", "p/paris")
        .offer("other", "q/east")
        .oneWayLink("p/west", "p/east", 0.1, null, null);
  }

  @Test
  void egress() {
    // 500 calls/s there: 500 * 1000 B * 3600 s = 1.8 GB/h; back 5.4 GB/h.
    // To the west 1.8 * 0.02, back on the link 5.4 * 0.1: 0.576 USD/h.
    verify(PlacementConstraintProvider::egress, priced(), single(1, HOME, WEST))
        .penalizesBy(576 * USD / 1000);
    // To Paris and back, both between continents: 7.2 * 0.05 = 0.36; and to the other cloud
    // 1.8 * 0.09, back 5.4 * 0.11: 0.756.
    verify(PlacementConstraintProvider::egress, priced(), single(1, PARIS, OTHER))
        .penalizesBy(1116 * USD / 1000);
    verify(PlacementConstraintProvider::egress, priced(), single(1, HOME, HOME)).hasNoImpact();
  }

  @Test
  void bandwidth() {
    // 7.2 GB/h to the west and back at 0.5 USD; the other cloud is in the same region.
    verify(PlacementConstraintProvider::bandwidth, priced(), single(1, OTHER, WEST))
        .penalizesBy(36 * USD / 10);
    verify(PlacementConstraintProvider::bandwidth, priced(), single(1, OTHER, HOME)).hasNoImpact();
    verify(
            PlacementConstraintProvider::bandwidth,
            priced().bandwidthUsdPerGb(0),
            single(1, WEST, WEST))
        .hasNoImpact();
  }
}
