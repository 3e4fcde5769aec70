package org.moesaic.instance;

import java.util.List;
import org.moesaic.problem.Problem;

/** A problem is valid, but uses a part of the format that cannot be priced or planned yet. */
public final class UnsupportedProblemException extends UnsupportedOperationException {
  private static final long serialVersionUID = 1;

  private UnsupportedProblemException(Problem problem, List<String> parts) {
    super(
        """
        The problem (%s) must not use what is not supported yet: %s.
        Maybe leave it out of the problem file.\
        """
            .formatted(problem.name(), String.join(", ", parts)));
  }

  /** Refuses a problem that uses some such parts. */
  static void throwIf(Problem problem, List<String> parts) {
    if (!parts.isEmpty()) {
      throw new UnsupportedProblemException(problem, parts);
    }
  }
}
