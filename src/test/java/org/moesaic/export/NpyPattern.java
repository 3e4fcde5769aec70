package org.moesaic.export;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.BoundedFile;
import org.moesaic.json.Issues;
import org.moesaic.json.Texts;

/** Reads arrays of the kind that {@link Npy} writes. */
final class NpyPattern {
  private static final List<String> INTEGERS =
      List.of("<i4", "<i8", "|b1", "|u1", "|i1", "<i2", "<u2", "<u4", "<u8");

  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9,\\s]*)\\)");

  private final int rows;
  private final int columns;
  private final BitSet ones;

  private NpyPattern(int rows, int columns, BitSet ones) {
    this.rows = rows;
    this.columns = columns;
    this.ones = ones;
  }

  /**
   * Reads an array of zeros and ones.
   *
   * @return null after a report
   */
  static @Nullable NpyPattern read(Path file, int planes, int rows, int columns, Issues issues) {
    try (InputStream in = BoundedFile.open(file, Npy.MAX_BYTES)) {
      return parse(in.readAllBytes(), planes, rows, columns);
    } catch (WrongException e) {
      issues.errorAt(file, 0, null, String.valueOf(e.getMessage()), e.hint);
    } catch (IOException e) {
      var why = BoundedFile.explain(e);
      issues.errorAt(file, 0, null, why.message(), why.hint());
    }
    return null;
  }

  private static NpyPattern parse(byte[] bytes, int planes, int rows, int columns)
      throws WrongException {
    if (bytes.length < 12 || !Arrays.equals(bytes, 0, 6, Npy.MAGIC, 0, 6)) {
      throw new WrongException(
          "The file must begin as a NumPy array does, with \\x93NUMPY.",
          "Maybe it is of another format.");
    }
    int version = bytes[6];
    if (version < 1 || version > 3) {
      throw new WrongException(
          "The version (%d) of the array must be 1, 2 or 3.".formatted(version),
          "Maybe save it again with numpy.save.");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(8);
    long length = version == 1 ? buffer.getShort() & 0xffff : buffer.getInt() & 0xffffffffL;
    if (length > buffer.remaining()) {
      throw cut(bytes.length, buffer.position() + length);
    }
    byte[] header = new byte[(int) length];
    buffer.get(header);
    String text = new String(header, StandardCharsets.ISO_8859_1);
    String type = field(DESCR, text, "descr");
    if (!INTEGERS.contains(type)) {
      throw new WrongException(
          "The type (%s) of the array must be one of %s."
              .formatted(Texts.shown(type), String.join(", ", INTEGERS)),
          "Maybe convert it: a.astype('<i4').");
    }
    if (field(ORDER, text, "fortran_order").equals("True")) {
      throw new WrongException(
          "The array must be in C order.", "Maybe save numpy.ascontiguousarray of it.");
    }
    String shape = field(SHAPE, text, "shape").replaceAll("\\s", "");
    String expected = planes + "," + rows + "," + columns;
    if (!shape.replaceAll(",$", "").equals(expected)) {
      throw new WrongException(
          "The shape (%s) of the array must be (%s): accelerators, MoE layers, experts."
              .formatted(Texts.shown(shape), expected),
          "Maybe the file belongs to another offer or model.");
    }
    int size = type.charAt(2) - '0';
    // At most 2^31 accelerators, 2^12 layers and 2^16 experts of 8 bytes: a long holds it.
    long elements = (long) planes * rows * columns;
    long end = buffer.position() + size * elements;
    if (bytes.length < end) {
      throw cut(bytes.length, end);
    }
    if (bytes.length > end) {
      throw new WrongException(
          "The file must end after %d bytes, but has %d.".formatted(end, bytes.length),
          "Maybe two files were joined.");
    }
    return new NpyPattern(rows, columns, ones(buffer, size, (int) elements));
  }

  private static BitSet ones(ByteBuffer buffer, int size, int count) throws WrongException {
    BitSet ones = new BitSet(count);
    for (int i = 0; i < count; i++) {
      int offset = buffer.position();
      long value =
          switch (size) {
            case 1 -> buffer.get();
            case 2 -> buffer.getShort();
            case 4 -> buffer.getInt();
            default -> buffer.getLong();
          };
      if (value != 0 && value != 1) {
        throw new WrongException(
            "The element (%d) at byte %d must be 0 or 1.".formatted(value, offset),
            "Maybe the array counts something; compare it with 0 first.");
      }
      ones.set(i, value == 1);
    }
    return ones;
  }

  private static String field(Pattern pattern, String header, String name) throws WrongException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new WrongException(
          "The header of the array must say its %s.".formatted(name),
          "Maybe the file is damaged, or its elements are records.");
    }
    return matcher.group(1);
  }

  private static WrongException cut(long has, long needs) {
    return new WrongException(
        "The file must have %d bytes, but ends after %d.".formatted(needs, has),
        "Maybe it was not written completely.");
  }

  /** The file is no such array. */
  private static final class WrongException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String hint;

    WrongException(String message, String hint) {
      super(message);
      this.hint = hint;
    }
  }

  /** Whether an element is 1. */
  boolean get(int i, int j, int k) {
    return ones.get((i * rows + j) * columns + k);
  }
}
