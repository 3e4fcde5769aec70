package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.Version;

/** Starts the packaged program as users do. Needs the {@code package} phase to have run. */
class LauncherIT {
  private static final Path DISTRIBUTION =
      Path.of(System.getProperty("moesaic.distribution", "target/moesaic-0.1.0"));

  @TempDir private Path temp;
  private Path launcher;

  @BeforeEach
  void useTheDistribution() {
    launcher = DISTRIBUTION.resolve("bin/moesaic");
  }

  @Test
  void noticeNamesWhatShips() throws IOException {
    List<String> notice = Files.readAllLines(DISTRIBUTION.resolve("NOTICE"));
    List<String> shipped;
    try (Stream<Path> jars = Files.list(DISTRIBUTION.resolve("lib"))) {
      shipped =
          jars.map(jar -> jar.getFileName().toString())
              .filter(name -> name.endsWith(".jar") && !name.equals("moesaic.jar"))
              .toList();
    }
    assertThat(shipped).hasSizeGreaterThan(20);
    assertThat(shipped)
        .allSatisfy(
            jar ->
                assertThat(notice)
                    .as("NOTICE has a line of %s with its licence", jar)
                    .anyMatch(line -> names(line, jar)));
    assertThat(notice.stream().filter(line -> line.contains(":")).count())
        .as("libraries in NOTICE")
        .isEqualTo(shipped.size());
  }

  /** Whether a line, {@code group:name version licence}, is of a jar. */
  private static boolean names(String line, String jar) {
    String[] columns = line.split(" +");
    return columns.length > 2
        && (columns[0].replaceAll(".*:", "") + "-" + columns[1] + ".jar").equals(jar);
  }

  @Test
  void namesFilesWithUmlautsWhateverTheLocale() throws Exception {
    Path file = temp.resolve("pr\u00fcfling.json");
    Files.copy(Path.of("problems/01-hand-sized.json"), file);
    Path folder = temp;
    Path script = temp.resolve("run.sh");
    // The shell names the file, so that this test does not depend on its own locale.
    Files.writeString(
        script,
        "cd '%s' && exec '%s' validate pr*.json%n".formatted(folder, launcher.toAbsolutePath()));
    Process process =
        new ProcessBuilder("env", "LC_ALL=C", "LANG=C", "sh", script.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).startsWith("valid: ");
  }

  @Test
  void printsItsVersion() throws Exception {
    assertPrintsItsVersion(run(Map.of(), "--version"));
  }

  @Test
  void passesTheExitCodeOn() throws Exception {
    assertThat(run(Map.of(), "no-such-command").exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void passesArgumentsOnAsTheyAre() throws Exception {
    assertThat(run(Map.of(), "a  b $HOME *").err()).contains("'a  b $HOME *'");
  }

  @Test
  void startsThroughTheLinkThatTheBuildMakes() throws Exception {
    launcher = DISTRIBUTION.resolveSibling("moesaic");

    assertPrintsItsVersion(run(Map.of(), "--version"));
  }

  @Test
  void startsThroughALinkToALink() throws Exception {
    move();
    Path toLauncher = Files.createSymbolicLink(temp.resolve("absolute"), launcher.toAbsolutePath());
    launcher = Files.createSymbolicLink(temp.resolve("relative"), toLauncher.getFileName());

    assertPrintsItsVersion(run(Map.of(), "--version"));
  }

  @Test
  void passesOverAJavaHomeWithoutJdk() throws Exception {
    assertPrintsItsVersion(run(Map.of("JAVA_HOME", "/does/not/exist"), "--version"));
  }

  @Test
  void passesOverAJdkThatIsTooOld() throws Exception {
    Path old = Files.createDirectories(temp.resolve("jdk-20/bin")).getParent();
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"20.0.2\"\n");
    Path java = Files.writeString(old.resolve("bin/java"), "#!/bin/sh\necho too old\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();

    assertPrintsItsVersion(run(Map.of("JAVA_HOME", old.toString()), "--version"));
    assertPrintsItsVersion(
        run(Map.of("PATH", java.getParent() + ":" + System.getenv("PATH")), "--version"));
  }

  @Test
  void handsFlagsToTheJvm() throws Exception {
    Outcome outcome =
        run(
            Map.of(
                "MOESAIC_JAVA_OPTS",
                "-Xmx64m -XX:+UseSerialGC -XX:+PrintCommandLineFlags -Dglob=*"),
            "--version");

    assertThat(outcome.out()).contains("-XX:MaxHeapSize=67108864", "-XX:+UseSerialGC");
    assertThat(outcome.exitCode()).isZero();
  }

  @Test
  void startsWhenMovedToAFolderWithBlanks() throws Exception {
    move();

    assertPrintsItsVersion(run(Map.of(), "--version"));
  }

  @Test
  void usesTheArchiveHereAndWhenMoved() throws Exception {
    assumeTrue(archive().isPresent(), "the build could make no archive");
    // With this flag the JVM gives up, instead of starting without the archive.
    boolean aot = archive().orElseThrow().toString().endsWith(".aot");
    var onlyWithArchive =
        Map.of(
            "JAVA_HOME",
            System.getProperty("java.home"),
            "MOESAIC_JAVA_OPTS",
            aot ? "-XX:AOTMode=on" : "-Xshare:on");

    assertPrintsItsVersion(run(onlyWithArchive, "--version"));
    move();
    assertPrintsItsVersion(run(onlyWithArchive, "--version"));
  }

  @Test
  void keepsQuietAboutAnArchiveThatDoesNotFit() throws Exception {
    assumeTrue(archive().isPresent(), "the build could make no archive");
    move();
    Files.writeString(archive().orElseThrow(), "not an archive");

    assertPrintsItsVersion(run(Map.of(), "--version"));
  }

  /** Copies the distribution, with the times of files, as {@code mv} to another disk would. */
  private void move() throws IOException {
    Path target = temp.resolve("a folder with blanks");
    Files.walkFileTree(
        DISTRIBUTION,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(target.resolve(DISTRIBUTION.relativize(folder)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path copy = target.resolve(DISTRIBUTION.relativize(file));
            Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
            return FileVisitResult.CONTINUE;
          }
        });
    launcher = target.resolve("bin/moesaic");
  }

  /** Returns the archive of the distribution that is started, if the build could make one. */
  private Optional<Path> archive() throws IOException {
    Path lib = launcher.resolveSibling("../lib");
    try (Stream<Path> files = Files.list(lib)) {
      return files.filter(file -> file.toString().matches(".*\\.(aot|jsa)")).findAny();
    }
  }

  private Outcome run(Map<String, String> environment, String... args) throws Exception {
    var command = new ArrayList<String>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    Path out = temp.resolve("out");
    Path err = temp.resolve("err");
    var builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.matches("MOESAIC_.*|JAVA_TOOL_OPTIONS"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static void assertPrintsItsVersion(Outcome outcome) {
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.out()).startsWith("Moesaic " + Version.current() + "\n");
    assertThat(outcome.exitCode()).isZero();
  }

  private record Outcome(int exitCode, String out, String err) {}
}
