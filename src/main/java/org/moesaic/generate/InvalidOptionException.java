package org.moesaic.generate;

/**
 * An option that no problem can be made from. Its message says which one, and after a line break
 * what may help.
 */
public final class InvalidOptionException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  InvalidOptionException(String problem, String wayOut) {
    super(problem + System.lineSeparator() + "Maybe " + wayOut);
  }
}
