package org.moesaic.routing;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import org.moesaic.json.Explanation;
import org.moesaic.json.Limits;

/**
 * Counts the tokens of one file, one after the other, and hands them to the samples.
 *
 * <p>Recorders that keep a row for every layer of a model fill those of dense layers, which have no
 * experts, with 0 or -1. No token chooses the same expert twice, so a row of zeros is told from a
 * choice where tokens choose at least two. Which layers are dense, the first token says; all others
 * have to agree.
 */
final class TokenSink {
  /** Ids of one token: what is held in memory of a recording. */
  static final int MOST_CELLS = 1 << 20;

  private static final int FIRST_EXPERTS = 64;
  private static final int CHOOSES = Integer.MIN_VALUE;

  private final OriginTally tally;
  private final Path file;
  private final int[] layers;
  private final int topK;

  /** Ids have to be below; 65536 if nothing is known. */
  private final int limit;

  /** What a dense layer's rows are filled with, or {@link #CHOOSES}. */
  private final int[] fillers;

  private final long[][] calls;

  /**
   * When each expert was last chosen: the number of the row, which finds experts that are twice.
   */
  private int[] chosenIn;

  private int row;
  private boolean begun;

  /** Cells of layers with experts; empty: all. */
  private int[] cells = new int[0];

  /**
   * Counts tokens of some layers.
   *
   * @param layers ascending, in the order of the tokens' rows
   */
  TokenSink(OriginTally tally, Path file, int[] layers, int topK) {
    this.tally = tally;
    this.file = file;
    this.layers = layers;
    this.topK = topK;
    tally.shape().topK(file, topK);
    int known = tally.shape().experts();
    limit = known == 0 ? Limits.EXPERTS_PER_LAYER : known;
    int size = known == 0 ? FIRST_EXPERTS : known;
    chosenIn = new int[size];
    fillers = new int[layers.length];
    calls = new long[layers.length][];
  }

  /**
   * Takes a token.
   *
   * @param ids {@code [layer][k]}
   * @return -1, or the index of an id that is wrong, for {@link #explain}
   */
  int token(int[] ids) {
    if (!begun) {
      begin(ids);
    }
    int at = 0;
    for (int l = 0; l < calls.length; l++) {
      int wrong = fillers[l] == CHOOSES ? count(ids, at, l) : filled(ids, at, fillers[l]);
      if (wrong >= 0) {
        return wrong;
      }
      at += topK;
    }
    tally.countToken();
    Samples samples = tally.samples();
    if (samples != null) {
      samples.offer(ids, cells);
    }
    return -1;
  }

  private int count(int[] ids, int from, int l) {
    long[] row = calls[l];
    int[] chosen = chosenIn;
    int now = nextRow();
    for (int i = from; i < from + topK; i++) {
      int id = ids[i];
      if (Integer.compareUnsigned(id, row.length) >= 0 || id >= chosen.length) {
        if (id < 0 || id >= limit) {
          return i;
        }
        grow(id);
        row = calls[l];
        chosen = chosenIn;
      }
      if (chosen[id] == now) {
        return i;
      }
      chosen[id] = now;
      row[id]++;
    }
    return -1;
  }

  private int nextRow() {
    if (row == Integer.MAX_VALUE) {
      Arrays.fill(chosenIn, 0);
      row = 0;
    }
    return ++row;
  }

  private int filled(int[] ids, int from, int filler) {
    for (int i = from; i < from + topK; i++) {
      if (ids[i] != filler) {
        return i;
      }
    }
    return -1;
  }

  private void begin(int[] ids) {
    BitSet choosing = new BitSet();
    for (int l = 0; l < layers.length; l++) {
      int filler = ids[l * topK];
      boolean dense =
          (filler == -1 || (filler == 0 && topK > 1)) && filled(ids, l * topK, filler) < 0;
      fillers[l] = dense ? filler : CHOOSES;
      if (!dense) {
        choosing.set(layers[l]);
        calls[l] = tally.callsOf(layers[l], chosenIn.length);
      }
    }
    if (choosing.isEmpty()) {
      throw Fault.of(
          file,
          "The first token of the file chooses no experts: all of its rows are filled with one"
              + " number.",
          "Maybe the recorder was not switched on, or the file begins with padding.");
    }
    if (choosing.cardinality() < layers.length) {
      cells = new int[choosing.cardinality() * topK];
      int next = 0;
      for (int i = 0; i < ids.length; i++) {
        if (fillers[i / topK] == CHOOSES) {
          cells[next++] = i;
        }
      }
    }
    tally.tokenLayers(file, choosing);
    Samples samples = tally.samples();
    if (samples != null) {
      samples.begin(file, choosing.cardinality() * topK);
    }
    begun = true;
  }

  private void grow(int id) {
    int size = Math.min(limit, Math.max(Integer.highestOneBit(id) * 2, FIRST_EXPERTS));
    if (size > chosenIn.length) {
      chosenIn = Arrays.copyOf(chosenIn, size);
    }
    for (int l = 0; l < calls.length; l++) {
      if (fillers[l] == CHOOSES) {
        calls[l] = tally.callsOf(layers[l], chosenIn.length);
      }
    }
  }

  /** Says why {@link #token} refused an id, without where it is. */
  Explanation explain(int[] ids, int at, long value) {
    int l = at / topK;
    int layer = layers[l];
    if (fillers[l] != CHOOSES) {
      return new Explanation(
          "The expert (%d) in layer %d must be %d, as in all tokens before, where that layer has no"
                  .formatted(value, layer, fillers[l])
              + " experts",
          "Maybe files of different models were joined.");
    }
    if (value >= 0 && value < limit) {
      return new Explanation(
          "The expert (%d) is chosen twice by one token in layer %d".formatted(value, layer),
          "Maybe the dimensions are in another order, or the token is padding.");
    }
    return new Explanation(
        "The expert (%d) in layer %d must be from 0 to %d".formatted(value, layer, limit - 1),
        value == limit
            ? "Maybe it counts from 1 instead of 0."
            : value < 0
                ? "Maybe the recording is padded; leave out tokens of padding."
                : "Maybe the files are of different models; --experts says how many there are.");
  }

  /** Notes what was counted. */
  void finish() {
    for (long[] row : calls) {
      if (row != null) {
        for (int e = row.length - 1; e > tally.greatestExpert(); e--) {
          if (row[e] > 0) {
            tally.greatestExpert(e);
          }
        }
      }
    }
  }
}
