package org.moesaic.generate;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.moesaic.json.StagedFile;
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
   * {@code NAME.json}. Everything is written aside first, and the problem put in its place last: if
   * that fails before, all older files are untouched.
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
    try (var staged = new StagedFiles()) {
      for (Load load : loads) {
        Path csv = file.resolveSibling(String.valueOf(load.file()));
        createFolderOf(csv);
        staged.add(csv, csv(load.weights()));
      }
      staged.add(file, Problems.toJson(withLoads(problem, loads)));
      staged.commit();
    }
  }

  /** Files that are all written aside before the first of them is put in its place. */
  private static final class StagedFiles implements Closeable {
    private final Map<Path, StagedFile> byTarget = new LinkedHashMap<>();

    void add(Path file, String text) throws IOException {
      StagedFile staged = StagedFile.beside(file);
      byTarget.put(file, staged);
      staged.out().write(text.getBytes(StandardCharsets.UTF_8));
      staged.seal();
    }

    /** In the order in which they were added. */
    void commit() throws IOException {
      for (Map.Entry<Path, StagedFile> each : byTarget.entrySet()) {
        each.getValue().commit(each.getKey());
      }
    }

    @Override
    public void close() throws IOException {
      for (StagedFile staged : byTarget.values()) {
        staged.close();
      }
    }
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
    return p.toBuilder().routing(new Routing(loads, p.routing().samples())).build();
  }
}
