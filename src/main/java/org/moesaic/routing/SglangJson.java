package org.moesaic.routing;

import java.io.IOException;
import org.moesaic.json.Explanation;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.JsonParsers;
import org.moesaic.json.Limits;
import org.moesaic.json.SyntaxErrors;
import org.moesaic.json.Texts;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;

/**
 * Reads the counts of SGLang's expert distribution recorder: an object with the field {@code
 * logical_count}, {@code [layers][experts]} or {@code [steps][layers][experts]}, of which steps are
 * added up. Other fields are skipped. One number at a time, so memory does not grow with the file.
 *
 * <p>Source: {@code sglang/srt/eplb/expert_distribution.py}, and {@code expert_location.py}, which
 * reads such a file for {@code --init-expert-location}.
 */
final class SglangJson {
  private static final String FIELD = "logical_count";

  private final Source source;
  private final JsonParser parser;
  private final OriginTally tally;

  /** Experts of the first layer; -1 before it ends. */
  private int width = -1;

  private SglangJson(Source source, JsonParser parser, OriginTally tally) {
    this.source = source;
    this.parser = parser;
    this.tally = tally;
  }

  static void read(Source source, OriginTally tally) throws IOException {
    try (JsonParser parser = JsonParsers.of(source)) {
      new SglangJson(source, parser, tally).read();
    } catch (JacksonException e) {
      throw explain(e, source);
    }
  }

  /** What a parser complains of as a fault of the file that it reads. */
  static InvalidInputException explain(JacksonException e, Source source) throws IOException {
    if (e instanceof JacksonIOException && e.getCause() instanceof IOException cause) {
      throw cause;
    }
    Explanation why = SyntaxErrors.explain(e);
    TokenStreamLocation at = e.getLocation();
    return Fault.at(
        source.file(),
        at == null ? 0 : Math.max(0, at.getLineNr()),
        at == null ? 0 : Math.max(0, at.getColumnNr()),
        null,
        why.message(),
        why.hint());
  }

  private void read() {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw wrong(
          "The file must hold an object with the field %s.".formatted(FIELD),
          "Maybe it is of another format; --format says of which.");
    }
    boolean found = false;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      if (!name.equals(FIELD)) {
        parser.skipChildren();
      } else if (found) {
        throw wrong("The field %s is there twice.".formatted(FIELD), "Maybe remove one.");
      } else {
        counts();
        found = true;
      }
    }
    if (!found) {
      throw wrong(
          "The field %s is missing.".formatted(FIELD),
          "Maybe it is no recording of SGLang; --format says what it is of.");
    }
    if (parser.nextToken() != null) {
      throw wrong(
          "There is more after the end of the object.",
          "Maybe several recordings were joined; give each as a file of its own.");
    }
  }

  private void counts() {
    tally.beginCounts();
    requireList("a list of layers or of steps");
    JsonToken first = parser.nextToken();
    if (first == JsonToken.END_ARRAY) {
      throw wrong("The field %s is empty.".formatted(FIELD), "Maybe nothing was recorded.");
    }
    requireList("a list of experts or of layers");
    JsonToken second = parser.nextToken();
    if (second != JsonToken.START_ARRAY) {
      layers(second);
      return;
    }
    layersOfStep();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      requireList("a list of layers, like every step");
      parser.nextToken();
      layersOfStep();
    }
  }

  /** The rest of a step, from the beginning of its first layer on. */
  private void layersOfStep() {
    requireList("a list of experts, like every layer");
    layers(parser.nextToken());
  }

  /**
   * The rest of a list of layers.
   *
   * @param first the first token within its first layer
   */
  private void layers(JsonToken first) {
    int layer = 0;
    experts(layer, first);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      requireList("a list of experts, like every layer");
      layer++;
      if (layer == Limits.LAYERS) {
        throw wrong(
            "There are more than %d layers.".formatted(Limits.LAYERS),
            "Maybe layers and experts are swapped.");
      }
      experts(layer, parser.nextToken());
    }
    tally.rows(source.file(), layer + 1);
  }

  private void experts(int layer, JsonToken first) {
    int expert = 0;
    for (JsonToken token = first; token != JsonToken.END_ARRAY; token = parser.nextToken()) {
      double count = count(token, layer, expert);
      if (expert == Limits.EXPERTS_PER_LAYER
          || (long) layer * Math.max(expert, width) > Limits.EXPERTS) {
        throw wrong(
            "There are more than %d experts in a layer, or %d in all."
                .formatted(Limits.EXPERTS_PER_LAYER, Limits.EXPERTS),
            "Maybe this is no count of experts.");
      }
      if (!tally.add(layer, expert, count)) {
        throw wrong(
            "The sum of the counts of expert %d in layer %d must not be over 2^53."
                .formatted(expert, layer),
            "Maybe profile the files one by one.");
      }
      expert++;
    }
    if (width < 0) {
      width = expert;
      tally.shape().experts(source.file(), expert);
    } else if (expert != width) {
      throw wrong(
          "The layer (%d) has %d experts, but the first one has %d."
              .formatted(layer, expert, width),
          "Maybe the file was edited, or is of a model whose layers differ in size.");
    }
  }

  private double count(JsonToken token, int layer, int expert) {
    double count =
        switch (token) {
          case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
          case null, default -> -1;
        };
    if (count >= 0 && count <= Limits.WHOLE_NUMBER) {
      return count;
    }
    throw Fault.at(
        source.file(),
        parser.currentTokenLocation().getLineNr(),
        parser.currentTokenLocation().getColumnNr(),
        parser.getString(),
        "The count (%s) of expert %d in layer %d must be a number from 0 to 2^53."
            .formatted(Texts.shown(String.valueOf(parser.getString())), expert, layer),
        "Maybe the dimensions are not [layers][experts] or [steps][layers][experts].");
  }

  private void requireList(String what) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw wrong(
          "The field %s must be %s here.".formatted(FIELD, what),
          "Maybe the dimensions are not [layers][experts] or [steps][layers][experts].");
    }
  }

  private InvalidInputException wrong(String message, String hint) {
    TokenStreamLocation at = parser.currentTokenLocation();
    return Fault.at(source.file(), at.getLineNr(), at.getColumnNr(), null, message, hint);
  }
}
