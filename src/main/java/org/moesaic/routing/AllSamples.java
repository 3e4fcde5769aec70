package org.moesaic.routing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.StagedFile;

/**
 * Keeps every token: writes them as they come, aside. While no id is over 255, ids take one byte
 * each; with the first one that is, the file is written again, once, with two.
 */
final class AllSamples implements Samples {
  private static final int BYTE_IDS = 256;

  private final Path target;
  private @Nullable StagedFile file;
  private @Nullable SampleOutput out;
  private boolean wide;
  private long tokens;

  /**
   * Writes beside a file.
   *
   * @param wide whether it is known that ids take two bytes
   */
  AllSamples(Path target, boolean wide) {
    this.target = target;
    this.wide = wide;
  }

  @Override
  public void begin(Path recording, int cells) {
    // Nothing is held, so nothing can be too large.
  }

  @Override
  public void offer(int[] ids, int[] cells) {
    try {
      if (!wide && hasWide(ids, cells)) {
        widen();
      }
      open().write(ids, cells);
      tokens++;
    } catch (IOException e) {
      throw new WriteFailedException(e);
    }
  }

  private static boolean hasWide(int[] ids, int[] cells) {
    int all = 0;
    if (cells.length == 0) {
      for (int id : ids) {
        all |= id;
      }
    } else {
      for (int cell : cells) {
        all |= ids[cell];
      }
    }
    return all >= BYTE_IDS;
  }

  private SampleOutput open() throws IOException {
    if (out == null) {
      file = StagedFile.beside(target);
      out = new SampleOutput(file.out(), wide);
    }
    return out;
  }

  private void widen() throws IOException {
    wide = true;
    if (file == null) {
      return;
    }
    if (out != null) {
      out.finish();
    }
    try (StagedFile narrow = file;
        InputStream in =
            new GZIPInputStream(new BufferedInputStream(Files.newInputStream(narrow.path())))) {
      file = null;
      out = null;
      SampleOutput again = open();
      byte[] bytes = new byte[1 << 13];
      for (int read = in.read(bytes); read > 0; read = in.read(bytes)) {
        int[] ids = new int[read];
        for (int i = 0; i < read; i++) {
          ids[i] = bytes[i] & 0xFF;
        }
        again.write(ids, new int[0]);
      }
    }
  }

  @Override
  public long tokens() {
    return tokens;
  }

  @Override
  public void seal() throws IOException {
    if (out != null && file != null) {
      out.finish();
      out = null; // its deflater holds memory, for each origin
      file.seal();
    }
  }

  @Override
  public StagedFile finish(Path ignored, boolean wanted) throws IOException {
    if (wanted && !wide) {
      widen();
      seal();
    }
    StagedFile done = file;
    if (done == null) {
      throw new IllegalStateException("A file without tokens is not asked for.");
    }
    file = null;
    return done;
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
