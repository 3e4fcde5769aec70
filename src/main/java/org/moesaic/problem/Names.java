package org.moesaic.problem;

/** What ids look like. */
final class Names {
  /** Whatever looks like a blank; Java's own {@code \\s} knows those of ASCII alone. */
  private static final String BLANKS =
      "\\s\\u001c-\\u001f\\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

  /** Any text that is not blank and has no blank at either end. */
  static final String PLAIN = "[^" + BLANKS + "](.*[^" + BLANKS + "])?";

  static final String PLAIN_SAYS = "a name that neither begins nor ends with a blank";

  /** The same without slashes, since a site is written {@code provider/region}. */
  static final String SEGMENT = "[^/" + BLANKS + "]([^/\\n\\r]*[^/" + BLANKS + "])?";

  static final String SEGMENT_SAYS =
      "a name without slashes that neither begins nor ends with a blank";

  private Names() {}
}
