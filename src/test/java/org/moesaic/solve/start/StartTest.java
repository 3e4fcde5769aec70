package org.moesaic.solve.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.moesaic.testing.RandomPlacements.requireShape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Policy.Selector;
import org.moesaic.problem.Problem;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** Constructions on random problems, and the choice of one shard against trying every set. */
class StartTest {
  private static final Size[] SIZES = {
    new Size(1, 1, 1, 1),
    new Size(1, 3, 3, 2),
    new Size(2, 6, 5, 3),
    new Size(2, 4, 8, 2),
    new Size(1, 8, 14, 3)
  };

  private static Map<String, Construction> constructions(int seed) {
    Map<String, Construction> all = new LinkedHashMap<>();
    all.put("RoundRobin", new RoundRobin());
    all.put("CheapestFirst", new CheapestFirst());
    all.put("PricedStart", new PricedStart(() -> false));
    all.put("PricedStart, stopped", new PricedStart(() -> true));
    all.put(
        "Rebuild",
        tariff -> {
          RandomGenerator random = new SplittableRandom(seed);
          return new Rebuild(tariff)
              .of(RandomPlacements.anyAssignment(tariff.instance(), random), random);
        });
    return all;
  }

  @Test
  void everyConstructionPlacesEveryShard() {
    for (int seed = 0; seed < 400; seed++) {
      Size size = SIZES[seed % SIZES.length];
      Instance instance = Instance.of(RandomProblems.of(seed, size));
      Tariff tariff = new Tariff(instance);
      String replay = "RandomProblems.of(%d, %s)".formatted(seed, size);
      constructions(seed)
          .forEach(
              (name, construction) ->
                  requireShape(instance, construction.construct(tariff), name + " of " + replay));
    }
  }

  @Test
  void everyConstructionPlacesShardsThatMayBeNowhere() {
    ProblemBuilder problem =
        ProblemBuilder.threeRegions()
            .freeProvider("p")
            .model(1, 2, 1)
            .origin("o", "p/east", 1)
            .offer("a", "p/east")
            .offer("b", "p/west")
            .replicas(2, 2)
            .ban(new Selector(null, 1, List.of("a", "b"), List.of(), List.of()));
    Instance instance = problem.instance();
    Tariff tariff = new Tariff(instance);
    assertThat(instance.holders(1)).isEmpty();
    constructions(1)
        .forEach(
            (name, construction) -> requireShape(instance, construction.construct(tariff), name));
  }

  @Test
  void everyConstructionPlacesShardsOnOffersWithoutCapacity() {
    ProblemBuilder problem =
        ProblemBuilder.threeRegions()
            .freeProvider("p")
            .model(1, 4, 1)
            .expertFlopsPerToken(1e9)
            .origin("o", "p/east", 1000)
            .offer("none", "p/east", o -> o.tflops = 0.0)
            .offer("free", "p/west", o -> o.maxNodes = 0)
            .survive(DomainKind.REGION);
    Instance instance = problem.instance();
    Tariff tariff = new Tariff(instance);
    constructions(1)
        .forEach(
            (name, construction) -> requireShape(instance, construction.construct(tariff), name));
  }

  @Test
  void pricedStartKeepsTheRulesOfSingleShardsWhereThatCanBe() {
    int possible = 0;
    int impossible = 0;
    for (int seed = 0; seed < 600; seed++) {
      Problem problem = RandomProblems.tiny(seed);
      Instance instance = Instance.of(problem);
      Tariff tariff = new Tariff(instance);
      Assignment start = new PricedStart(() -> false).construct(tariff);
      for (int s = 0; s < instance.shards(); s++) {
        boolean can = canKeepRules(tariff, s);
        if (can) {
          assertThat(tariff.keepsPlacementRules(s, start.of(s)))
              .as("RandomProblems.tiny(%d), shard %d on %s", seed, s, start.of(s))
              .isTrue();
          possible++;
        } else {
          impossible++;
        }
      }
    }
    assertThat(possible).isGreaterThan(1000);
    assertThat(impossible).isGreaterThan(50);
  }

  private static boolean canKeepRules(Tariff tariff, int shard) {
    return subsets(IntStream.range(0, tariff.instance().offers()).toArray()).stream()
        .anyMatch(set -> keptServing(tariff, shard, set) != null);
  }

  private static List<int[]> subsets(int[] of) {
    List<int[]> subsets = new ArrayList<>();
    for (int bits = 1; bits < 1 << of.length; bits++) {
      int mask = bits;
      subsets.add(
          IntStream.range(0, of.length)
              .filter(i -> (mask >> i & 1) == 1)
              .map(i -> of[i])
              .toArray());
    }
    return subsets;
  }

  /** Any placement on these replicas that keeps the rules of a single shard; null if none does. */
  private static Placement keptServing(Tariff tariff, int shard, int[] replicas) {
    Instance instance = tariff.instance();
    int[] servedBy = new int[instance.origins()];
    for (int o = 0; o < servedBy.length; o++) {
      int origin = o;
      servedBy[o] =
          instance.demand(o, shard) == 0
              ? Placement.NOBODY
              : Arrays.stream(replicas)
                  .filter(i -> instance.mayServe(origin, i))
                  .findFirst()
                  .orElse(replicas[0]);
    }
    Placement placement = new Placement(replicas, servedBy);
    return tariff.keepsPlacementRules(shard, placement) ? placement : null;
  }

  /** The least cost at given prices over all sets of offers and all servers, rules kept. */
  private static double least(Tariff tariff, Prices prices, int shard, int[] offers) {
    double least = Double.POSITIVE_INFINITY;
    for (int[] set : subsets(offers)) {
      if (keptServing(tariff, shard, set) == null) {
        continue;
      }
      double usd = Arrays.stream(set).mapToDouble(i -> prices.hold(shard, i)).sum();
      for (int o = 0; o < tariff.instance().origins(); o++) {
        int origin = o;
        if (tariff.instance().demand(o, shard) > 0) {
          usd +=
              Arrays.stream(set)
                  .filter(i -> tariff.instance().mayServe(origin, i))
                  .mapToDouble(i -> prices.serve(origin, shard, i))
                  .min()
                  .orElseThrow();
        }
      }
      least = Math.min(least, usd);
    }
    return least;
  }

  private static double usd(Tariff tariff, Prices prices, int shard, Placement placement) {
    double usd = 0;
    for (int replica : placement.replicas()) {
      usd += prices.hold(shard, replica);
    }
    for (int o = 0; o < tariff.instance().origins(); o++) {
      int server = placement.servedBy()[o];
      usd += server < 0 ? 0 : prices.serve(o, shard, server);
    }
    return usd;
  }

  private static Prices randomPrices(Tariff tariff, RandomGenerator random) {
    Prices prices = new Prices(tariff);
    for (int i = 0; i < tariff.instance().offers(); i++) {
      prices.share(i, random.nextDouble(), 100 * Math.pow(random.nextDouble(), 3));
    }
    for (int o = 0; o < tariff.instance().origins(); o++) {
      prices.usdPerLatencyMs[o] = random.nextInt(3) == 0 ? random.nextDouble() : 0;
    }
    return prices;
  }

  @Test
  void choiceOfAShardIsTheBestOfAllSetsOfFewOffers() {
    int several = 0;
    int full = 0;
    int none = 0;
    for (int seed = 0; seed < 300; seed++) {
      Size size = new Size(1, 3, 1 + seed % 8, 1 + seed % 4);
      Instance instance = Instance.of(RandomProblems.of(seed, size));
      Tariff tariff = new Tariff(instance);
      RandomGenerator random = new SplittableRandom(seed);
      Prices prices = randomPrices(tariff, random);
      ShardChoice choice = new ShardChoice(tariff, prices);
      for (int s = 0; s < instance.shards(); s++) {
        boolean[] taken = new boolean[instance.offers()];
        for (int i = 0; i < taken.length; i++) {
          taken[i] = random.nextInt(4) == 0;
        }
        String what = "RandomProblems.of(%d, %s), shard %d".formatted(seed, size, s);
        Placement chosen = choice.best(s, taken);
        requireShape(instance, s, chosen, what);
        int[] open = Arrays.stream(tariff.holders(s)).filter(i -> !taken[i]).toArray();
        double least = least(tariff, prices, s, open);
        if (least == Double.POSITIVE_INFINITY) {
          // Offers that are full are better than a broken rule.
          least = least(tariff, prices, s, tariff.holders(s));
          full++;
        }
        if (least == Double.POSITIVE_INFINITY) {
          none++;
          continue;
        }
        assertThat(tariff.keepsPlacementRules(s, chosen)).as(what).isTrue();
        assertThat(usd(tariff, prices, s, chosen))
            .as(what)
            .isCloseTo(least, within(1e-9 * Math.max(1, least)));
        several += chosen.replicas().length > 1 ? 1 : 0;
      }
    }
    assertThat(several).as("more than one replica").isGreaterThan(50);
    assertThat(full).as("offers that are full are used").isGreaterThan(20);
    assertThat(none).as("no set keeps the rules").isBetween(1, 400);
  }

  @Test
  void choiceOfAShardAmongManyOffersIsNearlyTheBest() {
    int best = 0;
    int tried = 0;
    for (int seed = 0; seed < 120; seed++) {
      Size size = new Size(1, 1, 11, 3);
      Instance instance = Instance.of(RandomProblems.of(seed, size));
      Tariff tariff = new Tariff(instance);
      Prices prices = randomPrices(tariff, new SplittableRandom(seed));
      Placement chosen = new ShardChoice(tariff, prices).best(0, new boolean[instance.offers()]);
      double least = least(tariff, prices, 0, tariff.holders(0));
      if (least == Double.POSITIVE_INFINITY) {
        continue;
      }
      String what = "RandomProblems.of(%d, %s)".formatted(seed, size);
      assertThat(tariff.keepsPlacementRules(0, chosen)).as(what).isTrue();
      double usd = usd(tariff, prices, 0, chosen);
      assertThat(usd).as(what).isGreaterThan(least - 1e-9 * Math.max(1, least));
      tried++;
      best += usd <= least + 1e-9 * Math.max(1, least) ? 1 : 0;
    }
    assertThat(tried).isGreaterThan(80);
    assertThat(best).as("the best of %d", tried).isGreaterThan(tried * 9 / 10);
  }
}
