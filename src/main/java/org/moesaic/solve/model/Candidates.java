package org.moesaic.solve.model;

import ai.timefold.solver.core.api.domain.valuerange.ValueRange;
import ai.timefold.solver.core.impl.domain.valuerange.ListValueRange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * The placements that Timefold's own construction and moves choose from: replica sets of a shard's
 * holders, smallest first, with every origin served where that is cheapest. Shards that may lie in
 * the same places and are called by the same origins share one list.
 */
final class Candidates {
  /** Enough for all sets of up to three of 24 offers. */
  private static final int MOST = 2500;

  private record Key(int holderGroup, List<Boolean> called) {}

  private final Tariff tariff;
  private final boolean onlyListed;
  private final Map<Key, ValueRange<Placement>> ranges = new HashMap<>();

  /**
   * Prepares lists for an instance.
   *
   * @param onlyListed whether values that are not listed are out of range; Timefold's own selectors
   *     take no other range, and our moves would break it
   */
  Candidates(Tariff tariff, boolean onlyListed) {
    this.tariff = tariff;
    this.onlyListed = onlyListed;
  }

  private ValueRange<Placement> range(List<Placement> listed) {
    return onlyListed ? new ListValueRange<>(listed) : new PlacementRange(listed);
  }

  synchronized ValueRange<Placement> of(int shard) {
    Instance instance = tariff.instance();
    List<Boolean> called = new ArrayList<>();
    for (int o = 0; o < instance.origins(); o++) {
      called.add(instance.isServed(o, shard));
    }
    return ranges.computeIfAbsent(
        new Key(instance.holderGroup(shard), called), key -> range(enumerate(shard)));
  }

  private List<Placement> enumerate(int shard) {
    Instance instance = tariff.instance();
    int[] holders = tariff.holders(shard);
    boolean isShard = instance.isShard(shard);
    int min = isShard ? instance.problem().policy().minReplicas() : 1;
    int max = Math.min(isShard ? instance.maxReplicas() : 1, holders.length);
    List<Placement> list = new ArrayList<>();
    for (int size = Math.min(min, max); size <= max && list.size() < MOST; size++) {
      extend(shard, holders, new int[size], 0, 0, list);
    }
    return list;
  }

  private void extend(
      int shard, int[] holders, int[] set, int filled, int from, List<Placement> list) {
    if (list.size() >= MOST) {
      return;
    }
    if (filled == set.length) {
      list.add(Serving.cheapest(tariff, HomeSites.own(tariff.instance()), shard, set.clone()));
      return;
    }
    for (int h = from; h < holders.length; h++) {
      set[filled] = holders[h];
      extend(shard, holders, set, filled + 1, h + 1, list);
    }
  }
}
