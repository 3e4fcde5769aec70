package org.moesaic.routing;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Tells whether bytes that Snappy packed can be unpacked, without unpacking them.
 *
 * <p>Idea: walk over literals and copies, and add up how much they give. Time linear in the packed
 * bytes' elements, no memory. Source: {@code format_description.txt} of Snappy.
 */
final class Snappy {
  private Snappy() {}

  /** Whether the rest of a buffer unpacks to some number of bytes, and refers to none before. */
  static boolean unpacksTo(ByteBuffer packed, long unpacked) {
    try {
      if (varint(packed) != unpacked) {
        return false;
      }
      long done = 0;
      while (packed.hasRemaining()) {
        int tag = packed.get() & 0xFF;
        int high = tag >> 2;
        long length;
        long offset = 1;
        switch (tag & 3) {
          case 0 -> {
            length = high < 60 ? high + 1 : number(packed, high - 59) + 1;
            if (length > packed.remaining()) {
              return false;
            }
            packed.position(packed.position() + (int) length);
            done += length;
            continue;
          }
          case 1 -> {
            length = (high & 7) + 4;
            offset = (long) (tag >> 5) << 8 | packed.get() & 0xFF;
          }
          case 2 -> {
            length = high + 1;
            offset = number(packed, 2);
          }
          default -> {
            length = high + 1;
            offset = number(packed, 4);
          }
        }
        if (offset < 1 || offset > done) {
          return false;
        }
        done += length;
        if (done > unpacked) {
          return false;
        }
      }
      return done == unpacked;
    } catch (BufferUnderflowException e) {
      return false;
    }
  }

  private static long number(ByteBuffer from, int bytes) {
    long number = 0;
    for (int i = 0; i < bytes; i++) {
      number |= (from.get() & 0xFFL) << (8 * i);
    }
    return number;
  }

  /** At most 32 bits; -1 if there are more. */
  private static long varint(ByteBuffer from) {
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      byte next = from.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    return -1;
  }
}
