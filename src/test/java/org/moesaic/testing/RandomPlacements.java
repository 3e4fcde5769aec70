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
import org.moesaic.instance.Placement;

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
