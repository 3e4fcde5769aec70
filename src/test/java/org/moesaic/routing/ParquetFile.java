package org.moesaic.routing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes recordings as Parquet, by the format's specification and in its plainest form: no
 * compression, PLAIN values, one page per column and row group. Enough for tests and benchmarks,
 * and no code in common with the reader.
 */
public final class ParquetFile {
  private static final int INT32 = 1;
  private static final int INT64 = 2;
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private final OutputStream out;
  private final List<byte[]> rowGroups = new ArrayList<>();
  private long written;
  private long rows;

  /** Begins a file. */
  public ParquetFile(OutputStream out) throws IOException {
    this.out = out;
    write(MAGIC);
  }

  /** Writes a row group: the first rows of some arrays, as many as tokens. */
  public void rowGroup(long[] tokens, int[] layers, int[][] ids) throws IOException {
    int values = 0;
    for (int[] each : ids) {
      values += each.length;
    }
    ByteBuffer tokenBytes = buffer(8 * tokens.length);
    ByteBuffer layerBytes = buffer(4 * tokens.length);
    ByteBuffer idBytes = buffer(4 * values);
    byte[] repeated = new byte[(values + 7) / 8];
    int value = 0;
    for (int i = 0; i < tokens.length; i++) {
      tokenBytes.putLong(tokens[i]);
      layerBytes.putInt(layers[i]);
      for (int k = 0; k < ids[i].length; k++) {
        idBytes.putInt(ids[i][k]);
        if (k > 0) {
          repeated[value >> 3] |= (byte) (1 << (value & 7));
        }
        value++;
      }
    }
    var page = new ByteArrayOutputStream();
    var packed = new ByteArrayOutputStream();
    varint(packed, (long) repeated.length << 1 | 1);
    packed.write(repeated);
    levels(page, packed);
    var defined = new ByteArrayOutputStream();
    varint(defined, (long) values << 1);
    defined.write(1);
    levels(page, defined);
    page.write(idBytes.array());

    var group = new Struct();
    group.list(1, 12, 3);
    group.raw(chunk(INT64, tokens.length, tokenBytes.array(), "token_idx"));
    group.raw(chunk(INT32, tokens.length, layerBytes.array(), "layer"));
    group.raw(chunk(INT32, values, page.toByteArray(), "topk_ids", "list", "element"));
    group.i64(2, tokenBytes.capacity() + layerBytes.capacity() + page.size());
    group.i64(3, tokens.length);
    rowGroups.add(group.end());
    rows += tokens.length;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void levels(ByteArrayOutputStream page, ByteArrayOutputStream levels)
      throws IOException {
    page.write(buffer(4).putInt(levels.size()).array());
    levels.writeTo(page);
  }

  /** Writes a page, and returns what the footer says of it. */
  private byte[] chunk(int type, int values, byte[] bytes, String... path) throws IOException {
    var data = new Struct();
    data.i32(1, values);
    data.i32(2, 0); // PLAIN
    data.i32(3, 3); // RLE
    data.i32(4, 3);
    var header = new Struct();
    header.i32(1, 0); // DATA_PAGE
    header.i32(2, bytes.length);
    header.i32(3, bytes.length);
    header.struct(5, data.end());
    long offset = written;
    write(header.end());
    write(bytes);

    var column = new Struct();
    column.i32(1, type);
    column.list(2, 5, 2);
    column.zigzag(0);
    column.zigzag(3);
    column.list(3, 8, path.length);
    for (String name : path) {
      column.text(name);
    }
    column.i32(4, 0); // UNCOMPRESSED
    column.i64(5, values);
    column.i64(6, written - offset);
    column.i64(7, written - offset);
    column.i64(9, offset);
    var chunk = new Struct();
    chunk.i64(2, offset);
    chunk.struct(3, column.end());
    return chunk.end();
  }

  /** Writes the footer; does not close the stream. */
  public void finish() throws IOException {
    var footer = new Struct();
    footer.i32(1, 1);
    footer.list(2, 12, 6);
    footer.raw(element(0, -1, "schema", 3, -1));
    footer.raw(element(INT64, 0, "token_idx", 0, -1));
    footer.raw(element(INT32, 0, "layer", 0, -1));
    footer.raw(element(0, 0, "topk_ids", 1, 3)); // LIST
    footer.raw(element(0, 2, "list", 1, -1));
    footer.raw(element(INT32, 0, "element", 0, -1));
    footer.i64(3, rows);
    footer.list(4, 12, rowGroups.size());
    rowGroups.forEach(footer::raw);
    byte[] bytes = footer.end();
    write(bytes);
    write(buffer(4).putInt(bytes.length).array());
    write(MAGIC);
  }

  private static byte[] element(
      int type, int repetition, String name, int children, int converted) {
    var element = new Struct();
    if (type != 0) {
      element.i32(1, type);
    }
    if (repetition >= 0) {
      element.i32(3, repetition);
    }
    element.header(4, 8);
    element.text(name);
    if (children > 0) {
      element.i32(5, children);
    }
    if (converted >= 0) {
      element.i32(6, converted);
    }
    return element.end();
  }

  private void write(byte[] bytes) throws IOException {
    out.write(bytes);
    written += bytes.length;
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest >>> 7 != 0) {
      out.write((int) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** A structure in Thrift's compact protocol. */
  private static final class Struct {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int last;

    void header(int field, int type) {
      out.write((field - last) << 4 | type);
      last = field;
    }

    void i32(int field, int value) {
      header(field, 5);
      zigzag(value);
    }

    void i64(int field, long value) {
      header(field, 6);
      zigzag(value);
    }

    void zigzag(long value) {
      varint(out, value << 1 ^ value >> 63);
    }

    void text(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      varint(out, bytes.length);
      raw(bytes);
    }

    void list(int field, int type, int size) {
      header(field, 9);
      if (size < 15) {
        out.write(size << 4 | type);
      } else {
        out.write(0xF0 | type);
        varint(out, size);
      }
    }

    void struct(int field, byte[] bytes) {
      header(field, 12);
      raw(bytes);
    }

    void raw(byte[] bytes) {
      out.writeBytes(bytes);
    }

    byte[] end() {
      out.write(0);
      return out.toByteArray();
    }
  }
}
