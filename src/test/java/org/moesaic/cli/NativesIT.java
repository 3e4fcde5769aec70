package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.moesaic.plan.Plans;

/**
 * Runs the packaged program with and without the native libraries of OR-Tools. Needs the {@code
 * package} phase to have run.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class NativesIT {
  private static final Path DISTRIBUTION =
      Path.of(System.getProperty("moesaic.distribution", "target/moesaic-0.1.0"));

  private static final String PROBLEM = "problems/01-hand-sized.json";
  private static final String NO_BOUND = "No lower bound is computed.";
  private static final String PROVEN = "\nProven: no plan ";
  private static final FileTime LONG_AGO = FileTime.from(Instant.EPOCH);

  @TempDir private Path folder;
  private Path lib;
  private Path unpacked;
  private Path plan;
  private Path err;
  private Process process;

  /** A copy from which jars can be removed, with an empty folder for what is unpacked. */
  @BeforeEach
  void copyTheDistribution() throws IOException {
    lib = Files.createDirectories(folder.resolve("moesaic/lib"));
    Path bin = Files.createDirectory(folder.resolve("moesaic/bin"));
    copy(DISTRIBUTION.resolve("bin/moesaic"), bin);
    try (Stream<Path> jars = Files.list(DISTRIBUTION.resolve("lib"))) {
      for (Path jar : jars.toList()) {
        if (jar.endsWith("moesaic.jar")) {
          // The JVM follows a link here, and would look for the other jars beside its target.
          copy(jar, lib);
        } else {
          Files.createSymbolicLink(lib.resolve(jar.getFileName()), jar.toAbsolutePath());
        }
      }
    }
    unpacked = Files.createDirectory(folder.resolve("unpacked"));
    // Tells later whether anything was ever put there.
    Files.setLastModifiedTime(unpacked, LONG_AGO);
    plan = folder.resolve("plan.json");
    err = folder.resolve("err");
  }

  private static void copy(Path file, Path to) throws IOException {
    Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
  }

  @AfterEach
  void endTheProcess() throws Exception {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
    // JUnit would delete the links, too, and warn of each.
    try (Stream<Path> files = Files.list(lib)) {
      for (Path link : files.filter(Files::isSymbolicLink).toList()) {
        Files.delete(link);
      }
    }
  }

  private void start(Path temporary, String... args) throws IOException {
    var command = new ArrayList<String>(List.of(folder.resolve("moesaic/bin/moesaic").toString()));
    command.addAll(List.of(args));
    var builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.matches("MOESAIC_.*|JAVA_TOOL_OPTIONS"));
    builder.environment().put("MOESAIC_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary);
    process = builder.start();
  }

  private void run(Path temporary, String... args) throws Exception {
    start(temporary, args);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends soon").isTrue();
    assertThat(process.exitValue()).as(Files.readString(err)).isZero();
  }

  private void solve(Path temporary) throws Exception {
    run(temporary, "solve", PROBLEM, "--steps", "100", "-o", plan.toString());
    assertThat(Plans.read(plan).leases()).isNotEmpty();
  }

  /** There are libraries for some platforms only. */
  private void assumeLibraries() throws IOException {
    try (Stream<Path> jars = Files.list(lib)) {
      String name = "ortools-" + Platform.RESOURCE_PREFIX + "-";
      assumeTrue(
          jars.anyMatch(jar -> jar.getFileName().toString().startsWith(name)),
          "OR-Tools has no libraries for this platform");
    }
  }

  private boolean unpackedAnything() throws IOException {
    return !Files.getLastModifiedTime(unpacked).equals(LONG_AGO);
  }

  private void assertOneNote(String... contents) throws IOException {
    assertThat(err).content().containsOnlyOnce(NO_BOUND).contains(contents).doesNotContain(PROVEN);
  }

  @Test
  void provesAndLeavesNothingBehind() throws Exception {
    assumeLibraries();

    solve(unpacked);

    assertThat(err).content().contains(PROVEN).doesNotContain(NO_BOUND, "WARNING");
    assertThat(unpackedAnything()).isTrue();
    assertThat(unpacked).isEmptyDirectory();
  }

  @Test
  void leavesNothingBehindWhenKilled() throws Exception {
    assumeLibraries();
    start(unpacked, "solve", "problems/calls/03-seven-clouds.json", "--time", "60");
    while (!Files.readString(err).contains("  bound\n")) {
      assertThat(process.isAlive()).as(Files.readString(err)).isTrue();
      Thread.sleep(50);
    }

    process.destroyForcibly().waitFor();

    assertThat(unpackedAnything()).isTrue();
    assertThat(unpacked).isEmptyDirectory();
  }

  /** The second signal ends the program at once, here in the midst of unpacking. */
  @Test
  void leavesNothingBehindWhenInterruptedTwice() throws Exception {
    assumeLibraries();
    start(unpacked, "solve", PROBLEM, "-o", plan.toString());
    while (isEmpty(unpacked)) {
      assertThat(process.isAlive()).as(Files.readString(err)).isTrue();
      Thread.sleep(1);
    }

    process.destroy();
    Thread.sleep(50);
    process.destroy();

    assertThat(process.waitFor()).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(unpacked).isEmptyDirectory();
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  /** Without the libraries alone, without their classes too, and without what those need. */
  @ParameterizedTest
  @ValueSource(strings = {"ortools-(linux|darwin|win32)-.*", "ortools-.*", "protobuf-.*", "jna-.*"})
  void solvesWithoutJars(String removed) throws Exception {
    try (Stream<Path> jars = Files.list(lib)) {
      List<Path> matching =
          jars.filter(jar -> jar.getFileName().toString().matches(removed)).toList();
      assertThat(matching).isNotEmpty();
      for (Path jar : matching) {
        Files.delete(jar);
      }
    }

    solve(unpacked);

    assertOneNote("The class path lacks ", "\nMaybe add com.google.ortools:ortools-");
    assertThat(unpacked).isEmptyDirectory();
  }

  /** Permissions would not do: the superuser writes all the same. */
  @ParameterizedTest
  @ValueSource(strings = {"missing", "plan.json"})
  void solvesWithoutTemporaryFolder(String name) throws Exception {
    assumeLibraries();
    Files.createFile(plan);
    Path unusable = folder.resolve(name);

    solve(unusable);

    assertOneNote(
        "cannot be unpacked to the temporary folder (" + unusable + ")", "-Djava.io.tmpdir=");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "solve --help", "--version", "validate " + PROBLEM})
  void unpacksNothingInVain(String args) throws Exception {
    run(unpacked, args.split(" "));

    assertThat(unpackedAnything()).isFalse();
  }
}
