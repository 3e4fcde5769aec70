package org.moesaic.problem;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.AtomicFiles;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issues;
import org.moesaic.json.JsonSchema;
import org.moesaic.json.Limits;
import org.moesaic.json.RecordReader;
import org.moesaic.json.RecordWriter;
import org.moesaic.problem.Routing.Load;

/** Reads, checks and writes problem files. */
public final class Problems {
  private static final RecordReader<Problem> READER = RecordReader.of(Problem.class);
  private static final RecordWriter<Problem> WRITER = RecordWriter.of(Problem.class);

  private Problems() {}

  /**
   * Reads a problem and the CSV files that it names.
   *
   * @param file UTF-8 JSON of the format {@value Problem#FORMAT}, within the {@link Limits}
   * @throws InvalidInputException if anything is wrong, with everything that is; whatever the files
   *     hold, nothing else is thrown
   */
  public static Problem read(Path file) {
    var issues = new Issues(file);
    Problem problem = read(file, issues);
    issues.throwIfErrors();
    return Objects.requireNonNull(problem, "A file without a problem has an error.");
  }

  private static @Nullable Problem read(Path file, Issues issues) {
    var document = READER.read(file, issues);
    if (document == null) {
      return null;
    }
    Problem problem = document.value();
    var model = new ModelChecks(problem, issues);
    model.check();
    boolean shapeIsKnown = model.shapeIsKnown();
    var folder = new ProblemFolder(issues);
    List<Load> loads =
        shapeIsKnown
            ? new LoadFiles(problem, folder, issues).read(problem.routing().loads())
            : problem.routing().loads();
    return complete(problem, loads, document.sha256());
  }

  private static Problem complete(Problem problem, List<Load> loads, String sha256) {
    return new Problem(
        problem.name(),
        problem.model(),
        problem.regions(),
        problem.providers(),
        problem.links(),
        problem.origins(),
        new Routing(loads, problem.routing().samples()),
        problem.offers(),
        problem.usable(),
        problem.policy(),
        problem.objective(),
        problem.incumbent(),
        sha256);
  }

  /**
   * Writes a problem in canonical form, so that reading it gives an equal problem but for {@link
   * Problem#sha256()}. Weights that came from a file are not written: the files have to lie where
   * the problem names them.
   *
   * @throws IOException if it cannot be written; an older file is then untouched
   */
  public static void write(Problem problem, Path file) throws IOException {
    AtomicFiles.write(file, out -> WRITER.write(forFile(problem), out));
  }

  /** The text that {@link #write} writes. */
  public static String toJson(Problem problem) {
    return WRITER.toJson(forFile(problem));
  }

  private static Problem forFile(Problem problem) {
    List<Load> loads =
        problem.routing().loads().stream()
            .map(
                load ->
                    load.file() == null ? load : new Load(load.origin(), load.file(), Weights.NONE))
            .toList();
    return complete(problem, loads, problem.sha256());
  }

  /** The JSON Schema (draft 2020-12) of problem files. */
  public static String schema() {
    return JsonSchema.of(Problem.class);
  }
}
