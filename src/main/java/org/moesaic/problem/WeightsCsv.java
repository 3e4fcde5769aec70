package org.moesaic.problem;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.BoundedFile;
import org.moesaic.json.Issue.Severity;
import org.moesaic.json.Issues;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;

/**
 * Reads weights from CSV: a header of the columns {@code layer}, {@code expert}, {@code weight} and
 * optionally {@code origin}, in any order, then one row per weight. Experts without a row have
 * weight 0. Values are not quoted.
 */
final class WeightsCsv {
  private static final List<String> COLUMNS = List.of("layer", "expert", "weight", "origin");
  private static final String ALL_ORIGINS = "";

  private final Path file;
  private final Model model;
  private final Set<String> origins;
  private final Issues issues;
  private final CellBudget budget;
  private final Map<String, Matrix> matrices = new LinkedHashMap<>();
  private int errors;

  private WeightsCsv(
      Path file, Model model, Set<String> origins, CellBudget budget, Issues issues) {
    this.budget = budget;
    this.file = file;
    this.model = model;
    this.origins = origins;
    this.issues = issues;
  }

  /** The weights of a file: those of every origin, or those of each origin. */
  record Content(boolean byOrigin, Map<String, Weights> weights) {
    /** The weights that hold for an origin, or null. */
    @Nullable Weights of(String origin) {
      return weights.get(byOrigin ? origin : ALL_ORIGINS);
    }

    /** The weights that hold for every origin. */
    Weights ofAll() {
      return weights.getOrDefault(ALL_ORIGINS, Weights.NONE);
    }
  }

  /** Reads a file; what is wrong with it is reported, and then the content is of no use. */
  static Content read(
      Path file, Model model, Set<String> origins, CellBudget budget, Issues issues) {
    return new WeightsCsv(file, model, origins, budget, issues).read();
  }

  private Content read() {
    boolean byOrigin = false;
    int line = 0;
    try (var bytes = BoundedFile.open(file, Limits.CSV_BYTES);
        var reader = new BufferedReader(BoundedFile.utf8(bytes))) {
      var lines = new BoundedLines(reader);
      try {
        var header = header(lines.next());
        if (header.isPresent()) {
          byOrigin = header.get().contains("origin");
          if (!byOrigin) {
            newMatrix(ALL_ORIGINS);
          }
          readRows(lines, header.get());
        }
      } catch (BoundedLines.TooLongException e) {
        issues.errorAt(
            file,
            lines.number(),
            null,
            "The line must not be longer than %d characters.".formatted(Limits.CSV_LINE_CHARS),
            "Maybe this is no CSV file.");
      } catch (TooManyWeightsException e) {
        issues.errorAt(
            file,
            lines.number(),
            null,
            "All loads together must not have more than %d weights.".formatted(Limits.CELLS),
            "Maybe loads are there twice; one that holds for every origin needs no origin.");
      } finally {
        line = lines.number();
      }
    } catch (IOException e) {
      var why = BoundedFile.explain(e);
      issues.errorAt(file, line, null, why.message(), why.hint());
    }
    var weights = new LinkedHashMap<String, Weights>();
    matrices.forEach((origin, matrix) -> weights.put(origin, matrix.weights()));
    matrices.forEach(this::warnOfMissingRows);
    return new Content(byOrigin, weights);
  }

  /**
   * Warns where a layer lacks rows while others have all of theirs: leaving out rows of weight 0 is
   * fine, but a file that was cut off looks like that too.
   */
  private void warnOfMissingRows(String origin, Matrix matrix) {
    boolean anyComplete = false;
    int lacking = -1;
    for (int l = 0; l < model.moeLayers(); l++) {
      int rows = matrix.rows(l);
      anyComplete |= rows == model.expertsPerLayer();
      lacking = lacking < 0 && rows < model.expertsPerLayer() ? l : lacking;
    }
    if (anyComplete && lacking >= 0 && errors == 0) {
      issues.warningAt(
          file,
          "The layer (%d)%s has %d of %d rows, while others have all: the rest has weight 0."
              .formatted(
                  lacking,
                  origin.isEmpty() ? "" : " of origin (%s)".formatted(Texts.shown(origin)),
                  matrix.rows(lacking),
                  model.expertsPerLayer()),
          "Maybe the file was cut off; write rows of weight 0 too, to say that it was not.");
    }
  }

  private Optional<List<String>> header(@Nullable String line) {
    if (line == null) {
      issues.errorAt(file, 0, null, "The file is empty.", "Maybe it was not written completely.");
      return Optional.empty();
    }
    List<String> header = Arrays.stream(line.split(",", -1)).map(String::strip).toList();
    boolean complete =
        header.containsAll(COLUMNS.subList(0, 3))
            && COLUMNS.containsAll(header)
            && header.stream().distinct().count() == header.size();
    if (!complete) {
      issues.errorAt(
          file,
          1,
          line,
          "The header (%s) must be layer,expert,weight and optionally origin."
              .formatted(Texts.shown(line)),
          "Maybe the first line of the file is missing.");
      return Optional.empty();
    }
    return Optional.of(header);
  }

  private void readRows(BoundedLines lines, List<String> header) throws IOException {
    int layerAt = header.indexOf("layer");
    int expertAt = header.indexOf("expert");
    int weightAt = header.indexOf("weight");
    int originAt = header.indexOf("origin");
    int blank = 0;
    for (String line = lines.next(); line != null; line = lines.next()) {
      if (errors >= Limits.CSV_ERRORS) {
        issues.errorAt(
            file,
            lines.number(),
            null,
            "The rest of the file was not read.",
            "Maybe it is not the file that was meant.");
        return;
      }
      if (line.isBlank()) {
        blank = lines.number();
        continue;
      }
      if (blank > 0) {
        error(blank, "", "The line must not be blank.", "Maybe two files were joined.");
        blank = 0;
      }
      String[] row = line.split(",", -1);
      if (row.length != header.size()) {
        error(
            lines.number(),
            line,
            "The row has %d values, but the header has %d.".formatted(row.length, header.size()),
            "Maybe a comma is missing or one too many, or a decimal comma is used.");
        continue;
      }
      int layer = index(lines.number(), "layer", row[layerAt], model.moeLayers());
      int expert = index(lines.number(), "expert", row[expertAt], model.expertsPerLayer());
      double weight = weight(lines.number(), row[weightAt]);
      String origin = originAt < 0 ? ALL_ORIGINS : origin(lines.number(), row[originAt]);
      if (layer >= 0 && expert >= 0 && weight >= 0 && origin != null) {
        put(lines.number(), origin, layer, expert, weight);
      }
    }
  }

  private void put(int line, String origin, int layer, int expert, double weight)
      throws IOException {
    Matrix matrix = matrices.get(origin);
    if (matrix == null) {
      matrix = newMatrix(origin);
    }
    if (!matrix.put(layer, expert, weight)) {
      error(
          line,
          null,
          "The weight of expert (%d) in layer (%d)%s is there twice."
              .formatted(
                  expert,
                  layer,
                  origin.isEmpty() ? "" : " for origin (%s)".formatted(Texts.shown(origin))),
          "Maybe two recordings were joined; add their weights.");
    }
  }

  private Matrix newMatrix(String origin) throws TooManyWeightsException {
    if (!budget.take((long) model.moeLayers() * model.expertsPerLayer())) {
      throw new TooManyWeightsException();
    }
    var matrix = new Matrix(model);
    matrices.put(origin, matrix);
    return matrix;
  }

  /** The loads together have more weights than are supported. */
  private static final class TooManyWeightsException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** An index, or -1 after a report. */
  private int index(int line, String column, String text, int end) {
    String digits = text.strip();
    if (!digits.isEmpty()
        && digits.length() < 10
        && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      int index = Integer.parseInt(digits);
      if (index < end) {
        return index;
      }
    }
    error(
        line,
        digits,
        "The %s (%s) must be a whole number from 0 to %d."
            .formatted(column, Texts.shown(digits), end - 1),
        digits.equals(Integer.toString(end))
            ? "Maybe it counts from 1 instead of 0."
            : "Maybe the file is of another model.");
    return -1;
  }

  /** A weight, or -1 after a report. */
  private double weight(int line, String text) {
    String number = text.strip();
    // The characters are checked first since Double.parseDouble also takes NaN, hexadecimals and
    // suffixes.
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
    error(
        line,
        number,
        "The weight (%s) must be a number from 0 to 1e30.".formatted(Texts.shown(number)),
        "Maybe leave the row out; a missing weight is 0.");
    return -1;
  }

  /** A known origin, or null after a report. */
  private @Nullable String origin(int line, String text) {
    String origin = text.strip();
    if (origins.contains(origin)) {
      return origin;
    }
    error(
        line,
        origin,
        "The origin (%s) must be one of the problem's origins.".formatted(Texts.shown(origin)),
        (issues.keepsMore(Severity.ERROR)
                ? Texts.nearest(origin, origins)
                : Optional.<String>empty())
            .map("Maybe %s is meant."::formatted)
            .orElse("Maybe the file is of another problem."));
    return null;
  }

  private void error(int line, @Nullable String value, String message, String hint) {
    errors++;
    issues.errorAt(file, line, value, message, hint);
  }

  /** Weights while rows arrive. */
  private static final class Matrix {
    private final int layers;
    private final int experts;
    private final double[] values;
    private final BitSet given;

    Matrix(Model model) {
      layers = model.moeLayers();
      experts = model.expertsPerLayer();
      values = new double[layers * experts];
      given = new BitSet(values.length);
    }

    boolean put(int layer, int expert, double weight) {
      int cell = layer * experts + expert;
      if (given.get(cell)) {
        return false;
      }
      given.set(cell);
      values[cell] = weight;
      return true;
    }

    /** Number of rows that a layer has. */
    int rows(int layer) {
      return given.get(layer * experts, (layer + 1) * experts).cardinality();
    }

    Weights weights() {
      return Weights.ofFlat(layers, experts, values);
    }
  }
}
