package org.moesaic.routing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How whole numbers lie in bytes.
 *
 * @param bytes of each: 1, 2, 4 or 8
 * @param signed whether they can be negative
 * @param order which byte comes first
 */
record WholeNumbers(int bytes, boolean signed, ByteOrder order) {
  /** Stands for a number that no expert can have, where it does not fit. */
  private static final int FAR_OFF = Integer.MIN_VALUE;

  /** Those of NumPy's {@code descr}, such as {@code <i8}; null if it is of no whole numbers. */
  static @Nullable WholeNumbers ofNumpy(String descr) {
    if (!descr.matches("[<>|=]?[iu][1248]")) {
      return null;
    }
    String type = descr.substring(descr.length() - 2);
    ByteOrder order =
        switch (descr.charAt(0)) {
          case '>' -> ByteOrder.BIG_ENDIAN;
          case '<' -> ByteOrder.LITTLE_ENDIAN;
          default -> ByteOrder.nativeOrder();
        };
    return new WholeNumbers(type.charAt(1) - '0', type.charAt(0) == 'i', order);
  }

  /** Those of the format of safetensors, such as {@code I64}; null if it is of no whole numbers. */
  static @Nullable WholeNumbers ofSafetensors(String type) {
    return type.matches("[IU](8|16|32|64)")
        ? ofNumpy(
            "<"
                + type.substring(0, 1).toLowerCase(Locale.ROOT)
                + Integer.parseInt(type.substring(1)) / 8)
        : null;
  }

  /** One number; those over 2^63 come out negative. */
  long at(ByteBuffer from, int index) {
    from.order(order);
    return switch (bytes) {
      case 1 -> signed ? from.get(index) : from.get(index) & 0xFF;
      case 2 -> signed ? from.getShort(index) : from.getShort(index) & 0xFFFF;
      case 4 -> signed ? from.getInt(index) : from.getInt(index) & 0xFFFFFFFFL;
      default -> from.getLong(index);
    };
  }

  /** Many numbers from an index on; those that do not fit come out negative. */
  void read(ByteBuffer from, int index, int[] to) {
    from.order(order);
    switch (bytes) {
      case 1 -> {
        byte[] array = from.array();
        if (signed) {
          for (int i = 0; i < to.length; i++) {
            to[i] = array[index + i];
          }
        } else {
          for (int i = 0; i < to.length; i++) {
            to[i] = array[index + i] & 0xFF;
          }
        }
      }
      case 2 -> {
        int mask = signed ? -1 : 0xFFFF;
        for (int i = 0; i < to.length; i++) {
          to[i] = from.getShort(index + 2 * i) & mask;
        }
      }
      case 4 -> {
        for (int i = 0; i < to.length; i++) {
          int number = from.getInt(index + 4 * i);
          // As an unsigned number, -1 would be no mark of a dense layer.
          to[i] = signed || number >= 0 ? number : FAR_OFF;
        }
      }
      default -> {
        for (int i = 0; i < to.length; i++) {
          long number = from.getLong(index + 8 * i);
          boolean fits = number == (int) number && (signed || number >= 0);
          to[i] = fits ? (int) number : FAR_OFF;
        }
      }
    }
  }
}
