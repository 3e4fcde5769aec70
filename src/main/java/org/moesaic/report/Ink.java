package org.moesaic.report;

/** How text is emphasised: with the escape sequences of terminals (ECMA-48), or not at all. */
public enum Ink {
  /** For files, pipes, and people who want no colours. */
  PLAIN,
  /** For terminals. */
  ANSI;

  /** A heading. */
  String heading(String text) {
    return sequence("1", text);
  }

  /** Good news. */
  String good(String text) {
    return sequence("1;32", text);
  }

  /** Bad news. */
  String bad(String text) {
    return sequence("1;31", text);
  }

  private String sequence(String attributes, String text) {
    return this == PLAIN ? text : "\u001b[" + attributes + "m" + text + "\u001b[0m";
  }
}
