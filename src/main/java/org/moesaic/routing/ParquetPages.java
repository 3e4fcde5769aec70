package org.moesaic.routing;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.ColumnMetaData;
import dev.hardwood.metadata.FileMetaData;
import dev.hardwood.metadata.RowGroup;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
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

  private final Path file;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(MOST_HEADER_BYTES);

  private ParquetPages(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Checks the columns of some names.
   *
   * @throws InvalidInputException if a page is not as it should be
   */
  static void check(Path file, FileMetaData footer, Collection<String> columns) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      var pages = new ParquetPages(file, channel);
      long rows = 0;
      for (RowGroup group : footer.rowGroups()) {
        for (ColumnChunk chunk : group.columns()) {
          ColumnMetaData column = chunk.metaData();
          if (column == null) {
            throw Fault.of(
                file,
                "A column of the file lies elsewhere.",
                "Maybe write all columns into one file.");
          }
          if (columns.contains(column.pathInSchema().topLevelName())) {
            boolean list = column.pathInSchema().elements().size() > 1;
            pages.chunk(column, list ? -1 : group.numRows());
          }
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
  private void chunk(ColumnMetaData column, long rows) throws IOException {
    Long dictionary = column.dictionaryPageOffset();
    long start = column.dataPageOffset();
    if (dictionary != null && dictionary > 0 && dictionary < start) {
      start = dictionary;
    }
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
    while (at < end && values < column.numValues()) {
      buffer.clear().limit((int) Math.min(MOST_HEADER_BYTES, end - at));
      read(at);
      Header header;
      try {
        header = new HeaderReader(buffer).read();
      } catch (java.nio.BufferUnderflowException | NumberFormatException e) {
        throw wrong(column, at, "has a page whose header cannot be understood");
      }
      if (header.packed < 0 || header.unpacked < 0 || header.values < 0) {
        throw wrong(column, at, "has a page that says too little of its size");
      }
      if (header.unpacked > MOST_PAGE_BYTES || header.values > MOST_PAGE_BYTES) {
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
      at += header.packed;
      values += header.type == DICTIONARY_PAGE ? 0 : header.values;
    }
    if (values != column.numValues()) {
      throw wrong(
          column,
          at,
          "ends after %d values, but the footer says %d".formatted(values, column.numValues()));
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

  /** Sizes of a page, in bytes but for values; -1: not said. */
  private record Header(long type, long unpacked, long packed, long values) {}

  /** Reads a page's header: a structure of Thrift's compact protocol. */
  private static final class HeaderReader {
    private static final int TRUE = 1;
    private static final int FALSE = 2;
    private static final int BYTE = 3;
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

    HeaderReader(ByteBuffer in) {
      this.in = in;
    }

    Header read() {
      struct(0, true);
      return new Header(type, unpacked, packed, type == 1 ? 0 : values);
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
        field = delta == 0 ? (int) zigzag() : field + delta;
        int kind = head & 0xF;
        // Fields 5, 7 and 8 are the headers of data, dictionary and data of version 2.
        boolean inner = depth == 0 && (field == 5 || field == 7 || field == 8);
        Long number = value(kind, depth, inner);
        if (number != null && ofInterest) {
          take(depth, field, number);
        }
      }
    }

    private void take(int depth, int field, long number) {
      if (depth == 1) {
        values = field == 1 ? number : values;
      } else if (field == 1) {
        type = number;
      } else if (field == 2) {
        unpacked = number;
      } else if (field == 3) {
        packed = number;
      }
    }

    /** Reads or skips a value; null if it is no number. */
    private @Nullable Long value(int kind, int depth, boolean ofInterest) {
      switch (kind) {
        case TRUE, FALSE -> {}
        case BYTE -> in.get();
        case 4, 5, 6 -> {
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
            value(element == TRUE || element == FALSE ? BYTE : element, depth, false);
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
