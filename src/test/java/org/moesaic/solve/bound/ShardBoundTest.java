package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** The cheapest placement of one shard, against all placements of it. */
class ShardBoundTest {
  private static final int PROBLEMS = 150;
  private static final int POINTS = 4;

  /** So many offers have some thousand sets, which is more than can be gone through unpruned. */
  private static final Size MANY_OFFERS = new Size(1, 5, 13, 5);

  private static final Size MANY_CALLERS = new Size(1, 4, 8, 7);

  /** A shard of a tiny problem, solved at some prices. */
  private record Solved(
      TinyPlans tiny, Multipliers at, Setting with, int shard, double value, ShardBound bound) {
    List<Placement> placements() {
      return tiny.choices().get(shard);
    }

    double usd(Placement placement) {
      return tiny.usdAt(at, shard, placement);
    }

    double opening(Placement placement) {
      return Arrays.stream(placement.replicas()).mapToDouble(bound::opening).sum();
    }

    double least(ToDoubleFunction<Placement> usd) {
      return placements().stream().mapToDouble(usd).min().orElse(Double.POSITIVE_INFINITY);
    }

    String replay() {
      return "%s, shard %d".formatted(tiny.replay(), shard);
    }

    void hasValue(double usd) {
      if (Double.isInfinite(usd)) {
        assertThat(value).as(replay()).isInfinite();
      } else {
        assertThat(value).as(replay()).isCloseTo(usd, rounding(usd));
      }
    }
  }

  private static Offset<Double> rounding(double usd) {
    return within(1e-9 * Math.max(1e-6, Math.abs(usd)));
  }

  /**
   * What a shard is solved with.
   *
   * @param open share by which each offer is open; null if all are
   * @param closed the offers that are left out; null for none
   */
  private record Setting(double @Nullable [] open, boolean @Nullable [] closed) {
    static final Setting PLAIN = new Setting(null, null);

    static Setting openInPart(int offers, SplittableRandom random) {
      return new Setting(
          IntStream.range(0, offers).mapToDouble(i -> random.nextInt(3) / 2.0).toArray(), null);
    }

    static Setting someClosed(int offers, SplittableRandom random) {
      boolean[] closed = new boolean[offers];
      for (int i = 0; i < offers; i++) {
        closed[i] = random.nextInt(3) == 0;
      }
      return new Setting(null, closed);
    }
  }

  /** Solves the shards of tiny problems at some prices. */
  private static void solve(
      long firstSeed,
      BiFunction<Integer, SplittableRandom, Setting> setting,
      Consumer<Solved> look) {
    TinyPlans.forEach(
        firstSeed,
        PROBLEMS,
        tiny -> {
          SplittableRandom random = new SplittableRandom(tiny.seed());
          ShardBound bound = new ShardBound(tiny.relaxation());
          for (int point = 0; point < POINTS; point++) {
            Multipliers at = tiny.multipliers(random);
            Setting with = setting.apply(tiny.instance().offers(), random);
            bound.price(new ShardBound.Prices(tiny.relaxation(), at), with.open());
            bound.close(with.closed());
            for (int s = 0; s < tiny.instance().shards(); s++) {
              look.accept(new Solved(tiny, at, with, s, bound.solve(s), bound));
            }
          }
        });
  }

  @Test
  void valueIsThatOfTheCheapestPlacement() {
    solve(
        11_000,
        (offers, random) -> Setting.PLAIN,
        solved -> {
          solved.hasValue(solved.least(solved::usd));
          Placement best = solved.bound().placement(solved.shard());
          assertThat(best).as(solved.replay()).isIn(solved.placements());
          assertThat(solved.usd(best))
              .as(solved.replay())
              .isCloseTo(solved.value(), rounding(solved.value()))
              .isCloseTo(solved.bound().usdOf(solved.shard(), best), rounding(solved.value()));
        });
  }

  @Test
  void placesWhereOffersAreNotClosed() {
    int[] placed = new int[2];
    solve(
        12_000,
        Setting::someClosed,
        solved -> {
          boolean[] closed = solved.with().closed();
          double least =
              solved.least(
                  placement ->
                      Arrays.stream(placement.replicas()).anyMatch(i -> closed[i])
                          ? Double.POSITIVE_INFINITY
                          : solved.usd(placement));
          solved.hasValue(least);
          placed[Double.isInfinite(least) ? 0 : 1]++;
        });
    assertThat(placed[0]).as("nowhere").isGreaterThan(100);
    assertThat(placed[1]).as("somewhere").isGreaterThan(100);
  }

  @Test
  void reducedCostsOfOffersAddUpToNoMoreThanAnySetCosts() {
    int[] reduced = new int[2];
    solve(
        13_000,
        (offers, random) -> Setting.PLAIN,
        solved -> {
          assertThat(solved.bound().ascentUsd())
              .as(solved.replay())
              .isLessThanOrEqualTo(solved.value() + 1e-9 * Math.abs(solved.value()));
          for (Placement placement : solved.placements()) {
            double usd = solved.usd(placement);
            double least = solved.bound().ascentUsd();
            for (int replica : placement.replicas()) {
              least += solved.bound().reducedUsd(replica);
            }
            assertThat(least)
                .as("%s, %s", solved.replay(), placement)
                .isLessThanOrEqualTo(usd + 1e-9 * Math.max(1e-6, usd));
            reduced[0]++;
            reduced[1] += least > solved.value() * (1 + 1e-6) ? 1 : 0;
          }
        });
    // Most sets are seen to be too dear.
    assertThat(reduced[1]).as("of %d", reduced[0]).isGreaterThan(reduced[0] / 2);
  }

  @Test
  void pricesOnOpeningPayForOffersThatAreOpenInPart() {
    int[] raised = new int[1];
    solve(
        14_000,
        Setting::openInPart,
        solved -> {
          solved.hasValue(solved.least(p -> solved.usd(p) + solved.opening(p)));
          double[] open = solved.with().open();
          for (int i = 0; i < open.length; i++) {
            assertThat(solved.bound().opening(i)).as(solved.replay()).isNotNegative();
            if (open[i] == 1) {
              assertThat(solved.bound().opening(i)).as(solved.replay()).isZero();
            }
          }
          raised[0] += solved.value() > solved.least(solved::usd) * (1 + 1e-6) ? 1 : 0;
        });
    assertThat(raised[0]).isGreaterThan(100);
  }

  /** Where there are many offers, it may end with a bound; but does so seldom. */
  @Test
  void valueOfManyOffersIsNeverAboveTheCheapestSet() {
    comparesWithAllSets(MANY_OFFERS, 16, Integer.MAX_VALUE);
  }

  /** Where more replicas would be cheaper than are allowed, they get a price. */
  @Test
  void valueOfFewReplicasIsNeverAboveTheCheapestSet() {
    comparesWithAllSets(MANY_CALLERS, 400, 3);
  }

  private static void comparesWithAllSets(Size size, int problems, int mostReplicas) {
    int shards = 0;
    int exact = 0;
    for (long seed = 0; seed < problems; seed++) {
      Instance instance = Instance.of(RandomProblems.of(seed, size));
      // With one, there is nothing to choose but where it is.
      if (instance.maxReplicas() == 1 || instance.maxReplicas() > mostReplicas) {
        continue;
      }
      Tariff tariff = new Tariff(instance);
      Relaxation relaxation = new Relaxation(tariff);
      SplittableRandom random = new SplittableRandom(seed);
      double[] usd = new double[relaxation.resources().count()];
      Arrays.setAll(usd, r -> random.nextInt(4) == 0 ? 0 : 20 * random.nextDouble());
      ShardBound.Prices prices = new ShardBound.Prices(relaxation, Multipliers.of(usd));
      ShardBound bound = new ShardBound(relaxation);
      bound.price(prices, null);
      for (int s = 0; s < instance.shards(); s++) {
        double least = cheapestSet(tariff, bound, s);
        double value = bound.solve(s);
        String replay = "RandomProblems.of(%d, %s), shard %d".formatted(seed, size, s);
        if (Double.isInfinite(least)) {
          assertThat(value).as(replay).isInfinite();
          continue;
        }
        assertThat(value).as(replay).isLessThanOrEqualTo(least * (1 + 1e-9));
        assertThat(bound.ascentUsd()).as(replay).isLessThanOrEqualTo(least * (1 + 1e-9));
        shards++;
        exact += value >= least * (1 - 1e-9) ? 1 : 0;
      }
    }
    assertThat(shards).isGreaterThan(40);
    assertThat(exact).as("of %d", shards).isGreaterThan(shards * 9 / 10);
  }

  /** The cheapest of all sets of offers that keep the rules, each origin served where cheapest. */
  private static double cheapestSet(Tariff tariff, ShardBound prices, int shard) {
    Instance instance = tariff.instance();
    int[] holders = instance.holders(shard);
    double least = Double.POSITIVE_INFINITY;
    for (int bits = 1; bits < 1 << holders.length; bits++) {
      int set = bits;
      int[] replicas =
          IntStream.range(0, holders.length)
              .filter(h -> (set >> h & 1) == 1)
              .map(h -> holders[h])
              .toArray();
      if (replicas.length > instance.maxReplicas()) {
        continue;
      }
      int[] servedBy = new int[instance.origins()];
      boolean all = true;
      for (int o = 0; o < servedBy.length; o++) {
        servedBy[o] = server(instance, prices, shard, o, replicas);
        all &= servedBy[o] >= 0 || instance.demand(o, shard) == 0;
      }
      Placement placement = new Placement(replicas, servedBy);
      if (all && tariff.keepsPlacementRules(shard, placement)) {
        least = Math.min(least, prices.usdOf(shard, placement));
      }
    }
    return least;
  }

  /** The cheapest of some offers to serve an origin; nobody if it does not call, or none may. */
  private static int server(
      Instance instance, ShardBound prices, int shard, int origin, int[] replicas) {
    int best = Placement.NOBODY;
    double bestUsd = Double.POSITIVE_INFINITY;
    for (int i : replicas) {
      int[] servedBy = new int[instance.origins()];
      Arrays.fill(servedBy, Placement.NOBODY);
      servedBy[origin] = i;
      double usd = prices.usdOf(shard, new Placement(new int[0], servedBy));
      if (instance.demand(origin, shard) > 0 && instance.mayServe(origin, i) && usd < bestUsd) {
        bestUsd = usd;
        best = i;
      }
    }
    return best;
  }
}
