package org.moesaic.export;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.moesaic.check.PlanConverter;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.plan.Plan;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;

/** Plans for random problems, whose offers do not say how many accelerators their nodes have. */
record RandomPlans(Problem problem, Instance instance, Assignment assignment, Plan plan) {
  /** Any placement of each shard. */
  static RandomPlans any(long seed) {
    Instance instance = instance(seed);
    return of(instance, RandomPlacements.anyAssignment(instance, new SplittableRandom(seed)));
  }

  /** One or two offers, each of which holds everything. */
  static RandomPlans complete(long seed) {
    Instance instance = instance(seed);
    var random = new SplittableRandom(seed);
    int[] replicas = IntStream.range(0, instance.offers()).limit(1 + random.nextInt(2)).toArray();
    List<Placement> placements = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
      int[] servedBy = new int[instance.origins()];
      for (int o = 0; o < servedBy.length; o++) {
        servedBy[o] =
            instance.demand(o, s) == 0
                ? Placement.NOBODY
                : replicas[random.nextInt(replicas.length)];
      }
      placements.add(new Placement(replicas, servedBy));
    }
    return of(instance, new Assignment(placements));
  }

  private static Instance instance(long seed) {
    var random = new SplittableRandom(~seed);
    return Instance.of(
        RandomProblems.of(
            seed,
            new RandomProblems.Size(
                1 + random.nextInt(4),
                1 + random.nextInt(20),
                1 + random.nextInt(4),
                1 + random.nextInt(3))));
  }

  private static RandomPlans of(Instance instance, Assignment assignment) {
    return new RandomPlans(
        instance.problem(),
        instance,
        assignment,
        PlanConverter.toPlan(
            instance, assignment, Pricing.price(instance, assignment), null, null));
  }
}
