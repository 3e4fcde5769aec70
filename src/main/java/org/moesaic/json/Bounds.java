package org.moesaic.json;

import java.lang.reflect.AnnotatedElement;
import java.util.Map;

/** What {@link Range} says, within what the type can hold. */
record Bounds(double min, double above, double max, double typeMin, double typeMax) {
  static final Bounds NOT_NEGATIVE =
      new Bounds(0, Double.NEGATIVE_INFINITY, Limits.NUMBER, -Limits.NUMBER, Limits.NUMBER);

  @SuppressWarnings("ArgumentSelectionDefectChecker") // the greater of two lower limits
  static Bounds of(AnnotatedElement annotated, double typeMin, double typeMax) {
    Range range = annotated.getAnnotation(Range.class);
    return range == null
        ? new Bounds(typeMin, Double.NEGATIVE_INFINITY, typeMax, typeMin, typeMax)
        : new Bounds(
            Math.max(range.min(), typeMin),
            range.above(),
            Math.min(range.max(), typeMax),
            typeMin,
            typeMax);
  }

  boolean allow(double value) {
    return value >= min && value > above && value <= max;
  }

  /** Reports a number out of range. */
  void reject(JsonInput in, String shown, double value) {
    in.rejectAs(shown, expected(value), hint(value));
  }

  private String expected(double value) {
    boolean exclusive = above > Double.NEGATIVE_INFINITY;
    boolean low = exclusive || min > typeMin;
    boolean high = max < typeMax;
    if (low && high && !exclusive) {
      return "between %s and %s".formatted(Texts.number(min), Texts.number(max));
    }
    String from =
        exclusive ? "greater than " + Texts.number(above) : "at least " + Texts.number(min);
    String to = "at most " + Texts.number(max);
    return low && high ? from + " and " + to : value > max ? to : from;
  }

  private String hint(double value) {
    if (value < 0 && allow(-value)) {
      return "Maybe the minus sign is a slip.";
    } else if (max == 1 && value >= 2 && value <= 100 && allow(value / 100)) {
      return "Maybe it is meant in percent; write %s.".formatted(Texts.number(value / 100));
    } else if (value > max) {
      return "Maybe it is in another unit, or has a digit too many.";
    } else if (value == 0) {
      return "Maybe it has not been filled in yet.";
    }
    return "Maybe a number was mistyped.";
  }

  void describe(Map<String, Object> schema) {
    if (above > Double.NEGATIVE_INFINITY) {
      schema.put("exclusiveMinimum", exact(above));
    } else if (min > typeMin || typeMin > -Limits.NUMBER) {
      schema.put("minimum", exact(min));
    }
    if (max < typeMax || typeMax < Limits.NUMBER) {
      schema.put("maximum", exact(max));
    }
  }

  private static Number exact(double value) {
    if (value == Math.rint(value) && Math.abs(value) <= Long.MAX_VALUE) {
      return (long) value;
    }
    return value;
  }
}
