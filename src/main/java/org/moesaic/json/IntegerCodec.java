package org.moesaic.json;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongFunction;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;

/** Whole numbers; {@code 3.0} is one, as in JSON Schema. */
final class IntegerCodec<T extends Number> implements Codec<T> {
  private final Bounds bounds;
  private final LongFunction<T> box;

  IntegerCodec(Bounds bounds, LongFunction<T> box) {
    this.bounds = bounds;
    this.box = box;
  }

  @Override
  public T decode(JsonInput in) {
    JsonToken token = in.token();
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
      return in.reject("a whole number", Hints.unquote(in), placeholder());
    }
    String text = in.parser().getString();
    double approximate = Double.parseDouble(text);
    if (!bounds.allow(approximate)) {
      bounds.reject(in, text, approximate);
      return placeholder();
    }
    try {
      return box.apply(Long.parseLong(text));
    } catch (NumberFormatException e) {
      if (approximate == Math.rint(approximate)) {
        return box.apply((long) approximate);
      }
      return in.reject("a whole number", "Maybe round it.", placeholder());
    }
  }

  @Override
  public void encode(T value, JsonGenerator out) {
    out.writeNumber(value.longValue());
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("type", "integer");
    bounds.describe(schema);
    return schema;
  }

  @Override
  public T placeholder() {
    return box.apply((long) Math.max(0, Math.max(bounds.min(), bounds.above() + 1)));
  }

  @Override
  public boolean isScalar() {
    return true;
  }
}
