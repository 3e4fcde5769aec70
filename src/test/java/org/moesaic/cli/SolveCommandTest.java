package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.moesaic.fixture.Examples;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Incumbent;
import org.moesaic.problem.Origin.ServableIn;
import org.moesaic.problem.Problems;

class SolveCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;
  private Path problem;
  private Path plan;

  @BeforeEach
  void writeProblem() throws IOException {
    problem = folder.resolve("problem.json");
    plan = folder.resolve("plan.json");
    write(Examples.problem());
  }

  private void write(ProblemBuilder builder) throws IOException {
    Problems.write(builder.build(), problem);
  }

  /** Three experts of 1 GiB, and one node that holds two. */
  private static ProblemBuilder tooSmall() {
    return new ProblemBuilder()
        .model(1, 3, 1)
        .region("east", r -> {})
        .freeProvider("p")
        .origin("us", "p/east", 1)
        .offer(
            "a",
            "p/east",
            o -> {
              o.memoryGib = 2.0;
              o.tflops = 1.0;
              o.maxNodes = 1;
            });
  }

  private int solve(String... options) {
    return run(Stream.concat(Stream.of("solve", problem.toString()), Stream.of(options)).toList());
  }

  private int run(List<String> args) {
    return Main.run(args.toArray(String[]::new), stream(out), stream(err));
  }

  private static PrintStream stream(OutputStream bytes) {
    return new PrintStream(bytes, false, StandardCharsets.UTF_8);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8).replace(folder.toString(), "FOLDER");
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void planGoesToStandardOutputAndAllElseToStandardError() throws IOException {
    assertThat(solve("--steps", "1000", "--threads", "1")).isEqualTo(ExitCode.OK);

    Files.writeString(plan, out());
    assertThat(Plans.read(plan).status()).isIn(Status.FEASIBLE, Status.OPTIMAL);
    assertThat(err().lines().toList())
        .first()
        .asString()
        .isEqualTo("6 shards, 3 offers at 3 sites, 2 origins");
    assertThat(err())
        .contains("incumbent", " start\n", "\nLeases: ", "\nTop links: ", "\nOrigins\n", "\nCost\n")
        .containsPattern(
            "\n"
                + "(Optimal|Feasible): [0-9.,]+ USD/h \\([0-9.]+( k| M)? USD/month, [0-9.,]+ USD/M"
                + " tokens\\), .*, gap"
                + " [0-9.]+%; seed 0, [0-9.]+ s\\.\n"
                + "Proven: no plan that keeps the rules costs less.*\\.\n"
                + "Ended: .*\\.\n"
                + "$")
        .doesNotContain("\u001b");
  }

  @Test
  void startsFromAnEarlierPlan() throws IOException {
    assertThat(solve("--steps", "1000", "-o", plan.toString())).isEqualTo(ExitCode.OK);
    err.reset();
    Path again = folder.resolve("again.json");
    assertThat(solve("--steps", "0", "--from", plan.toString(), "-o", again.toString()))
        .isEqualTo(ExitCode.OK);
    assertThat(Plans.read(again).objective().usdPerHour())
        .isLessThanOrEqualTo(Plans.read(plan).objective().usdPerHour() * (1 + 1e-9));
    assertThat(err()).doesNotContain("plan to start from");

    write(Examples.problem().offer("d", "p/west", o -> o.maxNodes = 1).expertsPerShard(2));
    err.reset();
    assertThat(solve("--steps", "0", "--from", plan.toString())).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err())
        .endsWith(
            "FOLDER/plan.json: The plan to start from must have 2 layers with 2 shards each, as the"
                + " model has.\n"
                + "Maybe it answers another problem.\n");
  }

  @Test
  void timelessLogsAreEqual() {
    String[] options = {"--timeless", "--steps", "20000", "--threads", "2", "--seed", "5"};
    assertThat(solve(options)).isEqualTo(ExitCode.OK);
    String first = err();
    err.reset();
    assertThat(solve(options)).isEqualTo(ExitCode.OK);

    assertThat(err()).isEqualTo(first);
    assertThat(first)
        .contains("incumbent             bound      gap    nodes  by\n")
        .doesNotContain("time", "moves/s", " s.\n");
  }

  @Test
  void endsAtTheGap() throws IOException {
    assertThat(solve("--time", "10m", "--gap", "40%", "-o", plan.toString()))
        .isEqualTo(ExitCode.OK);

    assertThat(Plans.read(plan).bound().gap()).isLessThanOrEqualTo(0.4);
    assertThat(err()).containsPattern("\nEnded: the (gap is as small|plan is proven).*\n$");
  }

  @Test
  void gapsThatAreNone() {
    assertThat(solve("--gap", "much")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("The gap (much) must be a share", "\nMaybe write 1% or 0.01.");
  }

  @Test
  void whatIsSolvedPassesTheCheck() {
    assertThat(solve("--steps", "1000", "-o", plan.toString())).isEqualTo(ExitCode.OK);

    assertThat(out()).isEmpty();
    assertThat(run(List.of("check", problem.toString(), plan.toString()))).isEqualTo(ExitCode.OK);
  }

  @Test
  void sameOptionsGiveTheSamePlan() throws IOException {
    String[] options = {"--steps", "5000", "--seed", "3", "--threads", "2"};
    solve(options);
    String first = out();
    out.reset();
    solve(options);

    assertThat(withoutSolver(out())).isEqualTo(withoutSolver(first));
    Files.writeString(plan, first);
    assertThat(Plans.read(plan).solver().seed()).isEqualTo(3);
  }

  private static String withoutSolver(String plan) {
    assertThat(plan).contains("\"solver\"");
    return plan.substring(0, plan.indexOf("\"solver\""));
  }

  @Test
  void quietIsSilent() throws IOException {
    Files.writeString(
        problem, Files.readString(problem).replaceAll("\"tflopsPerNode\":[^,]*,", ""));

    assertThat(solve("--steps", "10", "--quiet")).isEqualTo(ExitCode.OK);
    assertThat(err()).isEmpty();
    assertThat(solve("--steps", "10")).isEqualTo(ExitCode.OK);
    assertThat(err()).contains("warning: The field tflopsPerNode");
  }

  @Test
  void timeEndsTheSearch() {
    assertThat(solve("--time", "0.3s", "-q")).isEqualTo(ExitCode.OK);
  }

  @Test
  void infeasiblePlanIsWrittenWithWhatItBreaks() throws IOException {
    write(tooSmall());

    assertThat(solve("--steps", "100", "-o", plan.toString())).isEqualTo(ExitCode.NO_PLAN);
    Plan written = Plans.read(plan);
    assertThat(written.status()).isEqualTo(Status.INFEASIBLE);
    assertThat(written.violations()).extracting(Plan.Violation::rule).containsExactly("capacity");
    assertThat(err())
        .contains(
            "start (breaks rules)",
            """
            Broken rules
             rule     | subject | why
            ----------+---------+------------------------------------------------------
             capacity | a       | The offer (a) needs 2 nodes, more than maxNodes (1).
            """)
        .containsPattern(
            "\nInfeasible: the best plan found breaks capacity; it costs .*\n"
                + "No plan keeps all rules: proven\\.\nEnded: no plan keeps all rules\\.\n$");
    assertThat(run(List.of("check", problem.toString(), plan.toString())))
        .isEqualTo(ExitCode.NO_PLAN);
  }

  @Test
  void quietStillTellsThatRulesAreBroken() throws IOException {
    write(tooSmall());

    assertThat(solve("--steps", "100", "-q")).isEqualTo(ExitCode.NO_PLAN);
    assertThat(err()).startsWith("moesaic: Infeasible: the best plan found breaks capacity;");
    assertThat(err().lines()).hasSize(1);
  }

  @Test
  void invalidProblem() throws IOException {
    Files.writeString(problem, "{}");

    assertThat(solve("-o", plan.toString())).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err()).contains("FOLDER/problem.json#");
    assertThat(out()).isEmpty();
    assertThat(files()).containsExactly(problem);
  }

  @Test
  void unsupportedProblem() throws IOException {
    write(Examples.problem().incumbent(new Incumbent("plan.json", 1, null)));
    Files.writeString(plan, "");

    assertThat(solve()).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err()).contains("must not use what is not supported yet: incumbent.\nMaybe ");
  }

  /** One replica cannot be in both countries, so any plan sends calls where none may go. */
  @Test
  void trafficThatNoPlanMayHaveAndNobodyHasPriced() throws IOException {
    write(
        new ProblemBuilder()
            .model(1, 1, 1)
            .callBytes(1, 1)
            .region(
                "east",
                r -> {
                  r.continent = "north-america";
                  r.country = "US";
                })
            .region(
                "paris",
                r -> {
                  r.continent = "europe";
                  r.country = "FR";
                })
            .provider("p", 0.01, null, null)
            .origin("us", "p/east", 1, new ServableIn(List.of("east"), List.of(), List.of()), null)
            .origin(
                "fr", "p/paris", 1, new ServableIn(List.of("paris"), List.of(), List.of()), null)
            .replicas(1, 1)
            .offer("a", "p/east")
            .offer("b", "p/paris"));

    assertThat(solve("--steps", "100")).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err()).contains("has no price.\nMaybe ").doesNotContain("internal error");
  }

  @ParameterizedTest
  @CsvSource({
    "--time,    5min, 'Invalid value for option ''--time'': The time (5min) must be a number of'",
    "--time,    0,    The time (0) must be more than 0",
    "--steps,   -1,   The number of steps (-1) must not be negative.",
    "--threads, 0,    The number of threads (0) must be at least 1.",
  })
  void wrongOption(String option, String value, String message) {
    assertThat(solve(option, value)).isEqualTo(ExitCode.USAGE);
    assertThat(err())
        .startsWith("moesaic: ")
        .contains(message, "\nMaybe ", "\nTry 'moesaic solve --help'.");
    assertThat(out()).isEmpty();
  }

  /** A problem that does not exist shows that the output is looked at first. */
  @ParameterizedTest
  @CsvSource({
    "no/such/plan.json, The folder (FOLDER/no/such) of the output",
    ".,                 is a folder.",
    "file/plan.json,    The folder (FOLDER/file) of the output",
    "dangling,          is a link to nothing."
  })
  void outputThatCannotBeWrittenIsToldBeforeTheWork(String output, String message)
      throws IOException {
    Files.createFile(folder.resolve("file"));
    Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nothing"));
    Files.delete(problem);

    assertThat(solve("-o", folder.resolve(output).toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err()).startsWith("moesaic: The ").contains(message, "\nMaybe ");
  }

  @Test
  void outputMustNotReplaceTheProblem() throws IOException {
    String before = Files.readString(problem);

    assertThat(solve("-o", folder.resolve("./problem.json").toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("is the input too.");
    assertThat(problem).hasContent(before);
  }

  @Test
  void outputReplacesAnOlderPlanAndLeavesNothingElse() throws IOException {
    Files.writeString(plan, "old");

    assertThat(solve("--steps", "10", "-q", "-o", plan.toString())).isEqualTo(ExitCode.OK);
    assertThat(Plans.read(plan).status()).isIn(Status.FEASIBLE, Status.OPTIMAL);
    assertThat(files()).containsExactly(plan, problem);
  }

  @Test
  void standardOutputThatIsGoneIsAnError() {
    OutputStream gone =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };

    assertThat(
            Main.run(
                new String[] {"solve", problem.toString(), "--steps", "10", "-q"},
                stream(gone),
                stream(err)))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err())
        .isEqualTo(
            "moesaic: The plan cannot be written to standard output: its reader ended, or the disk"
                + " is full.\n");
  }

  @Test
  void helpTellsOptionsAndExitCodes() {
    assertThat(run(List.of("solve", "--help"))).isEqualTo(ExitCode.OK);
    assertThat(out())
        .contains("--time=TIME", "--steps=N", "--seed=N", "--threads=N", "-o, --output=FILE")
        .contains("-q, --quiet", "(default: 0)")
        .containsPattern("4 +no plan that keeps the rules")
        .containsPattern("130 +interrupted");
  }
}
