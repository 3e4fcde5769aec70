package org.moesaic.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.moesaic.fixture.Assignments;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill.Lease;
import org.moesaic.pricing.Bill.Service;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Origin.ServableIn;
import org.moesaic.problem.Policy.Selector;
import org.moesaic.problem.Problem;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Feature;
import org.moesaic.testing.RandomProblems.Size;

/** The dense part placed on offers; every expected figure is computed by hand. */
class HostsTest {
  private static final Offset<Double> EXACT = within(1e-12);

  private static final int HOME = 0;
  private static final int WEST = 1;
  private static final int PARIS = 2;

  /**
   * Two layers of one expert of 1 GiB, 100 tokens/s of p/east in four streams; a layer's dense part
   * takes 0.5 GiB and 2e9 operations per token. East to west 10 ms, to paris 80, west to paris 100.
   */
  private static ProblemBuilder problem() {
    return ProblemBuilder.threeRegions()
        .model(2, 1, 1)
        .expertFlopsPerToken(1e9)
        .backbone(new Backbone(0.5 * (1L << 30), 2e9, 1000))
        .freeProvider("p")
        .link("p/east", "p/west", null, 10.0, null)
        .link("p/east", "p/paris", null, 80.0, null)
        .link("p/west", "p/paris", null, 100.0, null)
        .offer("home", "p/east")
        .offer(
            "west",
            "p/west",
            o -> {
              o.memoryGib = 0.4;
              o.tflops = 0.1;
            })
        .offer(
            "paris",
            "p/paris",
            o -> {
              o.memoryGib = 1.0;
              o.tflops = 0.2;
            });
  }

  private static ProblemBuilder oneStream() {
    return problem().origin("o", "p/east", 100);
  }

  /** The expert of layer 0 at home, that of layer 1 in paris. */
  private static List<Placement> placements(int parts) {
    int[] home = new int[parts];
    int[] paris = new int[parts];
    Arrays.fill(home, HOME);
    Arrays.fill(paris, PARIS);
    return List.of(new Placement(new int[] {HOME}, home), new Placement(new int[] {PARIS}, paris));
  }

  private static Bill bill(ProblemBuilder problem, int... hosts) {
    return Pricing.price(
        problem.instance(), new Assignment(placements(1), Homes.of(new int[][] {hosts})));
  }

  @Test
  void hostsTakeMemoryAndCompute() {
    Bill bill = bill(oneStream(), WEST, PARIS);
    assertThat(bill.leases()).extracting(Lease::offer).containsExactly(HOME, WEST, PARIS);
    // West hosts layer 0: 0.5 / 0.4 = 1.25 nodes of memory, 100 * 2e9 / 1e11 = 2 of compute.
    Lease west = bill.leases().get(1);
    assertThat(west.nodes()).isEqualTo(2);
    assertThat(west.memoryUse()).isCloseTo(1.25 / 2, EXACT);
    assertThat(west.computeUse()).isCloseTo(1, EXACT);
    // Paris holds an expert and hosts layer 1: 1.5 GiB of 1, and 100 * (1e9 + 2e9) of 2e11.
    Lease paris = bill.leases().get(2);
    assertThat(paris.nodes()).isEqualTo(2);
    assertThat(paris.memoryUse()).isCloseTo(0.75, EXACT);
    assertThat(paris.computeUse()).isCloseTo(0.75, EXACT);
  }

  @Test
  void waitsForEachStepAndForCallsFromTheHost() {
    Service service = bill(oneStream(), WEST, PARIS).origins().get(0);
    // West calls home over 10 ms; half of 100 ms from west to paris, and half of it back.
    assertThat(service.addedLatencyMs()).isCloseTo(10 + 50 + 50, EXACT);
    assertThat(service.latencyEstimated()).isFalse();
    // Layer 1 is served where it is hosted, layer 0 is not.
    assertThat(service.localShare()).isCloseTo(0.5, EXACT);
    assertThat(service.accessMs()).isCloseTo(10, EXACT);

    Service home = bill(oneStream(), HOME, HOME).origins().get(0);
    assertThat(home.addedLatencyMs()).isCloseTo(80, EXACT); // home calls paris in layer 1
    assertThat(home.accessMs()).isZero();
  }

  @Test
  void estimatedStepIsMarked() {
    // The offers of two providers in one region: 1.5 ms, as no link tells it.
    ProblemBuilder problem = oneStream().freeProvider("q").offer("other", "q/paris");
    Service service = bill(problem, PARIS, 3).origins().get(0);
    // Paris calls home over 80 ms, q/paris calls p/paris over 1.5, and two half steps of 1.5.
    assertThat(service.addedLatencyMs()).isCloseTo(80 + 1.5 + 1.5, EXACT);
    assertThat(service.latencyEstimated()).isTrue();
  }

  @Test
  void partsShareOneCopyOfALayerButNotItsCompute() {
    Instance instance = problem().origin("o", "p/east", 100, 4, 0, null).instance();
    Parts parts = Parts.of(instance.problem().origins(), new int[][] {{3, 1}});
    int[][] hosts = {{PARIS, PARIS}, {PARIS, HOME}};
    Bill bill = Pricing.price(instance, new Assignment(placements(2), Homes.of(hosts), parts));
    // An expert and two layers: 2 GiB. 100 tokens/s call the expert and pass layer 0, 75 layer 1:
    // 100 * (1e9 + 2e9) + 75 * 2e9 = 4.5e11 of 2e11.
    Lease paris = bill.leases().get(1);
    assertThat(paris.offer()).isEqualTo(PARIS);
    assertThat(paris.nodes()).isEqualTo(3);
    assertThat(paris.memoryUse()).isCloseTo(2.0 / 3, EXACT);
    assertThat(paris.computeUse()).isCloseTo(2.25 / 3, EXACT);
    // Of each part: paris calls home over 80 ms; the second's step home, its call of paris, and the
    // step back take 40 + 80 + 40.
    assertThat(bill.origins()).extracting(Service::part).containsExactly(0, 1);
    assertThat(bill.origins().get(0).addedLatencyMs()).isCloseTo(80, EXACT);
    assertThat(bill.origins().get(1).addedLatencyMs()).isCloseTo(80 + 40 + 80 + 40, EXACT);
    assertThat(bill.origins().get(0).localShare()).isCloseTo(0.5, EXACT);
    assertThat(bill.origins().get(1).localShare()).isZero();
  }

  @Test
  void everyLayerNeedsAHost() {
    Instance instance = oneStream().instance();
    assertThatThrownBy(() -> Pricing.price(instance, Assignments.single(1, HOME, PARIS)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Layer (0) of origin (o)");
    assertThatThrownBy(() -> bill(oneStream(), HOME, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Layer (1) of origin (o)");
  }

  private static void breaks(Rule rule, String subject, String message, Bill bill) {
    assertThat(bill.violations()).containsExactly(new Violation(rule, subject, message));
  }

  @Test
  void accessIsLimitedByTheOriginElseByThePolicy() {
    assertThat(bill(oneStream().maxAccessMs(10), WEST, PARIS).keepsRules()).isTrue();
    breaks(
        Rule.ACCESS,
        "o",
        "The access time of origin (o) is 10 ms, more than maxAccessMs (9.9).",
        bill(oneStream().maxAccessMs(9.9), WEST, PARIS));
    ProblemBuilder own = problem().origin("o", "p/east", 100, 1, 0, 10.0).maxAccessMs(1);
    assertThat(bill(own, WEST, PARIS).keepsRules()).isTrue();
    // Nobody says how far a place without coordinates is.
    ProblemBuilder nowhere =
        oneStream().region("far", r -> r.latitude = null).offer("far", "p/far").maxAccessMs(1000);
    assertThat(bill(nowhere, 3, HOME).violations())
        .singleElement()
        .satisfies(
            v -> assertThat(v.message()).contains("is unknown", "maxAccessMs (1000)", "\nMaybe "));
  }

  @Test
  void residencyBindsHosts() {
    UnaryOperator<ProblemBuilder> toAmerica =
        p ->
            p.origin(
                "o", "p/east", 100, new ServableIn(List.of(), List.of(), List.of("america")), null);
    Placement home = new Placement(new int[] {HOME}, new int[] {HOME});
    Instance instance = toAmerica.apply(problem()).instance();
    var served = List.of(home, home);
    assertThat(
            Pricing.price(instance, new Assignment(served, Homes.of(new int[][] {{WEST, HOME}})))
                .keepsRules())
        .isTrue();
    breaks(
        Rule.RESIDENCY,
        "o",
        "1 of 2 hosts of layers lie in a region that servableIn does not list; the first is that"
            + " of layer 1 for origin (o), on paris.",
        Pricing.price(instance, new Assignment(served, Homes.of(new int[][] {{WEST, PARIS}}))));
    // Served and hosted where it must not: one violation tells both.
    breaks(
        Rule.RESIDENCY,
        "o",
        "1 of 2 shards serve the origin (o) in a region that its servableIn does not list; the"
            + " first is shard 0 of layer 1, on paris. 1 of 2 hosts of layers lie in a region that"
            + " servableIn does not list; the first is that of layer 1 for origin (o), on paris.",
        bill(toAmerica.apply(problem()), WEST, PARIS));
  }

  @Test
  void pinsAndBansThatNameNoExpertBindHosts() {
    Selector west = new Selector(0, null, List.of("west"), List.of(), List.of());
    Selector expert = new Selector(0, 0, List.of("west"), List.of(), List.of());
    breaks(
        Rule.BAN,
        "bans/0",
        "1 of 2 hosts of layers lie in the places of policy/bans/0; the first is that of layer 0"
            + " for origin (o), on west.",
        bill(oneStream().ban(west), WEST, WEST));
    assertThat(bill(oneStream().ban(expert), WEST, WEST).keepsRules()).isTrue();
    assertThat(bill(oneStream().ban(west), HOME, WEST).keepsRules()).isTrue();

    Selector american = new Selector(null, null, List.of(), List.of("east", "paris"), List.of());
    assertThat(bill(oneStream().pin(american), HOME, PARIS).keepsRules()).isTrue();
    breaks(
        Rule.PIN,
        "pins/0",
        "1 of 2 hosts of layers lie outside the places of policy/pins/0; the first is that of"
            + " layer 1 for origin (o), on west.",
        bill(oneStream().pin(american), HOME, WEST));
    Selector elsewhere = new Selector(0, 0, List.of("home"), List.of(), List.of());
    assertThat(bill(oneStream().pin(elsewhere), WEST, WEST).keepsRules()).isTrue();
  }

  @Test
  void anOfferThatOnlyHostsHasToBeThereAndLargeEnough() {
    ProblemBuilder problem =
        oneStream()
            .neededBy("2027-01-01")
            .offer(
                "late",
                "p/east",
                o -> {
                  o.availableFrom = LocalDate.parse("2027-01-02");
                  o.memoryGib = 0.25;
                  o.maxNodes = 1;
                });
    assertThat(bill(problem, 3, HOME).violations())
        .extracting(Violation::rule)
        .containsExactly(Rule.CAPACITY, Rule.AVAILABILITY);
  }

  /** Parts that are hosted and served alike come to what their origins come to. */
  @Test
  void dividingAloneChangesNothing() {
    int divided = 0;
    for (long seed = 0; seed < 200; seed++) {
      Problem problem = RandomProblems.of(seed, new Size(3, 4, 5, 3), EnumSet.allOf(Feature.class));
      Instance instance = Instance.of(problem);
      SplittableRandom random = new SplittableRandom(seed);
      Assignment whole = wholeDecisions(instance, random);
      Parts parts = RandomPlacements.anyParts(instance, random);
      divided += parts.isWhole() ? 0 : 1;
      Bill expected = Pricing.price(instance, whole);
      Bill bill = Pricing.price(instance, alike(whole, parts, instance.layers()));
      String replay = "RandomProblems.of(%d, new Size(3, 4, 5, 3), all)".formatted(seed);
      assertThat(bill.usdPerHour())
          .as(replay)
          .isCloseTo(expected.usdPerHour(), withinPercentage(1e-7));
      assertThat(bill.leases())
          .as(replay)
          .extracting(Lease::nodes)
          .isEqualTo(expected.leases().stream().map(Lease::nodes).toList());
      assertThat(bill.traffic()).as(replay).hasSameSizeAs(expected.traffic());
      for (int i = 0; i < bill.traffic().size(); i++) {
        assertThat(bill.traffic().get(i).bytesPerSecond())
            .as(replay)
            .isCloseTo(expected.traffic().get(i).bytesPerSecond(), withinPercentage(1e-7));
      }
      for (Service service : bill.origins()) {
        Service origin = expected.origins().get(parts.origin(service.part()));
        assertThat(service.addedLatencyMs())
            .as(replay)
            .isCloseTo(origin.addedLatencyMs(), within(1e-9));
        assertThat(service.accessMs()).as(replay).isEqualTo(origin.accessMs());
        assertThat(service.localShare()).as(replay).isCloseTo(origin.localShare(), within(1e-9));
      }
      assertThat(rules(bill)).as(replay).isEqualTo(rules(expected));
    }
    assertThat(divided).isGreaterThan(100);
  }

  private static Assignment wholeDecisions(Instance instance, SplittableRandom random) {
    Instance split = instance.split(Parts.WHOLE);
    return new Assignment(
        RandomPlacements.anyAssignment(split, random).placements(),
        RandomPlacements.anyHosts(split, random));
  }

  private static Assignment alike(Assignment whole, Parts parts, int layers) {
    List<Placement> placements = new ArrayList<>();
    for (Placement placement : whole.placements()) {
      int[] servedBy = new int[parts.count()];
      Arrays.setAll(servedBy, part -> placement.servedBy()[parts.origin(part)]);
      placements.add(new Placement(placement.replicas(), servedBy));
    }
    int[][] hosts = new int[parts.count()][layers];
    for (int part = 0; part < hosts.length; part++) {
      int origin = parts.origin(part);
      Arrays.setAll(hosts[part], layer -> whole.home(origin, layer));
    }
    return new Assignment(placements, Homes.of(hosts), parts);
  }

  private static Set<Rule> rules(Bill bill) {
    return bill.violations().stream().map(Violation::rule).collect(Collectors.toSet());
  }
}
