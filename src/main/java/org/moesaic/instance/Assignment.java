package org.moesaic.instance;

import java.util.List;

/**
 * Everything that is decided: one placement per shard, in the instance's order of shards.
 *
 * @param placements one per shard
 */
public record Assignment(List<Placement> placements) {
  public Assignment {
    placements = List.copyOf(placements);
  }

  /** Where a shard is. */
  public Placement of(int shard) {
    return placements.get(shard);
  }
}
