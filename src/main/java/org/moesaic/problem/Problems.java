package org.moesaic.problem;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.moesaic.json.AtomicFiles;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issue;
import org.moesaic.json.Issues;
import org.moesaic.json.JsonSchema;
import org.moesaic.json.Limits;
import org.moesaic.json.RecordWriter;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Routing.Sample;

/** Reads, checks and writes problem files. */
public final class Problems {
  private static final RecordWriter<Problem> WRITER = RecordWriter.of(Problem.class);

  private Problems() {}

  /**
   * Reads a problem and the files of weights and samples that it names.
   *
   * @param file UTF-8 JSON of the format {@value Problem#FORMAT}, within the {@link Limits}
   * @throws InvalidInputException if anything is wrong, with everything that is; whatever the files
   *     hold, nothing else is thrown
   */
  public static Problem read(Path file) {
    return read(file, warning -> {});
  }

  /**
   * Reads a problem like {@link #read(Path)}, and hands over the warnings of one that can be used.
   *
   * @throws InvalidInputException if anything is wrong, with everything that is, warnings included
   */
  public static Problem read(Path file, Consumer<Issue> warnings) {
    var issues = new Issues(file);
    Problem problem = ProblemReading.read(file, issues);
    issues.throwIfErrors();
    issues.list().forEach(warnings);
    return Objects.requireNonNull(problem, "A file without a problem has an error.");
  }

  /**
   * Finds everything that is wrong with a problem file and the files that it names.
   *
   * @return errors and warnings in the order of the file; empty if there is nothing to say. Of very
   *     many, the first {@value Limits#ERRORS_KEPT} errors and {@value Limits#WARNINGS_KEPT}
   *     warnings
   */
  public static List<Issue> validate(Path file) {
    var issues = new Issues(file);
    try {
      ProblemReading.read(file, issues);
      return issues.list();
    } catch (InvalidInputException e) {
      return e.issues(); // far too many to go on
    }
  }

  /**
   * Writes a problem in canonical form, so that reading it gives an equal problem but for {@link
   * Problem#sha256()}. Weights and samples that came from files are not written: the files have to
   * lie where the problem names them.
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
    List<Sample> samples =
        problem.routing().samples().stream().map(sample -> sample.withChoices(null)).toList();
    return problem.withRouting(new Routing(loads, samples));
  }

  /** The JSON Schema (draft 2020-12) of problem files. */
  public static String schema() {
    return JsonSchema.of(Problem.class);
  }
}
