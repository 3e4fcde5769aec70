package org.moesaic.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.moesaic.routing.Profile.LayerProfile;
import org.moesaic.routing.Profile.Overlap;

/** Figures of loads: {@code rows[layer][expert]}. */
final class Figures {
  /** Of StrictMath, as all logarithms here: the same on every machine. */
  private static final double LOG_2 = StrictMath.log(2);

  private Figures() {}

  /** A layer's figures. */
  static LayerProfile layer(int layer, double[] row) {
    double sum = 0;
    double greatest = 0;
    for (double weight : row) {
      sum += weight;
      greatest = Math.max(greatest, weight);
    }
    return sum > 0
        ? new LayerProfile(layer, sum, greatest / (sum / row.length), entropyBits(row, sum))
        : new LayerProfile(layer, 0, null, null);
  }

  /** Minus the sum of p log2 p. */
  private static double entropyBits(double[] row, double sum) {
    double bits = 0;
    for (double weight : row) {
      if (weight > 0) {
        double share = weight / sum;
        bits -= share * (StrictMath.log(share) / LOG_2);
      }
    }
    return Math.max(0, bits);
  }

  /** How alike each pair of origins is; those without a layer in common are left out. */
  static List<Overlap> overlaps(Map<String, double[][]> loads) {
    var overlaps = new ArrayList<Overlap>();
    var origins = List.copyOf(loads.keySet());
    for (int a = 0; a < origins.size(); a++) {
      for (int b = a + 1; b < origins.size(); b++) {
        Overlap overlap =
            overlap(
                origins.get(a),
                loads.getOrDefault(origins.get(a), new double[0][]),
                origins.get(b),
                loads.getOrDefault(origins.get(b), new double[0][]));
        if (overlap != null) {
          overlaps.add(overlap);
        }
      }
    }
    return overlaps;
  }

  private static @Nullable Overlap overlap(
      String a, double[][] loadsOfA, String b, double[][] loadsOfB) {
    double sum = 0;
    int layers = 0;
    double least = Double.POSITIVE_INFINITY;
    int leastLayer = -1;
    for (int layer = 0; layer < loadsOfA.length; layer++) {
      double sumOfA = sum(loadsOfA[layer]);
      double sumOfB = sum(loadsOfB[layer]);
      if (sumOfA > 0 && sumOfB > 0) {
        double common = 0;
        for (int e = 0; e < loadsOfA[layer].length; e++) {
          common += Math.min(loadsOfA[layer][e] / sumOfA, loadsOfB[layer][e] / sumOfB);
        }
        sum += common;
        layers++;
        if (common < least) {
          least = common;
          leastLayer = layer;
        }
      }
    }
    return layers == 0 ? null : new Overlap(a, b, sum / layers, least, leastLayer);
  }

  static double sum(double[] row) {
    double sum = 0;
    for (double weight : row) {
      sum += weight;
    }
    return sum;
  }
}
