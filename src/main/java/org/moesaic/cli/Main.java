package org.moesaic.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.moesaic.instance.UnsupportedProblemException;
import org.moesaic.json.InvalidInputException;
import org.moesaic.pack.UnpackableException;
import org.moesaic.pricing.UnpricedTrafficException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The root command, {@code moesaic}. Its subcommands do the work. */
@Command(
    name = "moesaic",
    description = "Places the experts of mixture-of-experts models on rented GPUs.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionLines.class,
    subcommands = {
      SolveCommand.class,
      ValidateCommand.class,
      CheckCommand.class,
      DiffCommand.class,
      GenerateCommand.class,
      ProfileCommand.class,
      PackCommand.class,
      ExportCommand.class,
      SchemaCommand.class,
      CompletionCommand.class
    },
    synopsisSubcommandLabel = "COMMAND",
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK + ":ok",
      ExitCode.INTERNAL_ERROR + ":internal error",
      ExitCode.USAGE + ":usage",
      ExitCode.INVALID_INPUT + ":invalid problem or plan",
      ExitCode.NO_PLAN + ":no plan that keeps the rules was found",
      ExitCode.INTERRUPTED + ":interrupted"
    })
public final class Main implements Runnable {
  private static final String DEBUG_VARIABLE = "MOESAIC_DEBUG";

  @Spec private CommandSpec spec;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of an internal error (also: " + DEBUG_VARIABLE + "=1).")
  private boolean debug = "1".equals(System.getenv(DEBUG_VARIABLE));

  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] args) {
    // Digits are the same everywhere.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    System.exit(run(args, System.out, System.err));
  }

  /**
   * Runs one command line in this process. What it prints is encoded as UTF-8, whatever the
   * platform's charset is, so that output can be compared between machines.
   *
   * @param args the arguments, without the name of the program
   * @param out where results go
   * @param err where errors and progress go
   * @return the exit code, as listed by {@code --help}
   */
  public static int run(String[] args, PrintStream out, PrintStream err) {
    return execute(commandLine(out, err), args);
  }

  /** Makes the whole command, ready for {@link #execute}. */
  static CommandLine commandLine(PrintStream out, PrintStream err) {
    return new CommandLine(new Main())
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(
            new PrintWriter(
                new PrintableWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8)), true))
        .setParameterExceptionHandler(Main::explainUsage)
        .setExecutionExceptionHandler((exception, command, parsed) -> explain(exception, command));
  }

  /** Executes one command line, whatever it throws, and flushes what it printed. */
  static int execute(CommandLine commandLine, String... args) {
    try {
      int exitCode = commandLine.execute(args);
      if (exitCode != ExitCode.USAGE && commandLine.getOut().checkError()) {
        return explain(OutputException.ofStandardOutput("The result"), commandLine);
      }
      return exitCode;
    } catch (Throwable error) {
      // picocli hands over exceptions only; an OutOfMemoryError, say, comes out here.
      return explain(error, commandLine);
    } finally {
      commandLine.getOut().flush();
      commandLine.getErr().flush();
    }
  }

  /** Reached when no subcommand is named. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "No command given.");
  }

  private static int explainUsage(ParameterException exception, String[] args) {
    CommandLine command = exception.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("moesaic: " + exception.getMessage());
    UnmatchedArgumentException.printSuggestions(exception, err);
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return ExitCode.USAGE;
  }

  private static int explain(Throwable error, CommandLine command) {
    CommandLine root = command.getCommandSpec().root().commandLine();
    PrintWriter err = root.getErr();
    if (error instanceof InvalidInputException
        || error instanceof UnsupportedProblemException
        || error instanceof UnpricedTrafficException
        || error instanceof UnpackableException) {
      err.println(error.getMessage());
      return ExitCode.INVALID_INPUT;
    }
    if (error instanceof OutputException) {
      err.println("moesaic: " + error.getMessage());
      return ExitCode.USAGE;
    }
    Main main = root.getCommand();
    if (main.debug) {
      error.printStackTrace(err);
    } else {
      String what = error.toString().lines().findFirst().orElse("unknown");
      err.println("moesaic: internal error: " + what + " (--debug shows where)");
    }
    return ExitCode.INTERNAL_ERROR;
  }
}
