package org.moesaic.solve.model;

import org.moesaic.instance.Instance;

/** What a piece is to the traffic of its origins. */
public enum Role {
  /** Experts. */
  SHARD,
  /** The dense part of a layer between two others. */
  LAYER,
  /** That of the first layer: tokens come in. */
  FIRST_LAYER,
  /** That of the last layer: tokens go out. */
  LAST_LAYER,
  /** That of the only layer. */
  ONLY_LAYER;

  /** The role of a piece. */
  public static Role of(Instance instance, int piece) {
    if (instance.isShard(piece)) {
      return SHARD;
    }
    int layer = instance.layerOf(piece);
    boolean first = layer == 0;
    boolean last = layer == instance.layers() - 1;
    if (first) {
      return last ? ONLY_LAYER : FIRST_LAYER;
    }
    return last ? LAST_LAYER : LAYER;
  }

  boolean takesIn() {
    return this == FIRST_LAYER || this == ONLY_LAYER;
  }

  boolean givesOut() {
    return this == LAST_LAYER || this == ONLY_LAYER;
  }
}
