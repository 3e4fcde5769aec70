package org.moesaic.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;

/** The example problems are what {@code moesaic generate --preset NAME} makes, byte by byte. */
class PresetsTest {
  private static final Path PROBLEMS = Path.of("problems");

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void theCommittedFilesAreThoseOfThePreset(Preset preset) throws IOException {
    String name = preset.file() + ".json";
    Problem problem = Generator.generate(preset.options().build());
    ProblemFiles.write(problem, folder.resolve(name));

    assertThat(folder.resolve(name)).hasSameBinaryContentAs(PROBLEMS.resolve(name));
    String stem = Path.of(preset.file()).getFileName().toString();
    for (var load : problem.routing().loads()) {
      Path csv = Path.of(name).resolveSibling(Path.of("loads", stem, load.origin() + ".csv"));
      assertThat(folder.resolve(csv)).hasSameBinaryContentAs(PROBLEMS.resolve(csv));
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyProblemIsValid(Path file) {
    assertThat(Problems.read(file).name()).isNotBlank();
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyProblemHasAStory(Path file) throws IOException {
    assertThat(Files.readString(PROBLEMS.resolve("README.md")))
        .contains("(" + PROBLEMS.relativize(file) + ")");
  }

  @Test
  void thereAreAtLeastSevenAndTheyStayLight() throws IOException {
    assertThat(files()).hasSizeGreaterThanOrEqualTo(7);
    try (Stream<Path> all = Files.walk(PROBLEMS)) {
      assertThat(all.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum())
          .isLessThan(12_000_000);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenInlineReadsAsWhatIsWrittenBeside(Preset preset) throws IOException {
    Problem problem = Generator.generate(preset.options().samples(0).build());
    Path inline = folder.resolve("inline.json");
    ProblemFiles.writeInline(problem, inline);

    Problem read = Problems.read(inline);
    Problem committed = Problems.read(PROBLEMS.resolve(preset.file() + ".json"));
    assertThat(read.model()).isEqualTo(committed.model());
    assertThat(read.offers()).isEqualTo(committed.offers());
    assertThat(committed.routing().samples())
        .allSatisfy(s -> assertThat(s.choices()).isNotNull())
        .hasSameSizeAs(preset == Preset.COLD_TIER ? committed.origins() : List.of());
    if (preset == Preset.COLD_TIER) {
      return;
    }
    assertThat(read.routing().loads().stream().map(l -> l.weights()))
        .isEqualTo(committed.routing().loads().stream().map(l -> l.weights()).toList());
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(PROBLEMS, 2)) {
      return all.filter(f -> f.toString().endsWith(".json")).sorted().toList();
    }
  }
}
