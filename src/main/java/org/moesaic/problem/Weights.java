package org.moesaic.problem;

import java.util.Arrays;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;
import org.moesaic.json.UseCodec;

/**
 * Relative call frequencies of one origin: a dense, immutable matrix {@code [layer][expert]} of
 * finite numbers &gt;= 0, not yet normalised.
 */
@UseCodec(WeightsCodec.class)
public final class Weights {
  /** A matrix without rows: what a load has until its file is read. */
  static final Weights NONE = new Weights(0, 0, new double[0]);

  private final int layers;
  private final int experts;
  private final double[] values;

  private Weights(int layers, int experts, double[] values) {
    this.layers = layers;
    this.experts = experts;
    this.values = values;
  }

  /**
   * Copies a matrix.
   *
   * @param rows one row per layer, all of the same length
   * @throws IllegalArgumentException if rows differ in length, or a number is not from 0 to {@link
   *     Limits#NUMBER}
   */
  public static Weights of(double[][] rows) {
    int experts = rows.length == 0 ? 0 : rows[0].length;
    double[] values = new double[Math.multiplyExact(rows.length, experts)];
    for (int l = 0; l < rows.length; l++) {
      if (rows[l].length != experts) {
        throw new IllegalArgumentException(
            "The row (%d) has %d weights, but the row (0) has %d."
                .formatted(l, rows[l].length, experts));
      }
      for (int e = 0; e < experts; e++) {
        double value = rows[l][e];
        if (!(value >= 0 && value <= Limits.NUMBER)) {
          throw new IllegalArgumentException(
              "The weight (%s) of layer (%d) and expert (%d) must be a number from 0 to %s."
                  .formatted(value, l, e, Texts.number(Limits.NUMBER)));
        }
        values[l * experts + e] = value;
      }
    }
    return new Weights(rows.length, experts, values);
  }

  /**
   * Takes a flat matrix without copying; the caller gives the array away.
   *
   * @param values row by row, {@code layers * experts} numbers
   */
  static Weights ofFlat(int layers, int experts, double[] values) {
    if (values.length != Math.multiplyExact(layers, experts)) {
      throw new IllegalArgumentException(
          "%d values do not make %d x %d weights.".formatted(values.length, layers, experts));
    }
    return new Weights(layers, experts, values);
  }

  /** Number of rows. */
  public int layers() {
    return layers;
  }

  /** Number of columns. */
  public int experts() {
    return experts;
  }

  /** The weight of one expert, as recorded. */
  public double get(int layer, int expert) {
    return values[layer * experts + expert];
  }

  /** A copy of one layer's weights. */
  public double[] row(int layer) {
    return Arrays.copyOfRange(values, layer * experts, (layer + 1) * experts);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Weights that
        && layers == that.layers
        && experts == that.experts
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * layers + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "Weights[" + layers + " x " + experts + "]";
  }
}
