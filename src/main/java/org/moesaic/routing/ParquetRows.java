package org.moesaic.routing;

import dev.hardwood.InputFile;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.LayerKind;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.ColumnSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.BoundedFile;
import org.moesaic.json.Explanation;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Limits;

/**
 * Reads Parquet, a row for each token and layer, with the columns {@code token_idx} and {@code
 * layer}, whole numbers, and {@code topk_ids}, a list of whole numbers. Other columns are not read.
 */
final class ParquetRows implements TokenWindow.Places {
  private static final int ROWS_PER_BATCH = 1 << 14;
  static final String DAMAGED =
      "Maybe it was not copied completely, or its writer was ended before it closed the file.";

  /** Held, since its level is forgotten with it. */
  private static final Logger HARDWOOD = Logger.getLogger("dev.hardwood");

  static {
    // Which decompressor it chose is no news to those who read a recording.
    if (HARDWOOD.getLevel() == null) {
      HARDWOOD.setLevel(Level.WARNING);
    }
  }

  private final Path file;
  private final OriginTally tally;
  private final TokenWindow window;
  private long row;

  private ParquetRows(Path file, OriginTally tally) {
    this.file = file;
    this.tally = tally;
    this.window = new TokenWindow(tally, file, this);
  }

  static void read(Path file, OriginTally tally) {
    if (Source.isPacked(file)) {
      throw Fault.of(
          file,
          "A Parquet file cannot be read while it is packed by gzip.",
          "Maybe unpack it first; Parquet compresses its columns itself.");
    }
    try {
      BoundedFile.open(file, Long.MAX_VALUE).close();
      new ParquetRows(file, tally).read(Files.size(file));
    } catch (IOException e) {
      throw unreadable(file, e);
    } catch (InvalidInputException | CancellationException | WriteFailedException e) {
      throw e;
    } catch (NoClassDefFoundError e) {
      throw Fault.of(
          file,
          "What unpacks the columns of this Parquet file is not installed (%s)."
              .formatted(e.getMessage()),
          "Maybe write it with compression snappy, zstd, gzip or none.");
    } catch (OutOfMemoryError e) {
      throw tooLarge(file);
    } catch (StackOverflowError e) {
      throw Fault.of(
          file, "The file cannot be read as Parquet: its structures nest too deeply.", DAMAGED);
    } catch (RuntimeException e) {
      // Whatever its bytes are, they are no defect of the program.
      throw damaged(file, e);
    }
  }

  private static InvalidInputException unreadable(Path file, IOException e) {
    Explanation why = BoundedFile.explain(e);
    return e.getClass() == IOException.class
        ? damaged(file, e)
        : Fault.of(file, why.message(), why.hint());
  }

  private static InvalidInputException tooLarge(Path file) {
    return Fault.of(
        file,
        "The pages of the file need more memory than there is.",
        "Maybe write it with smaller pages, of 1 MiB as is usual, or give more memory:"
            + " MOESAIC_JAVA_OPTS=-Xmx4g.");
  }

  private static InvalidInputException damaged(Path file, Exception e) {
    // The reader's threads wrap what they found.
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof OutOfMemoryError) {
      return tooLarge(file);
    }
    String said = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    String what = said.lines().findFirst().orElse("").strip();
    return Fault.of(
        file,
        "The file cannot be read as Parquet: %s."
            .formatted(what.endsWith(".") ? what.substring(0, what.length() - 1) : what),
        DAMAGED);
  }

  private void read(long bytes) throws IOException {
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file))) {
      long rows = Math.max(1, reader.getFileMetaData().numRows());
      List<ColumnSchema> columns = reader.getFileSchema().getColumns();
      var wanted = new ArrayList<ColumnSchema>();
      for (String name : JsonLines.FIELDS) {
        wanted.add(find(name, columns));
      }
      ParquetPages.check(file, reader.getFileMetaData(), wanted);
      var projection = ColumnProjection.columns(JsonLines.FIELDS.toArray(String[]::new));
      long told = 0;
      try (ColumnReaders readers =
          reader.buildColumnReaders(projection).batchSize(ROWS_PER_BATCH).build()) {
        ColumnReader token = column(readers, 0);
        ColumnReader layer = column(readers, 1);
        ColumnReader ids = column(readers, 2);
        while (readers.nextBatch()) {
          batch(readers.getRecordCount(), token, layer, ids);
          long done = (long) ((double) row / rows * bytes);
          tally.monitor().read(Math.max(0, done - told));
          told = Math.max(done, told);
        }
      }
      if (row != reader.getFileMetaData().numRows()) {
        throw Fault.of(
            file,
            "The file has %d rows, but its footer says %d."
                .formatted(row, reader.getFileMetaData().numRows()),
            DAMAGED);
      }
      tally.monitor().read(Math.max(0, bytes - told));
    }
    window.finish();
  }

  private ColumnSchema find(String name, List<ColumnSchema> columns) {
    ColumnSchema found = null;
    for (ColumnSchema column : columns) {
      if (column.fieldPath().topLevelName().equals(name)) {
        if (found != null) {
          throw wrong("The column %s must not be a structure.".formatted(name));
        }
        found = column;
      }
    }
    if (found == null) {
      throw Fault.of(
          file,
          "The column %s is missing.".formatted(name),
          "Maybe the recorder names it differently; rename it.");
    }
    int lists = name.equals("topk_ids") ? 1 : 0;
    if (found.maxRepetitionLevel() != lists
        || (found.type() != PhysicalType.INT32 && found.type() != PhysicalType.INT64)) {
      throw wrong(
          "The column %s must hold %s."
              .formatted(name, lists == 1 ? "lists of whole numbers" : "whole numbers"));
    }
    return found;
  }

  private InvalidInputException wrong(String message) {
    return Fault.of(file, message, "Maybe cast it before it is written, e.g. to int32.");
  }

  private static ColumnReader column(ColumnReaders readers, int field) {
    for (int i = 0; i < readers.getColumnCount(); i++) {
      ColumnReader reader = readers.getColumnReader(i);
      if (reader.getColumnSchema().fieldPath().topLevelName().equals(JsonLines.FIELDS.get(field))) {
        return reader;
      }
    }
    throw new IllegalStateException("A column that was asked for is there.");
  }

  private void batch(int rows, ColumnReader token, ColumnReader layer, ColumnReader ids) {
    Values tokens = Values.of(token);
    Values layers = Values.of(layer);
    Values experts = Values.of(ids);
    int[] starts = listStarts(ids, rows);
    int[] chosen = new int[8];
    for (int i = 0; i < rows; i++) {
      row++;
      int from = starts[i];
      int count = starts[i + 1] - from;
      if (count == 0 || tokens.isNull(i) || layers.isNull(i)) {
        throw fault(
            row,
            "The row must have token_idx, layer and at least one of topk_ids.",
            "Maybe leave out rows of layers that have no experts.");
      }
      if (count > chosen.length) {
        chosen = new int[Math.min(count, Limits.EXPERTS_PER_LAYER + 1)];
      }
      for (int k = 0; k < Math.min(count, chosen.length); k++) {
        long id = experts.isNull(from + k) ? -1 : experts.get(from + k);
        chosen[k] = id == (int) id ? (int) id : -1;
      }
      window.row(tokens.get(i), layers.get(i), chosen, count);
    }
  }

  private static int[] listStarts(ColumnReader ids, int rows) {
    for (int layer = 0; layer < ids.getLayerCount(); layer++) {
      if (ids.getLayerKind(layer) == LayerKind.REPEATED) {
        return ids.getLayerOffsets(layer);
      }
    }
    int[] none = new int[rows + 1];
    Arrays.fill(none, 0);
    return none;
  }

  /** The values of a batch, of either type. */
  private record Values(
      int @Nullable [] ints, long @Nullable [] longs, dev.hardwood.reader.Validity validity) {
    static Values of(ColumnReader reader) {
      boolean wide = reader.getColumnSchema().type() == PhysicalType.INT64;
      return new Values(
          wide ? null : reader.getInts(),
          wide ? reader.getLongs() : null,
          reader.getLeafValidity());
    }

    boolean isNull(int index) {
      return validity.hasNulls() && validity.isNull(index);
    }

    long get(int index) {
      if (ints != null) {
        return ints[index];
      }
      return longs == null ? -1 : longs[index];
    }
  }

  @Override
  public long now() {
    return row;
  }

  @Override
  public InvalidInputException fault(long place, String message, String hint) {
    return Fault.of(file, "In row " + place + ", counted from 1: " + message, hint);
  }
}
