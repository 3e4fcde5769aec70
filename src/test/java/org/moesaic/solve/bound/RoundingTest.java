package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Pricing;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** Assignments made of mixes. */
class RoundingTest {
  private static final int PROBLEMS = 120;
  private static final Size SIZE = new Size(3, 40, 6, 3);

  /** A problem, two evaluations of it, and a mix of the two. */
  private record Mixed(
      String replay, Tariff tariff, Relaxation relaxation, List<Evaluation> evaluations) {
    static Mixed of(int seed) {
      Tariff tariff = new Tariff(Instance.of(RandomProblems.of(seed, SIZE)));
      Relaxation relaxation = new Relaxation(tariff);
      Evaluator evaluator = new Evaluator(relaxation, 2, () -> false);
      SplittableRandom random = new SplittableRandom(seed);
      List<Evaluation> evaluations = new ArrayList<>();
      for (int e = 0; e < 2; e++) {
        double[] usd = new double[relaxation.resources().count()];
        Arrays.setAll(usd, r -> random.nextInt(3) == 0 ? 0 : 30 * random.nextDouble());
        evaluations.add(
            Objects.requireNonNull(evaluator.evaluate(Multipliers.of(usd), null, null)));
      }
      return new Mixed(
          "RandomProblems.of(%d, %s)".formatted(seed, SIZE), tariff, relaxation, evaluations);
    }

    boolean placed() {
      return evaluations.stream().allMatch(e -> Double.isFinite(e.value()));
    }

    /** So much of the first, the rest of the second. */
    ColumnProgram.Mix mix(double ofFirst, double[] nodes) {
      double[][] weights = {{ofFirst, ofFirst}, {1 - ofFirst, 1 - ofFirst}};
      return new ColumnProgram.Mix(evaluations.getFirst().at(), 0, weights, nodes, true);
    }

    double[] nodes(double each) {
      double[] nodes = new double[relaxation.offers()];
      Arrays.fill(nodes, each);
      return nodes;
    }

    Assignment round(double ofFirst, double[] nodes, boolean repaired, long seed) {
      return Objects.requireNonNull(
          new Rounding(relaxation, () -> false)
              .round(
                  evaluations, mix(ofFirst, nodes), nodes, repaired, new SplittableRandom(seed)));
    }

    List<Placement> placements(int evaluation) {
      ShardBound shardBound = new ShardBound(relaxation);
      shardBound.price(new ShardBound.Prices(relaxation, evaluations.get(evaluation).at()), null);
      List<Placement> placements = new ArrayList<>();
      for (int s = 0; s < relaxation.instance.shards(); s++) {
        shardBound.solve(s);
        placements.add(shardBound.placement(s));
      }
      return placements;
    }

    /** Nodes needed beyond those there are. */
    double excess(Assignment assignment, double[] nodes) {
      Ledger ledger = Ledger.of(tariff, assignment);
      double excess = 0;
      for (int i = 0; i < nodes.length; i++) {
        double need = tariff.offer(i).need(ledger.load(i));
        excess += Math.max(0, need - nodes[i]);
      }
      return excess;
    }
  }

  @Test
  void everyShardTakesItsPlacementAtOneOfTheMultipliersInProportion() {
    int shards = 0;
    for (int seed = 0; seed < PROBLEMS; seed++) {
      Mixed mixed = Mixed.of(seed);
      if (!mixed.placed()) {
        continue;
      }
      List<Placement> first = mixed.placements(0);
      List<Placement> second = mixed.placements(1);
      double share = (seed % 11) / 10.0;
      Assignment rounded = mixed.round(share, mixed.nodes(1e9), false, seed);
      int differing = 0;
      int ofFirst = 0;
      for (int s = 0; s < first.size(); s++) {
        assertThat(rounded.of(s)).as(mixed.replay).isIn(first.get(s), second.get(s));
        if (!first.get(s).equals(second.get(s))) {
          differing++;
          ofFirst += rounded.of(s).equals(first.get(s)) ? 1 : 0;
        }
      }
      // Whichever shards the two differ in: all of them for a share of 1, none for 0.
      if (share == 0 || share == 1) {
        assertThat(ofFirst).as(mixed.replay).isEqualTo(share == 1 ? differing : 0);
      } else if (differing == first.size()) {
        // Equal steps leave a discrepancy of a few shards, where drawing would leave some dozen.
        assertThat((double) ofFirst)
            .as("%s: %d shards", mixed.replay, differing)
            .isBetween(share * differing - 4, share * differing + 4);
        shards += differing;
      }
    }
    assertThat(shards).isGreaterThan(500);
  }

  @Test
  void keepsRulesOfSingleShardsAndItsWord() {
    int tried = 0;
    for (int seed = 0; seed < PROBLEMS; seed++) {
      Mixed mixed = Mixed.of(seed);
      if (!mixed.placed()) {
        continue;
      }
      tried++;
      double[] nodes = mixed.nodes(1 + seed % 4);
      nodes[seed % nodes.length] = 0;
      Assignment rounded = mixed.round(0.5, nodes, true, seed);
      // Which refuses what is not complete.
      Pricing.price(mixed.relaxation.instance, rounded);
      for (int s = 0; s < rounded.placements().size(); s++) {
        assertThat(mixed.tariff.keepsPlacementRules(s, rounded.of(s)))
            .as("%s, shard %d", mixed.replay, s)
            .isTrue();
      }
      assertThat(mixed.round(0.5, nodes, true, seed)).as(mixed.replay).isEqualTo(rounded);
    }
    assertThat(tried).isGreaterThan(PROBLEMS / 2);
  }

  @Test
  void leavesOffersThatAreNotLeasedAndRelievesThoseThatAreTooSmall() {
    int relieved = 0;
    double before = 0;
    double after = 0;
    for (int seed = 0; seed < PROBLEMS; seed++) {
      Mixed mixed = Mixed.of(seed);
      if (!mixed.placed()) {
        continue;
      }
      double[] plenty = mixed.nodes(1e9);
      Ledger ledger = Ledger.of(mixed.tariff, mixed.round(0.5, plenty, false, seed));
      int fullest = 0;
      for (int i = 0; i < plenty.length; i++) {
        fullest = ledger.load(i).memory() > ledger.load(fullest).memory() ? i : fullest;
      }

      double[] without = mixed.nodes(1e9);
      without[fullest] = 0;
      Assignment elsewhere = mixed.round(0.5, without, false, seed);
      boolean[] closed = new boolean[without.length];
      closed[fullest] = true;
      ShardBound shardBound = new ShardBound(mixed.relaxation);
      shardBound.price(
          new ShardBound.Prices(mixed.relaxation, mixed.evaluations.getFirst().at()), null);
      shardBound.close(closed);
      for (int s = 0; s < elsewhere.placements().size(); s++) {
        if (elsewhere.of(s).holds(fullest)) {
          assertThat(shardBound.solve(s))
              .as("%s: shard %d can be nowhere else", mixed.replay, s)
              .isInfinite();
        }
      }

      double need = mixed.tariff.offer(fullest).need(ledger.load(fullest));
      if (need > 1e-3 && Double.isFinite(need)) {
        double[] half = mixed.nodes(1e9);
        half[fullest] = Math.max(0.5, need / 2);
        double excess = mixed.excess(mixed.round(0.5, half, false, seed), half);
        double left = mixed.excess(mixed.round(0.5, half, true, seed), half);
        assertThat(left).as(mixed.replay).isLessThanOrEqualTo(excess * (1 + 1e-9));
        before += excess / need;
        after += left / need;
        relieved += left < excess ? 1 : 0;
      }
    }
    assertThat(relieved).isGreaterThan(20);
    assertThat(after).as("excess left of %.1f", before).isLessThan(before / 2);
  }

  @Test
  void givesNothingOnceItIsStopped() {
    Mixed mixed = Mixed.of(1);
    double[] nodes = mixed.nodes(1);
    assertThat(
            new Rounding(mixed.relaxation, () -> true)
                .round(
                    mixed.evaluations, mixed.mix(0.5, nodes), nodes, true, new SplittableRandom(1)))
        .isNull();
  }
}
