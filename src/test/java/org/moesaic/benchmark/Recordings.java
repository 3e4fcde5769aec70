package org.moesaic.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.moesaic.problem.Weights;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Recorded facts that are not part of the sources: in the folder that the system property {@code
 * moesaic.recordings} names, or in {@code shared/data} beside the sources or further up.
 */
public final class Recordings {
  /** Rows of dense layers, which hold no expert, come first. */
  private static final int DENSE_LAYERS = 3;

  private Recordings() {}

  /** A folder of the recordings; null if they are not here. */
  public static @Nullable Path folder(String name) {
    String named = System.getProperty("moesaic.recordings");
    if (named != null) {
      return Path.of(named, name);
    }
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      Path candidate = p.resolve("shared/data").resolve(name);
      if (Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  /** How often each expert of a model of the size of DeepSeek-R1 was chosen, [58][256]. */
  public static Weights deepSeekR1(String name) {
    Path folder = folder("routing/deepseek-r1");
    if (folder == null) {
      throw new IllegalStateException(
          "The recorded loads are not here.\n"
              + "Maybe name their folder with -Dmoesaic.recordings=...");
    }
    JsonNode matrix =
        new ObjectMapper().readTree(folder.resolve(name + ".json").toFile()).get("logical_count");
    double[][] counts = new double[matrix.size() - DENSE_LAYERS][];
    for (int l = 0; l < counts.length; l++) {
      JsonNode row = matrix.get(l + DENSE_LAYERS);
      counts[l] = new double[row.size()];
      for (int e = 0; e < counts[l].length; e++) {
        counts[l][e] = row.get(e).asDouble();
      }
    }
    return Weights.of(counts);
  }

  /** The optima of a folder of facility location instances, by instance, in the file's order. */
  static Map<String, Double> optima(Path folder) throws IOException {
    Map<String, Double> optima = new LinkedHashMap<>();
    for (String line : Files.readAllLines(folder.resolve("optima.csv"))) {
      String[] cells = line.split(",");
      if (!cells[0].equals("instance") && cells.length == 2) {
        optima.put(cells[0], Double.valueOf(cells[1]));
      }
    }
    return optima;
  }

  /** All numbers of a file. */
  static List<Double> numbers(Path file) throws IOException {
    List<Double> numbers = new ArrayList<>();
    for (String word : Files.readString(file).strip().split("\\s+")) {
      numbers.add(Double.valueOf(word));
    }
    return numbers;
  }
}
