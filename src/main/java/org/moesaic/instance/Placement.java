package org.moesaic.instance;

import java.util.Arrays;

/**
 * Where one shard is: the offers that hold a replica, and the one that serves each origin, or each
 * part of one where {@link Parts} divide them. Immutable; the arrays must not be written to.
 *
 * @param replicas offer indices, ascending, without repetition; at least one
 * @param servedBy per origin the offer index that serves it, one of {@code replicas}; {@link
 *     #NOBODY} where the origin never calls the shard
 */
public record Placement(int[] replicas, int[] servedBy) {
  /** Serves an origin without demand. */
  public static final int NOBODY = -1;

  /** Whether an offer holds a replica. */
  public boolean holds(int offer) {
    for (int replica : replicas) {
      if (replica == offer) {
        return true;
      }
    }
    return false;
  }

  /** Whether an offer holds a replica that serves some origin. */
  public boolean serves(int offer) {
    for (int server : servedBy) {
      if (server == offer) {
        return true;
      }
    }
    return false;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Placement that
        && Arrays.equals(replicas, that.replicas)
        && Arrays.equals(servedBy, that.servedBy);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(replicas) + Arrays.hashCode(servedBy);
  }

  @Override
  public String toString() {
    return Arrays.toString(replicas) + " serve " + Arrays.toString(servedBy);
  }
}
