package org.moesaic.solve.start;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.HomeSites;
import org.moesaic.solve.model.Serving;
import org.moesaic.solve.model.Tariff;

/**
 * Deals shards out to the offers that may hold them, one after the other, as if neither prices nor
 * distances existed.
 *
 * <p>Complexity O(shards * origins); no guarantee. A baseline.
 */
public final class RoundRobin implements Construction {
  @Override
  public Assignment construct(Tariff tariff) {
    Instance instance = tariff.instance();
    int copies = instance.problem().policy().minReplicas();
    List<Placement> placements = new ArrayList<>(instance.shards());
    for (int s = 0; s < instance.shards(); s++) {
      int[] holders = tariff.holders(s);
      int[] replicas = new int[Math.min(copies, holders.length)];
      for (int r = 0; r < replicas.length; r++) {
        replicas[r] = holders[(s + r) % holders.length];
      }
      Arrays.sort(replicas);
      placements.add(Serving.cheapest(tariff, HomeSites.own(tariff.instance()), s, replicas));
    }
    return new Assignment(placements);
  }
}
