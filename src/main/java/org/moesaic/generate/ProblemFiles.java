package org.moesaic.generate;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.moesaic.json.StagedFile;
import org.moesaic.problem.Model;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.problem.Routing;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Routing.Sample;
import org.moesaic.problem.SampledTokens;
import org.moesaic.problem.Weights;

/** Writes a problem as one file, or as a small file with its weights beside it. */
public final class ProblemFiles {
  private static final String SUFFIX = ".json";

  /** Of sample files; one byte for each choice, or two where there are over 256 experts. */
  static final String SAMPLE_SUFFIX = ".topk.gz";

  private ProblemFiles() {}

  /**
   * Writes all of a problem into one file.
   *
   * @param problem without samples, which are files of their own always
   */
  public static void writeInline(Problem problem, Path file) throws IOException {
    if (!problem.routing().samples().isEmpty()) {
      throw new IllegalArgumentException("Samples cannot be written into the problem itself.");
    }
    createFolderOf(file);
    Problems.write(problem, file);
  }

  /**
   * Writes a problem whose weights go to CSV files beside it, {@code loads/NAME/ORIGIN.csv} for a
   * {@code NAME.json}, and whose samples to {@code samples/NAME/ORIGIN.topk.gz}. Everything is
   * written aside first, and the problem put in its place last: if that fails before, all older
   * files are untouched.
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
      List<Sample> samples = new ArrayList<>();
      for (Sample sample : problem.routing().samples()) {
        String at = "samples/%s/%s".formatted(stem, sample.origin() + SAMPLE_SUFFIX);
        Path target = file.resolveSibling(at);
        createFolderOf(target);
        staged.add(target, gzip(Objects.requireNonNull(sample.choices()), problem.model()));
        samples.add(new Sample(sample.origin(), at, sample.tokens()));
      }
      staged.add(file, Problems.toJson(with(problem, new Routing(loads, samples))));
      staged.commit();
    }
  }

  /** Files that are all written aside before the first of them is put in its place. */
  private static final class StagedFiles implements Closeable {
    private final Map<Path, StagedFile> byTarget = new LinkedHashMap<>();

    void add(Path file, String text) throws IOException {
      add(file, text.getBytes(StandardCharsets.UTF_8));
    }

    void add(Path file, byte[] bytes) throws IOException {
      StagedFile staged = StagedFile.beside(file);
      byTarget.put(file, staged);
      staged.out().write(bytes);
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

  private static byte[] gzip(SampledTokens tokens, Model model) throws IOException {
    boolean wide = model.expertsPerLayer() > 256;
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      for (int t = 0; t < tokens.tokens(); t++) {
        for (int l = 0; l < tokens.layers(); l++) {
          for (int k = 0; k < tokens.topK(); k++) {
            int expert = tokens.expert(t, l, k);
            out.write(expert);
            if (wide) {
              out.write(expert >> Byte.SIZE);
            }
          }
        }
      }
    }
    return bytes.toByteArray();
  }

  private static Problem with(Problem problem, Routing routing) {
    return problem.toBuilder().routing(routing).build();
  }
}
