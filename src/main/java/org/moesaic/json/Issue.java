package org.moesaic.json;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with a file.
 *
 * @param severity whether the file can be used nevertheless
 * @param source the file, as the caller named it
 * @param pointer where in a JSON file, as a JSON pointer (RFC 6901); null in files that are not
 *     JSON, and where there is no document to point into
 * @param line counted from 1; 0 if unknown
 * @param column counted from 1; 0 if unknown
 * @param value the offending value, shortened; null if there is none, e.g. where a field is missing
 * @param message one sentence that says what has to hold
 * @param hint one sentence that begins with "Maybe" and shows a way out
 */
public record Issue(
    Severity severity,
    String source,
    @Nullable String pointer,
    int line,
    int column,
    @Nullable String value,
    String message,
    String hint) {

  /** Whether a file can be used. */
  public enum Severity {
    /** It cannot. */
    ERROR,
    /** It can, but may not say what its author meant. */
    WARNING
  }

  /** Where it is: {@code file#/json/pointer (line 3, column 7)}, or {@code file:line}. */
  public String where() {
    if (pointer == null) {
      return line == 0
          ? source
          : column == 0 ? source + ":" + line : source + ":" + line + ":" + column;
    }
    String at = line == 0 ? "" : " (line " + line + ", column " + column + ")";
    return source + "#" + pointer + at;
  }

  /** Two lines for people: where and what, then the hint. */
  @Override
  public String toString() {
    String kind = severity == Severity.WARNING ? "warning: " : "";
    return where() + ": " + kind + message + "\n  " + hint;
  }
}
