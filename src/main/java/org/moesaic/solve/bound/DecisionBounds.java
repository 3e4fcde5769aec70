package org.moesaic.solve.bound;

import java.util.Arrays;

/**
 * Lower bounds on the cost of every plan that takes one decision, USD per hour: whoever knows a
 * plan that costs less leaves the decision out. Bounds of several proofs add up to the greatest of
 * each.
 *
 * @param held per shard and offer: of plans that have the shard there
 * @param leased per offer: of plans that lease a node of it
 * @param unleased per offer: of plans that lease none
 */
record DecisionBounds(double[][] held, double[] leased, double[] unleased) {
  /** Bounds that say nothing. */
  static DecisionBounds none(int shards, int offers) {
    double[][] held = new double[shards][offers];
    double[] leased = new double[offers];
    double[] unleased = new double[offers];
    for (double[] row : held) {
      Arrays.fill(row, Double.NEGATIVE_INFINITY);
    }
    Arrays.fill(leased, Double.NEGATIVE_INFINITY);
    Arrays.fill(unleased, Double.NEGATIVE_INFINITY);
    return new DecisionBounds(held, leased, unleased);
  }

  /** Takes over what others know better. */
  void raise(DecisionBounds others) {
    for (int s = 0; s < held.length; s++) {
      raise(held[s], others.held[s]);
    }
    raise(leased, others.leased);
    raise(unleased, others.unleased);
  }

  private static void raise(double[] bounds, double[] others) {
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = Math.max(bounds[i], others[i]);
    }
  }
}
