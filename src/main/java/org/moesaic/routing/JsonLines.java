package org.moesaic.routing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.JsonParsers;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads JSON Lines, a row for each token and layer: {@code {"token_idx": 0, "layer": 3, "topk_ids":
 * [12, 7]}}. Other fields are skipped.
 */
final class JsonLines implements TokenWindow.Places {
  private static final String TOKEN = "token_idx";
  private static final String LAYER = "layer";
  private static final String IDS = "topk_ids";

  /** The fields of a row. */
  static final List<String> FIELDS = List.of(TOKEN, LAYER, IDS);

  private final Path file;
  private final JsonParser parser;
  private final TokenWindow window;
  private int[] ids = new int[8];

  private JsonLines(Source source, JsonParser parser, OriginTally tally) {
    this.file = source.file();
    this.parser = parser;
    this.window = new TokenWindow(tally, source.file(), this);
  }

  static void read(Source source, OriginTally tally) throws IOException {
    try (JsonParser parser = JsonParsers.of(source)) {
      new JsonLines(source, parser, tally).read();
    } catch (JacksonException e) {
      throw SglangJson.explain(e, source);
    }
  }

  private void read() {
    for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
      if (token != JsonToken.START_OBJECT) {
        throw wrong(
            "Each line must hold an object with %s.".formatted(String.join(", ", FIELDS)),
            "Maybe the file is of another format; --format says of which.");
      }
      row();
    }
    window.finish();
  }

  private void row() {
    long token = -1;
    long layer = -1;
    int count = -1;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken value = parser.nextToken();
      switch (name) {
        case TOKEN -> {
          requireNew(token < 0, name);
          token = index(value, name, Limits.WHOLE_NUMBER);
        }
        case LAYER -> {
          requireNew(layer < 0, name);
          layer = index(value, name, Limits.LAYERS);
        }
        case IDS -> {
          requireNew(count < 0, name);
          count = ids(value);
        }
        default -> parser.skipChildren();
      }
    }
    if (token < 0 || layer < 0 || count < 0) {
      throw wrong(
          "The row lacks %s.".formatted(token < 0 ? TOKEN : layer < 0 ? LAYER : IDS),
          "Maybe the recorder names it differently; rename it.");
    }
    window.row(token, layer, ids, count);
  }

  private void requireNew(boolean isNew, String name) {
    if (!isNew) {
      throw wrong("The row has %s twice.".formatted(name), "Maybe remove one.");
    }
  }

  private long index(JsonToken token, String name, long end) {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      long value = wholeNumber();
      if (value >= 0 && value < end) {
        return value;
      }
    }
    throw wrong(
        "The %s (%s) must be a whole number from 0 to %d.".formatted(name, shown(), end - 1),
        "Maybe the row is damaged, or counts padding.");
  }

  /** Negative if it does not fit. */
  private long wholeNumber() {
    return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? -1 : parser.getLongValue();
  }

  private int ids(JsonToken first) {
    if (first != JsonToken.START_ARRAY) {
      throw wrong(
          "The %s (%s) must be a list of experts.".formatted(IDS, shown()),
          "Maybe a pair of [] is missing.");
    }
    int count = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (count == Limits.EXPERTS_PER_LAYER) {
        throw wrong("The list of experts is too long.", "Maybe a bracket is missing.");
      }
      if (count == ids.length) {
        ids = Arrays.copyOf(ids, 2 * count);
      }
      ids[count++] = (int) index(token, "expert", Limits.EXPERTS_PER_LAYER);
    }
    if (count == 0) {
      throw wrong(
          "The %s must not be empty.".formatted(IDS),
          "Maybe leave out rows of layers that have no experts.");
    }
    return count;
  }

  private String shown() {
    return Texts.shown(String.valueOf(parser.getString()));
  }

  private InvalidInputException wrong(String message, String hint) {
    return fault(now(), message, hint);
  }

  @Override
  public long now() {
    return parser.currentTokenLocation().getLineNr();
  }

  @Override
  public InvalidInputException fault(long place, String message, String hint) {
    return Fault.at(file, (int) Math.max(0, place), 0, null, message, hint);
  }
}
