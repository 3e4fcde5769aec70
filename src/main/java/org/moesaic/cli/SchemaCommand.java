package org.moesaic.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problems;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the JSON Schema of a file format. */
@Command(
    name = "schema",
    description = "Print the JSON Schema of problem or plan files.",
    mixinStandardHelpOptions = true)
final class SchemaCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FORMAT", description = "One of: ${COMPLETION-CANDIDATES}.")
  private @Nullable FileFormat format;

  /** Spelt as on the command line. */
  private enum FileFormat {
    problem,
    plan
  }

  @Override
  public void run() {
    String schema =
        switch (Objects.requireNonNull(format, "picocli sets what is required")) {
          case problem -> Problems.schema();
          case plan -> Plans.schema();
        };
    spec.commandLine().getOut().print(schema);
  }
}
