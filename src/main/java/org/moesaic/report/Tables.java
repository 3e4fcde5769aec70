package org.moesaic.report;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Texts;

/** Tables as all reports have them: plain ASCII, without outer border or trailing blanks. */
final class Tables {
  /** Wider cells continue on the next line. */
  private static final int MAX_COLUMN_WIDTH = 100;

  private Tables() {}

  /** A table's lines, each ended. */
  static <T> String table(Collection<T> rows, List<ColumnData<T>> columns) {
    return AsciiTable.builder()
            .border(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS_NO_OUTSIDE_BORDER)
            .lineSeparator("\n")
            .data(rows, columns)
            .asString()
            .lines()
            .map(String::stripTrailing)
            .collect(Collectors.joining("\n"))
        + "\n";
  }

  private static @Nullable String printable(@Nullable String cell) {
    return cell == null ? null : Texts.printable(cell);
  }

  static <T> ColumnData<T> column(
      String header, HorizontalAlign align, Function<T, @Nullable String> cell) {
    return new Column()
        .header(header)
        .headerAlign(align)
        .dataAlign(align)
        .maxWidth(MAX_COLUMN_WIDTH)
        .with(row -> printable(cell.apply(row)));
  }
}
