package org.moesaic.json;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Unpacks gzip (RFC 1952), one member after the other. Unlike {@link
 * java.util.zip.GZIPInputStream}, it takes nothing for an end that is none: bytes after a member
 * that begin no other one are an error, and so is a file that ends early. A file that unpacks to
 * far more than any recording does is refused.
 */
public final class GzipStream extends InputStream {
  /** From here on, a file must not unpack to more than {@link #MOST_EXPANSION} times its size. */
  private static final long FREE_BYTES = 64L << 20;

  /** Deflate reaches 1032; loads of a model that never calls most of its experts reach some 100. */
  private static final long MOST_EXPANSION = 500;

  private static final int MEMBER_CHECKS = 1 << 1;
  private static final int MEMBER_EXTRA = 1 << 2;
  private static final int MEMBER_NAME = 1 << 3;
  private static final int MEMBER_COMMENT = 1 << 4;
  private static final int RESERVED_FLAGS = 0xE0;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private final byte[] buffer = new byte[1 << 16];
  private final byte[] single = new byte[1];
  private int position;
  private int end;
  private long offset;
  private long unpacked;
  private boolean inMember;
  private boolean ended;

  /**
   * Unpacks a stream.
   *
   * @param in packed bytes; closed with this
   */
  public GzipStream(InputStream in) {
    this.in = in;
  }

  /** A file is no gzip, or is broken; its message says where. */
  public static final class BrokenException extends IOException {
    private static final long serialVersionUID = 1L;
    private final String hint;

    BrokenException(String message, String hint) {
      super(message);
      this.hint = hint;
    }

    /** A way out, which begins with "Maybe". */
    public String hint() {
      return hint;
    }
  }

  @Override
  public int read() throws IOException {
    return read(single, 0, 1) < 0 ? -1 : single[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      if (!inMember && !beginMember()) {
        break;
      }
      int inflated = inflate(target, from, length);
      if (inflater.finished()) {
        position = end - inflater.getRemaining();
        crc.update(target, from, inflated);
        endMember();
      } else {
        crc.update(target, from, inflated);
      }
      if (inflated > 0) {
        unpacked += inflated;
        checkExpansion();
        return inflated;
      }
    }
    ended = true;
    return -1;
  }

  private int inflate(byte[] target, int from, int length) throws IOException {
    try {
      int inflated = inflater.inflate(target, from, length);
      while (inflated == 0 && !inflater.finished()) {
        if (inflater.needsDictionary()) {
          throw broken("needs a dictionary");
        }
        if (!fill()) {
          throw cutOff();
        }
        inflater.setInput(buffer, 0, end);
        position = end;
        inflated = inflater.inflate(target, from, length);
      }
      return inflated;
    } catch (DataFormatException e) {
      throw broken("are damaged");
    }
  }

  /** Reads a header; false at the end of the file. */
  private boolean beginMember() throws IOException {
    boolean first = offset == 0 && position == end;
    if (position == end && !fill()) {
      if (first) {
        throw new BrokenException(
            "The file must be packed by gzip, but is empty.",
            "Maybe it was not written completely.");
      }
      return false;
    }
    long start = offset - end + position;
    if (next() != 0x1F || next() != 0x8B) {
      throw start == 0
          ? new BrokenException(
              "The file must be packed by gzip.",
              "Maybe it was unpacked already, and kept its name.")
          : new BrokenException(
              "There are other bytes after the packed ones, from byte %d on.".formatted(start),
              "Maybe two files were joined, or the file was padded.");
    }
    int method = next();
    int flags = next();
    if (method != 8 || (flags & RESERVED_FLAGS) != 0) {
      throw broken("are of an unknown kind");
    }
    skip(6);
    if ((flags & MEMBER_EXTRA) != 0) {
      skip(next() | next() << 8);
    }
    if ((flags & MEMBER_NAME) != 0) {
      skipText();
    }
    if ((flags & MEMBER_COMMENT) != 0) {
      skipText();
    }
    if ((flags & MEMBER_CHECKS) != 0) {
      skip(2);
    }
    inflater.reset();
    crc.reset();
    inflater.setInput(buffer, position, end - position);
    position = end;
    inMember = true;
    return true;
  }

  private void endMember() throws IOException {
    long sum = number();
    long length = number();
    if (sum != crc.getValue() || length != (inflater.getBytesWritten() & 0xFFFFFFFFL)) {
      throw broken("do not have the checksum that they should");
    }
    inMember = false;
  }

  private long number() throws IOException {
    long number = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      number |= (long) next() << shift;
    }
    return number;
  }

  private void skip(int bytes) throws IOException {
    for (int i = 0; i < bytes; i++) {
      next();
    }
  }

  private void skipText() throws IOException {
    while (next() != 0) {
      // All of it belongs to the text.
    }
  }

  private int next() throws IOException {
    if (position == end && !fill()) {
      throw cutOff();
    }
    return buffer[position++] & 0xFF;
  }

  private boolean fill() throws IOException {
    int read = in.read(buffer, 0, buffer.length);
    position = 0;
    end = Math.max(0, read);
    offset += end;
    return read > 0;
  }

  private void checkExpansion() throws BrokenException {
    if (unpacked > FREE_BYTES && unpacked / MOST_EXPANSION > offset) {
      throw new BrokenException(
          "The first %d bytes unpack to over %d times as many, which no recording does."
              .formatted(offset, MOST_EXPANSION),
          "Maybe unpack it first, and look at what it holds.");
    }
  }

  private BrokenException cutOff() {
    return new BrokenException(
        "The packed bytes end too early, at byte %d.".formatted(offset),
        "Maybe the file was not copied completely.");
  }

  private BrokenException broken(String what) {
    long at = offset - end + Math.min(position, end);
    return new BrokenException(
        "The packed bytes %s, at or before byte %d.".formatted(what, at),
        "Maybe copy the file once more; gzip -t says whether it is whole.");
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
