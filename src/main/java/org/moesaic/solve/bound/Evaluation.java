package org.moesaic.solve.bound;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;

/**
 * What all shards cost at some multipliers: a point of the dual function with its slope, and a
 * column for the program that chooses the next multipliers.
 *
 * @param at the multipliers
 * @param parts one for each group of shards
 * @param plan the placements that the parts sum up, where they are not those found at the
 *     multipliers: a column only, whose values prove nothing
 */
record Evaluation(Multipliers at, List<Part> parts, @Nullable Assignment plan) {
  /**
   * The sum over some shards: small, whatever their number, so that it can be computed anywhere and
   * added up.
   *
   * @param value a lower bound on what the shards cost at the multipliers, with the prices on
   *     opening; infinite if one of them cannot be placed
   * @param opening per offer, the price on opening it, USD per hour
   * @param trafficUsd egress and bandwidth of the placements found, USD per hour
   * @param use of each resource by the placements found, by the numbers of {@link Resources}
   */
  record Part(double value, double[] opening, double trafficUsd, double[] use) {
    static Part sum(int offers, int resources, List<Part> parts) {
      double value = 0;
      double traffic = 0;
      double[] opening = new double[offers];
      double[] use = new double[resources];
      for (Part part : parts) {
        value += part.value;
        traffic += part.trafficUsd;
        for (int i = 0; i < offers; i++) {
          opening[i] += part.opening[i];
        }
        for (int d = 0; d < resources; d++) {
          use[d] += part.use[d];
        }
      }
      return new Part(value, opening, traffic, use);
    }
  }

  double value() {
    double sum = 0;
    for (Part part : parts) {
      sum += part.value;
    }
    return sum;
  }

  double opening(int offer) {
    double sum = 0;
    for (Part part : parts) {
      sum += part.opening[offer];
    }
    return sum;
  }
}
