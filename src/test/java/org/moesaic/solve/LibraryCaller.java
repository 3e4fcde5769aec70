package org.moesaic.solve;

import java.nio.file.Path;
import org.moesaic.check.Checker;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;

/** What somebody writes who only solves; {@link LibraryTest} runs it in a process of its own. */
final class LibraryCaller {
  private LibraryCaller() {}

  /**
   * Solves a problem.
   *
   * @param args the problem, where to put the plan
   */
  public static void main(String[] args) throws Exception {
    Problem problem = Problems.read(Path.of(args[0]));
    Planner planner =
        Planner.builder()
            .steps(1_000)
            .threads(1)
            .listener(
                progress -> {
                  if (progress instanceof Progress.Note note) {
                    System.out.println(note.text());
                  }
                })
            .build();
    Plan plan = planner.solve(problem);
    Plans.write(plan, Path.of(args[1]));
    Plan written = Plans.read(Path.of(args[1]));
    System.out.println(
        "%s, %s, bound %s"
            .formatted(
                written.status(), Checker.check(problem, written).verdict(), plan.bound() != null));
  }
}
