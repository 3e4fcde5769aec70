package org.moesaic.json;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.exc.JacksonIOException;

/**
 * Writes records as canonical JSON: fields in the order of declaration, those with their default
 * value left out. Equal records give equal text.
 *
 * @param <T> the record of a file format
 */
public final class RecordWriter<T extends Record> {
  private final RecordCodec<T> codec;

  private RecordWriter(RecordCodec<T> codec) {
    this.codec = codec;
  }

  /**
   * Makes a writer; it can be used again and by many threads.
   *
   * @throws IllegalArgumentException if a component has a type that no codec writes
   */
  public static <T extends Record> RecordWriter<T> of(Class<T> type) {
    return new RecordWriter<>(new RecordCodec<>(type));
  }

  /** Writes a record and a line feed; does not close {@code out}. */
  public void write(T value, Writer out) throws IOException {
    try {
      JsonGenerator generator = JsonLayout.generator(out);
      codec.encode(value, generator);
      generator.writeRaw('\n');
      generator.flush();
    } catch (JacksonIOException e) {
      IOException cause = e.getCause();
      throw cause == null ? new IOException(e) : cause;
    }
  }

  /** The text of a record. */
  public String toJson(T value) {
    var text = new StringWriter();
    try {
      write(value, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
