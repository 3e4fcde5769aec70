package org.moesaic.problem;

/** What ids look like. */
final class Names {
  /** Any text that is not blank and has no blank at either end. */
  static final String PLAIN = "\\S(.*\\S)?";

  static final String PLAIN_SAYS = "a name that neither begins nor ends with a blank";

  /** The same without slashes, since a site is written {@code provider/region}. */
  static final String SEGMENT = "[^/\\s]([^/]*[^/\\s])?";

  static final String SEGMENT_SAYS =
      "a name without slashes that neither begins nor ends with a blank";

  private Names() {}
}
