package org.moesaic.generate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A CSV resource of this package: lines of {@code #} are comments, the first other line names the
 * columns, and the last column, the source, may hold commas. No quoting.
 */
final class Table {
  /** The column that every table ends with. */
  static final String SOURCE = "source";

  private Table() {}

  /**
   * Reads one table.
   *
   * @param name its file name
   */
  static List<Row> read(String name) {
    List<String> lines;
    try (InputStream in = Table.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("There is no table (%s).".formatted(name));
      }
      lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> content = lines.stream().filter(line -> !line.startsWith("#")).toList();
    String[] columns = content.get(0).split(",");
    List<Row> rows = new ArrayList<>();
    for (String line : content.subList(1, content.size())) {
      String[] cells = line.split(",", columns.length);
      if (cells.length != columns.length) {
        throw new IllegalArgumentException(
            "A row of the table (%s) has %d cells instead of %d: %s"
                .formatted(name, cells.length, columns.length, line));
      }
      Map<String, String> row = new HashMap<>();
      for (int i = 0; i < columns.length; i++) {
        row.put(columns[i], cells[i]);
      }
      rows.add(new Row(row));
    }
    return rows;
  }

  /** One row, by column. */
  record Row(Map<String, String> cells) {
    String text(String column) {
      String cell = cells.get(column);
      if (cell == null) {
        throw new IllegalArgumentException("There is no column (%s).".formatted(column));
      }
      return cell;
    }

    int integer(String column) {
      return Integer.parseInt(text(column));
    }

    double number(String column) {
      return Double.parseDouble(text(column));
    }

    @Nullable Double numberIfAny(String column) {
      return text(column).isEmpty() ? null : (Double) number(column);
    }

    String source() {
      return text(SOURCE);
    }
  }
}
