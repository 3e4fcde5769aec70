package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.fixture.Examples;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;

class DiffCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  private Path problem() throws IOException {
    Path file = folder.resolve("problem.json");
    Problems.write(Examples.problem().build(), file);
    return file;
  }

  private Path plan(String name, String from, String to) throws IOException {
    Problem problem = Problems.read(problem());
    Plan plan = Examples.plan(problem);
    String text = Plans.toJson(plan);
    assertThat(text).contains(from);
    return Files.writeString(folder.resolve(name), text.replace(from, to));
  }

  private int run(String... args) {
    List<String> all = new ArrayList<>(List.of("diff"));
    all.addAll(Arrays.asList(args));
    return Main.run(
        all.toArray(String[]::new),
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, false, StandardCharsets.UTF_8));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8).replace(folder.toString(), "FOLDER");
  }

  /** The second shard of the first layer is held by "a" and "c"; "c" serves "eu". */
  private Path moved() throws IOException {
    return plan(
        "new.json",
        "\"experts\": [[\"a\"], [\"a\", \"c\"], [\"c\"]]",
        "\"experts\": [[\"a\"], [\"a\", \"b\"], [\"c\"]]");
  }

  @Test
  void tellsWhatMovesAndSumsItUp() throws IOException {
    Path old = plan("old.json", "\"a\"", "\"a\"");
    int exit = run(problem().toString(), old.toString(), moved().toString());
    assertThat(err()).startsWith("FOLDER/new.json: made for other figures than the problem's (");
    assertThat(exit).isEqualTo(ExitCode.OK);
    assertThat(out())
        .contains("Replicas and dense layers\n", "Served elsewhere\n", "Cost\n")
        // 1 GiB more in one node of "b": 3 of 3.2 GiB
        .doesNotContain("Leases\n")
        .containsPattern("\n b +\\| +1 \\| 1\\.07 GB \\| +0 \\| +0\\.00 B\n")
        .containsPattern("\n c +\\| +0 \\| +0\\.00 B \\| +1 \\| 1\\.07 GB\n")
        // 1000 / 3 of 6000 calls
        .contains("\n 5.56% of the calls\n")
        .containsPattern(
            "\n0 offers to add, 0 to change, 0 to release; 1 replica \\(1\\.07 GB\\) to move;"
                + " [0-9.,]+ → [0-9.,]+ USD/h \\([+-][0-9.]+ %\\)\n$");
  }

  @Test
  void theSameTwice() throws IOException {
    Path plan = plan("old.json", "\"a\"", "\"a\"");
    assertThat(run(problem().toString(), plan.toString(), plan.toString())).isEqualTo(ExitCode.OK);
    assertThat(err()).isEmpty();
    assertThat(out())
        .doesNotContain("Leases\n", "Replicas", "Served")
        .containsPattern(
            "0 replicas \\(0\\.00 B\\) to move; ([0-9.,]+) → \\1 USD/h \\(no change\\)");
  }

  @Test
  void asJson() throws IOException {
    Path old = plan("old.json", "\"a\"", "\"a\"");
    assertThat(run(problem().toString(), old.toString(), moved().toString(), "--json"))
        .isEqualTo(ExitCode.OK);
    assertThat(out())
        .startsWith("{\n  \"format\": \"moesaic/diff/1\",\n")
        .contains("\"offer\": \"b\", \"replicasCome\": 1");
  }

  @Test
  void aPlanOfSomethingElse() throws IOException {
    Path plan = plan("old.json", "\"a\"", "\"a\"");
    Path other = plan("other.json", "\"c\"", "\"nowhere\"");
    assertThat(run(problem().toString(), plan.toString(), other.toString()))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(out()).isEmpty();
    assertThat(err()).contains("FOLDER/other.json#/", "nowhere", "Maybe ");
  }
}
