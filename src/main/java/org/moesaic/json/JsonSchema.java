package org.moesaic.json;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes the JSON Schema (draft 2020-12) of a file format from its records, so that the two cannot
 * disagree.
 */
public final class JsonSchema {
  private JsonSchema() {}

  /**
   * The schema of a format, ending with a line feed. It states types, ranges, defaults and required
   * fields; rules across fields and files are beyond it.
   *
   * @throws IllegalArgumentException if a component has a type that no codec describes
   */
  public static String of(Class<? extends Record> type) {
    var definitions = new LinkedHashMap<String, Object>();
    var root = new RecordCodec<>(type).objectSchema(definitions);
    var schema = new LinkedHashMap<String, Object>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    Format format = type.getAnnotation(Format.class);
    schema.putAll(root);
    if (format != null) {
      schema.put("title", format.value());
    }
    schema.put("$defs", definitions);
    return pretty(schema);
  }

  private static String pretty(Map<String, Object> schema) {
    return JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build()
            .writeValueAsString(schema)
            .replace("\r\n", "\n")
        + "\n";
  }
}
