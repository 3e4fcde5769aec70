package org.moesaic.export;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A NumPy array of zeros and ones with three dimensions.
 *
 * <p>The format (numpy.lib.format): the bytes {@code \x93NUMPY}, a version of two bytes, the length
 * of the header, little endian, in two bytes (version 1) or four (2 and 3), the header, a Python
 * dictionary in ASCII padded with blanks and ended by a line feed so that the data begins at a
 * multiple of 64, and the elements, the last index fastest in C order.
 */
final class Npy {
  /** The most bytes of a file: 1 GiB. */
  static final long MAX_BYTES = 1L << 30;

  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int ALIGNMENT = 64;

  private Npy() {}

  /** Puts an array together: 32-bit integers, little endian, version 1.0, C order. */
  static final class Builder {
    private final int rows;
    private final int columns;
    private final ByteBuffer bytes;
    private final int begin;

    /**
     * Begins with zeros.
     *
     * @throws IllegalArgumentException if there are more than a file can hold
     */
    Builder(int planes, int rows, int columns) {
      this.rows = rows;
      this.columns = columns;
      String dictionary =
          "{'descr': '<i4', 'fortran_order': False, 'shape': (%d, %d, %d), }"
              .formatted(planes, rows, columns);
      int unpadded = MAGIC.length + 4 + dictionary.length() + 1;
      begin = Math.ceilDiv(unpadded, ALIGNMENT) * ALIGNMENT;
      double size = begin + 4.0 * planes * rows * columns;
      if (size > MAX_BYTES) {
        throw new IllegalArgumentException(
            "An array of %d x %d x %d numbers would be larger than %d MiB.%nMaybe take a format that lists experts."
                .formatted(planes, rows, columns, MAX_BYTES >> 20));
      }
      bytes = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
      bytes.put(MAGIC).put((byte) 1).put((byte) 0);
      bytes.putShort((short) (begin - MAGIC.length - 4));
      bytes.put(dictionary.getBytes(StandardCharsets.US_ASCII));
      bytes.put(" ".repeat(begin - unpadded).getBytes(StandardCharsets.US_ASCII)).put((byte) '\n');
    }

    void set(int i, int j, int k) {
      bytes.putInt(begin + 4 * ((i * rows + j) * columns + k), 1);
    }

    byte[] bytes() {
      return bytes.array();
    }
  }
}
