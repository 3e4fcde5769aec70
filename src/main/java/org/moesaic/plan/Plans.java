package org.moesaic.plan;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.AtomicFiles;
import org.moesaic.json.Document;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issues;
import org.moesaic.json.JsonSchema;
import org.moesaic.json.RecordReader;
import org.moesaic.json.RecordWriter;

/** Reads and writes plan files. */
public final class Plans {
  private static final RecordReader<Plan> READER = RecordReader.of(Plan.class);
  private static final RecordWriter<Plan> WRITER = RecordWriter.of(Plan.class);

  private Plans() {}

  /** Receives what is wrong with a plan. */
  @FunctionalInterface
  public interface Objections {
    /**
     * Takes one objection.
     *
     * @param pointer where in the plan, as a JSON pointer
     * @param value the offending value, if there is one
     * @param message one sentence that says what has to hold
     * @param hint one sentence that begins with "Maybe"
     */
    void add(String pointer, @Nullable Object value, String message, String hint);
  }

  /**
   * Reads a plan whose parts fit each other: no row is there twice, and every served replica
   * exists. Whether it fits its problem, and what it costs, is for others to say.
   *
   * @throws InvalidInputException with everything that is wrong, by JSON pointer
   */
  public static Plan read(Path file) {
    var issues = new Issues(file);
    Document<Plan> document = READER.read(file, issues);
    issues.throwIfErrors();
    // Without a document there is an error, and that was thrown.
    Plan plan = Objects.requireNonNull(document).value();
    check(plan, issues::error);
    issues.throwIfErrors();
    return plan;
  }

  /** Reports every row that is there twice, and every served replica that does not exist. */
  public static void check(Plan plan, Objections objections) {
    new PlanShape(plan, objections).check();
  }

  /**
   * Writes a plan aside, then puts it in the place of an older one.
   *
   * @throws IOException if it cannot be written; an older file is then untouched
   */
  public static void write(Plan plan, Path file) throws IOException {
    AtomicFiles.write(file, out -> WRITER.write(plan, out));
  }

  /** The JSON Schema (draft 2020-12) of plan files. */
  public static String schema() {
    return JsonSchema.of(Plan.class);
  }

  /** The text of a plan file: equal plans give equal texts. */
  public static String toJson(Plan plan) {
    return WRITER.toJson(plan);
  }
}
