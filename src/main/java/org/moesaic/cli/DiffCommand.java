package org.moesaic.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.moesaic.check.CheckReport;
import org.moesaic.check.Checker;
import org.moesaic.diff.PlanDiff;
import org.moesaic.json.RecordWriter;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.report.DiffReport;
import org.moesaic.report.Ink;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code moesaic diff}: what changes from one plan to another. */
@Command(
    name = "diff",
    description = {
      "Compare two plans of a problem: leases, replicas and hosts that come and go, calls that"
          + " move, cost, and rules newly broken or kept.",
      "Both are priced anew from the problem, so an old plan shows what it costs at today's prices."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK + ":both plans fit the problem, whether they differ or not",
      ExitCode.USAGE + ":usage",
      ExitCode.INVALID_INPUT + ":invalid problem or plan, or a plan that does not fit the problem"
    })
final class DiffCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "PROBLEM", description = "The problem file.")
  private Path problemFile;

  @Parameters(index = "1", paramLabel = "OLD", description = "The plan file to change from.")
  private Path oldFile;

  @Parameters(index = "2", paramLabel = "NEW", description = "The plan file to change to.")
  private Path newFile;

  @Option(
      names = "--json",
      description = "Print the difference as JSON (" + PlanDiff.FORMAT + ") instead of tables.")
  private boolean json;

  @Override
  public Integer call() {
    Problem problem = Problems.read(problemFile);
    Plan before = recomputed(problem, oldFile);
    Plan after = recomputed(problem, newFile);
    if (before == null || after == null) {
      return ExitCode.INVALID_INPUT;
    }
    PlanDiff diff = PlanDiff.of(problem, before, after);
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        json ? RecordWriter.of(PlanDiff.class).toJson(diff) : DiffReport.text(diff, Ink.PLAIN));
    return ExitCode.OK;
  }

  /** A plan at the problem's prices; null if it does not fit the problem, which is then said. */
  private @Nullable Plan recomputed(Problem problem, Path file) {
    CheckReport report = Checker.check(problem, Plans.read(file));
    PrintWriter err = spec.commandLine().getErr();
    if (report.recomputed() == null) {
      Findings.print(report.findings(), file, err);
    } else if (!report.findings().isEmpty()) {
      err.printf(
          "%s: made for other figures than the problem's (%s); it is priced anew.%n",
          file, report.findings().getFirst().message());
    }
    return report.recomputed();
  }
}
