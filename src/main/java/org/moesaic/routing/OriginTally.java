package org.moesaic.routing;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issue;
import org.moesaic.json.Limits;

/**
 * What the recordings of one origin add up to. Memory: a number per layer and expert, whatever the
 * recordings hold.
 */
final class OriginTally {
  /** Sums of whole numbers are exact up to here. */
  private static final double EXACT = Limits.WHOLE_NUMBER;

  /** Counts and calls, of which each row may be twice as long as the experts that it has. */
  private static final long MOST_CELLS = 4 * Limits.EXPERTS;

  private final String origin;
  private final Shape shape;
  private final Monitor monitor;

  /** Null: no samples are wanted. */
  private final @Nullable Samples samples;

  /**
   * Counts by layer, rows that grow with the greatest expert; null: nothing was said of a layer.
   */
  private double[] @Nullable [] counts = new double[64][];

  /** The same of tokens; whole numbers all. */
  private long[] @Nullable [] calls = new long[64][];

  private int greatestExpert = -1;

  /** Number of layers, in files that have a row for each; 0: none had. */
  private int rows;

  private @Nullable Path rowsFrom;

  /** Layers, in files that name them; those of tokens, without dense ones. */
  private @Nullable BitSet named;

  private @Nullable Path namedFrom;
  private @Nullable BitSet tokenLayers;
  private @Nullable Path tokenLayersFrom;
  private long tokens;
  private boolean hasCounts;
  private boolean hasFractions;

  /** Numbers in all rows. */
  private long cells;

  OriginTally(String origin, Shape shape, Monitor monitor, @Nullable Samples samples) {
    this.origin = origin;
    this.shape = shape;
    this.monitor = monitor;
    this.samples = samples;
  }

  String origin() {
    return origin;
  }

  Shape shape() {
    return shape;
  }

  Monitor monitor() {
    return monitor;
  }

  @Nullable Samples samples() {
    return samples;
  }

  /** Tokens that were read one by one. */
  long tokens() {
    return tokens;
  }

  /** Whether some file had counts without tokens. */
  boolean hasCounts() {
    return hasCounts;
  }

  /** Whether some count was not whole, so that counts are only weights. */
  boolean hasFractions() {
    return hasFractions;
  }

  /** The greatest expert that was called or had a row; -1: none. */
  int greatestExpert() {
    return greatestExpert;
  }

  /** Layers with a row in files that have one for each layer of the model; 0: no such file. */
  int rows() {
    return rows;
  }

  /** The layers of which samples consist, ascending; null: there were no tokens. */
  @Nullable BitSet tokenLayers() {
    return tokenLayers;
  }

  // -------------------------------------------------------------------------------- what is read

  /** Takes the number of layers of a file that has a row for each layer of the model. */
  void rows(Path file, long found) {
    requireLayers(file, found);
    if (rows != 0 && rows != found) {
      throw Fault.of(
          file,
          "The file has %d layers, but %s has %d.".formatted(found, rowsFrom, rows),
          "Maybe they are recordings of different models, or one leaves out dense layers.");
    }
    rows = (int) found;
    rowsFrom = file;
    checkNamed();
  }

  /** Takes the layers of a file that names those that it has, and has all that hold experts. */
  void named(Path file, BitSet layers) {
    requireLayers(file, layers.length());
    if (named != null && !named.equals(layers)) {
      int layer = difference(named, layers);
      throw Fault.of(
          file,
          "The file %s layer %d, but %s %s."
              .formatted(
                  layers.get(layer) ? "has" : "lacks",
                  layer,
                  namedFrom,
                  layers.get(layer) ? "lacks it" : "has it"),
          "Maybe they are recordings of different models, or one was cut off.");
    }
    named = layers;
    namedFrom = file;
    checkNamed();
  }

  private void checkNamed() {
    if (named != null && namedFrom != null && rows != 0 && named.length() > rows) {
      throw Fault.of(
          namedFrom,
          "The file has layer %d, but %s has %d layers."
              .formatted(named.length() - 1, rowsFrom, rows),
          "Maybe they are recordings of different models, or one leaves out dense layers.");
    }
  }

  private static int difference(BitSet a, BitSet b) {
    BitSet different = (BitSet) a.clone();
    different.xor(b);
    return different.nextSetBit(0);
  }

  private static void requireLayers(Path file, long layers) {
    if (layers < 1 || layers > Limits.LAYERS) {
      throw Fault.of(
          file,
          "The number of layers (%d) must be from 1 to %d.".formatted(layers, Limits.LAYERS),
          "Maybe the dimensions are in another order.");
    }
  }

  /**
   * Takes the layers of a file's tokens, once its first one is known.
   *
   * @param layers without those that hold no experts
   */
  void tokenLayers(Path file, BitSet layers) {
    if (tokenLayers != null && !tokenLayers.equals(layers)) {
      int layer = difference(tokenLayers, layers);
      throw Fault.of(
          file,
          "The tokens of the file choose %s in layer %d, unlike those of %s."
              .formatted(layers.get(layer) ? "experts" : "none", layer, tokenLayersFrom),
          "Maybe they are recordings of different models.");
    }
    tokenLayers = layers;
    tokenLayersFrom = file;
  }

  /** Says that counts come. */
  void beginCounts() {
    hasCounts = true;
  }

  /**
   * Adds to a count.
   *
   * @param layer below {@link Limits#LAYERS}
   * @param expert below {@link Limits#EXPERTS_PER_LAYER}
   * @param count finite and &gt;= 0
   * @return whether the sum is still exact; if not, nothing was added
   */
  boolean add(int layer, int expert, double count) {
    double[] row = countsOf(layer, expert);
    double sum = row[expert] + count;
    if (sum > EXACT && sum != count) {
      return false;
    }
    row[expert] = sum;
    hasFractions |= count != Math.rint(count);
    return true;
  }

  private double[] countsOf(int layer, int expert) {
    if (layer >= counts.length) {
      counts = Arrays.copyOf(counts, Limits.LAYERS);
    }
    double[] row = counts[layer];
    if (row == null || expert >= row.length) {
      int length = Math.max(expert + 1, Math.min(2 * expert, Limits.EXPERTS_PER_LAYER));
      grow(length - (row == null ? 0 : row.length));
      row = row == null ? new double[length] : Arrays.copyOf(row, length);
      counts[layer] = row;
    }
    greatestExpert = Math.max(greatestExpert, expert);
    return row;
  }

  /** The calls of tokens in a layer, by expert, at least as many as asked for. */
  long[] callsOf(int layer, int experts) {
    if (layer >= calls.length) {
      calls = Arrays.copyOf(calls, Limits.LAYERS);
    }
    long[] row = calls[layer];
    if (row == null || experts > row.length) {
      grow(experts - (row == null ? 0 : row.length));
      row = row == null ? new long[experts] : Arrays.copyOf(row, experts);
      calls[layer] = row;
    }
    return row;
  }

  /** A few great numbers in a small file must not take all memory. */
  private void grow(int more) {
    cells += more;
    if (cells > MOST_CELLS) {
      throw new InvalidInputException(
          List.of(
              new Issue(
                  Issue.Severity.ERROR,
                  origin.isEmpty() ? "recording" : origin,
                  null,
                  0,
                  0,
                  null,
                  "There must be at most %d experts in all layers.".formatted(Limits.EXPERTS),
                  "Maybe columns or dimensions are swapped.")),
          0);
    }
  }

  void countToken() {
    tokens++;
    monitor.token();
  }

  void greatestExpert(int expert) {
    greatestExpert = Math.max(greatestExpert, expert);
  }

  // ---------------------------------------------------------------------------- what it adds up to

  /** One more than the last layer of which a file said anything. */
  int layers() {
    int end = Math.max(rows, named == null ? 0 : named.length());
    for (int layer = end; layer < Math.max(counts.length, calls.length); layer++) {
      if ((layer < counts.length && counts[layer] != null)
          || (layer < calls.length && calls[layer] != null)) {
        end = layer + 1;
      }
    }
    return end;
  }

  /** The layers with calls. */
  BitSet called() {
    BitSet called = new BitSet();
    for (int layer = 0; layer < Math.max(counts.length, calls.length); layer++) {
      double[] ofCounts = layer < counts.length ? counts[layer] : null;
      long[] ofTokens = layer < calls.length ? calls[layer] : null;
      called.set(
          layer,
          (ofCounts != null && Arrays.stream(ofCounts).anyMatch(count -> count > 0))
              || (ofTokens != null && Arrays.stream(ofTokens).anyMatch(count -> count > 0)));
    }
    return called;
  }

  /** The layers in which all tokens chose expert 0 only. */
  BitSet onlyFirstExpert() {
    BitSet only = new BitSet();
    for (int layer = 0; layer < calls.length; layer++) {
      long[] row = calls[layer];
      only.set(
          layer, row != null && row[0] > 0 && Arrays.stream(row).skip(1).allMatch(n -> n == 0));
    }
    return only;
  }

  /** The weights of a layer. */
  double[] row(int layer, int experts) {
    double[] row = new double[experts];
    if (layer < counts.length && counts[layer] != null) {
      double[] from = counts[layer];
      System.arraycopy(from, 0, row, 0, Math.min(experts, from.length));
    }
    if (layer < calls.length && calls[layer] != null) {
      long[] from = calls[layer];
      for (int e = 0; e < Math.min(experts, from.length); e++) {
        row[e] += from[e];
      }
    }
    return row;
  }
}
