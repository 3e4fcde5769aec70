package org.moesaic.json;

import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;

/** Days, as {@code 2026-12-01}. */
final class DateCodec implements Codec<LocalDate> {
  private static final DateTimeFormatter ISO_DAY =
      DateTimeFormatter.ofPattern("uuuu-MM-dd").withResolverStyle(ResolverStyle.STRICT);

  @Override
  public LocalDate decode(JsonInput in) {
    if (in.token() != JsonToken.VALUE_STRING) {
      String hint = in.token() == JsonToken.VALUE_NULL ? Hints.NULL : "Maybe put it in quotes.";
      return in.reject("a day such as \"2026-12-01\"", hint, placeholder());
    }
    String text = in.parser().getString();
    try {
      return LocalDate.parse(text, ISO_DAY);
    } catch (DateTimeParseException e) {
      in.rejectAs(
          text,
          "a day such as 2026-12-01",
          "Maybe the order is not year-month-day, or the month has no such day.");
      return placeholder();
    }
  }

  @Override
  public void encode(LocalDate value, JsonGenerator out) {
    out.writeString(value.toString());
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("type", "string");
    schema.put("format", "date");
    schema.put("pattern", "^\\d{4}-\\d{2}-\\d{2}$");
    return schema;
  }

  @Override
  public LocalDate placeholder() {
    return LocalDate.EPOCH;
  }

  @Override
  public boolean isScalar() {
    return true;
  }
}
