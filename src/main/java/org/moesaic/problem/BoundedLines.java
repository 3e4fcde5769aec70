package org.moesaic.problem;

import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Limits;

/**
 * Reads lines that end with LF or CRLF, and never more of one than {@link Limits#CSV_LINE_CHARS}.
 */
final class BoundedLines {
  private final Reader reader;
  private final StringBuilder line = new StringBuilder();
  private int number;

  /**
   * Reads from a reader.
   *
   * @param reader a buffered one
   */
  BoundedLines(Reader reader) {
    this.reader = reader;
  }

  /** The number of the line that was read last, counted from 1. */
  int number() {
    return number;
  }

  /** The next line without its end, or null after the last. */
  @Nullable String next() throws IOException {
    line.setLength(0);
    number++;
    int c = reader.read();
    if (c < 0) {
      return null;
    }
    for (; c >= 0 && c != '\n'; c = reader.read()) {
      if (line.length() == Limits.CSV_LINE_CHARS) {
        throw new TooLongException();
      }
      line.append((char) c);
    }
    int length = line.length();
    if (length > 0 && line.charAt(length - 1) == '\r') {
      line.setLength(length - 1);
    }
    return line.toString();
  }

  /** A line is longer than any row of weights. */
  static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
