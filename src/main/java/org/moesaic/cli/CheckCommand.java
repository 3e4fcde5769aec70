package org.moesaic.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.moesaic.check.CheckReport;
import org.moesaic.check.Checker;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.pricing.Violation;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.report.Ink;
import org.moesaic.report.PlanReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code moesaic check}: recomputes a plan from its problem. */
@Command(
    name = "check",
    description = {
      "Recompute a plan from its problem: its cost, every figure, and the rules that it keeps.",
      "The tables are those of solve, with the figures as recomputed.",
      "Nothing but the two files is taken into account."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK + ":every figure is right, and every rule is kept",
      ExitCode.USAGE + ":usage",
      ExitCode.INVALID_INPUT + ":invalid problem or plan, or a figure of the plan is wrong",
      ExitCode.NO_PLAN + ":every figure is right, but the plan breaks rules"
    })
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "PROBLEM", description = "The problem file.")
  private Path problemFile;

  @Parameters(index = "1", paramLabel = "PLAN", description = "The plan file.")
  private Path planFile;

  @Override
  public Integer call() {
    Problem problem = Problems.read(problemFile);
    Plan plan = Plans.read(planFile);
    CheckReport report = Checker.check(problem, plan);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    Findings.print(report.findings(), planFile, err);
    if (report.recomputed() != null) {
      out.print(PlanReport.figures(problem, report.recomputed(), Ink.PLAIN));
      out.println();
    }
    for (Violation violation : report.violations()) {
      out.printf("%s: %s%n", violation.rule().id(), Texts.printable(violation.message()));
    }
    return verdict(out, report);
  }

  private static int verdict(PrintWriter out, CheckReport report) {
    return switch (report.verdict()) {
      case RIGHT -> {
        out.println("Every figure of the plan is right, and it keeps every rule.");
        yield ExitCode.OK;
      }
      case BREAKS_RULES -> {
        out.printf(
            "Every figure of the plan is right, but it breaks %s.%n",
            count(report.violations().size(), "rule"));
        yield ExitCode.NO_PLAN;
      }
      case WRONG -> {
        out.printf("The plan is wrong in %s.%n", count(report.findings().size(), "place"));
        yield ExitCode.INVALID_INPUT;
      }
    };
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
