package org.moesaic.json;

import java.lang.reflect.AnnotatedElement;
import java.util.Map;

/** What {@link Size} says, or what holds without it. */
record SizeLimits(int min, int max) {
  static SizeLimits of(AnnotatedElement annotated) {
    Size size = annotated.getAnnotation(Size.class);
    return size == null
        ? new SizeLimits(0, Limits.LIST_ELEMENTS)
        : new SizeLimits(size.min(), size.max());
  }

  /** Reports too short a list at its end. */
  void checkEnd(JsonInput in, int size) {
    if (size < min) {
      in.rejectAs(
          size == 0 ? "[]" : "[…]",
          "a list of at least %d".formatted(min),
          "Maybe it was left empty by a filter.");
    }
  }

  /** Reports too long a list at the first element too many; true if it is one. */
  boolean exceededAt(JsonInput in, int index) {
    if (index < max) {
      return false;
    }
    if (index == max) {
      in.error(
          null,
          "There are more than %d elements.".formatted(max),
          "Maybe the list was written twice; longer ones are not supported.");
    }
    return true;
  }

  void describe(Map<String, Object> schema, String what) {
    if (min > 0) {
      schema.put("min" + what, min);
    }
    schema.put("max" + what, max);
  }
}
