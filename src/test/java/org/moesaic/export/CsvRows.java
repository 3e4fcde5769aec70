package org.moesaic.export;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.moesaic.json.BoundedFile;
import org.moesaic.json.Issues;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;

/** Reads tables that {@link Csv} writes. */
final class CsvRows {
  private CsvRows() {}

  /** One row of a file, and its line. */
  record Row(int line, List<String> values) {}

  /**
   * Reads a file.
   *
   * @param issues receives what is wrong
   * @return the rows after the header; those with a wrong number of values are left out
   */
  static List<Row> read(Path file, List<String> header, Issues issues) {
    List<Row> rows = new ArrayList<>();
    int number = 0;
    try (var bytes = BoundedFile.open(file, Limits.CSV_BYTES);
        var reader = new BufferedReader(BoundedFile.utf8(bytes))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        Optional<List<String>> values = split(line);
        if (values.isEmpty()) {
          issues.errorAt(
              file,
              number,
              line,
              "The quotes of the row must come in pairs.",
              "Maybe a quote within a value is not doubled.");
        } else if (number == 1) {
          if (!values.get().equals(header)) {
            issues.errorAt(
                file,
                1,
                line,
                "The header (%s) must be %s."
                    .formatted(Texts.shown(line), String.join(",", header)),
                "Maybe the first line of the file is missing.");
            return rows;
          }
        } else if (values.get().size() != header.size()) {
          issues.errorAt(
              file,
              number,
              line,
              "The row has %d values, but the header has %d."
                  .formatted(values.get().size(), header.size()),
              "Maybe a comma is missing or one too many.");
        } else {
          rows.add(new Row(number, values.get().stream().map(CsvRows::unescaped).toList()));
        }
      }
      if (number == 0) {
        issues.errorAt(file, 0, null, "The file is empty.", "Maybe it was not written completely.");
      }
    } catch (IOException e) {
      var why = BoundedFile.explain(e);
      issues.errorAt(file, number, null, why.message(), why.hint());
    }
    return rows;
  }

  /** A value as it was before it was kept from being a formula. */
  private static String unescaped(String value) {
    return value.length() > 1
            && value.startsWith(Csv.QUOTE)
            && Csv.FORMULA.indexOf(value.charAt(1)) >= 0
        ? value.substring(1)
        : value;
  }

  /** The values of a row; empty if a quote is not closed. */
  private static Optional<List<String>> split(String line) {
    List<String> values = new ArrayList<>();
    var value = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        value.append(c);
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        values.add(value.toString());
        value.setLength(0);
      } else {
        value.append(c);
      }
    }
    values.add(value.toString());
    return quoted ? Optional.empty() : Optional.of(values);
  }

  /** A whole number from 0 to below an end, or -1 after a report. */
  static int index(Path file, int line, String column, String text, int end, Issues issues) {
    if (!text.isEmpty()
        && text.length() < 10
        && text.chars().allMatch(c -> c >= '0' && c <= '9')
        && Integer.parseInt(text) < end) {
      return Integer.parseInt(text);
    }
    issues.errorAt(
        file,
        line,
        text,
        "The %s (%s) must be a whole number from 0 to %d."
            .formatted(column, Texts.shown(text), end - 1),
        "Maybe the file is of another plan.");
    return -1;
  }
}
