package org.moesaic.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.moesaic.fixture.Assignments.replicas;
import static org.moesaic.fixture.Assignments.single;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.moesaic.fixture.Assignments;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Origin.ServableIn;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Policy.Selector;

/** Each rule, just kept and just broken. */
class RulesTest {
  /**
   * One expert, one token/s of p/east, and an offer in each of p/east, p/west, p/paris and q/east.
   */
  private static ProblemBuilder problem() {
    return ProblemBuilder.threeRegions()
        .freeProvider("p")
        .freeProvider("q")
        .origin("o", "p/east", 1)
        .offer("home", "p/east")
        .offer("west", "p/west")
        .offer("paris", "p/paris")
        .offer("other", "q/east");
  }

  private static List<Violation> violations(ProblemBuilder problem, Placement... placements) {
    return violations(problem.instance(), Assignments.of(placements));
  }

  private static List<Violation> violations(Instance instance, Assignment assignment) {
    return Pricing.price(instance, assignment).violations();
  }

  private static void kept(ProblemBuilder problem, Placement... placements) {
    assertThat(violations(problem, placements)).isEmpty();
  }

  private static void broken(
      Rule rule, String subject, String message, ProblemBuilder problem, Placement... placements) {
    assertThat(violations(problem, placements))
        .containsExactly(new Violation(rule, subject, message));
  }

  private static ProblemBuilder withLimit(Integer maxNodes) {
    return ProblemBuilder.threeRegions()
        .freeProvider("p")
        .origin("o", "p/east", 1)
        .expertBytes(3L << 30)
        .offer(
            "a",
            "p/east",
            o -> {
              o.memoryGib = 1.0;
              o.maxNodes = maxNodes;
            });
  }

  @Test
  void capacity() {
    kept(withLimit(null), replicas(0));
    kept(withLimit(3), replicas(0));
    broken(
        Rule.CAPACITY,
        "a",
        "The offer (a) needs 3 nodes, more than maxNodes (2).",
        withLimit(2),
        replicas(0));
  }

  @Test
  void offerWithoutCapacity() {
    broken(
        Rule.CAPACITY,
        "none",
        "No number of nodes of offer (none) is enough: a resource that it needs has a capacity of"
            + " (almost) nothing.",
        problem().expertFlopsPerToken(1).offer("none", "p/east", o -> o.tflops = 0.0),
        replicas(4));
  }

  @Test
  void offerWithoutCapacityHoldsWhatIsNotUsed() {
    kept(
        problem().expertFlopsPerToken(1).offer("none", "p/east", o -> o.tflops = 0.0),
        replicas(0, 4));
  }

  @ParameterizedTest
  @CsvSource({"2026-12-01, true", "2027-01-15, true", "2027-01-16, false"})
  void availability(LocalDate availableFrom, boolean keeps) {
    ProblemBuilder problem =
        problem()
            .neededBy("2027-01-15")
            .offer("late", "p/east", o -> o.availableFrom = availableFrom);
    kept(problem, replicas(0));
    if (keeps) {
      kept(problem, replicas(0, 4));
    } else {
      broken(
          Rule.AVAILABILITY,
          "late",
          "The offer (late) is availableFrom 2027-01-16, after neededBy (2027-01-15).",
          problem,
          replicas(0, 4));
    }
  }

  @Test
  void availabilityBindsOnlyBothDates() {
    kept(problem().offer("late", "p/east", o -> o.availableFrom = LocalDate.MAX), replicas(4));
    kept(problem().neededBy("2000-01-01"), replicas(0));
  }

  @Test
  void numberOfReplicas() {
    ProblemBuilder problem = problem().model(1, 3, 1).replicas(2, 3);
    kept(problem, replicas(0, 1), replicas(0, 1, 2), replicas(1, 2));
    broken(
        Rule.REPLICAS,
        "minReplicas",
        "2 of 3 shards have fewer replicas than minReplicas (2); the first is shard 1 of layer 0,"
            + " on west.",
        problem,
        replicas(0, 1),
        replicas(1),
        replicas(2));
    broken(
        Rule.REPLICAS,
        "maxReplicas",
        "1 of 3 shards have more replicas than maxReplicas (3); the first is shard 2 of layer 0, on"
            + " home, west, paris, other.",
        problem,
        replicas(0, 1),
        replicas(0, 1),
        replicas(0, 1, 2, 3));
  }

  @Test
  void shardThatNobodyCallsNeedsReplicasToo() {
    Instance instance = problem().model(1, 2, 1).load("o", new double[] {1, 0}).instance();
    Placement none = new Placement(new int[0], new int[] {Placement.NOBODY});
    assertThat(violations(instance, Assignments.of(replicas(0), none)))
        .containsExactly(
            new Violation(
                Rule.REPLICAS,
                "minReplicas",
                "1 of 2 shards have fewer replicas than minReplicas (1); the first is shard 1 of"
                    + " layer 0, on no offer."));
  }

  static Stream<Arguments> residency() {
    return Stream.of(
        Arguments.of(new ServableIn(List.of("east", "paris"), List.of(), List.of()), 2, true),
        Arguments.of(new ServableIn(List.of("east"), List.of("FR"), List.of()), 2, true),
        Arguments.of(new ServableIn(List.of(), List.of(), List.of("europe")), 2, true),
        Arguments.of(new ServableIn(List.of(), List.of("US"), List.of("america")), 2, false),
        Arguments.of(new ServableIn(List.of("west"), List.of(), List.of()), 0, false),
        Arguments.of(new ServableIn(List.of(), List.of(), List.of()), 0, false));
  }

  @ParameterizedTest
  @MethodSource
  void residency(ServableIn servableIn, int offer, boolean keeps) {
    ProblemBuilder problem =
        ProblemBuilder.threeRegions()
            .freeProvider("p")
            .origin("o", "p/east", 1, servableIn, null)
            .offer("home", "p/east")
            .offer("west", "p/west")
            .offer("paris", "p/paris");
    if (keeps) {
      kept(problem, replicas(offer));
    } else {
      assertThat(violations(problem, replicas(offer)))
          .extracting(Violation::rule, Violation::subject)
          .containsExactly(org.assertj.core.groups.Tuple.tuple(Rule.RESIDENCY, "o"));
    }
  }

  @Test
  void residencyIsAboutServingNotHolding() {
    ProblemBuilder problem =
        problem()
            .origin(
                "eu", "p/paris", 1, new ServableIn(List.of(), List.of(), List.of("europe")), null);
    // home and paris hold the expert; home serves o, paris serves eu.
    Instance instance = problem.instance();
    assertThat(
            violations(instance, Assignments.of(new Placement(new int[] {0, 2}, new int[] {0, 2}))))
        .isEmpty();
    assertThat(
            violations(instance, Assignments.of(new Placement(new int[] {0, 2}, new int[] {0, 0}))))
        .containsExactly(
            new Violation(
                Rule.RESIDENCY,
                "eu",
                "1 of 1 shards serve the origin (eu) in a region that its servableIn does not list;"
                    + " the first is shard 0 of layer 0, on home."));
  }

  @Test
  void survivalOfARegion() {
    ProblemBuilder problem = problem().survive(DomainKind.REGION);
    kept(problem, replicas(0, 1));
    // p/east and q/east are one region.
    broken(
        Rule.SURVIVAL,
        "region",
        "1 of 1 shards would be lost with one region; the first is shard 0 of layer 0, on home,"
            + " other.",
        problem,
        replicas(0, 3));
    assertThat(violations(problem, replicas(0)))
        .extracting(Violation::subject)
        .containsExactly("region");
  }

  @Test
  void survivalOfAProvider() {
    ProblemBuilder problem = problem().survive(DomainKind.PROVIDER);
    kept(problem, replicas(0, 3));
    broken(
        Rule.SURVIVAL,
        "provider",
        "1 of 1 shards would be lost with one provider; the first is shard 0 of layer 0, on home,"
            + " west, paris.",
        problem,
        replicas(0, 1, 2));
  }

  @Test
  void survivalOfAPowerDomain() {
    // A and B are on one grid; C is its own domain, even though a grid has its name.
    ProblemBuilder problem =
        new ProblemBuilder()
            .region("A", r -> r.powerDomain = "grid")
            .region("B", r -> r.powerDomain = "grid")
            .region("C", r -> {})
            .region("D", r -> r.powerDomain = "C")
            .freeProvider("p")
            .origin("o", "p/A", 1)
            .offer("a", "p/A")
            .offer("b", "p/B")
            .offer("c", "p/C")
            .offer("c2", "p/C")
            .offer("d", "p/D")
            .survive(DomainKind.POWER_DOMAIN);
    kept(problem, replicas(0, 2));
    kept(problem, replicas(2, 4));
    kept(problem, replicas(0, 1, 2));
    broken(
        Rule.SURVIVAL,
        "powerDomain",
        "1 of 1 shards would be lost with one powerDomain; the first is shard 0 of layer 0, on a,"
            + " b.",
        problem,
        replicas(0, 1));
    assertThat(violations(problem, replicas(2, 3))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"50, true", "49.9, false", "0, false"})
  void power(double capKw, boolean keeps) {
    // Two offers of two providers in one region: 2 nodes * 10 kW + 3 nodes * 10 kW.
    ProblemBuilder problem =
        new ProblemBuilder()
            .region("east", r -> r.powerCapKw = capKw)
            .freeProvider("p")
            .freeProvider("q")
            .origin("o", "p/east", 1)
            .offer(
                "a",
                "p/east",
                o -> {
                  o.minNodes = 2;
                  o.powerKw = 10;
                })
            .offer(
                "b",
                "q/east",
                o -> {
                  o.minNodes = 3;
                  o.powerKw = 10;
                });
    if (keeps) {
      kept(problem, replicas(0, 1));
    } else {
      broken(
          Rule.POWER,
          "east",
          "The leases in region (east) draw 50 kW, more than powerCapKw (%s)."
              .formatted(capKw == 0 ? "0" : "49.9"),
          problem,
          replicas(0, 1));
    }
  }

  private static ProblemBuilder linked(Double gbps) {
    // 1 token/s: 1e9 bytes/s there = 8 Gbit/s, 0.5e9 bytes/s back = 4 Gbit/s; half of a link is
    // usable.
    return problem()
        .callBytes(1e9, 0.5e9)
        .usable(1, 1, 1, 0.5, Map.of())
        .link("p/west", "p/east", null, null, gbps);
  }

  @Test
  void link() {
    kept(linked(null), replicas(1));
    kept(linked(16.0), replicas(1));
    kept(linked(1.0), replicas(0));
    broken(
        Rule.LINK,
        "p/east -> p/west",
        "The link (p/east -> p/west) carries 8 Gbit/s, more than its gbps times usable.link (7.5).",
        linked(15.0),
        replicas(1));
    assertThat(violations(linked(7.9), replicas(1)))
        .extracting(Violation::subject)
        .containsExactly("p/east -> p/west", "p/west -> p/east");
  }

  @Test
  void linkLimitsItsOwnDirection() {
    ProblemBuilder back =
        problem().callBytes(1e9, 0.5e9).oneWayLink("p/west", "p/east", null, null, 4.0);
    kept(back, replicas(1));
    ProblemBuilder there =
        problem().callBytes(1e9, 0.5e9).oneWayLink("p/east", "p/west", null, null, 4.0);
    assertThat(violations(there, replicas(1)))
        .extracting(Violation::subject)
        .containsExactly("p/east -> p/west");
  }

  @ParameterizedTest
  @CsvSource({
    // own limit, policy's limit, whether 20 ms keep it
    "20, , true",
    "19.9, , false",
    ", 20, true",
    ", 19.9, false",
    "20, 1, true", // the origin's goes first, even where it is the looser one
    "19.9, 100, false",
    "0, , false",
    ", , true"
  })
  void latency(Double own, Double policy, boolean keeps) {
    ProblemBuilder problem =
        ProblemBuilder.threeRegions()
            .freeProvider("p")
            .origin("o", "p/east", 1, null, own)
            .offer("home", "p/east")
            .offer("west", "p/west")
            .link("p/east", "p/west", null, 20.0, null);
    if (policy != null) {
      problem.maxAddedLatencyMs(policy);
    }
    if (keeps) {
      kept(problem, replicas(1));
    } else {
      broken(
          Rule.LATENCY,
          "o",
          "The added latency of origin (o) is 20 ms, more than maxAddedLatencyMs (%s)."
              .formatted(own != null && own == 0 ? "0" : "19.9"),
          problem,
          replicas(1));
    }
    kept(problem, replicas(0));
  }

  @Test
  void unknownLatencyKeepsNoLimit() {
    ProblemBuilder problem =
        problem().region("nowhere", r -> r.latitude = null).offer("n", "p/nowhere");
    kept(problem, replicas(4));
    assertThat(violations(problem.maxAddedLatencyMs(1e6), replicas(4)))
        .singleElement()
        .satisfies(v -> assertThat(v.rule()).isEqualTo(Rule.LATENCY))
        .satisfies(
            v ->
                assertThat(v.message())
                    .contains("is unknown")
                    .contains("1000000")
                    .contains("\nMaybe "));
  }

  @ParameterizedTest
  @CsvSource({"0.75, true", "0.74, false"})
  void providerShare(double share, boolean keeps) {
    // p: 2 offers of 30 and 45 USD/h, q: 25 USD/h; p has 75 of 100.
    ProblemBuilder problem =
        ProblemBuilder.threeRegions()
            .freeProvider("p")
            .freeProvider("q")
            .origin("o", "p/east", 1)
            .offer("a", "p/east", o -> o.usdPerNodeHour = 30)
            .offer("b", "p/west", o -> o.usdPerNodeHour = 45)
            .offer("c", "q/east", o -> o.usdPerNodeHour = 25)
            .maxProviderShare(share);
    if (keeps) {
      kept(problem, replicas(0, 1, 2));
    } else {
      broken(
          Rule.PROVIDER_SHARE,
          "p",
          "The provider (p) has 75 of 100 USD/h of all leases, a share of 0.75, more than"
              + " maxProviderShare (0.74).",
          problem,
          replicas(0, 1, 2));
    }
  }

  @Test
  void freeLeasesHaveNoShare() {
    kept(problem().maxProviderShare(0), replicas(0));
  }

  private static Selector places(Integer layer, Integer expert, List<String> offers) {
    return new Selector(layer, expert, offers, List.of(), List.of());
  }

  /**
   * Two layers of four experts in shards of two; shards are (layer 0: 0-1, 2-3), (layer 1: 0-1,
   * 2-3).
   */
  private static ProblemBuilder fourShards() {
    return problem().model(2, 4, 1).expertsPerShard(2);
  }

  static Stream<Arguments> selectors() {
    // Which of the four shards each form of selector names.
    return Stream.of(
        Arguments.of(null, null, List.of(0, 1, 2, 3)),
        Arguments.of(1, null, List.of(2, 3)),
        Arguments.of(null, 2, List.of(1, 3)),
        Arguments.of(null, 3, List.of(1, 3)),
        Arguments.of(0, 1, List.of(0)),
        Arguments.of(1, 2, List.of(3)));
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void pinNamesShards(Integer layer, Integer expert, List<Integer> named) {
    ProblemBuilder problem = fourShards().pin(places(layer, expert, List.of("home")));
    for (int shard = 0; shard < 4; shard++) {
      // All shards at home but one.
      int[] offers = new int[4];
      offers[shard] = 1;
      List<Violation> violations = violations(problem.instance(), single(1, offers));
      if (named.contains(shard)) {
        assertThat(violations)
            .containsExactly(
                new Violation(
                    Rule.PIN,
                    "pins/0",
                    "1 of 4 shards have replicas outside the places of policy/pins/0; the first is shard %d of layer"
                            .formatted(shard % 2)
                        + " %d, on west.".formatted(shard / 2)));
      } else {
        assertThat(violations).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("selectors")
  void banNamesShards(Integer layer, Integer expert, List<Integer> named) {
    ProblemBuilder problem = fourShards().ban(places(layer, expert, List.of("west")));
    for (int shard = 0; shard < 4; shard++) {
      int[] offers = new int[4];
      offers[shard] = 1;
      List<Violation> violations = violations(problem.instance(), single(1, offers));
      if (named.contains(shard)) {
        assertThat(violations)
            .extracting(Violation::rule, Violation::subject)
            .containsExactly(org.assertj.core.groups.Tuple.tuple(Rule.BAN, "bans/0"));
      } else {
        assertThat(violations).isEmpty();
      }
    }
  }

  static Stream<Arguments> forms() {
    // Offers 0 home p/east, 1 west p/west, 2 paris p/paris, 3 other q/east: which lie in the
    // places.
    return Stream.of(
        Arguments.of(new Selector(null, null, List.of("home"), List.of(), List.of()), List.of(0)),
        Arguments.of(
            new Selector(null, null, List.of(), List.of("east"), List.of()), List.of(0, 3)),
        Arguments.of(
            new Selector(null, null, List.of(), List.of(), List.of("p")), List.of(0, 1, 2)),
        Arguments.of(
            new Selector(null, null, List.of("west"), List.of("paris"), List.of("q")),
            List.of(1, 2, 3)));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void pinsAndBansNamePlaces(Selector selector, List<Integer> inside) {
    for (int offer = 0; offer < 4; offer++) {
      assertThat(violations(problem().pin(selector), replicas(offer)).isEmpty())
          .isEqualTo(inside.contains(offer));
      assertThat(violations(problem().ban(selector), replicas(offer)).isEmpty())
          .isEqualTo(!inside.contains(offer));
    }
  }

  @Test
  void everyReplicaCounts() {
    // Not only the one that serves.
    assertThat(violations(problem().pin(places(null, null, List.of("home"))), replicas(0, 1)))
        .hasSize(1);
    assertThat(violations(problem().ban(places(null, null, List.of("west"))), replicas(0, 1)))
        .hasSize(1);
  }

  @Test
  void everyPinIsToldByItsNumber() {
    ProblemBuilder problem =
        problem()
            .pin(places(null, null, List.of("home", "west")))
            .pin(places(null, null, List.of("paris")))
            .pin(places(0, 0, List.of("home")));
    assertThat(violations(problem, replicas(1)))
        .extracting(Violation::subject)
        .containsExactly("pins/1", "pins/2");
  }

  @Test
  void limitsForgiveOnePartInABillion() {
    // 2e9 bytes/s are 16 Gbit/s; the limit lies 0.5e-9 below that, then 2e-9.
    ProblemBuilder problem = problem().callBytes(2e9, 0);
    kept(problem.oneWayLink("p/east", "p/west", null, null, 16 * (1 - 0.5e-9)), replicas(1));
    assertThat(
            violations(
                problem()
                    .callBytes(2e9, 0)
                    .oneWayLink("p/east", "p/west", null, null, 16 * (1 - 2e-9)),
                replicas(1)))
        .hasSize(1);
  }

  @Test
  void severalRulesAtOnce() {
    ProblemBuilder problem =
        problem()
            .replicas(2, null)
            .survive(DomainKind.REGION)
            .ban(places(null, null, List.of("home")));
    assertThat(violations(problem, replicas(0)))
        .extracting(v -> v.rule().id())
        .containsExactly("replicas", "survival", "ban");
  }

  @Test
  void idsAreThoseOfThePlanFile() {
    assertThat(Rule.values())
        .extracting(Rule::id)
        .containsExactly(
            "capacity",
            "availability",
            "replicas",
            "residency",
            "survival",
            "power",
            "link",
            "latency",
            "access",
            "providerShare",
            "pin",
            "ban");
  }
}
