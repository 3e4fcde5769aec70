package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problems;

class ValidateCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void aValidProblemIsSummarised() {
    int code = run("validate", "problems/01-hand-sized.json");

    assertThat(code).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines(
            "valid: 3 regions, 1 provider, 2 layers x 4 experts, 8 shards, 3 offers at 3 sites, 2"
                + " origins\n");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void whatSolveRefusesIsNotValid(@TempDir Path folder) throws IOException {
    String problem = Files.readString(Path.of("problems/01-hand-sized.json"));
    Files.writeString(folder.resolve("plan.json"), "{}");
    Path file =
        Files.writeString(
            folder.resolve("p.json"),
            problem.replace(
                "\"offers\": [",
                "\"incumbent\": { \"plan\": \"plan.json\", \"horizonHours\": 720 }, \"offers\":"
                    + " ["));
    int code = run("validate", file.toString());

    assertThat(code).isEqualTo(3);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("#/incumbent: The part incumbent can be read, but not be planned yet.");
  }

  @Test
  void anInvalidProblemIsExplained(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("p.json"), "{\"format\": \"moesaic/problem/1\", \"nmae\": 1}");
    int code = run("validate", file.toString());

    assertThat(code).isEqualTo(3);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains(
            file + "#/nmae (line 1, column 33): The field nmae of problem is not known.",
            "  Maybe name is meant.")
        .contains(file + "#/offers (line 1, column 1): The field offers of problem is missing.");
  }

  @Test
  void schemasArePrinted() {
    assertThat(run("schema", "problem")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(Problems.schema());
    out.reset();
    assertThat(run("schema", "plan")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(Plans.schema());
    assertThat(run("schema", "poem")).isEqualTo(2);
    assertThat(run("schema")).isEqualTo(2);
  }

  private int run(String... args) {
    return Main.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }
}
