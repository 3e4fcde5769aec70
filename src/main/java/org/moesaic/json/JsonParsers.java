package org.moesaic.json;

import java.io.InputStream;
import java.io.Reader;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/** Strict JSON parsers within the {@link Limits}. */
public final class JsonParsers {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(Limits.DEPTH)
                  .maxStringLength(Limits.TEXT_CHARS)
                  .maxNameLength(Limits.TEXT_CHARS)
                  .maxNumberLength(Limits.NUMBER_CHARS)
                  .build())
          .build();

  private JsonParsers() {}

  /** Parses bytes in the encoding that they show, which is UTF-8 unless they say otherwise. */
  public static JsonParser of(InputStream bytes) {
    return FACTORY.createParser(ObjectReadContext.empty(), bytes);
  }

  static JsonParser of(Reader reader) {
    return FACTORY.createParser(ObjectReadContext.empty(), reader);
  }
}
