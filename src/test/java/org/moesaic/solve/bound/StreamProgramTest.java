package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Link;
import org.moesaic.problem.Problem;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Feature;

/** The bound by kinds of streams against every plan, and against what can be said by hand. */
class StreamProgramTest {
  private static final int PROBLEMS = Integer.getInteger("streams.problems", 60);
  private static final double MOST_ASSIGNMENTS = 12_000;
  private static final Set<Feature> ALWAYS =
      EnumSet.of(Feature.HOSTS, Feature.ACCESS, Feature.SAMPLES, Feature.SYNC);

  @BeforeEach
  void natives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  @Test
  void noPlanCostsLess() {
    int tried = 0;
    int closed = 0;
    double share = 0;
    for (long seed = 0; tried < PROBLEMS; seed++) {
      var random = new SplittableRandom(seed);
      EnumSet<Feature> features = EnumSet.copyOf(ALWAYS);
      for (Feature feature : List.of(Feature.PARTS, Feature.SHARED_COPIES)) {
        if (random.nextBoolean()) {
          features.add(feature);
        }
      }
      Problem problem = priced(RandomProblems.tiny(seed, features), random);
      Instance whole = Instance.of(problem);
      Double optimum = optimum(single(whole));
      if (optimum == null) {
        continue;
      }
      var relaxation = new Relaxation(new Tariff(whole));
      if (!StreamProgram.fits(relaxation)) {
        continue;
      }
      tried++;
      var solvers = new Solvers(() -> Double.POSITIVE_INFINITY);
      var nodes = new NodeProgram(relaxation, solvers);
      var program = new StreamProgram(relaxation, nodes, solvers);
      double best = 0;
      // Every tree at once: what no solution asks for has to hold too.
      for (int[] members : sets(new Clusters(relaxation).count())) {
        program.join(members);
      }
      for (double known : new double[] {Double.POSITIVE_INFINITY, optimum * (1 + 1e-6)}) {
        StreamProgram.Choice choice = program.lowest(List.of(), known, 10_000);
        if (choice != null) {
          assertThat(choice.usdPerHour())
              .as("seed %d, known %s", seed, known)
              .isLessThanOrEqualTo(optimum * (1 + 1e-9));
          best = Math.max(best, choice.usdPerHour());
        }
      }
      share += best / optimum;
      closed += best >= optimum * (1 - 1e-3) ? 1 : 0;
    }
    System.out.printf(
        "of %d optima: %.1f%% on average, %d within 0.1%%%n", tried, 100 * share / tried, closed);
    assertThat(share / tried).isGreaterThan(0.6);
  }

  /** All sets of three or more of some clusters. */
  private static List<int[]> sets(int clusters) {
    return IntStream.range(0, 1 << clusters)
        .filter(set -> Integer.bitCount(set) > 2)
        .mapToObj(set -> IntStream.range(0, clusters).filter(q -> (set >> q & 1) == 1).toArray())
        .toList();
  }

  /** Some ways free, some cheap: clusters of sites, and trees by way of others. */
  private static Problem priced(Problem problem, SplittableRandom random) {
    if (random.nextInt(3) == 0) {
      return problem;
    }
    Instance instance = Instance.of(problem);
    List<Link> links = new java.util.ArrayList<>();
    for (int a = 0; a < instance.sites().size(); a++) {
      for (int b = 0; b < a; b++) {
        double usd = random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.05;
        links.add(
            new Link(
                instance.sites().get(a).toString(),
                instance.sites().get(b).toString(),
                true,
                usd,
                null,
                null));
      }
    }
    return problem.toBuilder().links(links).build();
  }

  private static Instance single(Instance whole) {
    int[][] ones =
        whole.problem().origins().stream()
            .map(
                origin -> {
                  int[] streams = new int[origin.streams()];
                  Arrays.fill(streams, 1);
                  return streams;
                })
            .toArray(int[][]::new);
    return whole.split(Parts.of(whole.problem().origins(), ones));
  }

  private static @Nullable Double optimum(Instance instance) {
    List<List<Placement>> choices = AllPlans.choices(instance);
    int hosted = instance.origins() * instance.layers();
    double hosts = Math.pow(instance.offers(), hosted);
    if (AllPlans.count(choices) == 0 || AllPlans.count(choices) * hosts > MOST_ASSIGNMENTS) {
      return null;
    }
    double[] best = {Double.POSITIVE_INFINITY};
    AllPlans.forEach(
        choices,
        assignment -> {
          for (long code = 0; code < hosts; code++) {
            long rest = code;
            int[][] offers = new int[instance.origins()][instance.layers()];
            for (int n = 0; n < hosted; n++) {
              offers[n / instance.layers()][n % instance.layers()] =
                  (int) (rest % instance.offers());
              rest /= instance.offers();
            }
            Bill bill =
                Pricing.price(instance, new Assignment(assignment.placements(), Homes.of(offers)));
            if (bill.keepsRules()) {
              best[0] = Math.min(best[0], bill.usdPerHour());
            }
          }
        });
    return best[0] == Double.POSITIVE_INFINITY ? null : best[0];
  }

  @Test
  void treesByWayOfOthersAreTheCheapest() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new SplittableRandom(seed);
      Problem problem = priced(RandomProblems.tiny(seed, ALWAYS), random);
      var clusters = new Clusters(new Relaxation(new Tariff(Instance.of(problem))));
      for (int[] members : sets(clusters.count())) {
        assertThat(clusters.treeUsd(members))
            .as("seed %d, %s", seed, Arrays.toString(members))
            .isCloseTo(byTrying(clusters, members), within(1e-12));
      }
    }
  }

  /** The cheapest of the spanning trees over the members and any others (Prim). */
  private static double byTrying(Clusters clusters, int[] members) {
    int needed = Arrays.stream(members).map(q -> 1 << q).sum();
    double best = Double.POSITIVE_INFINITY;
    for (int set = 0; set < 1 << clusters.count(); set++) {
      if ((set & needed) != needed) {
        continue;
      }
      int joined = Integer.lowestOneBit(set);
      double usd = 0;
      while (joined != set) {
        double least = Double.POSITIVE_INFINITY;
        int next = 0;
        for (int q = 0; q < clusters.count(); q++) {
          for (int r = 0; r < clusters.count(); r++) {
            boolean joins = (joined >> q & 1) == 1 && (joined >> r & 1) == 0 && (set >> r & 1) == 1;
            if (joins && clusters.bothWaysUsd(q, r) < least) {
              least = clusters.bothWaysUsd(q, r);
              next = r;
            }
          }
        }
        joined |= 1 << next;
        usd += least;
      }
      best = Math.min(best, usd);
    }
    return best;
  }
}
