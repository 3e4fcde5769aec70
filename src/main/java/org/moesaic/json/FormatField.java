package org.moesaic.json;

import tools.jackson.core.JsonToken;

/** The field that says which format a file has. */
final class FormatField {
  static final String NAME = "format";
  static final String POINTER = "/" + NAME;

  private FormatField() {}

  static void check(JsonInput in, String format) {
    String found = in.token() == JsonToken.VALUE_STRING ? in.parser().getString() : null;
    if (format.equals(found)) {
      return;
    }
    String family = format.substring(0, format.lastIndexOf('/') + 1);
    String hint =
        found != null && found.startsWith(family)
            ? "Maybe the file is for another version of Moesaic."
            : "Maybe this is another kind of file.";
    if (found == null) {
      in.reject(format, hint, "");
    } else {
      in.rejectAs(found, format, hint);
    }
  }
}
