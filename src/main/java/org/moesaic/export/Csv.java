package org.moesaic.export;

/**
 * Tables with commas, one row per line, quoted as RFC 4180 has it; no value may have a line break,
 * as no id has.
 */
final class Csv {
  /** What spreadsheets take for the beginning of a formula, unless a quote comes before. */
  static final String FORMULA = "=+-@\t\r";

  static final String QUOTE = "'";

  private Csv() {}

  /** Adds a row. */
  static void append(StringBuilder text, Object... values) {
    for (int i = 0; i < values.length; i++) {
      if (i > 0) {
        text.append(',');
      }
      text.append(values[i] instanceof Number number ? number : quoted(values[i].toString()));
    }
    text.append('\n');
  }

  private static String quoted(String text) {
    String value = text.isEmpty() || FORMULA.indexOf(text.charAt(0)) < 0 ? text : QUOTE + text;
    return value.contains(",") || value.contains("\"")
        ? '"' + value.replace("\"", "\"\"") + '"'
        : value;
  }
}
