package org.moesaic.instance;

import java.util.List;

/**
 * Everything that is decided: one placement per shard, in the instance's order of shards, and where
 * the layers of origins are at home.
 *
 * @param placements one per shard
 * @param homes of each origin's layers
 */
public record Assignment(List<Placement> placements, Homes homes) {
  public Assignment {
    placements = List.copyOf(placements);
  }

  /** Placements of shards whose callers are at home at their own sites. */
  public Assignment(List<Placement> placements) {
    this(placements, Homes.OWN);
  }

  /** Where a shard is. */
  public Placement of(int shard) {
    return placements.get(shard);
  }

  /** The offer that an origin's layer is at home on; {@link Homes#OWN_SITE} for none. */
  public int home(int origin, int layer) {
    return homes.offer(origin, layer);
  }
}
