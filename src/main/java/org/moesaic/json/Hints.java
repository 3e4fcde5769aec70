package org.moesaic.json;

/** Ways out that several codecs propose. */
final class Hints {
  static final String NULL = "Maybe leave the field out; an explicit null is not accepted.";

  private Hints() {}

  /** For a value of the wrong type where a number or a truth value belongs. */
  static String unquote(JsonInput in) {
    return switch (in.token()) {
      case VALUE_NULL -> NULL;
      case VALUE_STRING -> "Maybe remove the quotes.";
      case null, default -> "Maybe it belongs to another field.";
    };
  }

  /** For a value of the wrong type where an object or a list belongs. */
  static String bracket(JsonInput in, String brackets) {
    return in.token() == tools.jackson.core.JsonToken.VALUE_NULL
        ? NULL
        : "Maybe a pair of %s is missing.".formatted(brackets);
  }
}
