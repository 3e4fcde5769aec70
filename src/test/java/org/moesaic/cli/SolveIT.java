package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.moesaic.plan.Plans;

/** Solves with the packaged program, and interrupts it. Needs the {@code package} phase. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SolveIT {
  private static final Path LAUNCHER =
      Path.of(System.getProperty("moesaic.distribution", "target/moesaic-0.1.0"), "bin/moesaic");

  /** Of full size, so that every step takes a while. */
  private static final Path PROBLEM = Path.of("problems/calls/03-seven-clouds.json");

  private static final long SIGINT_MASK = 1 << 1;

  @TempDir private Path folder;
  private Path plan;
  private Path out;
  private Path err;
  private Process process;

  private void start(String... args) throws IOException {
    plan = folder.resolve("plan.json");
    out = folder.resolve("out");
    err = folder.resolve("err");
    var command = new ArrayList<String>(List.of(LAUNCHER.toString()));
    command.addAll(List.of(args));
    process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assumeFalse(ignoresSigint(), "whoever runs this test has SIGINT ignored, as nohup does");
  }

  private void startSolving() throws IOException {
    start(
        "solve", PROBLEM.toString(), "-o", folder.resolve("plan.json").toString(), "--time", "120");
  }

  @AfterEach
  void endTheProcess() {
    process.destroyForcibly();
  }

  /** Signals that are ignored when a program starts remain so, and the JVM leaves them alone. */
  private boolean ignoresSigint() throws IOException {
    Path status = Path.of("/proc/" + process.pid() + "/status");
    if (!Files.exists(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(
            line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & SIGINT_MASK) != 0);
  }

  private void signal(String name) throws Exception {
    var kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  private int exitCode() throws Exception {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends soon").isTrue();
    return process.exitValue();
  }

  /** Waits until the log has a text; a program that ends without it fails the test. */
  private void awaitLog(String text) throws Exception {
    while (!Files.readString(err).contains(text)) {
      assertThat(process.isAlive()).as(Files.readString(err)).isTrue();
      Thread.sleep(50);
    }
  }

  private void assertNothingHalfWritten() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isSubsetOf(plan, out, err);
    }
  }

  private void assertPlanIsRight() throws Exception {
    Path checked = folder.resolve("checked");
    Process check =
        new ProcessBuilder(LAUNCHER.toString(), "check", PROBLEM.toString(), plan.toString())
            .redirectErrorStream(true)
            .redirectOutput(checked.toFile())
            .start();
    assertThat(check.waitFor()).as(Files.readString(checked)).isZero();
    Files.delete(checked);
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void firstSignalKeepsTheBestPlan(String name) throws Exception {
    startSolving();
    awaitLog("  bound\n");
    signal(name);

    assertThat(exitCode()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(Files.readString(err)).contains("\nLeases: ", "\nFeasible: ");
    assertThat(Files.readString(out)).isEmpty();
    assertNothingHalfWritten();
    assertPlanIsRight();
  }

  /** During start-up of the JVM, while it reads, and while it makes its first plan. */
  @ParameterizedTest
  @ValueSource(ints = {100, 700, 1500, 2500})
  void signalBeforeTheSearch(int millis) throws Exception {
    startSolving();
    Thread.sleep(millis);
    signal("INT");

    assertThat(exitCode()).isEqualTo(ExitCode.INTERRUPTED);
    assertNothingHalfWritten();
    if (Files.exists(plan)) {
      assertThat(Plans.read(plan).leases()).isNotEmpty();
    }
  }

  @Test
  void secondSignalEndsAtOnce() throws Exception {
    startSolving();
    awaitLog("shards");
    signal("TERM");
    signal("INT");

    assertThat(exitCode()).isEqualTo(ExitCode.INTERRUPTED);
  }

  @Test
  void solvesWhereSignalsCannotBeHandled() throws Exception {
    var builder =
        new ProcessBuilder(
            LAUNCHER.toString(), "solve", "problems/01-hand-sized.json", "--steps", "10", "-q");
    builder.environment().put("MOESAIC_JAVA_OPTS", "-Xrs");
    process =
        builder
            .redirectOutput(folder.resolve("plan.json").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();

    assertThat(exitCode()).isZero();
    assertThat(folder.resolve("err")).isEmptyFile();
    assertThat(Plans.read(folder.resolve("plan.json")).leases()).isNotEmpty();
  }
}
