package org.moesaic.instance;

import java.util.List;
import org.moesaic.problem.Problem;

/**
 * The parts of a problem file that can be read but not yet priced; so no plan can be checked
 * either. They are refused by name: a bill that silently left one of them out would be too low.
 */
public final class Unpriced {
  private Unpriced() {}

  /**
   * Which such parts a problem uses.
   *
   * @return the names of the fields, in the order of the file; empty if all of it can be priced
   */
  public static List<String> in(Problem problem) {
    return problem.incumbent() == null ? List.of() : List.of("incumbent");
  }

  /**
   * Refuses a problem that uses such a part.
   *
   * @throws UnsupportedProblemException naming every such part
   */
  public static void refuse(Problem problem) {
    UnsupportedProblemException.throwIf(problem, in(problem));
  }
}
