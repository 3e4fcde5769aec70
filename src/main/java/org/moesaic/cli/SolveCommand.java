package org.moesaic.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.moesaic.check.EarlierPlan;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.report.Ink;
import org.moesaic.report.PlanReport;
import org.moesaic.report.ProgressLog;
import org.moesaic.solve.Obstacles;
import org.moesaic.solve.Planner;
import org.moesaic.solve.model.CostOverflowException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code moesaic solve}: finds a plan for a problem. */
@Command(
    name = "solve",
    description = {
      "Find a plan for a problem: what to lease, where each expert goes, and who is served where.",
      "The plan goes to standard output or to a file; a log of the search, tables of the plan and"
          + " a verdict go to standard error.",
      "The first ^C or SIGTERM ends the search and keeps the best plan found so far."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK + ":ok, the plan keeps every rule",
      ExitCode.INTERNAL_ERROR + ":internal error",
      ExitCode.USAGE + ":usage",
      ExitCode.INVALID_INPUT + ":invalid problem",
      ExitCode.NO_PLAN
          + ":no plan that keeps the rules was found; the best one is written, with the rules it"
          + " breaks",
      ExitCode.INTERRUPTED + ":interrupted; the best plan found so far is written"
    })
final class SolveCommand implements Callable<Integer> {
  /** What may be lost at most when the process is killed. */
  private static final Duration CHECKPOINT = Duration.ofSeconds(30);

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PROBLEM", description = "The problem file.")
  private Path problemFile;

  @Option(
      names = "--time",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "Most time to take, as 60, 60s, 5m or 1h (default: 60s, without --steps).")
  private @Nullable Duration time;

  @Option(
      names = "--gap",
      paramLabel = "GAP",
      converter = GapConverter.class,
      description =
          "End once the plan is proven to cost at most this much more than any, as 1%% or 0.01"
              + " (default: 0.0001%%, which is called optimal).")
  private @Nullable Double gap;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Most moves that each thread tries (default: no limit).")
  private @Nullable Long steps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Chooses the random numbers (default: ${DEFAULT-VALUE}).")
  private long seed = 0;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads that search (default: one per processor). The same problem, seed, steps and"
              + " threads give the same plan.")
  private @Nullable Integer threads;

  @Option(
      names = "--from",
      paramLabel = "PLAN",
      description =
          "Start from this plan as well, such as last week's: what is left of it is taken over by"
              + " ids. Where that keeps the rules, the plan found never costs more.")
  private @Nullable Path from;

  @Option(
      names = "--timeless",
      description =
          "Leave out of the log whatever differs between runs with the same problem, seed, steps"
              + " and threads.")
  private boolean timeless;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Where the plan goes, and every 30 s the best one so far; without this, to standard"
              + " output.")
  private @Nullable Path output;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing to standard error but errors.")
  private boolean quiet;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Ink ink = Inks.ofStandardError();
    var log = new ProgressLog(err, ink, timeless);
    Plan earlier = from == null ? null : Plans.read(from);
    Planner planner = planner(log, earlier);
    // Signals are handled from here on: a plan need not be lost because reading takes a while.
    try (Interrupts interrupts = Interrupts.handle(planner::stop)) {
      Problem problem =
          Problems.read(
              problemFile,
              warning -> {
                if (!quiet) {
                  err.println(warning);
                }
              });
      String misfit = earlier == null ? null : EarlierPlan.misfit(problem, earlier);
      if (misfit != null) {
        err.printf("%s: %s%n", from, misfit);
        return ExitCode.INVALID_INPUT;
      }
      Plan plan;
      try {
        plan = planner.solve(problem);
      } catch (CostOverflowException e) {
        ValidateCommand.print(Obstacles.of(problem), problemFile, err);
        return ExitCode.INVALID_INPUT;
      }
      write(plan);
      if (!quiet) {
        log.finish();
        err.println();
        err.println(PlanReport.tables(problem, plan, ink));
        err.println(PlanReport.verdict(problem, plan, log.ending(), timeless, ink));
      } else if (plan.status() == Status.INFEASIBLE) {
        err.println("moesaic: " + PlanReport.verdict(problem, plan, ink));
      }
      if (interrupts.caught()) {
        return ExitCode.INTERRUPTED;
      }
      return plan.status() == Status.INFEASIBLE ? ExitCode.NO_PLAN : ExitCode.OK;
    }
  }

  /** A planner with the options given; what is wrong with them is said before work begins. */
  private Planner planner(ProgressLog log, @Nullable Plan earlier) {
    try {
      if (output != null) {
        Output.requireWritable(output, problemFile);
      }
      Planner.Builder builder = Planner.builder().seed(seed);
      if (time != null) {
        builder.time(time);
      }
      if (gap != null) {
        builder.gap(gap);
      }
      if (steps != null) {
        builder.steps(steps);
      }
      if (threads != null) {
        builder.threads(threads);
      }
      if (earlier != null) {
        builder.from(earlier);
      }
      if (!quiet) {
        builder.listener(log);
      }
      Path file = output;
      if (file != null) {
        builder.checkpoint(
            CHECKPOINT,
            plan -> {
              try {
                Plans.write(plan, file);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
    }
  }

  /** Writes the plan; to standard output too if the file cannot take it, so that it is not lost. */
  private void write(Plan plan) throws IOException {
    if (output == null) {
      print(plan);
      return;
    }
    try {
      Plans.write(plan, output);
    } catch (IOException e) {
      print(plan);
      throw new OutputException(
          "The output (%s) cannot be written: %s. The plan went to standard output instead."
              .formatted(output, e),
          e);
    }
  }

  private void print(Plan plan) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    out.print(Plans.toJson(plan));
    if (out.checkError()) {
      throw OutputException.ofStandardOutput("The plan");
    }
  }
}
