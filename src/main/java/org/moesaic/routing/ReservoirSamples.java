package org.moesaic.routing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import org.moesaic.json.StagedFile;

/**
 * Keeps a number of tokens, every set of that many as likely as any other, however many come.
 *
 * <p>Idea: the first n are kept; from then on, the gap to the next token that replaces a kept one
 * is drawn from its distribution, instead of a number for each token. Memory n tokens, time O(n (1
 * + log(N / n))) for N tokens. Source: Li, "Reservoir-sampling algorithms of time complexity O(n(1
 * + log(N/n)))", ACM TOMS 20 (1994), algorithm L.
 */
final class ReservoirSamples implements Samples {
  /** Ids that are held in memory, two bytes each. */
  private static final long MOST_IDS = 1L << 26;

  private final int size;
  private final SplittableRandom random;
  private final AllSamples written;
  private char[][] kept = new char[16][];
  private long[] positions = new long[16];
  private int cellsPerToken;
  private long offered;
  private long next;
  private double weight;

  /** Draws some number of tokens, and writes them to others when all have come. */
  ReservoirSamples(int size, long seed, AllSamples written) {
    this.size = size;
    this.written = written;
    random = new SplittableRandom(seed);
  }

  @Override
  public void begin(Path file, int cells) {
    cellsPerToken = cells;
    if ((long) cells * size > MOST_IDS) {
      throw Fault.of(
          file,
          "A sample of %d tokens with %d ids each is too large to be drawn in memory."
              .formatted(size, cells),
          "Maybe ask for at most %d tokens, or for all, which are written as they come."
              .formatted(MOST_IDS / cells));
    }
  }

  @Override
  public void offer(int[] ids, int[] cells) {
    if (offered < size) {
      keep((int) offered, ids, cells);
      if (offered == size - 1) {
        weight = 1;
        drawNext();
      }
    } else if (offered == next) {
      keep(random.nextInt(size), ids, cells);
      drawNext();
    }
    offered++;
  }

  /** In the same way on every machine: hence StrictMath. */
  private void drawNext() {
    weight *= StrictMath.exp(StrictMath.log(uniform()) / size);
    double gap = Math.floor(StrictMath.log(uniform()) / StrictMath.log1p(-weight));
    // So long a gap never ends: no recording has as many tokens.
    next = gap > 1e18 ? Long.MAX_VALUE : offered + 1 + (long) gap;
  }

  /** A number above 0, up to 1, which is rounded to once in 2^53 draws and makes a gap of 0. */
  private double uniform() {
    return (random.nextLong() >>> 11) * 0x1p-53 + 0x1p-54;
  }

  private void keep(int slot, int[] ids, int[] cells) {
    if (slot == kept.length) {
      int length = Math.min(size, 2 * slot);
      kept = Arrays.copyOf(kept, length);
      positions = Arrays.copyOf(positions, length);
    }
    char[] row = kept[slot];
    if (row == null) {
      row = new char[cellsPerToken];
      kept[slot] = row;
    }
    for (int i = 0; i < row.length; i++) {
      row[i] = (char) (cells.length == 0 ? ids[i] : ids[cells[i]]);
    }
    positions[slot] = offered;
  }

  /** The first id of each token that is kept, for tests. */
  int[] keptIds() {
    return Arrays.stream(kept, 0, (int) tokens()).mapToInt(row -> row[0]).toArray();
  }

  @Override
  public long tokens() {
    return Math.min(offered, size);
  }

  @Override
  public void seal() throws IOException {
    Integer[] order = new Integer[(int) tokens()];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingLong(i -> positions[i]));
    int[] ids = new int[cellsPerToken];
    for (int slot : order) {
      for (int i = 0; i < ids.length; i++) {
        ids[i] = kept[slot][i];
      }
      written.offer(ids, new int[0]);
    }
    kept = new char[0][];
    positions = new long[0];
    written.seal();
  }

  @Override
  public StagedFile finish(Path target, boolean wide) throws IOException {
    return written.finish(target, wide);
  }

  @Override
  public void close() throws IOException {
    written.close();
  }
}
