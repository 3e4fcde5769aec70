package org.moesaic.cli;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What a command made cannot be written; its message says what, and maybe a way out. */
final class OutputException extends IOException {
  private static final long serialVersionUID = 1L;

  OutputException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Standard output takes no more. */
  static OutputException ofStandardOutput(String what) {
    return new OutputException(
        "%s cannot be written to standard output: its reader ended, or the disk is full."
            .formatted(what),
        null);
  }
}
