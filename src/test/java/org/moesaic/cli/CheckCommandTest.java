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
import org.moesaic.fixture.Examples;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Incumbent;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;

class CheckCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  private int check(ProblemBuilder builder, String from, String to) throws IOException {
    Path problemFile = folder.resolve("problem.json");
    Problems.write(builder.build(), problemFile);
    Problem problem = Problems.read(problemFile);
    Path planFile = folder.resolve("plan.json");
    Files.writeString(planFile, Plans.toJson(Examples.plan(problem)).replace(from, to));
    return check(problemFile, planFile);
  }

  private int check(Path problem, Path plan) {
    return Main.run(
        new String[] {"check", problem.toString(), plan.toString()},
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, false, StandardCharsets.UTF_8));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8).replace(folder.toString(), "FOLDER");
  }

  @Test
  void honestPlan() throws IOException {
    assertThat(check(Examples.problem(), "", "")).isEqualTo(ExitCode.OK);
    // 3, 2 and 3 GiB of experts in nodes of 2 * 0.8 GiB: 2 nodes each, at 10, 8 and 12 USD/h
    assertThat(out())
        .startsWith("Leases: 6 nodes of 3 offers, 3 considered\n")
        .contains("\nTop links: ", "\nOrigins\n", "\nCost\n")
        .containsPattern("\n lease +\\| +60\\.00 \\|")
        .endsWith("\n\nEvery figure of the plan is right, and it keeps every rule.\n");
    assertThat(err()).isEmpty();
  }

  @Test
  void wrongFigure() throws IOException {
    assertThat(
            check(Examples.problem(), "\"migrationUsdPerHour\": 0", "\"migrationUsdPerHour\": 1"))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(out())
        .contains("\nCost\n")
        .doesNotContain("migration") // it is 0
        .endsWith("The plan is wrong in 1 place.\n");
    assertThat(err())
        .isEqualTo(
            """
            FOLDER/plan.json#/objective/migrationUsdPerHour: The migrationUsdPerHour (1) must be 0.
              Maybe it was edited, or the problem changed since the plan was made.
            """);
  }

  @Test
  void brokenRule() throws IOException {
    assertThat(check(Examples.problem().maxAddedLatencyMs(0), "", "")).isEqualTo(ExitCode.NO_PLAN);
    assertThat(out())
        .contains("\nlatency: The added latency of origin (us) is ")
        .doesNotContain("Broken rules") // it would stop at 20
        .endsWith("Every figure of the plan is right, but it breaks 2 rules.\n");
    assertThat(err()).isEmpty();
  }

  @Test
  void invalidFiles() throws IOException {
    assertThat(check(Examples.problem(), "\"nodes\"", "\"nods\""))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(out()).isEmpty();
    assertThat(err()).contains("FOLDER/plan.json#/leases/0/nods").contains("Maybe nodes is meant");
    assertThat(check(folder.resolve("missing.json"), folder.resolve("plan.json")))
        .isEqualTo(ExitCode.INVALID_INPUT);
  }

  @Test
  void planOfAnotherProblem() throws IOException {
    assertThat(check(Examples.problem(), "\"origin\": \"us\"", "\"origin\": \"uk\""))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(out()).isEqualTo("The plan is wrong in 4 places.\n");
    assertThat(err())
        .contains("The origin (uk) must be one of the problem's.\n  Maybe us is meant.");
  }

  @Test
  void unsupportedProblem() throws IOException {
    assertThat(check(Examples.problem(), "", "")).isEqualTo(ExitCode.OK);
    out.reset();
    Path unsupported = folder.resolve("unsupported.json");
    Problems.write(
        Examples.problem().incumbent(new Incumbent("plan.json", 1, null)).build(), unsupported);
    assertThat(check(unsupported, folder.resolve("plan.json"))).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(out()).isEmpty();
    assertThat(err())
        .startsWith("The problem (test) must not use what is not supported yet: incumbent.");
  }

  @Test
  void helpTellsTheExitCodes() {
    Main.run(
        new String[] {"check", "--help"},
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, false, StandardCharsets.UTF_8));
    assertThat(out()).contains("PROBLEM PLAN").containsPattern("4 +every figure is right, but");
  }
}
