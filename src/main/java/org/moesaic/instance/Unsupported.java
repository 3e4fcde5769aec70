package org.moesaic.instance;

import java.util.ArrayList;
import java.util.List;
import org.moesaic.problem.Problem;

/**
 * The parts of a problem file that can be read but not yet planned: those that are {@link
 * Unpriced}. They are refused by name: a plan that silently left one of them out would be cheaper
 * than it is, or not the best.
 */
public final class Unsupported {
  private Unsupported() {}

  /**
   * Which such parts a problem uses.
   *
   * @return the names of the fields, such as {@code incumbent}, in the order of the file; empty if
   *     all of the problem is supported
   */
  public static List<String> in(Problem problem) {
    return Unpriced.in(problem);
  }

  /**
   * Which parts a problem uses that {@code pack} and {@code export} cannot deal with: those of
   * {@link #in}, and what takes memory beside experts, or divides origins.
   */
  public static List<String> toPack(Problem problem) {
    List<String> parts = new ArrayList<>(in(problem));
    if (problem.model().backbone() != null) {
      parts.add("model.backbone");
    }
    if (problem.origins().stream().anyMatch(origin -> origin.streams() > 1)) {
      parts.add("origins[].streams");
    }
    return List.copyOf(parts);
  }

  /**
   * Refuses a problem whose plans cannot be packed.
   *
   * @throws UnsupportedProblemException naming every part of {@link #toPack}
   */
  public static void refuseToPack(Problem problem) {
    UnsupportedProblemException.throwIf(problem, toPack(problem));
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
