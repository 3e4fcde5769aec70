package org.moesaic.export;

/**
 * Tables with commas, one row per line, quoted as RFC 4180 has it; no value may have a line break,
 * as no id has.
 */
final class Csv {
  private Csv() {}

  /** Adds a row. */
  static void append(StringBuilder text, Object... values) {
    for (int i = 0; i < values.length; i++) {
      if (i > 0) {
        text.append(',');
      }
      text.append(quoted(values[i].toString()));
    }
    text.append('\n');
  }

  private static String quoted(String value) {
    return value.contains(",") || value.contains("\"")
        ? '"' + value.replace("\"", "\"\"") + '"'
        : value;
  }
}
