package org.moesaic.json;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Finds lines and columns of JSON pointers by reading the file once more. That costs time only when
 * there is something to report, and spares every good file the memory of where its values stood.
 */
final class JsonLocator {
  private final JsonParser parser;
  private final Map<String, Position> found = new HashMap<>();

  /** Where a value begins, both counted from 1. */
  record Position(int line, int column) {}

  /** The pointers that are looked for, as a tree. */
  private static final class Wanted {
    final Map<String, Wanted> below = new HashMap<>();
    @Nullable String pointer;
  }

  private JsonLocator(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * Positions of values; of the innermost value around it where a pointer leads nowhere. Empty if
   * all else fails.
   */
  static Map<String, Position> locate(Path file, Collection<String> pointers) {
    var root = new Wanted();
    pointers.forEach(pointer -> add(root, pointer));
    if ((root.below.isEmpty() && root.pointer == null) || !Files.isRegularFile(file)) {
      return Map.of();
    }
    try (var bytes = BoundedFile.open(file, Limits.JSON_BYTES);
        var parser = JsonParsers.of(BoundedFile.utf8(bytes))) {
      var locator = new JsonLocator(parser);
      try {
        parser.nextToken();
        locator.walk(root);
      } catch (JacksonException e) {
        // The file is broken further on; what was found before still helps.
      }
      return locator.found;
    } catch (IOException e) {
      return Map.of();
    }
  }

  private static void add(Wanted root, String pointer) {
    Wanted wanted = root;
    String[] segments = pointer.split("/", -1);
    for (int i = 1; i < segments.length; i++) {
      String segment = segments[i].replace("~1", "/").replace("~0", "~");
      wanted = wanted.below.computeIfAbsent(segment, unused -> new Wanted());
    }
    wanted.pointer = pointer;
  }

  private void walk(Wanted wanted) {
    var at = parser.currentTokenLocation();
    mark(wanted, new Position(at.getLineNr(), at.getColumnNr()));
    if (wanted.below.isEmpty()) {
      parser.skipChildren();
    } else if (parser.currentToken() == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        descend(wanted.below.get(name));
      }
    } else if (parser.currentToken() == JsonToken.START_ARRAY) {
      for (int i = 0;
          parser.nextToken() != JsonToken.END_ARRAY && parser.currentToken() != null;
          i++) {
        descend(wanted.below.get(Integer.toString(i)));
      }
    }
  }

  private void descend(@Nullable Wanted wanted) {
    if (wanted == null) {
      parser.skipChildren();
    } else {
      walk(wanted);
    }
  }

  /** Gives a value's position to everything wanted in it; what is found within overwrites that. */
  private void mark(Wanted wanted, Position position) {
    if (wanted.pointer != null) {
      found.put(wanted.pointer, position);
    }
    wanted.below.values().forEach(below -> mark(below, position));
  }
}
