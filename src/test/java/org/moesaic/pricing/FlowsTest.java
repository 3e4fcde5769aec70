package org.moesaic.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.moesaic.fixture.Assignments;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill.Traffic;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Model.Sync;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Routing.Sample;
import org.moesaic.problem.SampledTokens;

/** Traffic by kind; expected figures are computed by hand, or by counting. */
class FlowsTest {
  /** Offers 0 to 3 are east, west, paris and q/east; their sites have the same numbers. */
  private static final int EAST = 0;

  private static final int WEST = 1;
  private static final int PARIS = 2;
  private static final int OTHER = 3;

  /** Same provider: 0.01 within a continent and 0.02 to another; 0.1 to another provider. */
  private static ProblemBuilder problem() {
    return ProblemBuilder.threeRegions()
        .provider("p", 0.01, 0.02, 0.1)
        .provider("q", 0.01, 0.02, 0.1)
        .offer("east", "p/east")
        .offer("west", "p/west")
        .offer("paris", "p/paris")
        .offer("other", "q/east");
  }

  private static Bill bill(ProblemBuilder problem, int[][] homes, Placement... placements) {
    Assignment assignment =
        new Assignment(List.of(placements), homes.length == 0 ? Homes.OWN : Homes.of(homes));
    return Pricing.price(problem.instance(), assignment);
  }

  private static Traffic row(Bill bill, int from, int to) {
    return bill.traffic().stream()
        .filter(row -> row.from() == from && row.to() == to)
        .findAny()
        .orElseThrow();
  }

  /** Asserts the bytes per second of a row by kind: calls, cuts, access, sync. */
  private static void flows(
      Bill bill, int from, int to, double calls, double cuts, double access, double sync) {
    Traffic row = row(bill, from, to);
    assertThat(row.callsBytesPerSecond()).isCloseTo(calls, within(1e-9));
    assertThat(row.cutsBytesPerSecond()).isCloseTo(cuts, within(1e-9));
    assertThat(row.accessBytesPerSecond()).isCloseTo(access, within(1e-9));
    assertThat(row.syncBytesPerSecond()).isCloseTo(sync, within(1e-9));
    assertThat(row.bytesPerSecond()).isCloseTo(calls + cuts + access + sync, within(1e-9));
  }

  /** Three layers of one expert, 100 tokens/s, each kind of bytes of a size of its own. */
  private static ProblemBuilder threeLayers() {
    return problem()
        .model(3, 1, 1)
        .callBytes(10, 20)
        .backbone(new Backbone(0, 0, 1000, 300))
        .origin("o", "p/east", 100, 1, 4, null);
  }

  @Test
  void callsCutsAndAccess() {
    // Hosted west, west, paris; the experts are east, west, west.
    Bill bill =
        bill(
            threeLayers(),
            new int[][] {{WEST, WEST, PARIS}},
            Assignments.replicas(EAST),
            Assignments.replicas(WEST),
            Assignments.replicas(WEST));
    // Layer 0: west calls east. Access: east to layer 0 in west, and from layer 2 in paris.
    flows(bill, WEST, EAST, 1000, 0, 0, 0);
    flows(bill, EAST, WEST, 2000, 0, 400, 0);
    flows(bill, PARIS, EAST, 0, 0, 400, 0);
    // Layer 2: paris calls west. Activations of layer 1 go to paris, gradients come back.
    flows(bill, WEST, PARIS, 2000, 100_000, 0, 0);
    flows(bill, PARIS, WEST, 1000, 30_000, 0, 0);
    assertThat(bill.traffic()).hasSize(5);
    // 102,000 B/s = 0.3672 GB/h at 0.02.
    assertThat(row(bill, WEST, PARIS).usdPerHour()).isCloseTo(0.3672 * 0.02, within(1e-12));
    // (1000 + 2400) B/s within the continent, (400 + 102,000 + 31,000) B/s to another.
    assertThat(bill.egressUsdPerHour())
        .isCloseTo(3600e-9 * (3400 * 0.01 + 133_400 * 0.02), within(1e-12));
  }

  @Test
  void lastLayerSendsNothingToTheFirst() {
    ProblemBuilder twoLayers =
        problem().model(2, 1, 1).backbone(new Backbone(0, 0, 1000)).origin("o", "p/east", 100);
    Bill bill =
        bill(
            twoLayers,
            new int[][] {{EAST, WEST}},
            Assignments.replicas(EAST),
            Assignments.replicas(WEST));
    flows(bill, EAST, WEST, 0, 100_000, 0, 0);
    assertThat(bill.traffic()).hasSize(1);
  }

  @Test
  void eachPartFlowsByItself() {
    Instance instance =
        problem()
            .model(1, 1, 1)
            .callBytes(10, 20)
            .backbone(new Backbone(0, 0, 0))
            .origin("o", "p/east", 100, 4, 8, null)
            .instance();
    // Three streams stay in the east; one is hosted west and served in paris.
    Bill bill =
        Pricing.price(
            instance,
            new Assignment(
                List.of(new Placement(new int[] {EAST, PARIS}, new int[] {EAST, PARIS})),
                Homes.of(new int[][] {{EAST}, {WEST}}),
                Parts.of(instance.problem().origins(), new int[][] {{3, 1}})));
    flows(bill, WEST, PARIS, 250, 0, 0, 0);
    flows(bill, PARIS, WEST, 500, 0, 0, 0);
    flows(bill, EAST, WEST, 0, 0, 200, 0);
    flows(bill, WEST, EAST, 0, 0, 200, 0);
    assertThat(bill.traffic()).hasSize(4);
  }

  /** One layer, top 2 of 4 experts with weights 1/2, 1/4, 1/8, 1/8. */
  private static ProblemBuilder shared() {
    return problem()
        .model(1, 4, 2)
        .copies(Copies.PER_SITE)
        .callBytes(10, 20)
        .origin("o", "p/east", 1000)
        .load("o", new double[] {4, 2, 1, 1});
  }

  @Test
  void tokenGoesOnceToEachSite() {
    Bill bill =
        bill(
            shared(),
            new int[0][],
            Assignments.replicas(EAST),
            Assignments.replicas(WEST),
            Assignments.replicas(WEST),
            Assignments.replicas(PARIS));
    // Experts 1 and 2 are chosen with 2/4 and 2/8: 1 - 1/2 * 3/4 = 5/8 of 1,000 tokens.
    flows(bill, EAST, WEST, 6250, 0, 0, 0);
    flows(bill, WEST, EAST, 12_500, 0, 0, 0);
    // Expert 3 alone: a quarter.
    flows(bill, EAST, PARIS, 2500, 0, 0, 0);
    assertThat(bill.traffic()).hasSize(4);
    // What is shared is traffic alone: 2,000 calls/s, half of them at home.
    assertThat(bill.origins().get(0).localShare()).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void expertThatEveryTokenChooses() {
    // Expert 0 is chosen with min(1, 2 / 2): whoever serves it gets every token, not more.
    Bill bill =
        bill(
            shared(),
            new int[0][],
            Assignments.replicas(WEST),
            Assignments.replicas(WEST),
            Assignments.replicas(EAST),
            Assignments.replicas(EAST));
    flows(bill, EAST, WEST, 10_000, 0, 0, 0);
  }

  @Test
  void rarestExpertIsNotLostToRounding() {
    // 1 - (1 - p) would be nothing for p below 1e-16.
    Bill bill =
        bill(
            shared().load("o", new double[] {1, 1e-20, 0, 0}),
            new int[0][],
            Assignments.replicas(EAST),
            Assignments.replicas(WEST),
            Assignments.replicas(EAST),
            Assignments.replicas(EAST));
    assertThat(row(bill, EAST, WEST).callsBytesPerSecond())
        .isCloseTo(1000 * 2e-20 * 10, within(1e-27));
  }

  @Test
  void recordedTokensAreCounted() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 50; round++) {
      int topK = 1 + random.nextInt(3);
      ProblemBuilder builder =
          problem()
              .model(2, 5, topK)
              .copies(Copies.PER_SITE)
              .expertsPerShard(1 + random.nextInt(2))
              .callBytes(8, 0)
              .origin("o", "p/east", 64);
      int[][][] choices = new int[1 + random.nextInt(20)][2][];
      for (int[][] token : choices) {
        for (int l = 0; l < 2; l++) {
          token[l] = random.ints(0, 5).distinct().limit(topK).toArray();
        }
      }
      Problem plain = builder.build();
      Sample sample =
          new Sample("o", "o.gz", choices.length, SampledTokens.of(choices, plain.model()));
      Instance instance = Instance.of(builder.sample(sample).build());
      List<Placement> placements = new ArrayList<>();
      for (int s = 0; s < instance.shards(); s++) {
        int offer = random.nextInt(4);
        // The sample alone tells who is called.
        placements.add(
            new Placement(
                new int[] {offer},
                new int[] {instance.demand(0, s) > 0 ? offer : Placement.NOBODY}));
      }
      double[] tokens = new double[4];
      for (int[][] token : choices) {
        for (int l = 0; l < 2; l++) {
          Set<Integer> sites = new HashSet<>();
          for (int expert : token[l]) {
            int k = expert / instance.problem().model().expertsPerShard();
            sites.add(placements.get(instance.shard(l, k)).replicas()[0]);
          }
          sites.forEach(site -> tokens[site]++);
        }
      }
      Bill bill = Pricing.price(instance, new Assignment(placements));
      for (int site = 1; site < 4; site++) {
        int to = site;
        double bytes =
            bill.traffic().stream()
                .filter(row -> row.to() == to)
                .mapToDouble(Traffic::callsBytesPerSecond)
                .sum();
        assertThat(bytes)
            .as("round %d, site %d", round, site)
            .isCloseTo(64 * 8 * tokens[site] / choices.length, within(1e-9));
      }
    }
  }

  @Test
  void demandFollowsTheLoadAndSharesTheSample() {
    ProblemBuilder builder = shared();
    // All recorded tokens chose experts 0 and 1, whatever the load says.
    SampledTokens choices =
        SampledTokens.of(new int[][][] {{{0, 1}}, {{1, 0}}}, builder.build().model());
    Bill bill =
        bill(
            builder.sample(new Sample("o", "o.gz", 2, choices)),
            new int[0][],
            Assignments.replicas(EAST),
            Assignments.replicas(WEST),
            Assignments.replicas(PARIS),
            Assignments.replicas(EAST));
    flows(bill, EAST, WEST, 10_000, 0, 0, 0);
    assertThat(bill.traffic()).extracting(Traffic::to).doesNotContain(PARIS);
    // 5/8 of the calls go to experts 0 and 3 by the load.
    assertThat(bill.origins().get(0).localShare()).isCloseTo(0.625, within(1e-12));
  }

  private static Placement on(int... offers) {
    return new Placement(offers, new int[] {offers[0]});
  }

  @Test
  void syncGoesAlongTheCheapestTree() {
    // Two shards, of two experts and of one; 36 syncs an hour are one in 100 s.
    ProblemBuilder problem =
        problem()
            .model(1, 3, 1)
            .expertsPerShard(2)
            .sync(new Sync(500, 7777, 36))
            .origin("o", "p/east", 0);
    Bill bill = bill(problem, new int[0][], on(EAST, WEST, PARIS), on(EAST, OTHER));
    // There and back: east-west 0.02, east-paris and west-paris 0.04. The first name of the two
    // is east's: p/east - p/paris comes before p/paris - p/west.
    flows(bill, EAST, WEST, 0, 0, 0, 10);
    flows(bill, WEST, EAST, 0, 0, 0, 10);
    flows(bill, EAST, PARIS, 0, 0, 0, 10);
    flows(bill, EAST, OTHER, 0, 0, 0, 5);
    assertThat(bill.traffic()).hasSize(6);
    // Without a backbone its bytes do not count. 20 B/s at 0.01, 20 at 0.02, 10 at 0.1.
    assertThat(bill.egressUsdPerHour())
        .isCloseTo(3600e-9 * (20 * 0.01 + 20 * 0.02 + 10 * 0.1), within(1e-15));
  }

  @Test
  void hostedLayersAreKeptInStepOverAllParts() {
    ProblemBuilder problem =
        problem()
            .model(1, 1, 1)
            .backbone(new Backbone(0, 0, 0))
            .sync(new Sync(500, 2000, 36))
            .origin("one", "p/east", 0)
            .origin("two", "p/east", 0)
            .origin("three", "p/east", 0);
    Bill bill =
        bill(
            problem,
            new int[][] {{WEST}, {PARIS}, {WEST}},
            new Placement(new int[] {EAST}, new int[] {-1, -1, -1}));
    flows(bill, WEST, PARIS, 0, 0, 0, 20);
    flows(bill, PARIS, WEST, 0, 0, 0, 20);
    assertThat(bill.traffic()).hasSize(2);
  }

  @Test
  void linkCountsSyncByItsWindowAndMoneyDoesNot() {
    // 100 calls of 10 B make 1,000 B/s; a sync of 50,000 B in 100 s 500 B/s, in half the time
    // 1,000.
    ProblemBuilder problem =
        problem()
            .callBytes(10, 0)
            .sync(new Sync(50_000, 0, 36, 0.5))
            .origin("o", "p/east", 100)
            .link("p/east", "p/west", 0.0, null, 2000 * 8e-9);
    Placement both = new Placement(new int[] {EAST, WEST}, new int[] {WEST});
    Bill bill = bill(problem, new int[0][], both);
    assertThat(bill.keepsRules()).isTrue();
    assertThat(row(bill, EAST, WEST).bytesPerSecond()).isCloseTo(1500, within(1e-9));

    Bill hurried = bill(problem.sync(new Sync(50_000, 0, 36, 0.4)), new int[0][], both);
    // 500 / 0.4 = 1,250: 2,250 B/s are 1.8e-5 Gbit/s.
    assertThat(hurried.violations())
        .containsExactly(
            new Violation(
                Rule.LINK,
                "p/east -> p/west",
                "The link (p/east -> p/west) carries 0.000018 Gbit/s while it syncs, more than its"
                    + " gbps times usable.link (0.000016)."));
    assertThat(hurried.egressUsdPerHour()).isEqualTo(bill.egressUsdPerHour());
  }

  @Test
  void syncWithoutAPriceIsRefused() {
    ProblemBuilder problem =
        ProblemBuilder.threeRegions()
            .provider("p", 0.0, null, 0.0)
            .offer("east", "p/east")
            .offer("west", "p/west")
            .offer("paris", "p/paris")
            .origin("o", "p/east", 0)
            .sync(new Sync(1, 0, 1));
    assertThat(bill(problem, new int[0][], on(EAST, WEST)).traffic()).hasSize(2);
    assertThatThrownBy(() -> bill(problem, new int[0][], on(EAST, WEST, PARIS)))
        .isInstanceOf(UnpricedTrafficException.class)
        .hasMessageContaining("p/paris");
  }
}
