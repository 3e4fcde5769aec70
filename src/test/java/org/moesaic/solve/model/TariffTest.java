package org.moesaic.solve.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.moesaic.fixture.Assignments.replicas;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.moesaic.fixture.Assignments;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Pricing;
import org.moesaic.pricing.Rule;
import org.moesaic.pricing.Violation;
import org.moesaic.problem.Origin.ServableIn;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Policy.Selector;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** The units of the score, and the rules of one placement. */
class TariffTest {
  private static ProblemBuilder priced(double usdPerNodeHour) {
    return ProblemBuilder.threeRegions()
        .freeProvider("p")
        .freeProvider("q")
        .origin("o", "p/east", 1)
        .offer("a", "p/east", o -> o.usdPerNodeHour = usdPerNodeHour);
  }

  @ParameterizedTest
  @CsvSource({
    // the most that a plan can cost, and the unit: as fine as fits into 10^17, but no coarser than
    // 1, and no finer than 10^-9 unless that leaves fewer than 10^8 of them
    "1e-4, 1e-12",
    "0, 1e-9",
    "1, 1e-9",
    "1e8, 1e-9",
    "1.1e8, 1e-8",
    "1e9, 1e-8",
    "1e12, 1e-5",
    "1e16, 0.1",
    "1e17, 1",
    "9e17, 1"
  })
  void unitOfMoneyIsAsFineAsItsSumsAllow(double usdPerHour, double unit) {
    Tariff tariff = new Tariff(priced(usdPerHour).instance());
    assertThat(tariff.toUsdPerHour(1)).isCloseTo(unit, within(1e-15 * unit));
  }

  @Test
  void refusesCostsThatCannotBeSummed() {
    Instance instance = priced(2e18).instance();
    assertThatThrownBy(() -> new Tariff(instance))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Plans of this problem can cost 2.00e+18 USD per hour, more than can be summed"
                + " exactly.%nMaybe a price or a rate is in the wrong unit.".formatted());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-30, 1e-6, 0.3, 1, 1e9, 1e30})
  void callsAreExactToALittleOfTheirSum(double tokensPerSecond) {
    Instance instance =
        ProblemBuilder.threeRegions()
            .freeProvider("p")
            .model(3, 3, 2)
            .origin("o", "p/east", tokensPerSecond)
            .load("o", new double[] {1, 2, 3}, new double[] {0, 0, 1}, new double[] {1e-18, 1, 1})
            .offer("a", "p/east")
            .instance();
    Tariff tariff = new Tariff(instance);
    double sum = tokensPerSecond * 2 * 3;
    for (int s = 0; s < instance.shards(); s++) {
      double demand = instance.demand(0, s);
      long calls = tariff.calls(0, s);
      assertThat(calls > 0).as("shard %d", s).isEqualTo(demand > 0);
      assertThat(calls / tariff.units().callScale())
          .isCloseTo(demand, within(Math.max(1e-15 * sum, 1e-18)));
      assertThat(calls).isLessThan(1L << 61);
    }
  }

  @Test
  void holdersAreAllWhereRulesLeaveNone() {
    ProblemBuilder problem =
        priced(1)
            .model(1, 2, 1)
            .offer("b", "q/east")
            .ban(new Selector(0, 1, List.of(), List.of("east"), List.of()));
    Tariff tariff = new Tariff(problem.instance());
    assertThat(tariff.holders(0)).containsExactly(0, 1);
    assertThat(tariff.instance().holders(1)).isEmpty();
    assertThat(tariff.holders(1)).containsExactly(0, 1);
  }

  @Test
  void penaltiesOfRulesWithoutAScaleAreCounted() {
    ProblemBuilder problem =
        priced(1)
            .offer("b", "q/east")
            .offer("c", "q/paris")
            .origin(
                "eu", "q/paris", 1, new ServableIn(List.of(), List.of(), List.of("europe")), null)
            .replicas(2, 2)
            .survive(DomainKind.REGION)
            .ban(new Selector(null, null, List.of("b"), List.of(), List.of()));
    Tariff tariff = new Tariff(problem.instance());
    Placement kept = new Placement(new int[] {0, 2}, new int[] {0, 2});
    assertThat(tariff.keepsPlacementRules(0, kept)).isTrue();
    assertThat(tariff.penalties().placement(0, kept)).isZero();
    // one replica too few, in one region, banned, and not in Europe
    Placement broken = new Placement(new int[] {1}, new int[] {1, 1});
    assertThat(tariff.keepsPlacementRules(0, broken)).isFalse();
    assertThat(tariff.penalties().placement(0, broken)).isEqualTo(4 * Penalties.PENALTY);
    assertThat(tariff.penalties().residency(0, 1)).isZero();
    assertThat(tariff.penalties().residency(1, 1)).isEqualTo(Penalties.PENALTY);
  }

  @ParameterizedTest
  @CsvSource({
    "10, 10, 0",
    // forgiven: 10^-9 of the limit
    "10.000000005, 10, 0",
    "10.00000002, 10, 1",
    "10.1, 10, 10000",
    "20, 10, 1000000",
    "1e6, 1, 999999000000",
    // beyond 10^12: 10^12 (1 + ln(10^36 / 10^12) / 10), and ln 10 = 2.302585092994046
    "1e30, 1, 6526204223186",
    "0, 0, 0",
    "5, 0, 5000000"
  })
  void penaltyIsTheExcessInMillionthsOfTheLimit(double use, double limit, long penalty) {
    assertThat(Penalties.over(use, limit)).isEqualTo(penalty);
  }

  @Test
  void powerOfFractionsOfAMilliwattIsExact() {
    // Three nodes of two thirds of a kW are 2 kW, not 2.000001.
    Instance instance =
        new ProblemBuilder()
            .region("east", r -> r.powerCapKw = 2.0)
            .freeProvider("p")
            .origin("o", "p/east", 1)
            .expertBytes(3L << 30)
            .offer(
                "a",
                "p/east",
                o -> {
                  o.memoryGib = 1.0;
                  o.powerKw = 2.0 / 3;
                })
            .instance();
    var assignment = Assignments.of(replicas(0));
    assertThat(Pricing.price(instance, assignment).violations()).isEmpty();
    assertThat(Ledger.of(new Tariff(instance), assignment).score().hardScore()).isZero();
  }

  @Test
  void placementRulesAreThoseOfTheReference() {
    List<Rule> ofOneShard =
        List.of(
            Rule.AVAILABILITY, Rule.REPLICAS, Rule.RESIDENCY, Rule.SURVIVAL, Rule.PIN, Rule.BAN);
    int broken = 0;
    for (int seed = 0; seed < 300; seed++) {
      Instance instance = Instance.of(RandomProblems.of(seed, new Size(1, 1, 4, 2)));
      Tariff tariff = new Tariff(instance);
      var random = new SplittableRandom(seed);
      var assignment = RandomPlacements.anyAssignment(instance, random);
      boolean keeps =
          Pricing.price(instance, assignment).violations().stream()
              .map(Violation::rule)
              .noneMatch(ofOneShard::contains);
      boolean all = true;
      for (int s = 0; s < instance.shards(); s++) {
        all &= tariff.keepsPlacementRules(s, assignment.of(s));
      }
      assertThat(all).as("RandomProblems.of(%d, ..)", seed).isEqualTo(keeps);
      broken += keeps ? 0 : 1;
    }
    assertThat(broken).isBetween(50, 250);
  }
}
