package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Feature;
import org.moesaic.testing.RandomProblems.Size;

/**
 * Plans that somebody draws by hand are never better: all of the model in one place, whole copies
 * in two with everybody at the one that is cheaper, and halves in two. {@code
 * -Dnapkin.problems=200} tries more.
 */
class NapkinTest {
  private static final int PROBLEMS = Integer.getInteger("napkin.problems", 30);
  private static final Set<Feature> FEATURES =
      EnumSet.of(Feature.HOSTS, Feature.PARTS, Feature.ACCESS, Feature.SYNC, Feature.SAMPLES);

  @Test
  void noPlanDrawnByHandIsCheaper() {
    int tried = 0;
    int beaten = 0;
    double saved = 0;
    for (long seed = 0; tried < PROBLEMS; seed++) {
      Problem problem = RandomProblems.of(seed, new Size(2 + (int) (seed % 5), 6, 6, 3), FEATURES);
      Instance instance = Instance.of(problem);
      double napkin = napkin(instance);
      if (napkin == Double.POSITIVE_INFINITY) {
        continue;
      }
      tried++;
      Plan plan = Planner.builder().steps(5_000).threads(1).seed(seed).build().solve(problem);
      assertThat(plan.status()).as("seed %d", seed).isNotEqualTo(Status.INFEASIBLE);
      double found = plan.objective().usdPerHour();
      assertThat(found).as("seed %d", seed).isLessThanOrEqualTo(napkin * (1 + 1e-6));
      beaten += found < napkin * (1 - 1e-6) ? 1 : 0;
      saved += 1 - found / Math.max(1e-12, napkin);
    }
    System.out.printf(
        "%d problems: the best plan drawn by hand is beaten in %d, by %.1f%% on average%n",
        tried, beaten, 100 * saved / tried);
  }

  /** What the cheapest plan by hand that keeps the rules costs; infinite if none does. */
  private static double napkin(Instance instance) {
    double best = Double.POSITIVE_INFINITY;
    int layers = instance.layers();
    for (int a = 0; a < instance.offers(); a++) {
      for (int b = a; b < instance.offers(); b++) {
        int first = a;
        int second = b;
        best = Math.min(best, usd(instance, (o, l) -> l < layers / 2 ? first : second));
        best = Math.min(best, usd(instance, (o, l) -> l < layers / 2 ? second : first));
        // Copies in both, everybody at either: with three origins, all ways.
        for (int bits = 1; bits < (1 << instance.origins()) - 1 && a != b; bits++) {
          int mask = bits;
          best = Math.min(best, usd(instance, (o, l) -> (mask >> o & 1) == 1 ? first : second));
        }
      }
    }
    return best;
  }

  private interface Host {
    int of(int origin, int layer);
  }

  private static double usd(Instance instance, Host host) {
    int[][] homes = new int[instance.origins()][instance.layers()];
    for (int o = 0; o < homes.length; o++) {
      int origin = o;
      Arrays.setAll(homes[o], l -> host.of(origin, l));
    }
    List<Placement> placements = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
      int layer = instance.layerOf(s);
      int shard = s;
      int[] hosts =
          IntStream.range(0, homes.length).map(o -> homes[o][layer]).sorted().distinct().toArray();
      int[] servedBy =
          IntStream.range(0, homes.length)
              .map(o -> instance.isServed(o, shard) ? homes[o][layer] : Placement.NOBODY)
              .toArray();
      placements.add(new Placement(hosts, servedBy));
    }
    Bill bill = Pricing.price(instance, new Assignment(placements, Homes.of(homes)));
    return bill.keepsRules() ? bill.usdPerHour() : Double.POSITIVE_INFINITY;
  }
}
