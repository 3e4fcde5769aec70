package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.solve.model.Guide;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** What moves go by, against all placements of each shard; and plans as columns. */
class GuidanceTest {
  private static final Size SIZE = new Size(2, 5, 5, 3);
  private static final int PROBLEMS = 200;

  @Test
  void reducedCostsAreThoseOfAllPlacements() {
    int shards = 0;
    for (long seed = 0; seed < PROBLEMS; seed++) {
      Instance instance = Instance.of(RandomProblems.of(seed, SIZE));
      Tariff tariff = new Tariff(instance);
      Relaxation relaxation = new Relaxation(tariff);
      Multipliers at = multipliers(relaxation, new SplittableRandom(seed));
      Guide guide = Guidance.at(relaxation, at, () -> false);
      if (guide == null) {
        continue;
      }
      for (int s = 0; s < instance.shards(); s++) {
        String replay = "RandomProblems.of(%d, %s), shard %d".formatted(seed, SIZE, s);
        List<Placement> all = placements(tariff, guide, s);
        int shard = s;
        double least =
            all.stream().mapToDouble(p -> usd(relaxation, at, shard, p)).min().orElseThrow();
        Placement cheapest = guide.cheapest(s);
        assertThat(tariff.keepsPlacementRules(s, cheapest)).as(replay).isTrue();
        assertThat(usd(relaxation, at, s, cheapest))
            .as(replay)
            .isCloseTo(least, withinPercentage(1e-6));
        for (Placement placement : all) {
          assertThat(guide.reducedUsd(s, placement))
              .as(replay)
              .isCloseTo(
                  usd(relaxation, at, s, placement) - least, within(1e-9 * Math.max(1, least)));
        }
        assertThat(Arrays.stream(guide.offers(s)).boxed())
            .as(replay)
            .doesNotHaveDuplicates()
            .hasSize(Math.min(8, instance.holders(s).length));
        shards++;
      }
    }
    assertThat(shards).isGreaterThan(1000);
  }

  private static Multipliers multipliers(Relaxation relaxation, SplittableRandom random) {
    double[] usd = new double[relaxation.resources().count()];
    for (int r = 0; r < relaxation.resources().latency(0); r++) {
      usd[r] = random.nextInt(4) == 0 ? 0 : 20 * random.nextDouble();
    }
    return Multipliers.of(usd);
  }

  /** All sets of offers that keep the rules, each origin served where the guide says. */
  private static List<Placement> placements(Tariff tariff, Guide guide, int shard) {
    Instance instance = tariff.instance();
    int[] holders = instance.holders(shard);
    List<Placement> all = new ArrayList<>();
    for (int set = 1; set < 1 << holders.length; set++) {
      int chosen = set;
      int[] replicas =
          java.util.stream.IntStream.range(0, holders.length)
              .filter(h -> (chosen >> h & 1) == 1)
              .map(h -> holders[h])
              .sorted()
              .toArray();
      int[] servedBy = new int[instance.origins()];
      boolean served = replicas.length <= instance.maxReplicas();
      for (int o = 0; o < servedBy.length; o++) {
        servedBy[o] =
            instance.demand(o, shard) > 0
                ? guide.cheapestServer(shard, o, replicas)
                : Placement.NOBODY;
        served &= servedBy[o] >= 0 || instance.demand(o, shard) == 0;
      }
      Placement placement = new Placement(replicas, servedBy);
      if (served && tariff.keepsPlacementRules(shard, placement)) {
        all.add(placement);
      }
    }
    return all;
  }

  /** Memory, service, links and traffic at their prices, summed up from the instance. */
  private static double usd(Relaxation relaxation, Multipliers at, int s, Placement placement) {
    Instance instance = relaxation.instance;
    double usd = 0;
    for (int i : placement.replicas()) {
      usd +=
          at.usd(relaxation.resources().memory(i))
              * relaxation.nodesPerExpert[i]
              * instance.sizeOf(s);
    }
    for (int o = 0; o < instance.origins(); o++) {
      int i = placement.servedBy()[o];
      if (i >= 0) {
        double perCall =
            relaxation.routeUsd[o][i]
                + at.usd(relaxation.resources().service(i)) * relaxation.nodesPerCall[i];
        for (Relaxation.LinkUse use : relaxation.linkUses(o, i)) {
          perCall += at.usd(relaxation.resources().link(use.link())) * use.share();
        }
        usd += perCall * instance.demand(o, s);
      }
    }
    return usd;
  }

  @Test
  void aPlanAsAColumnUsesWhatItsBillSays() {
    for (long seed = 0; seed < PROBLEMS; seed++) {
      String replay = "RandomProblems.of(%d, %s)".formatted(seed, SIZE);
      Instance instance = Instance.of(RandomProblems.of(seed, SIZE));
      Relaxation relaxation = new Relaxation(new Tariff(instance));
      Assignment plan = RandomPlacements.allowedAssignment(instance, new SplittableRandom(seed));
      Bill bill = Pricing.price(instance, plan);
      double[] none = new double[relaxation.resources().count()];
      Evaluation column = new Evaluator(relaxation, 4, () -> false).of(plan, Multipliers.of(none));
      double traffic = 0;
      double[] nodes = new double[relaxation.offers()];
      for (Evaluation.Part part : column.parts()) {
        traffic += part.trafficUsd();
      }
      for (int i = 0; i < nodes.length; i++) {
        double memory = 0;
        double service = 0;
        for (Evaluation.Part part : column.parts()) {
          memory += part.use()[relaxation.resources().memory(i)];
          service += part.use()[relaxation.resources().service(i)];
        }
        nodes[i] = Math.max(memory, service);
      }
      assertThat(traffic)
          .as(replay)
          .isCloseTo(
              bill.egressUsdPerHour() + bill.bandwidthUsdPerHour(), within(1e-6 + traffic * 1e-6));
      for (Bill.Lease lease : bill.leases()) {
        double used = nodes[lease.offer()];
        double filled =
            lease.nodes()
                * Math.max(lease.memoryUse(), Math.max(lease.computeUse(), lease.networkUse()));
        assertThat(used).as(replay).isCloseTo(filled, within(1e-6 + 1e-6 * filled));
      }
    }
  }
}
