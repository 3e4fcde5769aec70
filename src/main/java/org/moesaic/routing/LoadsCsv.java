package org.moesaic.routing;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.BoundedFile;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;

/**
 * Reads loads that Moesaic wrote: CSV with the columns {@code layer}, {@code expert}, {@code
 * weight} and perhaps {@code origin}, in any order. Without a model, the file itself says how many
 * layers and experts there are: one more than the greatest of each.
 */
final class LoadsCsv {
  private static final List<String> COLUMNS = List.of("layer", "expert", "weight", "origin");

  private final Source source;
  private final OriginTally tally;

  /** Whose rows count; null: those of all. */
  private final @Nullable String wanted;

  /** Cells that had a row, by origin. */
  private final Map<String, Map<Integer, BitSet>> given = new LinkedHashMap<>();

  /** What they take: up to the greatest expert of each origin and layer. */
  private long givenCells;

  private int line;

  private LoadsCsv(Source source, OriginTally tally, @Nullable String wanted) {
    this.source = source;
    this.tally = tally;
    this.wanted = wanted;
  }

  /**
   * Reads the rows of one origin, or of all.
   *
   * @param wanted whose rows count where the file names origins; null: those of all, added up
   */
  static void read(Source source, OriginTally tally, @Nullable String wanted) throws IOException {
    try (var reader = new BufferedReader(BoundedFile.utf8(source))) {
      new LoadsCsv(source, tally, wanted).read(reader);
    }
  }

  private void read(BufferedReader reader) throws IOException {
    String first = next(reader);
    List<String> header =
        first == null ? List.of() : Arrays.stream(first.split(",", -1)).map(String::strip).toList();
    if (!header.containsAll(COLUMNS.subList(0, 3))
        || !COLUMNS.containsAll(header)
        || header.stream().distinct().count() != header.size()) {
      throw wrong(
          first,
          "The header (%s) must be layer,expert,weight and perhaps origin."
              .formatted(Texts.shown(first == null ? "" : first)),
          "Maybe the first line is missing, or the file is of another format; --format says"
              + " which.");
    }
    tally.beginCounts();
    int layerAt = header.indexOf("layer");
    int expertAt = header.indexOf("expert");
    int weightAt = header.indexOf("weight");
    int originAt = header.indexOf("origin");
    boolean found = false;
    for (String text = next(reader); text != null; text = next(reader)) {
      String[] row = text.split(",", -1);
      if (row.length != header.size()) {
        throw wrong(
            text,
            "The row has %d values, but the header has %d.".formatted(row.length, header.size()),
            "Maybe the file was cut off, or a comma is missing or one too many.");
      }
      int layer = index("layer", row[layerAt], Limits.LAYERS);
      int expert = index("expert", row[expertAt], Limits.EXPERTS_PER_LAYER);
      double weight = weight(row[weightAt]);
      String origin = originAt < 0 ? "" : row[originAt].strip();
      claim(origin, layer, expert);
      if (originAt < 0 || wanted == null || wanted.equals(origin)) {
        found = true;
        put(layer, expert, weight);
      }
    }
    if (!found) {
      throw noRows(originAt >= 0);
    }
  }

  private @Nullable String next(BufferedReader reader) throws IOException {
    line++;
    var text = new StringBuilder();
    int c = reader.read();
    if (c < 0) {
      return null;
    }
    for (; c >= 0 && c != '\n'; c = reader.read()) {
      if (text.length() == Limits.CSV_LINE_CHARS) {
        throw wrong(
            null,
            "The line must not be longer than %d characters.".formatted(Limits.CSV_LINE_CHARS),
            "Maybe this is no CSV file.");
      }
      text.append((char) c);
    }
    if (c < 0) {
      throw wrong(
          text.toString(),
          "The last line must end with a line break.",
          "Maybe the file was not copied completely; add the line break if it is whole.");
    }
    int length = text.length();
    if (length > 0 && text.charAt(length - 1) == '\r') {
      text.setLength(length - 1);
    }
    return text.toString();
  }

  private void claim(String origin, int layer, int expert) {
    Map<Integer, BitSet> rows = given.get(origin);
    if (rows == null) {
      if (given.size() == Limits.ORIGINS) {
        throw wrong(
            origin,
            "There are more than %d origins.".formatted(Limits.ORIGINS),
            "Maybe the columns are swapped.");
      }
      rows = new HashMap<>();
      given.put(origin, rows);
    }
    BitSet row = rows.get(layer);
    int before = row == null ? 0 : Math.max(Long.SIZE, row.length());
    if (row == null) {
      row = new BitSet();
      rows.put(layer, row);
    }
    if (row.get(expert)) {
      throw wrong(
          null,
          "The weight of expert (%d) in layer (%d)%s is there twice."
              .formatted(
                  expert,
                  layer,
                  origin.isEmpty() ? "" : " of origin (%s)".formatted(Texts.shown(origin))),
          "Maybe two recordings were joined; give each as a file of its own.");
    }
    givenCells += Math.max(0, Math.max(Long.SIZE, expert + 1) - before);
    if (givenCells > Limits.CELLS) {
      throw wrong(
          null,
          "There must be at most %d experts in all layers and origins.".formatted(Limits.CELLS),
          "Maybe columns are swapped, or profile fewer origins at a time.");
    }
    row.set(expert);
  }

  private void put(int layer, int expert, double weight) {
    int known = tally.shape().experts();
    if (known != 0 && expert >= known) {
      throw wrong(
          Integer.toString(expert),
          "The expert (%d) must be below %d, the number of experts per layer."
              .formatted(expert, known),
          "Maybe the files are of different models.");
    }
    if (!tally.add(layer, expert, weight)) {
      throw wrong(
          null,
          "The sum of the weights of expert (%d) in layer (%d) must not be over 2^53."
              .formatted(expert, layer),
          "Maybe profile the files one by one.");
    }
  }

  private InvalidInputException noRows(boolean byOrigin) {
    Path file = source.file();
    if (!byOrigin || given.isEmpty()) {
      return Fault.of(
          file, "The file has no row of weights.", "Maybe it was not written completely.");
    }
    String name = String.valueOf(wanted);
    return Fault.of(
        file,
        "The file has no row of origin (%s).".formatted(Texts.shown(name)),
        Texts.nearest(name, given.keySet())
            .map("Maybe %s is meant."::formatted)
            .orElseGet(
                () ->
                    "Maybe one of its own origins is meant: %s."
                        .formatted(
                            Texts.shown(
                                String.join(", ", given.keySet().stream().limit(5).toList())))));
  }

  private int index(String column, String text, int end) {
    String digits = text.strip();
    if (!digits.isEmpty()
        && digits.length() < 10
        && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int index = Integer.parseInt(digits);
      if (index < end) {
        return index;
      }
    }
    throw wrong(
        digits,
        "The %s (%s) must be a whole number from 0 to %d."
            .formatted(column, Texts.shown(digits), end - 1),
        "Maybe the columns are swapped.");
  }

  private double weight(String text) {
    String number = text.strip();
    if (!number.isEmpty() && number.chars().allMatch(c -> "0123456789+-.eE".indexOf(c) >= 0)) {
      try {
        double weight = Double.parseDouble(number) + 0.0;
        if (weight >= 0 && weight <= Limits.NUMBER) {
          return weight;
        }
      } catch (NumberFormatException e) {
        // Reported below, like every other text that is no weight.
      }
    }
    throw wrong(
        number,
        "The weight (%s) must be a number from 0 to 1e30.".formatted(Texts.shown(number)),
        "Maybe leave the row out; a missing weight is 0.");
  }

  private InvalidInputException wrong(@Nullable String value, String message, String hint) {
    return Fault.at(source.file(), line, 0, value, message, hint);
  }
}
