package org.moesaic.instance;

import java.util.List;

/**
 * Everything that is decided: how origins are divided into parts, one placement per shard, in the
 * instance's order of shards, and where the layers of the parts are at home. Placements and homes
 * number parts where instances number origins; an origin that is whole is its only part.
 *
 * @param placements one per shard; who serves whom is by part
 * @param homes of each part's layers
 * @param parts of the origins
 */
public record Assignment(List<Placement> placements, Homes homes, Parts parts) {
  public Assignment {
    placements = List.copyOf(placements);
  }

  /** Placements of shards whose callers are whole origins. */
  public Assignment(List<Placement> placements, Homes homes) {
    this(placements, homes, Parts.WHOLE);
  }

  /** Placements of shards whose callers are whole origins, at home at their own sites. */
  public Assignment(List<Placement> placements) {
    this(placements, Homes.OWN);
  }

  /** Where a shard is. */
  public Placement of(int shard) {
    return placements.get(shard);
  }

  /** The offer that a part's layer is at home on; {@link Homes#OWN_SITE} for none. */
  public int home(int part, int layer) {
    return homes.offer(part, layer);
  }
}
