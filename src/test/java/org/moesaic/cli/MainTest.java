package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.moesaic.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void helpListsTheExitCodes() {
    assertThat(run("--help")).isEqualTo(ExitCode.OK);

    assertThat(text(out))
        .startsWith("Usage: moesaic")
        .containsPattern("0\\s+ok")
        .containsPattern("1\\s+internal error")
        .containsPattern("2\\s+usage")
        .containsPattern("3\\s+invalid problem or plan")
        .containsPattern("4\\s+no plan that keeps the rules was found")
        .containsPattern("130\\s+interrupted");
    assertThat(text(err)).isEmpty();
  }

  @Test
  void shortHelpEqualsLongHelp() {
    run("--help");
    String help = text(out);
    out.reset();

    assertThat(run("-h")).isEqualTo(ExitCode.OK);
    assertThat(text(out)).isEqualTo(help);
  }

  @Test
  void versionNamesMoesaicTimefoldAndJava() {
    assertThat(run("--version")).isEqualTo(ExitCode.OK);

    assertThat(text(out).lines())
        .containsExactly(
            "Moesaic " + Version.current(),
            "Timefold Solver " + Version.current().timefold(),
            "Java %s (%s)"
                .formatted(System.getProperty("java.version"), System.getProperty("java.vendor")));
  }

  @Test
  void completionPrintsAScriptThatKnowsTheCommands() {
    assertThat(run("completion")).isEqualTo(ExitCode.OK);

    assertThat(text(out)).contains("complete -F", "moesaic", "completion");
  }

  @Test
  void noCommandIsAUsageError() {
    assertThat(run()).isEqualTo(ExitCode.USAGE);

    assertThat(text(out)).isEmpty();
    assertThat(text(err).lines())
        .containsExactly("moesaic: No command given.", "Try 'moesaic --help'.");
  }

  @Test
  void unknownCommandIsAUsageErrorThatSuggests() {
    assertThat(run("complete")).isEqualTo(ExitCode.USAGE);

    assertThat(text(out)).isEmpty();
    assertThat(text(err)).contains("'complete'", "completion", "--help");
  }

  @Test
  void exceptionBecomesOneLine() {
    Runnable failing =
        () -> {
          throw new IllegalStateException("The first line.\nMaybe a second.");
        };

    assertThat(runWith(failing, "fail")).isEqualTo(ExitCode.INTERNAL_ERROR);
    assertThat(text(err).lines())
        .containsExactly(
            "moesaic: internal error: java.lang.IllegalStateException: The first line."
                + " (--debug shows where)");
  }

  @Test
  void errorBecomesOneLineToo() {
    Runnable failing =
        () -> {
          throw new StackOverflowError();
        };

    assertThat(runWith(failing, "fail")).isEqualTo(ExitCode.INTERNAL_ERROR);
    assertThat(text(err).lines())
        .containsExactly(
            "moesaic: internal error: java.lang.StackOverflowError (--debug shows where)");
  }

  @Test
  void debugPrintsTheStackTrace() {
    Runnable failing =
        () -> {
          throw new IllegalStateException("Boom.");
        };

    assertThat(runWith(failing, "fail", "--debug")).isEqualTo(ExitCode.INTERNAL_ERROR);
    assertThat(text(err)).contains("IllegalStateException: Boom.", "at org.moesaic.cli.MainTest");
  }

  private int run(String... args) {
    return Main.run(args, stream(out), stream(err));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "--version",
        "completion",
        "schema problem",
        "validate problems/01-hand-sized.json",
        "generate --list sites",
        "generate --sites 2 --offers 2 --origins 1 --model mixtral-8x7b",
        "solve problems/01-hand-sized.json --steps 10 --quiet",
        "solve --help"
      })
  void standardOutputThatTakesNothingIsSaidOnOneLine(String line) {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    int code =
        Main.run(
            line.split(" "), new PrintStream(full, false, StandardCharsets.UTF_8), stream(err));
    assertThat(code).isEqualTo(ExitCode.USAGE);
    assertThat(text(err)).hasLineCount(1).contains("cannot be written to standard output");
  }

  /** Runs with one more subcommand, {@code fail}. */
  private int runWith(Runnable body, String... args) {
    CommandLine commandLine = Main.commandLine(stream(out), stream(err));
    commandLine.addSubcommand("fail", new Fail(body));
    return Main.execute(commandLine, args);
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, false, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8);
  }

  @Command
  private record Fail(Runnable body) implements Runnable {
    @Override
    public void run() {
      body.run();
    }
  }
}
