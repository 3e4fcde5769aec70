package org.moesaic.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;

/** Lists. */
final class ListCodec<T> implements Codec<List<T>> {
  private final Codec<T> element;
  private final SizeLimits size;

  ListCodec(Codec<T> element, SizeLimits size) {
    this.element = element;
    this.size = size;
  }

  @Override
  public List<T> decode(JsonInput in) {
    if (in.token() != JsonToken.START_ARRAY) {
      return in.reject("a list", Hints.bracket(in, "square brackets"), placeholder());
    }
    var list = new ArrayList<T>();
    for (int i = 0; in.next() != JsonToken.END_ARRAY; i++) {
      if (size.exceededAt(in, i) || !in.countElement()) {
        in.parser().skipChildren();
      } else {
        T decoded = element.decode(in);
        if (decoded != null) {
          list.add(decoded);
        }
      }
    }
    size.checkEnd(in, list.size());
    return list;
  }

  @Override
  public void encode(List<T> value, JsonGenerator out) {
    JsonLayout.beginArray(out, element.isScalar());
    for (T each : value) {
      element.encode(each, out);
    }
    JsonLayout.endArray(out);
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("type", "array");
    schema.put("items", element.schema(definitions));
    size.describe(schema, "Items");
    return schema;
  }

  @Override
  public List<T> placeholder() {
    return List.of();
  }
}
