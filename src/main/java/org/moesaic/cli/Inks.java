package org.moesaic.cli;

import java.util.Map;
import org.moesaic.report.Ink;

/** Decides whether to colour. */
final class Inks {
  /**
   * Set by the launcher where standard error is a terminal: Java can only tell whether standard
   * input and output are.
   */
  private static final String TERMINAL = "moesaic.terminal";

  private Inks() {}

  /** The ink of what goes to standard error. */
  static Ink ofStandardError() {
    return of(Boolean.getBoolean(TERMINAL), System.getenv());
  }

  /**
   * Colours for terminals that can show them, unless <a href="https://no-color.org">not wanted</a>.
   */
  static Ink of(boolean terminal, Map<String, String> environment) {
    boolean unwanted = !environment.getOrDefault("NO_COLOR", "").isEmpty();
    boolean incapable = environment.getOrDefault("TERM", "dumb").equals("dumb");
    return terminal && !unwanted && !incapable ? Ink.ANSI : Ink.PLAIN;
  }
}
