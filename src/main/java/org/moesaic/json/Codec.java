package org.moesaic.json;

import java.util.Map;
import tools.jackson.core.JsonGenerator;

/**
 * How one type is read, written and described.
 *
 * @param <T> the type
 */
public interface Codec<T> {
  /**
   * Reads a value. On entry the input stands on the value's first token, on exit on its last. Never
   * throws for what the value says: it reports that to the input and returns a {@link
   * #placeholder()}.
   */
  T decode(JsonInput in);

  /** Writes a value. */
  void encode(T value, JsonGenerator out);

  /**
   * Describes the values that {@link #decode} accepts.
   *
   * @param definitions schemas of records by name, to which a codec may add
   */
  Map<String, Object> schema(Map<String, Object> definitions);

  /**
   * Stands in for a value that could not be read, so that the rest can still be checked; never
   * leaves a reader.
   */
  T placeholder();

  /** Whether a value is a number, text or the like, so that lists of it are written on one line. */
  default boolean isScalar() {
    return false;
  }
}
