package org.moesaic.routing;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.moesaic.json.BoundedFile;
import org.moesaic.json.GzipStream;
import org.moesaic.json.InvalidInputException;

/** A file that is being read, unpacked if its name ends with {@code .gz}, with its position. */
final class Source extends InputStream {
  private final Path file;
  private final boolean packed;
  private final InputStream in;
  private final byte[] single = new byte[1];
  private long offset;

  private Source(Path file, boolean packed, InputStream in) {
    this.file = file;
    this.packed = packed;
    this.in = in;
  }

  static Source open(Path file, Monitor monitor) throws IOException {
    InputStream bytes = new Counted(BoundedFile.open(file, Long.MAX_VALUE), monitor);
    boolean packed = isPacked(file);
    return new Source(file, packed, packed ? new GzipStream(bytes) : bytes);
  }

  /** Whether a file is packed, by its name. */
  static boolean isPacked(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".gz");
  }

  Path file() {
    return file;
  }

  /** Where the next byte lies, counted from 0, in what the file unpacks to. */
  long offset() {
    return offset;
  }

  /** How many bytes the file has from its beginning on; -1 if it is packed. */
  long length() throws IOException {
    return packed ? -1 : Files.size(file);
  }

  /** A place for messages: {@code byte 12}. */
  String byteAt(long place) {
    return "byte " + place + (packed ? " of what it unpacks to" : "");
  }

  @Override
  public int read() throws IOException {
    return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    int read = in.read(target, from, length);
    offset += Math.max(0, read);
    return read;
  }

  /**
   * Reads bytes that have to be there.
   *
   * @param what names them: {@code "the header"}
   */
  void readFully(byte[] target, int length, String what) throws IOException {
    int done = readNBytes(target, 0, length);
    if (done < length) {
      throw endsInside(what, length - done);
    }
  }

  InvalidInputException endsInside(String what, long missing) {
    return Fault.of(
        file,
        "The file ends inside %s, at %s: at least %d bytes are missing."
            .formatted(what, byteAt(offset), missing),
        "Maybe it was not copied completely, or the recorder was ended while it wrote.");
  }

  /** Requires that nothing follows. */
  void requireEnd(String what) throws IOException {
    long end = offset;
    if (read() >= 0) {
      throw Fault.of(
          file,
          "There are bytes after %s, from %s on.".formatted(what, byteAt(end)),
          "Maybe two files were joined, or the header says too little.");
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Tells a monitor of every byte that came from the disk. */
  private static final class Counted extends FilterInputStream {
    private final Monitor monitor;

    Counted(InputStream in, Monitor monitor) {
      super(in);
      this.monitor = monitor;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      monitor.read(read < 0 ? 0 : 1);
      return read;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
      int read = super.read(target, from, length);
      monitor.read(Math.max(0, read));
      return read;
    }
  }
}
