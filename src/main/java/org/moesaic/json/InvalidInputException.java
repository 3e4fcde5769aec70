package org.moesaic.json;

import java.util.List;
import java.util.stream.Collectors;

/** A file cannot be used; says everything that is wrong with it, not only the first thing. */
public final class InvalidInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<Issue> issues;

  /**
   * Says why.
   *
   * @param issues at least one error, and the warnings that came along
   * @param more how many further issues were found but not kept
   */
  public InvalidInputException(List<Issue> issues, long more) {
    super(
        issues.stream().map(Issue::toString).collect(Collectors.joining("\n"))
            + (more > 0 ? "\n… and %d more.".formatted(more) : ""));
    this.issues = List.copyOf(issues);
  }

  /** Every issue that was kept, in the order of the file. */
  public List<Issue> issues() {
    return issues;
  }
}
