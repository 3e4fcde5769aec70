package org.moesaic.routing;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issue;
import org.moesaic.json.Issue.Severity;

/** What ends the reading of a recording: one thing that is wrong with a file. */
final class Fault {
  private Fault() {}

  /** About a file as a whole, or a byte that the message names. */
  static InvalidInputException of(Path file, String message, String hint) {
    return at(file, 0, 0, null, message, hint);
  }

  /**
   * About a place in a text file.
   *
   * @param line counted from 1; 0: the file as a whole
   * @param column counted from 1; 0 if unknown
   */
  static InvalidInputException at(
      Path file, int line, int column, @Nullable String value, String message, String hint) {
    return new InvalidInputException(
        List.of(
            new Issue(Severity.ERROR, file.toString(), null, line, column, value, message, hint)),
        0);
  }
}
