package org.moesaic.json;

import java.util.Map;
import tools.jackson.core.JsonGenerator;

/** Truth values. */
final class BooleanCodec implements Codec<Boolean> {
  @Override
  public Boolean decode(JsonInput in) {
    return switch (in.token()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case null, default -> in.reject("true or false", Hints.unquote(in), false);
    };
  }

  @Override
  public void encode(Boolean value, JsonGenerator out) {
    out.writeBoolean(value);
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    return Map.of("type", "boolean");
  }

  @Override
  public Boolean placeholder() {
    return false;
  }

  @Override
  public boolean isScalar() {
    return true;
  }
}
