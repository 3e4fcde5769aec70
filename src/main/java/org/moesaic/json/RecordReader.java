package org.moesaic.json;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads JSON files into records, as a stream of tokens: no tree of the document is built. Collects
 * everything that is wrong with the values instead of stopping at the first; only broken JSON ends
 * the reading.
 *
 * @param <T> the record of a file format
 */
public final class RecordReader<T extends Record> {
  private final RecordCodec<T> codec;

  private RecordReader(RecordCodec<T> codec) {
    this.codec = codec;
  }

  /**
   * Makes a reader; it can be used again and by many threads.
   *
   * @throws IllegalArgumentException if a component has a type that no codec reads
   */
  public static <T extends Record> RecordReader<T> of(Class<T> type) {
    return new RecordReader<>(new RecordCodec<>(type));
  }

  /**
   * Reads a file of at most {@link Limits#JSON_BYTES} bytes.
   *
   * @param file UTF-8, with or without a byte order mark
   * @param issues receives what is wrong; if it has errors afterwards, the result may hold
   *     placeholders and is good for further checks only
   * @return what the file says, or null if it is no JSON document of this format at all
   */
  public @Nullable Document<T> read(Path file, Issues issues) {
    try (InputStream bytes = BoundedFile.open(file, Limits.JSON_BYTES)) {
      var digest = new DigestInputStream(bytes, sha256());
      T value = read(BoundedFile.utf8(digest), issues);
      if (value == null) {
        return null;
      }
      // The parser has seen the end of the file, and so has the digest.
      return new Document<>(value, HexFormat.of().formatHex(digest.getMessageDigest().digest()));
    } catch (IOException e) {
      report(e, 0, 0, issues);
      return null;
    }
  }

  private @Nullable T read(Reader reader, Issues issues) {
    try (JsonParser parser = JsonParsers.of(reader)) {
      try {
        T value = readDocument(parser, issues);
        if (issues.touches(FormatField.POINTER)) {
          // A file of another format is wrong in every field; that one line says it all.
          issues.retainOnly(FormatField.POINTER);
          return null;
        }
        return value;
      } catch (JacksonException e) {
        report(e, parser, issues);
        return null;
      }
    }
  }

  private @Nullable T readDocument(JsonParser parser, Issues issues) {
    if (parser.nextToken() == null) {
      issues.syntaxError(
          0,
          0,
          null,
          "The file is empty.",
          "Maybe it was not written completely, or another file is meant.");
      return null;
    }
    var in = new JsonInput(parser, issues);
    boolean object = in.token() == JsonToken.START_OBJECT;
    T value = codec.decode(in);
    if (parser.nextToken() != null) {
      var at = parser.currentTokenLocation();
      issues.syntaxError(
          at.getLineNr(),
          at.getColumnNr(),
          null,
          "The document must end after its closing brace.",
          "Maybe two files were joined, or a brace closes too early.");
      return null;
    }
    return object ? value : null;
  }

  private static void report(JacksonException e, JsonParser parser, Issues issues) {
    var at = e.getLocation() == null ? parser.currentLocation() : e.getLocation();
    int line = Math.max(0, at.getLineNr());
    int column = Math.max(0, at.getColumnNr());
    if (e instanceof JacksonIOException && e.getCause() instanceof IOException cause) {
      report(cause, line, column, issues);
    } else {
      report(SyntaxErrors.explain(e), line, column, issues);
    }
  }

  private static void report(IOException e, int line, int column, Issues issues) {
    report(BoundedFile.explain(e), line, column, issues);
  }

  private static void report(Explanation why, int line, int column, Issues issues) {
    issues.syntaxError(line, column, null, why.message(), why.hint());
  }

  /** Reads a value that stands in our own source code. */
  static <V> V decode(Codec<V> codec, String json) {
    var issues = new Issues(Path.of("default"));
    try (JsonParser parser = JsonParsers.of(new StringReader(json))) {
      parser.nextToken();
      V value = codec.decode(new JsonInput(parser, issues));
      issues.throwIfErrors();
      return value;
    }
  }

  /** A value of our own source code as plain maps, lists, texts and numbers. */
  static Object plain(String json) {
    return JsonMapper.shared().readValue(json, Object.class);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
