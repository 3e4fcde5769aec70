package org.moesaic.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Instance;
import org.moesaic.pricing.SpanningTrees.Edge;

class SpanningTreesTest {
  /** Offers of as many providers in one region; prices one way are drawn from a few, or of many. */
  private static Instance random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int n = 2 + random.nextInt(5);
    boolean few = random.nextBoolean();
    ProblemBuilder problem = new ProblemBuilder().region("r", r -> {}).origin("o", "p0/r", 1);
    for (int i = 0; i < n; i++) {
      problem.freeProvider("p" + i).offer("o" + i, "p" + i + "/r");
    }
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        if (a != b) {
          double usd = few ? random.nextInt(3) / 8.0 : random.nextDouble();
          problem.oneWayLink("p" + a + "/r", "p" + b + "/r", usd, null, null);
        }
      }
    }
    return problem.instance();
  }

  private static double usd(Instance instance, int a, int b) {
    return instance.usdPerGb(a, b) + instance.usdPerGb(b, a);
  }

  private static boolean joins(List<int[]> edges, BitSet sites) {
    BitSet reached = new BitSet();
    reached.set(sites.nextSetBit(0));
    for (int round = 0; round < sites.cardinality(); round++) {
      for (int[] edge : edges) {
        if (reached.get(edge[0]) || reached.get(edge[1])) {
          reached.set(edge[0]);
          reached.set(edge[1]);
        }
      }
    }
    return reached.equals(sites);
  }

  /** The cheapest of all sets of n - 1 edges that join the sites. */
  private static double cheapest(Instance instance, BitSet sites) {
    List<int[]> all = new ArrayList<>();
    for (int a : sites.stream().toArray()) {
      for (int b : sites.stream().toArray()) {
        if (a < b) {
          all.add(new int[] {a, b});
        }
      }
    }
    double least = Double.POSITIVE_INFINITY;
    for (int mask = 0; mask < 1 << all.size(); mask++) {
      int chosen = mask;
      if (Integer.bitCount(mask) == sites.cardinality() - 1) {
        List<int[]> edges =
            IntStream.range(0, all.size())
                .filter(i -> (chosen >> i & 1) == 1)
                .mapToObj(all::get)
                .toList();
        if (joins(edges, sites)) {
          least = Math.min(least, edges.stream().mapToDouble(e -> usd(instance, e[0], e[1])).sum());
        }
      }
    }
    return least;
  }

  @Test
  void noTreeIsCheaper() {
    for (long seed = 0; seed < 150; seed++) {
      Instance instance = random(seed);
      SpanningTrees trees = new SpanningTrees(instance);
      BitSet sites = new BitSet();
      sites.set(0, instance.sites().size());
      sites.clear(new SplittableRandom(seed).nextInt(instance.sites().size() + 1));
      if (sites.isEmpty()) {
        continue;
      }
      List<Edge> tree = trees.over(sites);
      assertThat(joins(tree.stream().map(e -> new int[] {e.a(), e.b()}).toList(), sites))
          .as("seed %d", seed)
          .isTrue();
      assertThat(tree).as("seed %d", seed).hasSize(sites.cardinality() - 1);
      assertThat(tree.stream().mapToDouble(Edge::usdPerGb).sum())
          .as("seed %d", seed)
          .isCloseTo(cheapest(instance, sites), within(1e-12));
    }
  }

  private static List<String> names(Instance instance, int... sites) {
    BitSet set = new BitSet();
    for (int site : sites) {
      set.set(site);
    }
    return new SpanningTrees(instance)
        .over(set).stream()
            .map(e -> instance.sites().get(e.a()) + " - " + instance.sites().get(e.b()))
            .toList();
  }

  @Test
  void namesDecideBetweenEdgesOfOnePrice() {
    ProblemBuilder problem = new ProblemBuilder().region("r", r -> {}).origin("o", "c/r", 1);
    for (String provider : List.of("c", "b", "d", "a")) {
      problem.provider(provider, 0.0, 0.0, 0.1).offer("o" + provider, provider + "/r");
    }
    // All edges cost the same: those of the least name come first, whatever the order of offers.
    assertThat(names(problem.instance(), 0, 1, 2, 3))
        .containsExactly("a/r - b/r", "a/r - c/r", "a/r - d/r");
  }

  @Test
  void namesAreComparedByCodePoints() {
    // U+FFFD comes before U+1F600, whose first char, a surrogate, is less.
    ProblemBuilder problem = new ProblemBuilder().region("r", r -> {}).origin("o", "z/r", 1);
    for (String provider : List.of("\uD83D\uDE00", "\uFFFD", "z")) {
      problem.provider(provider, 0.0, 0.0, 0.1).offer("o" + provider, provider + "/r");
    }
    assertThat(names(problem.instance(), 0, 1, 2))
        .containsExactly("z/r - \uFFFD/r", "z/r - \uD83D\uDE00/r");
    assertThat(names(problem.instance(), 0, 1)).containsExactly("\uFFFD/r - \uD83D\uDE00/r");
  }

  @Test
  void priceComesBeforeNames() {
    ProblemBuilder problem =
        new ProblemBuilder()
            .region("r", r -> {})
            .origin("o", "a/r", 1)
            .provider("a", 0.0, 0.0, 0.3)
            .provider("b", 0.0, 0.0, 0.1)
            .provider("c", 0.0, 0.0, 0.1)
            .offer("oa", "a/r")
            .offer("ob", "b/r")
            .offer("oc", "c/r")
            .link("a/r", "c/r", 0.15, null, null);
    // b - c 0.2, a - c 0.3, a - b 0.4.
    assertThat(names(problem.instance(), 0, 1, 2)).containsExactly("b/r - c/r", "a/r - c/r");
  }
}
