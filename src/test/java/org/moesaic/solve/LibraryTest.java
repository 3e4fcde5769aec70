package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.solve.bound.Natives;

/** Whoever only solves needs nothing that the pom calls optional. */
class LibraryTest {
  private static final Pattern OPTIONAL =
      Pattern.compile(
          "<artifactId>([^<]+)</artifactId>(?:(?!</dependency>).)*<optional>true</optional>",
          Pattern.DOTALL);

  /** What OR-Tools brings along. */
  private static final List<String> WITH_ORTOOLS = List.of("ortools", "protobuf", "jna");

  @TempDir private Path folder;

  private static List<String> optional() throws Exception {
    return OPTIONAL
        .matcher(Files.readString(Path.of("pom.xml")))
        .results()
        .map((MatchResult dependency) -> dependency.group(1))
        .toList();
  }

  /** Runs the caller without jars whose names begin so; what it says. */
  private String solveWithout(List<String> jars) throws Exception {
    List<String> path = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      String name = Path.of(entry).getFileName().toString();
      boolean out = jars.stream().anyMatch(jar -> name.startsWith(jar + "-"));
      (out ? removed : path).add(entry);
    }
    assertThat(removed).hasSizeGreaterThanOrEqualTo(jars.size());
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                String.join(File.pathSeparator, path),
                LibraryCaller.class.getName(),
                "problems/01-hand-sized.json",
                folder.resolve("plan.json").toString())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("ends soon").isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as(Files.readString(said)).isZero();
    return Files.readString(said);
  }

  @Test
  void pomNamesWhatOnlyCommandsAndRecordingsNeed() throws Exception {
    assertThat(optional())
        .contains("picocli", "ascii-table", "hardwood-core", "snappy-java", "zstd-jni", "slf4j-nop")
        .contains("ortools-java");
  }

  @Test
  void solvesWithoutAnythingThatIsOptional() throws Exception {
    List<String> jars = new ArrayList<>(optional());
    jars.remove("ortools-java");
    jars.addAll(WITH_ORTOOLS);

    assertThat(solveWithout(jars))
        .contains("No lower bound is computed.")
        .containsPattern("(?m)^FEASIBLE, .*, bound false$");
  }

  @Test
  void provesWithOrToolsAlone() throws Exception {
    List<String> jars = new ArrayList<>(optional());
    jars.remove("ortools-java");

    assertThat(solveWithout(jars))
        .containsPattern("(?m), bound " + Natives.available() + "$")
        .doesNotContain("Exception");
  }
}
