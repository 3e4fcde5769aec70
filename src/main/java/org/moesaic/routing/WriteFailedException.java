package org.moesaic.routing;

import java.io.IOException;

/** A sample cannot be written while recordings are being read. */
final class WriteFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final IOException failure;

  WriteFailedException(IOException failure) {
    super(failure);
    this.failure = failure;
  }

  IOException failure() {
    return failure;
  }
}
