package org.moesaic.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.InvalidInputException;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.solve.Obstacle;
import org.moesaic.solve.Obstacles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says everything that is wrong with a problem file. */
@Command(
    name = "validate",
    description =
        "Check a problem file and the files it names; say everything that is wrong, and what is"
            + " sure to leave no plan.",
    mixinStandardHelpOptions = true)
final class ValidateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PROBLEM", description = "The problem file.")
  private @Nullable Path file;

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    try {
      Problem problem =
          Problems.read(
              Objects.requireNonNull(file, "picocli sets what is required"), err::println);
      List<Obstacle> obstacles = Obstacles.of(problem);
      print(obstacles, Objects.requireNonNull(file), err);
      if (!obstacles.isEmpty()) {
        return ExitCode.INVALID_INPUT;
      }
      spec.commandLine().getOut().println("valid: " + summary(problem));
      return ExitCode.OK;
    } catch (InvalidInputException e) {
      err.println(e.getMessage());
      return ExitCode.INVALID_INPUT;
    }
  }

  /** Prints obstacles as issues of the file are printed. */
  static void print(List<Obstacle> obstacles, Path file, PrintWriter err) {
    for (Obstacle obstacle : obstacles) {
      err.println(
          file + "#" + obstacle.pointer() + ": " + obstacle.message() + "\n  " + obstacle.hint());
    }
  }

  private static String summary(Problem problem) {
    var model = problem.model();
    long sites =
        problem.offers().stream()
            .map(offer -> List.of(offer.provider(), offer.region()))
            .distinct()
            .count();
    return String.join(
        ", ",
        counted(problem.regions().size(), "region"),
        counted(problem.providers().size(), "provider"),
        "%d layers x %d experts".formatted(model.moeLayers(), model.expertsPerLayer()),
        counted((long) model.moeLayers() * model.shardsPerLayer(), "shard"),
        counted(problem.offers().size(), "offer") + " at " + counted(sites, "site"),
        counted(problem.origins().size(), "origin"));
  }

  private static String counted(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
