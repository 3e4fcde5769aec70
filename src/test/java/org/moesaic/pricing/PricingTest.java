package org.moesaic.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.moesaic.fixture.Assignments.replicas;
import static org.moesaic.fixture.Assignments.single;

import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.moesaic.fixture.Assignments;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.fixture.ProblemBuilder.OfferDetails;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill.Lease;
import org.moesaic.pricing.Bill.Service;
import org.moesaic.pricing.Bill.Traffic;

/** Every expected figure is computed by hand; the comments show how. */
class PricingTest {
  private static final Offset<Double> EXACT = within(1e-12);

  private static Bill bill(ProblemBuilder problem, int... offers) {
    Instance instance = problem.instance();
    return Pricing.price(instance, single(instance.origins(), offers));
  }

  @Nested
  class Leases {
    /** 1,000 tokens/s, top 2 of 4 experts: 2,000 calls/s in the one layer, 500 to each expert. */
    private static ProblemBuilder oneOffer(Consumer<OfferDetails> details) {
      return ProblemBuilder.threeRegions()
          .model(1, 4, 2)
          .freeProvider("p")
          .origin("o", "p/east", 1000)
          .offer("a", "p/east", details);
    }

    @Test
    void memoryBound() {
      // 4 experts of 1 GiB; a node has 3 GiB * 0.5 = 1.5 GiB; 4 / 1.5 = 2.67, so 3 nodes at 10 USD,
      // 7 kW each.
      Bill bill =
          bill(
              oneOffer(
                      o -> {
                        o.memoryGib = 3.0;
                        o.usdPerNodeHour = 10;
                        o.powerKw = 7;
                      })
                  .usable(0.5, 1, 1, 1, Map.of()),
              0,
              0,
              0,
              0);
      assertThat(bill.leases()).hasSize(1);
      Lease lease = bill.leases().get(0);
      assertThat(lease.nodes()).isEqualTo(3);
      assertThat(lease.usdPerHour()).isEqualTo(30);
      assertThat(lease.powerKw()).isEqualTo(21);
      assertThat(lease.memoryUse()).isCloseTo(8.0 / 9, EXACT); // (4 / 1.5) / 3
      assertThat(lease.computeUse()).isZero();
      assertThat(lease.networkUse()).isZero();
      assertThat(bill.leaseUsdPerHour()).isEqualTo(30);
      assertThat(bill.usdPerHour()).isEqualTo(30);
      assertThat(bill.keepsRules()).isTrue();
    }

    @Test
    void computeBound() {
      // 2,000 calls/s * 1.1e9 = 2.2e12 operations/s; a node gets 1e12 * 0.4 out; 2.2 / 0.4 = 5.5,
      // so 6 nodes.
      Bill bill =
          bill(
              oneOffer(o -> o.tflops = 1.0)
                  .expertFlopsPerToken(1.1e9)
                  .usable(1, 0.4, 1, 1, Map.of()),
              0,
              0,
              0,
              0);
      assertThat(bill.leases().get(0).nodes()).isEqualTo(6);
      assertThat(bill.leases().get(0).computeUse()).isCloseTo(5.5 / 6, EXACT);
    }

    @ParameterizedTest
    @CsvSource({
      // 2,000 calls/s * max(1000, 3000) B * 8 = 48 Mbit/s; a node has 10 Mbit/s times the usable
      // share.
      "roce, 7, 6.4", // 48 / (10 * 0.75) = 6.4
      "ethernet, 10, 9.6", // a fabric that is not listed: usable.network; 48 / (10 * 0.5) = 9.6
      ", 10, 9.6" // no fabric: the same
    })
    void networkBound(String fabric, int nodes, double real) {
      Bill bill =
          bill(
              oneOffer(
                      o -> {
                        o.networkGbps = 0.01;
                        o.fabric = fabric;
                      })
                  .callBytes(1000, 3000)
                  .usable(1, 1, 0.5, 1, Map.of("roce", 0.75)),
              0,
              0,
              0,
              0);
      assertThat(bill.leases().get(0).nodes()).isEqualTo(nodes);
      assertThat(bill.leases().get(0).networkUse()).isCloseTo(real / nodes, EXACT);
      assertThat(bill.traffic()).isEmpty(); // All of it stays at the site.
    }

    @Test
    void networkIsBoundByTheFullerDirection() {
      // As above, with the large direction out: 48 Mbit/s over 10 Mbit/s = 4.8, so 5 nodes.
      Bill bill = bill(oneOffer(o -> o.networkGbps = 0.01).callBytes(3000, 1000), 0, 0, 0, 0);
      assertThat(bill.leases().get(0).nodes()).isEqualTo(5);
    }

    @Test
    void busiestResourceDecides() {
      // memory 4 / 4 = 1; compute 2,000 * 1e9 / 1e12 = 2; network 2,000 * 1000 * 8 / 5e6 = 3.2: 4
      // nodes.
      Bill bill =
          bill(
              oneOffer(
                      o -> {
                        o.memoryGib = 4.0;
                        o.tflops = 1.0;
                        o.networkGbps = 0.005;
                      })
                  .expertFlopsPerToken(1e9)
                  .callBytes(1000, 1000),
              0,
              0,
              0,
              0);
      Lease lease = bill.leases().get(0);
      assertThat(lease.nodes()).isEqualTo(4);
      assertThat(lease.memoryUse()).isCloseTo(0.25, EXACT);
      assertThat(lease.computeUse()).isCloseTo(0.5, EXACT);
      assertThat(lease.networkUse()).isCloseTo(0.8, EXACT);
    }

    @Test
    void minNodesAreLeasedByWhoeverHoldsAnything() {
      // 4 GiB in nodes of 4 GiB: 1 node; at least 5 are leased. The second offer holds nothing and
      // costs nothing.
      Bill bill =
          bill(
              oneOffer(
                      o -> {
                        o.memoryGib = 4.0;
                        o.minNodes = 5;
                        o.usdPerNodeHour = 2;
                      })
                  .offer("b", "p/east", o -> o.minNodes = 9),
              0,
              0,
              0,
              0);
      assertThat(bill.leases()).hasSize(1);
      assertThat(bill.leases().get(0).nodes()).isEqualTo(5);
      assertThat(bill.leases().get(0).memoryUse()).isCloseTo(0.2, EXACT);
      assertThat(bill.leaseUsdPerHour()).isEqualTo(10);
    }

    @Test
    void replicaThatServesNobodyTakesMemoryOnly() {
      // Offer b holds a replica of expert 0, 1 GiB of the 2 GiB of a node, and serves nobody: 1
      // node, half full.
      Instance instance =
          oneOffer(o -> {})
              .model(1, 1, 1)
              .expertFlopsPerToken(1e9)
              .offer(
                  "b",
                  "p/west",
                  o -> {
                    o.memoryGib = 2.0;
                    o.tflops = 1.0;
                    o.usdPerNodeHour = 3;
                  })
              .instance();
      Bill bill = Pricing.price(instance, Assignments.of(replicas(0, 1)));
      assertThat(bill.leases())
          .containsExactly(new Lease(0, 1, 0, 0, 0, 0, 0), new Lease(1, 1, 3, 0, 0.5, 0, 0));
      assertThat(bill.traffic()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
      "0, 3",
      "3, 3", // 3 of 3 * 2^30 bytes are a share of 9.3e-10
      "4, 4" // 4 of them are 1.24e-9, which is more than is forgiven
    })
    void ceilingForgivesOnePartInABillion(long bytesMore, int nodes) {
      Bill bill =
          bill(
              oneOffer(o -> o.memoryGib = 1.0).model(1, 1, 1).expertBytes((3L << 30) + bytesMore),
              0);
      assertThat(bill.leases().get(0).nodes()).isEqualTo(nodes);
      assertThat(bill.leases().get(0).memoryUse()).isLessThanOrEqualTo(1);
    }

    @Test
    void lastShardIsSmaller() {
      // 5 experts in shards of 2: sizes 2, 2, 1. Offer b holds the last: 1 GiB. Offer a holds 4
      // GiB.
      Bill bill =
          bill(
              oneOffer(o -> o.memoryGib = 1.0)
                  .model(1, 5, 1)
                  .expertsPerShard(2)
                  .offer("b", "p/west", o -> o.memoryGib = 1.0),
              0,
              0,
              1);
      assertThat(bill.leases()).extracting(Lease::nodes).containsExactly(4, 1);
      // One of five equally likely experts is served away: the local share is 4 / 5.
      assertThat(bill.origins().get(0).localShare()).isCloseTo(0.8, EXACT);
    }

    @Test
    void noCapacityNeedsMoreNodesThanThereAre() {
      Bill bill =
          bill(
              oneOffer(
                  o -> {
                    o.memoryGib = 0.0;
                    o.usdPerNodeHour = 1;
                  }),
              0,
              0,
              0,
              0);
      assertThat(bill.leases().get(0).nodes()).isEqualTo(Pricing.MAX_NODES);
      assertThat(bill.leases().get(0).memoryUse()).isEqualTo(1);
      assertThat(bill.usdPerHour()).isEqualTo(2147483647.0);
      assertThat(bill.violations()).extracting(Violation::rule).containsExactly(Rule.CAPACITY);
    }
  }

  @Nested
  class Calls {
    /**
     * Two layers of two experts, top 1, 100 tokens/s: the calls/s of an expert are 100 times its
     * weight.
     */
    private static ProblemBuilder problem() {
      return ProblemBuilder.threeRegions()
          .model(2, 2, 1)
          .freeProvider("p")
          .origin("o1", "p/east", 100)
          .origin("o2", "p/east", 100)
          .callBytes(8, 0)
          .offer("a", "p/east")
          .offer("b", "p/west");
    }

    /** Bytes per second from east to west when expert 1 of both layers is served in the west. */
    private static double bytes(ProblemBuilder problem) {
      return bill(problem, 0, 1, 0, 1).traffic().get(0).bytesPerSecond();
    }

    @Test
    void withoutLoadsEveryExpertIsCalledEquallyOften() {
      // 2 origins * 2 layers * 100 / 2 calls/s * 8 bytes
      assertThat(bytes(problem())).isCloseTo(1600, EXACT);
    }

    @Test
    void layersAreNormalisedOneByOne() {
      // layer 0: 3 / 4, layer 1: 1 / 10; 2 origins * 100 * (0.75 + 0.1) * 8
      assertThat(bytes(problem().load(null, new double[] {1, 3}, new double[] {90, 10})))
          .isCloseTo(1360, within(1e-9));
    }

    @Test
    void zeroLayerIsUniform() {
      // layer 0: 1 / 2, layer 1: 1 / 4; 2 * 100 * 0.75 * 8
      assertThat(bytes(problem().load(null, new double[] {0, 0}, new double[] {3, 1})))
          .isCloseTo(1200, EXACT);
    }

    @Test
    void ownLoadGoesBeforeTheOneForAll() {
      // o1 by the load for all: 0.75 + 0.75; o2 by its own: 0 + 0.5; 100 * (1.5 + 0.5) * 8
      assertThat(
              bytes(
                  problem()
                      .load("o2", new double[] {1, 0}, new double[] {1, 1})
                      .load(null, new double[] {1, 3}, new double[] {1, 3})))
          .isCloseTo(1600, EXACT);
    }

    @Test
    void originWithoutALoadOfItsOwnIsUniform() {
      // o1 calls only experts 0, which stay; o2 is uniform: 100 * (0.5 + 0.5) * 8
      assertThat(bytes(problem().load("o1", new double[] {1, 0}, new double[] {1, 0})))
          .isCloseTo(800, EXACT);
    }

    @Test
    void whoServesNoCallsHasNoEffect() {
      // Expert 1 is never called, so it does not matter that the far offer would serve it.
      Instance instance = problem().load(null, new double[] {1, 0}, new double[] {1, 0}).instance();
      Bill someone = Pricing.price(instance, single(2, 0, 1, 0, 1));
      Placement near = new Placement(new int[] {0}, new int[] {0, 0});
      Placement nobody = new Placement(new int[] {1}, new int[] {-1, -1});
      assertThat(Pricing.price(instance, Assignments.of(near, nobody, near, nobody)))
          .isEqualTo(someone);
      assertThat(someone.traffic()).isEmpty();
      assertThat(someone.origins())
          .containsExactly(new Service(0, 1, 0, false, 0), new Service(1, 1, 0, false, 0));
    }

    @Test
    void originWithoutTokensIsLocal() {
      Bill bill =
          bill(
              ProblemBuilder.threeRegions()
                  .freeProvider("p")
                  .origin("idle", "p/east", 0)
                  .offer("a", "p/west"),
              0);
      assertThat(bill.origins()).containsExactly(new Service(0, 1, 0, false, 0));
    }
  }

  @Nested
  class Egress {
    /**
     * 1,000 tokens/s, top 2 of 4 experts, uniform: 500 calls/s to each. An expert elsewhere sends
     * 500 * 1000 B/s there, 1.8 GB/h, and gets 500 * 3000 B/s back, 5.4 GB/h.
     */
    private static ProblemBuilder problem() {
      return ProblemBuilder.threeRegions()
          .model(1, 4, 2)
          .callBytes(1000, 3000)
          .provider("p", 0.01, 0.05, 0.1)
          .provider("q", 0.02, 0.06, 0.2)
          .origin("o", "p/east", 1000)
          .offer("home", "p/east")
          .offer("west", "p/west")
          .offer("paris", "p/paris")
          .offer("other", "q/east");
    }

    private static Traffic between(Bill bill, int from, int to) {
      return bill.traffic().stream()
          .filter(t -> t.from() == from && t.to() == to)
          .findFirst()
          .orElseThrow();
    }

    @Test
    void providersRates() {
      // The sites are numbered as their offers: 0 p/east, 1 p/west, 2 p/paris, 3 q/east.
      Bill bill = bill(problem(), 0, 1, 2, 3);
      assertThat(bill.traffic()).hasSize(6);
      assertThat(between(bill, 0, 1).bytesPerSecond()).isCloseTo(500_000, EXACT);
      assertThat(between(bill, 0, 1).gbps()).isCloseTo(0.004, EXACT);
      assertThat(between(bill, 1, 0).gbps()).isCloseTo(0.012, EXACT);
      // same provider, same continent: 1.8 * 0.01, 5.4 * 0.01
      assertThat(between(bill, 0, 1).usdPerHour()).isCloseTo(0.018, EXACT);
      assertThat(between(bill, 1, 0).usdPerHour()).isCloseTo(0.054, EXACT);
      // same provider, another continent: 1.8 * 0.05, 5.4 * 0.05
      assertThat(between(bill, 0, 2).usdPerHour()).isCloseTo(0.09, EXACT);
      assertThat(between(bill, 2, 0).usdPerHour()).isCloseTo(0.27, EXACT);
      // another provider, whatever the region: 1.8 * p's 0.1, 5.4 * q's 0.2
      assertThat(between(bill, 0, 3).usdPerHour()).isCloseTo(0.18, EXACT);
      assertThat(between(bill, 3, 0).usdPerHour()).isCloseTo(1.08, EXACT);
      // 0.018 + 0.054 + 0.09 + 0.27 + 0.18 + 1.08
      assertThat(bill.egressUsdPerHour()).isCloseTo(1.692, EXACT);
      assertThat(bill.bandwidthUsdPerHour()).isZero();
      assertThat(bill.migrationUsdPerHour()).isZero();
      assertThat(bill.usdPerHour()).isCloseTo(1.692, EXACT);
      assertThat(bill.origins().get(0).localShare()).isCloseTo(0.25, EXACT);
    }

    @Test
    void bandwidthIsPricedBetweenRegionsOnly() {
      // p/east to p/west and p/paris, both ways: 2 * (1.8 + 5.4) GB/h * 0.5; p/east to q/east is
      // one region: none.
      Bill bill = bill(problem().bandwidthUsdPerGb(0.5), 0, 1, 2, 3);
      assertThat(bill.bandwidthUsdPerHour()).isCloseTo(7.2, EXACT);
      assertThat(bill.usdPerHour()).isCloseTo(1.692 + 7.2, EXACT);
    }

    @Test
    void calledFromTwoOriginsTheTrafficAddsUp() {
      // A second origin at p/west sends 500 calls/s * 4 experts to home: 2 MB/s there, 6 MB/s back;
      // the first origin's
      // calls stay. 7.2 GB/h * 0.01 + 21.6 GB/h * 0.01
      Bill bill = bill(problem().origin("o2", "p/west", 1000), 0, 0, 0, 0);
      assertThat(bill.traffic()).hasSize(2);
      assertThat(between(bill, 1, 0).bytesPerSecond()).isCloseTo(2e6, EXACT);
      assertThat(between(bill, 0, 1).bytesPerSecond()).isCloseTo(6e6, EXACT);
      assertThat(bill.egressUsdPerHour()).isCloseTo(0.288, EXACT);
    }

    @Test
    void traversingTwoWaysDispatchAndCombineOfDifferentOriginsShareADirection() {
      // o (p/east) is served in the west, o2 (p/west) at home in the east, each with all 4 experts
      // on the other's site:
      // east to west carries o's calls, 2 MB/s, and o2's results, 6 MB/s.
      Instance instance = problem().origin("o2", "p/west", 1000).instance();
      Placement crossed = new Placement(new int[] {0, 1}, new int[] {1, 0});
      Bill bill = Pricing.price(instance, Assignments.of(crossed, crossed, crossed, crossed));
      assertThat(between(bill, 0, 1).bytesPerSecond()).isCloseTo(8e6, EXACT);
      assertThat(between(bill, 1, 0).bytesPerSecond()).isCloseTo(8e6, EXACT);
    }

    @Test
    void linkPriceGoesBeforeTheRates() {
      Bill oneWay = bill(problem().oneWayLink("p/east", "q/east", 0.0, null, null), 0, 0, 0, 3);
      assertThat(between(oneWay, 0, 3).usdPerHour()).isZero();
      assertThat(between(oneWay, 3, 0).usdPerHour()).isCloseTo(1.08, EXACT); // q's rate, as above
      Bill backOnly = bill(problem().oneWayLink("q/east", "p/east", 0.5, null, null), 0, 0, 0, 3);
      assertThat(between(backOnly, 0, 3).usdPerHour()).isCloseTo(0.18, EXACT);
      assertThat(between(backOnly, 3, 0).usdPerHour()).isCloseTo(2.7, EXACT); // 5.4 * 0.5
      Bill both = bill(problem().link("q/east", "p/east", 0.5, null, null), 0, 0, 0, 3);
      assertThat(between(both, 0, 3).usdPerHour()).isCloseTo(0.9, EXACT); // 1.8 * 0.5
      assertThat(between(both, 3, 0).usdPerHour()).isCloseTo(2.7, EXACT);
    }

    @Test
    void linkWithoutAPriceLeavesTheRates() {
      Bill bill = bill(problem().link("p/east", "q/east", null, 1.0, null), 0, 0, 0, 3);
      assertThat(between(bill, 0, 3).usdPerHour()).isCloseTo(0.18, EXACT);
    }

    @Test
    void missingPriceIsRefusedOnlyWhereItIsNeeded() {
      ProblemBuilder noRates = problem().provider("r", null, null, null).offer("r", "r/west");
      assertThat(bill(noRates, 0, 0, 0, 0).egressUsdPerHour()).isZero();
      assertThatThrownBy(() -> bill(noRates, 0, 0, 0, 4))
          .isInstanceOf(UnpricedTrafficException.class)
          .hasMessageContaining("from site (r/west) to site (p/east) has no price")
          .hasMessageContaining("\nMaybe ");
    }
  }

  @Nested
  class Latency {
    /**
     * As in Egress: top 2 of 4, uniform, so that each expert is called by min(1, 2 / 4) = 0.5 of
     * the tokens.
     */
    private static ProblemBuilder problem() {
      return ProblemBuilder.threeRegions()
          .model(1, 4, 2)
          .freeProvider("p")
          .origin("o", "p/east", 1000)
          .offer("home", "p/east")
          .offer("west", "p/west")
          .offer("paris", "p/paris")
          .link("p/east", "p/west", null, 10.0, null)
          .link("p/east", "p/paris", null, 30.0, null);
    }

    private static double latencyMs(ProblemBuilder problem, int... offers) {
      return bill(problem, offers).origins().get(0).addedLatencyMs();
    }

    @Test
    void sumOfExpectedRoundTrips() {
      assertThat(latencyMs(problem(), 0, 0, 0, 0)).isZero();
      assertThat(latencyMs(problem(), 0, 0, 0, 1)).isCloseTo(5, EXACT); // min(10, 0.5 * 10)
      assertThat(latencyMs(problem(), 0, 1, 0, 2)).isCloseTo(20, EXACT); // min(30, 5 + 15)
    }

    @Test
    void atMostTheLongestRoundTrip() {
      assertThat(latencyMs(problem(), 0, 1, 1, 1)).isCloseTo(10, EXACT); // min(10, 3 * 5)
      assertThat(latencyMs(problem(), 2, 2, 1, 1)).isCloseTo(30, EXACT); // min(30, 15 + 15 + 5 + 5)
    }

    @Test
    void noExpertIsCalledTwiceByAToken() {
      // w = 0.75, 0.25: 2 * w = 1.5, capped to 1, and 0.5; min(30, 1 * 10 + 0.5 * 30) = 25, without
      // the cap 30.
      assertThat(latencyMs(problem().load(null, new double[] {3, 1, 0, 0}), 1, 2, 0, 0))
          .isCloseTo(25, EXACT);
    }

    @Test
    void capHoldsForEachExpertOfAShard() {
      // Shards of 2 experts; w = 0.75, 0, 0.125, 0.125: the first shard min(1, 1.5) + 0 = 1, the
      // second 0.25 + 0.25.
      // First in the west, second in paris: min(30, 1 * 10 + 0.5 * 30) = 25.
      assertThat(
              latencyMs(problem().expertsPerShard(2).load(null, new double[] {6, 0, 1, 1}), 1, 2))
          .isCloseTo(25, EXACT);
    }

    @Test
    void layersAddUp() {
      // layer 0: min(10, 5) = 5; layer 1: min(30, 15 + 15 + 5 + 5) = 30; layer 2: 0
      assertThat(latencyMs(problem().model(3, 4, 2), 0, 0, 0, 1, 2, 2, 1, 1, 0, 0, 0, 0))
          .isCloseTo(35, EXACT);
    }

    @Test
    void roundTripOfALinkHoldsBothWays() {
      ProblemBuilder there =
          problem()
              .offer("q", "q/east")
              .freeProvider("q")
              .oneWayLink("p/east", "q/east", null, 4.0, null);
      assertThat(latencyMs(there, 0, 0, 0, 3)).isCloseTo(2, EXACT);
      ProblemBuilder back =
          problem()
              .offer("q", "q/east")
              .freeProvider("q")
              .oneWayLink("q/east", "p/east", null, 4.0, null);
      assertThat(latencyMs(back, 0, 0, 0, 3)).isCloseTo(2, EXACT);
      assertThat(bill(back, 0, 0, 0, 3).origins().get(0).latencyEstimated()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
      // A quarter of the globe: along the equator, and from there to the pole.
      "0, 0, 0, 90, 1.5707963267948966",
      "0, 17, 90, 0, 1.5707963267948966",
      // Half of it.
      "0, -90, 0, 90, 3.141592653589793",
      // By the law of cosines: cos c = sin(60)^2 + cos(60)^2 * cos(90) = 0.75.
      "60, 0, 60, 90, 0.7227342478134157",
      // Across the date line, 20 degrees.
      "0, 170, 0, -170, 0.3490658503988659",
      "12, 34, 12, 34, 0"
    })
    void estimateFromTheGreatCircle(
        double latA, double lonA, double latB, double lonB, double radians) {
      Bill bill =
          bill(
              new ProblemBuilder()
                  .region(
                      "here",
                      r -> {
                        r.latitude = latA;
                        r.longitude = lonA;
                      })
                  .region(
                      "there",
                      r -> {
                        r.latitude = latB;
                        r.longitude = lonB;
                      })
                  .freeProvider("p")
                  .origin("o", "p/here", 1)
                  .offer("a", "p/there"),
              0);
      // The only expert is called by every token: the whole round trip counts.
      assertThat(bill.origins().get(0).addedLatencyMs())
          .isCloseTo(1.5 + 0.0176 * 6371 * radians, within(1e-9));
      assertThat(bill.origins().get(0).latencyEstimated()).isTrue();
    }

    @Test
    void otherProviderInTheRegionIsNotFar() {
      // 0.5 * 1.5 ms, even where the region has no coordinates
      Bill bill =
          bill(
              new ProblemBuilder()
                  .region("east", r -> r.latitude = null)
                  .model(1, 2, 1)
                  .freeProvider("p")
                  .freeProvider("q")
                  .origin("o", "p/east", 1)
                  .offer("a", "p/east")
                  .offer("b", "q/east"),
              0,
              1);
      assertThat(bill.origins()).containsExactly(new Service(0, 0.5, 0.75, true, 0));
    }

    @Test
    void unknownOnlyWhereItIsNeeded() {
      ProblemBuilder nowhere =
          problem().region("nowhere", r -> r.longitude = null).offer("n", "p/nowhere");
      assertThat(latencyMs(nowhere, 0, 0, 0, 1)).isCloseTo(5, EXACT);
      assertThat(latencyMs(nowhere, 0, 0, 1, 3)).isNaN();
    }

    @Test
    void estimatedIfAnyOfItIs() {
      ProblemBuilder problem = problem().region("far", r -> {}).offer("far", "p/far");
      assertThat(bill(problem, 0, 1, 2, 0).origins().get(0).latencyEstimated()).isFalse();
      assertThat(bill(problem, 0, 1, 2, 3).origins().get(0).latencyEstimated()).isTrue();
    }
  }

  @Nested
  class Shape {
    private static Instance instance() {
      return ProblemBuilder.threeRegions()
          .model(1, 2, 1)
          .freeProvider("p")
          .origin("o", "p/east", 1)
          .offer("a", "p/east")
          .offer("b", "p/west")
          .instance();
    }

    private static void refused(String message, Placement... placements) {
      assertThatThrownBy(() -> Pricing.price(instance(), Assignments.of(placements)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(message);
    }

    @Test
    void whatCannotBePricedIsRefused() {
      Placement fine = replicas(0);
      refused("1 placements, but the instance has 2 shards", fine);
      refused("not ascending", fine, new Placement(new int[] {1, 0}, new int[] {0}));
      refused("not ascending", fine, new Placement(new int[] {0, 0}, new int[] {0}));
      refused("not ascending", fine, new Placement(new int[] {2}, new int[] {2}));
      refused("not ascending", fine, new Placement(new int[] {-1}, new int[] {-1}));
      refused("holds no replica", fine, new Placement(new int[] {0}, new int[] {1}));
      refused("holds no replica", fine, new Placement(new int[] {0}, new int[] {-1}));
      refused("2 parts", fine, new Placement(new int[] {0}, new int[] {0, 0}));
    }
  }
}
