package org.moesaic.json;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/** Finite numbers. */
final class DoubleCodec implements Codec<Double> {
  private final Bounds bounds;

  DoubleCodec(Bounds bounds) {
    this.bounds = bounds;
  }

  @Override
  public Double decode(JsonInput in) {
    return decode(in, bounds);
  }

  static double decode(JsonInput in, Bounds bounds) {
    switch (in.token()) {
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
        // Adding zero turns -0.0 into 0.0.
        double value = in.parser().getDoubleValue() + 0.0;
        if (Double.isInfinite(value)) {
          in.rejectAs(
              in.parser().getString(),
              "a number that a 64-bit float can hold",
              "Maybe leave the field out if there is no limit.");
        } else if (!bounds.allow(value)) {
          bounds.reject(in, in.parser().getString(), value);
        } else {
          return value;
        }
        return 0;
      }
      case null, default -> {
        return in.reject("a number", Hints.unquote(in), 0.0);
      }
    }
  }

  @Override
  public void encode(Double value, JsonGenerator out) {
    JsonLayout.writeNumber(out, value);
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    var schema = new LinkedHashMap<String, Object>();
    schema.put("type", "number");
    bounds.describe(schema);
    return schema;
  }

  @Override
  public Double placeholder() {
    return 0.0;
  }

  @Override
  public boolean isScalar() {
    return true;
  }
}
