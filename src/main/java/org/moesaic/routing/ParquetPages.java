package org.moesaic.routing;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.ColumnMetaData;
import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.FileMetaData;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.schema.ColumnSchema;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.InvalidInputException;

/**
 * Walks from page to page of the columns that will be read, by their headers alone, and requires
 * that pages fill their chunk, hold as many values as the footer says, and unpack to a size that
 * can be held. A reader that trusts them may wait for bytes forever, or take all memory.
 *
 * <p>Source: {@code parquet.thrift} of the format, and the compact protocol of Thrift.
 */
final class ParquetPages {
  /** Writers aim at 1 MiB; a page with all of a row group's ids has some 100 MiB. */
  private static final long MOST_PAGE_BYTES = 1L << 28;

  /** A header with statistics of whole numbers has some 100 bytes. */
  private static final int MOST_HEADER_BYTES = 1 << 14;

  private static final int MOST_NESTING = 16;
  private static final int DICTIONARY_PAGE = 2;
  private static final int DATA_PAGE_2 = 3;

  private final Path file;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(MOST_HEADER_BYTES);

  private ParquetPages(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Checks some columns.
   *
   * @throws InvalidInputException if a page is not as it should be
   */
  static void check(Path file, FileMetaData footer, List<ColumnSchema> columns) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      var pages = new ParquetPages(file, channel);
      long rows = 0;
      for (RowGroup group : footer.rowGroups()) {
        for (ColumnSchema column : columns) {
          // By its place, as the reader finds it: the footer names it once more, perhaps otherwise.
          int place = column.columnIndex();
          ColumnMetaData metaData =
              place < group.columns().size() ? group.columns().get(place).metaData() : null;
          if (metaData == null || !metaData.pathInSchema().equals(column.fieldPath())) {
            throw Fault.of(
                file,
                "The column %s is not where it should be in a row group."
                    .formatted(column.fieldPath().topLevelName()),
                ParquetRows.DAMAGED);
          }
          pages.chunk(
              group.columns().get(place),
              metaData,
              column.maxRepetitionLevel() > 0 ? -1 : group.numRows());
        }
        rows += group.numRows();
      }
      if (rows != footer.numRows()) {
        throw Fault.of(
            file,
            "The row groups have %d rows, but the footer says %d."
                .formatted(rows, footer.numRows()),
            ParquetRows.DAMAGED);
      }
    }
  }

  /**
   * Checks a chunk.
   *
   * @param rows how many values it has; -1: not known
   */
  private void chunk(ColumnChunk chunk, ColumnMetaData column, long rows) throws IOException {
    long start = chunk.chunkStartOffset();
    long length = column.totalCompressedSize();
    if (start < 4 || length < 0 || start > channel.size() || length > channel.size() - 8 - start) {
      throw wrong(
          column, start, "lies outside of the file, which has %d bytes".formatted(channel.size()));
    }
    if (rows >= 0 && column.numValues() != rows) {
      throw wrong(column, start, "has %d values for %d rows".formatted(column.numValues(), rows));
    }
    long end = start + length;
    long at = start;
    long values = 0;
    var pages = new ArrayList<long[]>();
    while (at < end && values < column.numValues()) {
      buffer.clear().limit((int) Math.min(MOST_HEADER_BYTES, end - at));
      read(at);
      long page = at;
      Header header;
      try {
        header = new HeaderReader(buffer).read();
      } catch (BufferUnderflowException | NumberFormatException e) {
        throw wrong(column, at, "has a page whose header cannot be understood");
      }
      if (header.packed < 0 || header.unpacked < 0 || header.values < 0) {
        throw wrong(column, at, "has a page that says too little of its size");
      }
      if (header.unpacked > MOST_PAGE_BYTES
          || header.packed > MOST_PAGE_BYTES
          || header.values > MOST_PAGE_BYTES) {
        throw wrong(
            column,
            at,
            "has a page that unpacks to %d bytes with %d values, which is too much"
                .formatted(header.unpacked, header.values));
      }
      at += buffer.position();
      if (header.packed > end - at) {
        throw wrong(
            column,
            at,
            "has a page of %d bytes, but ends after %d".formatted(header.packed, end - at));
      }
      if (column.codec() == CompressionCodec.SNAPPY) {
        checkSnappy(column, header, at);
      }
      at += header.packed;
      if (header.type == DICTIONARY_PAGE) {
        Long dictionary = column.dictionaryPageOffset();
        if (page != start || (dictionary != null && dictionary != page)) {
          throw wrong(column, page, "has a dictionary that is not where it should be");
        }
      } else {
        pages.add(new long[] {page, at - page});
        values += header.values;
      }
    }
    if (values != column.numValues()) {
      throw wrong(
          column,
          at,
          "ends after %d values, but the footer says %d".formatted(values, column.numValues()));
    }
    checkIndex(chunk, column, pages);
  }

  /** Requires that the index of a chunk's pages, where it has one, names those that were walked. */
  private void checkIndex(ColumnChunk chunk, ColumnMetaData column, List<long[]> pages)
      throws IOException {
    Long offset = chunk.offsetIndexOffset();
    Integer length = chunk.offsetIndexLength();
    if (offset == null) {
      return;
    }
    if (length == null
        || length < 0
        || offset < 4
        || offset > channel.size()
        || length > channel.size() - offset) {
      throw wrong(column, offset, "has an index of pages outside of the file");
    }
    ByteBuffer index = channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
    boolean same;
    try {
      same = new HeaderReader(index).isIndexOf(pages);
    } catch (BufferUnderflowException | NumberFormatException e) {
      same = false;
    }
    if (!same) {
      throw wrong(column, offset, "has an index that does not fit its pages");
    }
  }

  /**
   * Requires that what Snappy will unpack is sound, element by element, and as large as its page.
   * Its library for Java checks neither before it writes, and damages the process where it fails.
   */
  private void checkSnappy(ColumnMetaData column, Header header, long at) throws IOException {
    if (header.levels < 0 || header.levels > header.packed || header.levels > header.unpacked) {
      throw wrong(column, at, "has a page with more levels than bytes");
    }
    long unpacked = header.unpacked - header.levels;
    if (header.isPacked && (unpacked > 0 || header.packed > header.levels)) {
      ByteBuffer packed =
          channel.map(
              FileChannel.MapMode.READ_ONLY, at + header.levels, header.packed - header.levels);
      if (!Snappy.unpacksTo(packed, unpacked)) {
        throw wrong(column, at, "has a page that does not unpack to %d bytes".formatted(unpacked));
      }
    }
  }

  private void read(long at) throws IOException {
    long from = at;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, from);
      if (read < 0) {
        break;
      }
      from += read;
    }
    buffer.flip();
  }

  private InvalidInputException wrong(ColumnMetaData column, long at, String what) {
    return Fault.of(
        file,
        "The column %s %s, at byte %d."
            .formatted(column.pathInSchema().topLevelName(), what, Math.max(0, at)),
        ParquetRows.DAMAGED);
  }

  /**
   * Sizes of a page, in bytes but for values; -1: not said.
   *
   * @param levels bytes before those that are packed, in pages of version 2
   * @param isPacked whether those are
   */
  private record Header(
      long type, long unpacked, long packed, long values, long levels, boolean isPacked) {}

  /** Reads a page's header: a structure of Thrift's compact protocol. */
  private static final class HeaderReader {
    private static final int TRUE = 1;
    private static final int FALSE = 2;
    private static final int BYTE = 3;
    private static final int INT = 5;
    private static final int DOUBLE = 7;
    private static final int BINARY = 8;
    private static final int LIST = 9;
    private static final int SET = 10;
    private static final int STRUCT = 12;

    private final ByteBuffer in;
    private long type = -1;
    private long unpacked = -1;
    private long packed = -1;
    private long values = -1;
    private long definitions;
    private long repetitions;
    private boolean isPacked = true;

    /** The field of the outermost structure that is being read. */
    private int outer;

    HeaderReader(ByteBuffer in) {
      this.in = in;
    }

    Header read() {
      struct(0, true);
      boolean sound =
          definitions >= 0
              && repetitions >= 0
              && definitions <= MOST_PAGE_BYTES
              && repetitions <= MOST_PAGE_BYTES;
      return new Header(
          type,
          unpacked,
          packed,
          values,
          type != DATA_PAGE_2 ? 0 : sound ? definitions + repetitions : -1,
          type != DATA_PAGE_2 || isPacked);
    }

    /** Reads an index of pages: whether it lists these, each its place and size, in their order. */
    boolean isIndexOf(List<long[]> pages) {
      if (in.get() != (1 << 4 | LIST)) {
        return false;
      }
      int head = in.get() & 0xFF;
      long size = head >> 4 == 15 ? varint() : head >> 4;
      if (size != pages.size() || (head & 0xF) != STRUCT) {
        return false;
      }
      for (long[] page : pages) {
        if (in.get() != (1 << 4 | 6)
            || zigzag() != page[0]
            || in.get() != (1 << 4 | 5)
            || zigzag() != page[1]) {
          return false;
        }
        if (in.get() != (1 << 4 | 6) || zigzag() < 0 || in.get() != 0) {
          return false;
        }
      }
      return true;
    }

    /**
     * Skips a structure, but for what is looked for in the outermost and those of kinds of pages.
     */
    private void struct(int depth, boolean ofInterest) {
      if (depth > MOST_NESTING) {
        throw new NumberFormatException();
      }
      int field = 0;
      for (int head = in.get() & 0xFF; head != 0; head = in.get() & 0xFF) {
        int delta = head >> 4;
        int before = field;
        field = delta == 0 ? (int) zigzag() : field + delta;
        if (field <= before) {
          throw new NumberFormatException(); // no writer does, and readers differ in what they take
        }
        int kind = head & 0xF;
        outer = depth == 0 ? field : outer;
        // Fields 5, 7 and 8 are the headers of data, dictionary and data of version 2.
        boolean inner = depth == 0 && (field == 5 || field == 7 || field == 8);
        Long number = value(kind, depth, inner);
        if (ofInterest && isTaken(depth, field)) {
          boolean expected = depth == 1 && field == 7 ? kind <= FALSE : kind == INT;
          if (!expected || number == null) {
            throw new NumberFormatException(); // other readers would take it for absent
          }
          take(depth, field, number);
        }
      }
    }

    /** Whether a field is one of those of a {@link Header}. */
    private boolean isTaken(int depth, int field) {
      return depth == 0
          ? field <= 3
          : field == 1 || (outer == 8 && (field == 5 || field == 6 || field == 7));
    }

    private void take(int depth, int field, long number) {
      if (depth == 1) {
        takeOfData(field, number);
      } else if (field == 1) {
        type = number;
      } else if (field == 2) {
        unpacked = number;
      } else if (field == 3) {
        packed = number;
      }
    }

    private void takeOfData(int field, long number) {
      if (field == 1) {
        values = number;
      } else if (outer == 8 && field == 5) {
        definitions = number;
      } else if (outer == 8 && field == 6) {
        repetitions = number;
      } else if (outer == 8 && field == 7) {
        isPacked = number == TRUE;
      }
    }

    /** Reads or skips a value; null if it is no number; what its kind says of a truth value. */
    private @Nullable Long value(int kind, int depth, boolean ofInterest) {
      if (depth > MOST_NESTING) {
        throw new NumberFormatException();
      }
      switch (kind) {
        case TRUE, FALSE -> {
          return (long) kind;
        }
        case BYTE -> in.get();
        case 4, INT, 6 -> {
          return zigzag();
        }
        case DOUBLE -> in.getDouble();
        case BINARY -> skip(varint());
        case LIST, SET -> {
          int head = in.get() & 0xFF;
          long size = head >> 4 == 15 ? varint() : head >> 4;
          if (size < 0 || size > in.remaining()) {
            throw new NumberFormatException();
          }
          for (long i = 0; i < size; i++) {
            int element = head & 0xF;
            value(element == TRUE || element == FALSE ? BYTE : element, depth + 1, false);
          }
        }
        case STRUCT -> struct(depth + 1, ofInterest);
        default -> throw new NumberFormatException();
      }
      return null;
    }

    private void skip(long bytes) {
      if (bytes < 0 || bytes > in.remaining()) {
        throw new NumberFormatException();
      }
      in.position(in.position() + (int) bytes);
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        byte next = in.get();
        value |= (long) (next & 0x7F) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new NumberFormatException();
    }

    private long zigzag() {
      long value = varint();
      return value >>> 1 ^ -(value & 1);
    }
  }
}
