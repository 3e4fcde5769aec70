package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.Guide;

/**
 * What shards would choose at given multipliers, and which offers they would rather avoid.
 *
 * <p>Complexity: as one evaluation of the bound, and a sort of the offers of each shard. No
 * guarantee: searches only go by it.
 */
final class Guidance {
  /** Offers to remember for each shard. */
  private static final int OFFERS = 8;

  private Guidance() {}

  /** Solves each shard; null if it was stopped, or some shard can be nowhere. */
  static @Nullable Guide at(Relaxation relaxation, Multipliers at, BooleanSupplier stop) {
    Instance instance = relaxation.instance;
    var prices = new ShardBound.Prices(relaxation, at);
    var shardBound = new ShardBound(relaxation);
    shardBound.price(prices, null);
    List<Placement> cheapest = new ArrayList<>(instance.pieces());
    int[][] offers = new int[instance.pieces()][];
    int[] sorted = new int[relaxation.offers()];
    for (int s = 0; s < instance.pieces(); s++) {
      if (stop.getAsBoolean() || shardBound.solve(s) == Double.POSITIVE_INFINITY) {
        return null;
      }
      cheapest.add(shardBound.placement(s));
      int n = 0;
      for (int i : instance.holders(s)) {
        double reduced = shardBound.reducedUsd(i);
        int j = n++;
        for (; j > 0 && shardBound.reducedUsd(sorted[j - 1]) > reduced; j--) {
          sorted[j] = sorted[j - 1];
        }
        sorted[j] = i;
      }
      offers[s] = Arrays.copyOf(sorted, Math.min(n, OFFERS));
    }
    return new Guide(
        instance,
        new Guide.Prices(prices.usdPerExpert, prices.usdPerLayer, prices.usdPerUnit),
        cheapest,
        offers);
  }
}
