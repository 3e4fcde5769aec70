package org.moesaic.routing;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/** Packs ids of tokens: one byte each, or two, little endian. */
final class SampleOutput {
  private final Packer out;
  private final boolean wide;
  private byte[] bytes = new byte[0];

  SampleOutput(OutputStream to, boolean wide) throws IOException {
    this.out = new Packer(to);
    this.wide = wide;
  }

  private static final class Packer extends GZIPOutputStream {
    /** Ids are close to random: higher levels take long and gain little. */
    private static final int LEVEL = 3;

    Packer(OutputStream to) throws IOException {
      super(to, 1 << 16);
      def.setLevel(LEVEL);
    }

    void end() throws IOException {
      finish();
      flush();
      def.end(); // closing would do so too, but would close the stream below
    }
  }

  void write(int[] ids, int[] cells) throws IOException {
    int count = cells.length == 0 ? ids.length : cells.length;
    int length = wide ? 2 * count : count;
    if (bytes.length != length) {
      bytes = new byte[length];
    }
    for (int i = 0; i < count; i++) {
      put(i, cells.length == 0 ? ids[i] : ids[cells[i]]);
    }
    out.write(bytes, 0, length);
  }

  private void put(int i, int id) {
    if (wide) {
      bytes[2 * i] = (byte) id;
      bytes[2 * i + 1] = (byte) (id >> 8);
    } else {
      bytes[i] = (byte) id;
    }
  }

  /** Writes what was held back, for the last time, and leaves the stream below open. */
  void finish() throws IOException {
    out.end();
  }
}
