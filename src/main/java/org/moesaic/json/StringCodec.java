package org.moesaic.json;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;

/** Texts. */
final class StringCodec implements Codec<String> {
  private final @Nullable Pattern pattern;
  private final java.util.regex.@Nullable Pattern compiled;

  StringCodec(@Nullable Pattern pattern) {
    this.pattern = pattern;
    this.compiled = pattern == null ? null : java.util.regex.Pattern.compile(pattern.value());
  }

  @Override
  public String decode(JsonInput in) {
    if (in.token() != JsonToken.VALUE_STRING) {
      String hint = in.token() == JsonToken.VALUE_NULL ? Hints.NULL : "Maybe put it in quotes.";
      return in.reject("a text", hint, "");
    }
    String text = in.text();
    if (text.codePoints().anyMatch(StringCodec::isHalf)) {
      in.rejectAs(
          text,
          "a text that UTF-8 can hold, without half of a pair of surrogates",
          "Maybe an escape such as \\ud83d lacks its other half.");
      return "";
    }
    if (pattern != null && compiled != null && !compiled.matcher(text).matches()) {
      in.rejectAs(
          text,
          pattern.says(),
          text.isBlank()
              ? "Maybe it has not been filled in yet."
              : "Maybe a character slipped in.");
    }
    return text;
  }

  private static boolean isHalf(int codePoint) {
    return Character.getType(codePoint) == Character.SURROGATE;
  }

  @Override
  public void encode(String value, JsonGenerator out) {
    out.writeString(value);
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("type", "string");
    if (pattern != null) {
      schema.put("pattern", "^" + pattern.value() + "$");
    }
    return schema;
  }

  @Override
  public String placeholder() {
    return "";
  }

  @Override
  public boolean isScalar() {
    return true;
  }
}
