package org.moesaic.pack;

/** Experts cannot be packed as asked; says why, and maybe a way out. */
public final class UnpackableException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  UnpackableException(String message, String hint) {
    this(message + "\n" + hint);
  }

  UnpackableException(String messageAndHints) {
    super(messageAndHints);
  }
}
