package org.moesaic.problem;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.moesaic.json.Codec;
import org.moesaic.json.JsonInput;
import org.moesaic.json.JsonLayout;
import org.moesaic.json.Limits;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonToken;

/** Matrices of weights: a list of rows, one per layer, each a list of numbers, one per expert. */
final class WeightsCodec implements Codec<Weights> {
  private static final String SWAPPED =
      "Maybe rows and columns are swapped: there is one row per layer.";

  @Override
  public Weights decode(JsonInput in) {
    if (in.token() != JsonToken.START_ARRAY) {
      return in.reject(
          "a list of rows, each a list of numbers",
          "Maybe a CSV file is meant; name it in the field file instead.",
          Weights.NONE);
    }
    String pointer = in.pointer();
    var rows = new ArrayList<double[]>();
    long cells = 0;
    while (in.next() != JsonToken.END_ARRAY) {
      if (rows.size() == Limits.LAYERS || cells > Limits.EXPERTS) {
        in.reject(
            "within %d rows and %d numbers in all".formatted(Limits.LAYERS, Limits.EXPERTS),
            SWAPPED,
            rows);
        skipRest(in);
        return Weights.NONE;
      }
      double[] row = row(in);
      cells += row.length;
      rows.add(row);
    }
    return rectangle(in, pointer, rows);
  }

  private static double[] row(JsonInput in) {
    if (in.token() != JsonToken.START_ARRAY) {
      return in.reject("a list of numbers", SWAPPED, new double[0]);
    }
    double[] row = new double[256];
    int length = 0;
    while (in.next() != JsonToken.END_ARRAY) {
      if (length == Limits.EXPERTS_PER_LAYER || !in.countCell()) {
        in.reject(
            "within %d numbers a row and %d in all loads"
                .formatted(Limits.EXPERTS_PER_LAYER, Limits.CELLS),
            SWAPPED,
            row);
        skipRest(in);
        break;
      }
      if (length == row.length) {
        row = Arrays.copyOf(row, 2 * length);
      }
      row[length++] = in.nonNegative();
    }
    return Arrays.copyOf(row, length);
  }

  private static void skipRest(JsonInput in) {
    while (in.next() != JsonToken.END_ARRAY) {
      in.parser().skipChildren();
    }
  }

  /** The rows as a matrix; those that differ from most others in length are reported. */
  private static Weights rectangle(JsonInput in, String pointer, List<double[]> rows) {
    int width = usualLength(rows);
    for (int l = 0; l < rows.size(); l++) {
      int length = rows.get(l).length;
      if (length != width) {
        in.errorAt(
            pointer + "/" + l,
            "The row (%d) of the weights has %d numbers, but most rows have %d."
                .formatted(l, length, width),
            length < width ? "Maybe an expert was left out." : "Maybe an expert is there twice.");
        rows.set(l, Arrays.copyOf(rows.get(l), width));
      }
    }
    if ((long) rows.size() * width > Limits.EXPERTS) {
      return Weights.NONE; // only after uneven rows, which are reported
    }
    return Weights.of(rows.toArray(double[][]::new));
  }

  private static int usualLength(List<double[]> rows) {
    return rows.stream()
        .collect(Collectors.groupingBy(row -> row.length, Collectors.counting()))
        .entrySet()
        .stream()
        .max(Map.Entry.<Integer, Long>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .orElse(0);
  }

  @Override
  public void encode(Weights value, JsonGenerator out) {
    JsonLayout.beginArray(out, false);
    IntStream.range(0, value.layers()).forEach(layer -> encodeRow(value.row(layer), out));
    JsonLayout.endArray(out);
  }

  private static void encodeRow(double[] row, JsonGenerator out) {
    JsonLayout.beginArray(out, true);
    for (double weight : row) {
      JsonLayout.writeNumber(out, weight);
    }
    JsonLayout.endArray(out);
  }

  @Override
  public Map<String, Object> schema(Map<String, Object> definitions) {
    // Not Map.of, whose order differs from run to run: the schema is published, byte for byte.
    var number = new LinkedHashMap<String, Object>();
    number.put("type", "number");
    number.put("minimum", 0);
    var row = ordered("type", "array", "items", number, "maxItems", Limits.EXPERTS_PER_LAYER);
    return ordered("type", "array", "items", row, "maxItems", Limits.LAYERS);
  }

  private static Map<String, Object> ordered(
      String k1, Object v1, String k2, Object v2, String k3, Object v3) {
    var map = new LinkedHashMap<String, Object>();
    map.put(k1, v1);
    map.put(k2, v2);
    map.put(k3, v3);
    return map;
  }

  @Override
  public Weights placeholder() {
    return Weights.NONE;
  }
}
