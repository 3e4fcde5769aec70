package org.moesaic.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProblemsTest {
  private static final Path GOOD =
      Path.of("src/test/resources/org/moesaic/problem/good/problem.json");

  @Test
  void readsTheGoodProblem() {
    Problem problem = Problems.read(GOOD);

    assertThat(problem.model().moeLayers()).isEqualTo(2);
    assertThat(problem.routing().loads()).hasSize(2);
    assertThat(problem.routing().loads().getFirst().weights().get(0, 1)).isEqualTo(3.5);
    assertThat(problem.sha256()).matches("[0-9a-f]{64}");
  }

  @Test
  void writtenProblemReadsTheSame(@TempDir Path folder) throws Exception {
    Problem problem = Problems.read(GOOD);
    Files.createDirectory(folder.resolve("loads"));
    Files.copy(GOOD.resolveSibling("loads/us-chat.csv"), folder.resolve("loads/us-chat.csv"));
    Path copy = folder.resolve("copy.json");
    Problems.write(problem, copy);

    assertThat(Problems.read(copy))
        .usingRecursiveComparison()
        .ignoringFields("sha256")
        .isEqualTo(problem);
  }
}
