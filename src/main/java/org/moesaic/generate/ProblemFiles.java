package org.moesaic.generate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.problem.Routing;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Weights;

/** Writes a problem as one file, or as a small file with its weights beside it. */
public final class ProblemFiles {
  private static final String SUFFIX = ".json";

  private ProblemFiles() {}

  /** Writes all of a problem into one file. */
  public static void writeInline(Problem problem, Path file) throws IOException {
    createFolderOf(file);
    Problems.write(problem, file);
  }

  /**
   * Writes a problem whose weights go to CSV files beside it, {@code loads/NAME/ORIGIN.csv} for a
   * {@code NAME.json}.
   *
   * @param problem every load of which is of one origin
   */
  public static void write(Problem problem, Path file) throws IOException {
    createFolderOf(file);
    String name = file.getFileName().toString();
    String stem = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    List<Load> loads =
        problem.routing().loads().stream()
            .map(
                l ->
                    new Load(
                        l.origin(), "loads/%s/%s.csv".formatted(stem, l.origin()), l.weights()))
            .toList();
    for (Load load : loads) {
      Path csv = file.resolveSibling(String.valueOf(load.file()));
      createFolderOf(csv);
      Files.writeString(csv, csv(load.weights()), StandardCharsets.UTF_8);
    }
    Problems.write(withLoads(problem, loads), file);
  }

  private static void createFolderOf(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
  }

  /** Weights as lines of layer, expert and weight; whole numbers without a point. */
  static String csv(Weights weights) {
    StringBuilder csv = new StringBuilder("layer,expert,weight\n");
    for (int l = 0; l < weights.layers(); l++) {
      for (int e = 0; e < weights.experts(); e++) {
        double weight = weights.get(l, e);
        csv.append(l).append(',').append(e).append(',');
        if (weight == Math.rint(weight) && weight < 1e15) {
          csv.append((long) weight);
        } else {
          csv.append(weight);
        }
        csv.append('\n');
      }
    }
    return csv.toString();
  }

  private static Problem withLoads(Problem p, List<Load> loads) {
    return new Problem(
        p.name(),
        p.model(),
        p.regions(),
        p.providers(),
        p.links(),
        p.origins(),
        new Routing(loads, p.routing().samples()),
        p.offers(),
        p.usable(),
        p.policy(),
        p.objective(),
        p.incumbent(),
        p.sha256());
  }
}
