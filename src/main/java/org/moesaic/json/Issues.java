package org.moesaic.json;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issue.Severity;

/**
 * Collects everything that is wrong with a file and the files it names. Keeps the first {@value
 * Limits#ERRORS_KEPT} errors and {@value Limits#WARNINGS_KEPT} warnings, counts the rest, and keeps
 * one issue per JSON pointer: what is already known to be wrong needs no second complaint.
 *
 * <p>Not thread-safe.
 */
public final class Issues {
  private final Path file;
  private final List<Draft> drafts = new ArrayList<>();
  private final Set<String> errorPointers = new HashSet<>();
  private final Set<String> warningPointers = new HashSet<>();
  private long errors;
  private long warnings;
  private long reports;

  /**
   * Begins with no issues.
   *
   * @param file the JSON file that pointers point into; may be relative, and is repeated as given
   */
  public Issues(Path file) {
    this.file = file;
  }

  /** The JSON file that pointers point into. */
  public Path file() {
    return file;
  }

  /** Reports an error in the JSON file. The hint begins with "Maybe". */
  public void error(String pointer, @Nullable Object value, String message, String hint) {
    add(Severity.ERROR, pointer, 0, 0, value, () -> message, hint);
  }

  /** Reports a warning about the JSON file. The hint begins with "Maybe". */
  public void warning(String pointer, @Nullable Object value, String message, String hint) {
    add(Severity.WARNING, pointer, 0, 0, value, () -> message, hint);
  }

  /**
   * Reports an error in another file.
   *
   * @param line counted from 1; 0: the file as a whole
   */
  public void errorAt(Path source, int line, @Nullable Object value, String message, String hint) {
    if (keepsMore(Severity.ERROR)) {
      keep(Severity.ERROR, source.toString(), null, line, 0, value, () -> message, hint);
    }
    countError();
  }

  /** Reports a warning about another file as a whole. */
  public void warningAt(Path source, String message, String hint) {
    if (keepsMore(Severity.WARNING)) {
      keep(Severity.WARNING, source.toString(), null, 0, 0, null, () -> message, hint);
    }
    warnings++;
  }

  /** Reports an error in the JSON file as a text, rather than at a value of its document. */
  void syntaxError(int line, int column, @Nullable Object value, String message, String hint) {
    // Kept whatever came before: without it, nobody would know that the rest is unread.
    keep(Severity.ERROR, file.toString(), null, line, column, value, () -> message, hint);
    errors++;
  }

  /** Reports with a message that is put together only when it is read, and only if it is kept. */
  void add(
      Severity severity,
      String pointer,
      int line,
      int column,
      @Nullable Object value,
      Supplier<String> message,
      String hint) {
    boolean error = severity == Severity.ERROR;
    boolean kept = keepsMore(severity);
    if (kept && !isNews(error, pointer)) {
      giveUpIfHopeless();
      return;
    }
    if (kept) {
      keep(severity, file.toString(), pointer, line, column, value, message, hint);
    }
    if (error) {
      countError();
    } else {
      warnings++;
    }
  }

  private boolean isNews(boolean error, String pointer) {
    return error
        ? errorPointers.add(pointer)
        : !errorPointers.contains(pointer) && warningPointers.add(pointer);
  }

  private void countError() {
    errors++;
    giveUpIfHopeless();
  }

  /** Ends the reading when there are so many reports that looking for more would only take time. */
  private void giveUpIfHopeless() {
    reports++;
    if (reports >= Limits.ERRORS_COUNTED) {
      throwIfErrors();
    }
  }

  private void keep(
      Severity severity,
      String source,
      @Nullable String pointer,
      int line,
      int column,
      @Nullable Object value,
      Supplier<String> message,
      String hint) {
    String shown = value == null ? null : Texts.shown(value);
    drafts.add(new Draft(severity, source, pointer, line, column, shown, message, hint));
  }

  /** Whether an error is known at a pointer or below it. */
  public boolean touches(String pointer) {
    return errorPointers.contains(pointer)
        || errorPointers.stream().anyMatch(known -> known.startsWith(pointer + "/"));
  }

  /** Whether a further issue would be kept; if not, its hint is not worth any work. */
  public boolean keepsMore(Severity severity) {
    return severity == Severity.ERROR
        ? errors < Limits.ERRORS_KEPT
        : warnings < Limits.WARNINGS_KEPT;
  }

  /** Whether there is an error. */
  public boolean hasErrors() {
    return errors > 0;
  }

  /** Errors that were found, whether kept or not. */
  public long errorCount() {
    return errors;
  }

  /** Drops everything but the issues at one pointer. */
  void retainOnly(String pointer) {
    drafts.removeIf(draft -> !pointer.equals(draft.pointer));
    errorPointers.retainAll(Set.of(pointer));
    errors = drafts.stream().filter(draft -> draft.severity == Severity.ERROR).count();
    warnings = drafts.size() - errors;
  }

  /** The issues kept, in the order of the JSON file, those of other files last. */
  public List<Issue> list() {
    var positions =
        JsonLocator.locate(
            file,
            drafts.stream()
                .filter(draft -> draft.line == 0)
                .map(Draft::pointer)
                .filter(Objects::nonNull)
                .toList());
    return drafts.stream()
        .map(draft -> draft.pointer == null ? draft : draft.located(positions.get(draft.pointer)))
        .sorted(
            Comparator.comparing((Draft draft) -> !draft.source.equals(file.toString()))
                .thenComparing(draft -> draft.pointer == null && draft.line == 0)
                .thenComparing(Draft::source)
                .thenComparingInt(Draft::line)
                .thenComparingInt(Draft::column))
        .map(Draft::issue)
        .toList();
  }

  /** Throws what was found, unless there is no error. */
  public void throwIfErrors() {
    if (hasErrors()) {
      List<Issue> kept = list();
      throw new InvalidInputException(kept, errors + warnings - kept.size());
    }
  }

  private record Draft(
      Severity severity,
      String source,
      @Nullable String pointer,
      int line,
      int column,
      @Nullable String value,
      Supplier<String> message,
      String hint) {

    Draft located(JsonLocator.@Nullable Position position) {
      return position == null || line > 0
          ? this
          : new Draft(
              severity, source, pointer, position.line(), position.column(), value, message, hint);
    }

    Issue issue() {
      return new Issue(severity, source, pointer, line, column, value, message.get(), hint);
    }
  }
}
