package org.moesaic.json;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;

/** Maps from free names, written in the order of their keys. */
final class MapCodec<T> implements Codec<Map<String, T>> {
  private final Codec<T> element;
  private final SizeLimits size;

  MapCodec(Codec<T> element, SizeLimits size) {
    this.element = element;
    this.size = size;
  }

  @Override
  public Map<String, T> decode(JsonInput in) {
    if (in.token() != JsonToken.START_OBJECT) {
      return in.reject("an object", Hints.bracket(in, "braces"), placeholder());
    }
    var map = new LinkedHashMap<String, T>();
    for (int i = 0; in.next() != JsonToken.END_OBJECT; i++) {
      String key = in.parser().currentName();
      boolean twice = map.containsKey(key);
      if (twice) {
        in.rejectField("is there twice", "Maybe remove one of the two.");
      }
      in.next();
      if (twice || size.exceededAt(in, i)) {
        in.parser().skipChildren();
      } else {
        T decoded = element.decode(in);
        if (decoded != null) {
          map.put(key, decoded);
        }
      }
    }
    size.checkEnd(in, map.size());
    return map;
  }

  @Override
  public void encode(Map<String, T> value, JsonGenerator out) {
    out.writeStartObject();
    new TreeMap<>(value)
        .forEach(
            (key, each) -> {
              out.writeName(key);
              element.encode(each, out);
            });
    out.writeEndObject();
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("type", "object");
    schema.put("additionalProperties", element.schema(definitions));
    size.describe(schema, "Properties");
    return schema;
  }

  @Override
  public Map<String, T> placeholder() {
    return Map.of();
  }
}
