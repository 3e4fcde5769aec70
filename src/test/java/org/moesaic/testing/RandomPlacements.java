package org.moesaic.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Origin;

/** Random placements that have the right shape, and the test of that shape. */
public final class RandomPlacements {
  private RandomPlacements() {}

  /** Any replicas on any offers, anybody served by any of them, whatever the rules say. */
  public static Placement any(Instance instance, int shard, RandomGenerator random) {
    int[] all = IntStream.range(0, instance.offers()).toArray();
    // Mostly few replicas, as in a plan; now and then all that there can be.
    int most = random.nextInt(4) == 0 ? all.length : Math.min(2, all.length);
    return of(instance, shard, all, 1 + random.nextInt(most), random);
  }

  /** As {@link #any}, but on offers that pins, bans and availability allow, if there are such. */
  public static Placement allowed(Instance instance, int shard, RandomGenerator random) {
    int[] holders = instance.holders(shard);
    int max = Math.min(holders.length, instance.maxReplicas());
    int min = instance.problem().policy().minReplicas();
    if (max < min) {
      return any(instance, shard, random);
    }
    return of(instance, shard, holders, min + random.nextInt(max - min + 1), random);
  }

  private static Placement of(
      Instance instance, int shard, int[] from, int size, RandomGenerator random) {
    int[] replicas =
        random.ints(0, from.length).distinct().limit(size).map(i -> from[i]).sorted().toArray();
    int[] servedBy = new int[instance.origins()];
    for (int o = 0; o < servedBy.length; o++) {
      servedBy[o] =
          !instance.isServed(o, shard)
              ? Placement.NOBODY
              : replicas[random.nextInt(replicas.length)];
    }
    return new Placement(replicas, servedBy);
  }

  /** One of {@link #any} for each shard. */
  public static Assignment anyAssignment(Instance instance, RandomGenerator random) {
    List<Placement> placements = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
      placements.add(any(instance, s, random));
    }
    return new Assignment(placements);
  }

  /** Any division of origins into parts. */
  public static Parts anyParts(Instance instance, RandomGenerator random) {
    List<Origin> origins = instance.problem().origins();
    int[][] streams = new int[origins.size()][];
    for (int o = 0; o < streams.length; o++) {
      int all = origins.get(o).streams();
      // Each stream after the first begins a part, or not.
      int[] begins =
          IntStream.concat(
                  IntStream.range(0, all).filter(i -> i == 0 || random.nextBoolean()),
                  IntStream.of(all))
              .toArray();
      streams[o] =
          IntStream.range(0, begins.length - 1).map(i -> begins[i + 1] - begins[i]).toArray();
    }
    return Parts.of(origins, streams);
  }

  /**
   * Any hosts of all layers, where the dense part is placed.
   *
   * @param split its origins are the parts
   */
  public static Homes anyHosts(Instance split, RandomGenerator random) {
    return hosts(split, random, (origin, layer) -> anyOffer(split));
  }

  /** As {@link #anyHosts}, but on offers that may host the layer, if there are such. */
  public static Homes allowedHosts(Instance split, RandomGenerator random) {
    return hosts(
        split,
        random,
        (origin, layer) -> {
          int[] allowed =
              IntStream.range(0, split.offers())
                  .filter(offer -> split.mayHost(origin, layer, offer))
                  .toArray();
          return allowed.length == 0 ? anyOffer(split) : allowed;
        });
  }

  private static int[] anyOffer(Instance instance) {
    return IntStream.range(0, instance.offers()).toArray();
  }

  private interface Hosts {
    int[] of(int origin, int layer);
  }

  private static Homes hosts(Instance split, RandomGenerator random, Hosts from) {
    if (!split.hasBackbone()) {
      return Homes.OWN;
    }
    int[][] hosts = new int[split.origins()][split.layers()];
    for (int o = 0; o < hosts.length; o++) {
      for (int l = 0; l < hosts[o].length; l++) {
        int[] offers = from.of(o, l);
        // Often where the layer before is: cuts are then few, as in a plan.
        hosts[o][l] =
            l > 0 && random.nextBoolean() && contains(offers, hosts[o][l - 1])
                ? hosts[o][l - 1]
                : offers[random.nextInt(offers.length)];
      }
    }
    return Homes.of(hosts);
  }

  private static boolean contains(int[] offers, int offer) {
    return IntStream.of(offers).anyMatch(other -> other == offer);
  }

  /** Any parts, any placements that serve them, and any hosts of their layers. */
  public static Assignment anyDecisions(Instance instance, RandomGenerator random) {
    Parts parts = anyParts(instance, random);
    Instance split = instance.split(parts);
    return new Assignment(
        anyAssignment(split, random).placements(), anyHosts(split, random), parts);
  }

  /** {@link #anyAssignment}, of layers of which some are at home on offers. */
  public static Assignment anyAssignmentAway(Instance instance, RandomGenerator random) {
    int[][] homes = new int[instance.origins()][instance.layers()];
    for (int[] layers : homes) {
      Arrays.setAll(layers, l -> random.nextInt(Homes.OWN_SITE, instance.offers()));
    }
    return new Assignment(anyAssignment(instance, random).placements(), Homes.of(homes));
  }

  /** One of {@link #allowed} for each shard. */
  public static Assignment allowedAssignment(Instance instance, RandomGenerator random) {
    List<Placement> placements = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
      placements.add(allowed(instance, s, random));
    }
    return new Assignment(placements);
  }

  /**
   * Asserts that replicas are ascending offers without repetition, and that each origin with demand
   * is served by one of them, the others by nobody.
   */
  public static void requireShape(Instance instance, int shard, Placement placement, String from) {
    int[] replicas = placement.replicas();
    assertThat(replicas).as(from).isNotEmpty();
    assertThat(replicas).as(from).isEqualTo(Arrays.stream(replicas).distinct().sorted().toArray());
    assertThat(replicas[0]).as(from).isNotNegative();
    assertThat(replicas[replicas.length - 1]).as(from).isLessThan(instance.offers());
    assertThat(placement.servedBy()).as(from).hasSize(instance.origins());
    for (int o = 0; o < instance.origins(); o++) {
      int server = placement.servedBy()[o];
      boolean right =
          !instance.isServed(o, shard) ? server == Placement.NOBODY : placement.holds(server);
      assertThat(right)
          .as("%s: origin %d of shard %d, demand %s", from, o, shard, instance.demand(o, shard))
          .isTrue();
    }
  }

  /** {@link #requireShape(Instance, int, Placement, String)} of every shard. */
  public static void requireShape(Instance instance, Assignment assignment, String from) {
    assertThat(assignment.placements()).as(from).hasSize(instance.shards());
    for (int s = 0; s < instance.shards(); s++) {
      requireShape(instance, s, assignment.of(s), from + ", shard " + s);
    }
  }
}
