package org.moesaic.json;

import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;

/** What the JSON parser complains of, in words for people who do not know the parser. */
public final class SyntaxErrors {
  /** Advice on the parser's own switches and internals. */
  private static final String NOISE =
      ": enable `.*|\\(start marker at .*|\\(not recognized as one since .*|,? ?\\(?from"
          + " `StreamReadConstraints.*";

  private static final Map<String, String> HINTS =
      Map.of(
          "end-of-input", "Maybe the file was cut off.",
          "Non-standard token", "Maybe leave the field out if there is no limit.",
          "comment", "Maybe remove the comment; JSON has none.",
          "Unrecognized token", "Maybe put it in quotes.");

  private SyntaxErrors() {}

  /** Says what a parser complains of, and maybe a way out. */
  public static Explanation explain(JacksonException e) {
    String complaint = Texts.oneLine(e.getOriginalMessage().replaceAll(NOISE, "").strip());
    if (e instanceof StreamConstraintsException) {
      return new Explanation(
          "The document must keep the limits of its format: "
              + complaint
              + balance(complaint)
              + ".",
          "Maybe it is damaged, or not the file that was meant.");
    }
    String hint =
        HINTS.entrySet().stream()
            .filter(entry -> complaint.contains(entry.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(
                "Maybe a comma, quote or bracket is missing or one too many here or just before.");
    return new Explanation("The file must be JSON: " + complaint + ".", hint);
  }

  /** Closes a parenthesis that the noise left open. */
  private static String balance(String complaint) {
    return complaint.lastIndexOf('(') > complaint.lastIndexOf(')') ? ")" : "";
  }
}
