package org.moesaic.routing;

import java.util.Arrays;
import java.util.Random;

/**
 * Tokens as a router might choose: different experts each, some far more often than others.
 *
 * @param ids {@code [token][layer][k]}
 */
record RandomTokens(int[][][] ids, int layers, int topK, int experts) {
  /** The greatest expert is chosen once at least, so that its number can be told. */
  static RandomTokens of(long seed, int tokens, int layers, int topK, int experts) {
    var random = new Random(seed);
    int[][][] ids = new int[tokens][layers][topK];
    for (int[][] token : ids) {
      for (int[] row : token) {
        for (int k = 0; k < topK; k++) {
          int id = (int) (experts * random.nextDouble() * random.nextDouble());
          int[] before = Arrays.copyOf(row, k);
          while (contains(before, id)) {
            id = (id + 1) % experts;
          }
          row[k] = id;
        }
      }
    }
    int[] row = ids[0][0];
    if (!contains(row, experts - 1)) {
      row[0] = experts - 1;
    }
    return new RandomTokens(ids, layers, topK, experts);
  }

  private static boolean contains(int[] row, int id) {
    return Arrays.stream(row).anyMatch(other -> other == id);
  }

  /** How often each expert was chosen, counted the plain way. */
  double[][] counts() {
    double[][] counts = new double[layers][experts];
    for (int[][] token : ids) {
      for (int l = 0; l < layers; l++) {
        for (int id : token[l]) {
          counts[l][id]++;
        }
      }
    }
    return counts;
  }

  /** All ids one after the other, one byte each, or two, little endian, for over 256 experts. */
  byte[] raw() {
    int width = experts > 256 ? 2 : 1;
    byte[] raw = new byte[ids.length * layers * topK * width];
    int at = 0;
    for (int[][] token : ids) {
      for (int[] row : token) {
        for (int id : row) {
          raw[at++] = (byte) id;
          if (width == 2) {
            raw[at++] = (byte) (id / 256);
          }
        }
      }
    }
    return raw;
  }
}
