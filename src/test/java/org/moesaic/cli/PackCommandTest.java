package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.benchmark.Eplb;
import org.moesaic.fixture.Examples;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class PackCommandTest {
  private static final double[][] LOADS = {
    {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86},
    {20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27}
  };

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  private int run(String... args) {
    out.reset();
    err.reset();
    return Main.run(
        Stream.concat(Stream.of("pack"), Arrays.stream(args)).toArray(String[]::new),
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, false, StandardCharsets.UTF_8));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8).replace(folder.toString(), "FOLDER");
  }

  /** EPLB's README example after a dense layer, as SGLang records it. */
  private String loads() throws IOException {
    return Files.writeString(
            folder.resolve("loads.json"),
            "{\"logical_count\": %s}".formatted(Arrays.deepToString(LOADS).replace(".0", "")))
        .toString();
  }

  private String[] plan(String acceleratorsPerNode) throws IOException {
    return plan(acceleratorsPerNode, Examples.problem().expertBytes(1L << 20).build());
  }

  private String[] plan(String acceleratorsPerNode, Problem written) throws IOException {
    Path problemFile = folder.resolve("problem.json");
    Files.writeString(
        problemFile,
        Problems.toJson(written)
            .replace("\"memoryGibPerNode\"", acceleratorsPerNode + "\"memoryGibPerNode\""));
    Path planFile = folder.resolve("plan.json");
    Plans.write(Examples.plan(Problems.read(problemFile)), planFile);
    return new String[] {problemFile.toString(), planFile.toString()};
  }

  private static String[] join(String[] a, String... b) {
    return Stream.concat(Arrays.stream(a), Arrays.stream(b)).toArray(String[]::new);
  }

  @Test
  void jsonOfLoads() throws IOException {
    int exit = run("--loads", loads(), "--accelerators", "8", "--slots", "16", "--json");
    assertThat(exit).isEqualTo(ExitCode.OK);
    checkJson(138.5, 172);
    assertThat(err()).contains("layer | slots", "Packed 2 layers: ").endsWith(" at worst.\n");

    String tables = err();
    String json = out();
    run("--loads", loads(), "--accelerators", "8", "--slots", "16", "--json", "--quiet");
    assertThat(out()).isEqualTo(json);
    assertThat(err()).isEmpty();
    run("--loads", loads(), "--accelerators", "8", "--slots", "16");
    assertThat(out()).isEqualTo(tables);
    assertThat(err()).isEmpty();
  }

  @Test
  void jsonOfLoadsWithNodes() throws IOException {
    int exit =
        run(
            "--loads",
            loads(),
            "--accelerators",
            "8",
            "--slots",
            "16",
            "--nodes",
            "2",
            "--groups",
            "4",
            "--json");
    assertThat(exit).isEqualTo(ExitCode.OK);
    JsonNode json = checkJson(156, 179.5);
    for (JsonNode slots : json.get("phy2log")) {
      int[] nodeOfGroup = {-1, -1, -1, -1};
      for (int j = 0; j < 16; j++) {
        int group = slots.get(j).asInt() / 3;
        assertThat(nodeOfGroup[group]).isIn(-1, j / 8);
        nodeOfGroup[group] = j / 8;
      }
      assertThat(Arrays.stream(nodeOfGroup).sum()).isEqualTo(2);
    }
  }

  /** The form that scripts rely on, and loads recomputed from its slots. */
  private JsonNode checkJson(double... atMost) {
    JsonNode json = new ObjectMapper().readTree(out());
    assertThat(json.propertyNames())
        .containsExactly("layers", "phy2log", "maxLoad", "meanLoad", "bound");
    assertThat(json.get("layers").toString()).isEqualTo("[1,2]");
    for (int i = 0; i < 2; i++) {
      int[] slots = new int[16];
      for (int j = 0; j < 16; j++) {
        slots[j] = json.get("phy2log").get(i).get(j).asInt();
      }
      assertThat(json.get("phy2log").get(i).size()).isEqualTo(16);
      double max = json.get("maxLoad").get(i).asDouble();
      assertThat(max)
          .isEqualTo(Eplb.maxLoad(LOADS[i + 1], slots, 8))
          .isLessThanOrEqualTo(atMost[i]);
      assertThat(json.get("meanLoad").get(i).asDouble())
          .isEqualTo(Arrays.stream(LOADS[i + 1]).sum() / 8);
      assertThat(json.get("bound").get(i).asDouble()).isBetween(max * (1 - 1e-9), max);
    }
    return json;
  }

  @Test
  void nodesThatDoNotDivideGroups() throws IOException {
    run("--loads", loads(), "--accelerators", "8", "--slots", "16", "--json");
    String global = out();
    int exit =
        run(
            "--loads",
            loads(),
            "--accelerators",
            "8",
            "--slots",
            "16",
            "--nodes",
            "2",
            "--groups",
            "3",
            "--json",
            "-q");
    assertThat(exit).isEqualTo(ExitCode.OK);
    assertThat(out()).isEqualTo(global);
    assertThat(err())
        .isEqualTo(
            """
            moesaic: The nodes (2) do not divide the groups (3), so neither is looked at, as in EPLB.
              Maybe take other nodes, if replicas of a group are to lie within one.
            """);
  }

  @Test
  void offersOfAPlan() throws IOException {
    assertThat(run(join(plan("\"acceleratorsPerNode\": 2, "), "--json"))).isEqualTo(ExitCode.OK);
    JsonNode offers = new ObjectMapper().readTree(out()).get("offers");
    assertThat(offers.size()).isEqualTo(3);
    JsonNode c = offers.get(2);
    assertThat(c.propertyNames())
        .containsExactly(
            "offer", "nodes", "accelerators", "layers", "phy2log", "maxLoad", "meanLoad", "bound");
    assertThat(c.get("offer").asString()).isEqualTo("c");
    assertThat(c.get("accelerators").asInt()).isEqualTo(2 * c.get("nodes").asInt());
    assertThat(c.get("layers").toString()).isEqualTo("[0,1]");
    for (JsonNode slots : c.get("phy2log")) {
      assertThat(slots.size() % c.get("accelerators").asInt()).isZero();
    }
    // It holds two experts of layer 0, and serves a third of 1,000 calls/s with each.
    assertThat(c.get("meanLoad").get(0).asDouble() * c.get("accelerators").asInt())
        .isCloseTo(2000 / 3.0, org.assertj.core.api.Assertions.offset(1e-9));
    assertThat(err()).contains("offer | nodes | accelerators", "Packed 5 layers: ");

    String json = out();
    run(join(plan("\"acceleratorsPerNode\": 2, "), "--json"));
    assertThat(out()).isEqualTo(json);
  }

  @Test
  void optionsOfAPlan() throws IOException {
    assertThat(
            run(
                join(
                    plan("\"acceleratorsPerNode\": 2, "),
                    "--redundancy=3",
                    "--hierarchical",
                    "--uniform",
                    "--json")))
        .isEqualTo(ExitCode.OK);
    for (JsonNode offer : new ObjectMapper().readTree(out()).get("offers")) {
      assertThat(offer.get("phy2log").get(0).size()).isGreaterThanOrEqualTo(4);
    }
  }

  @Test
  void slotsThatDoNotFit() throws IOException {
    int exit =
        run(
            join(
                plan(
                    "\"acceleratorsPerNode\": 8, ",
                    Examples.problem().expertBytes(1L << 29).build()),
                "--json",
                "-q"));
    assertThat(exit).isEqualTo(ExitCode.OK);
    assertThat(out()).startsWith("{");
    // Of layers 0 and 1 one slot each; 2 GiB of a node, of which 80% are usable, are for 8.
    assertThat(err())
        .startsWith(
            "moesaic: The slots need more memory than their accelerators can use: a (1.0 of 0.2"
                + " GiB), b (")
        .contains("\n  Maybe lease more nodes: a layer takes");
  }

  @Test
  void acceleratorsAreNotKnown() throws IOException {
    String[] files = plan("");
    assertThat(run(files)).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(out()).isEmpty();
    assertThat(err())
        .startsWith("FOLDER/plan.json#/leases/0 (line ")
        .contains(
            """
            : The offer (a) does not say how many accelerators its nodes have.
              Maybe say it for all such offers: --accelerators-per-node 8
            """);
    // The way out changes no file, so that the plan is still one of the problem.
    assertThat(run(join(files, "--accelerators-per-node", "8", "--json", "-q")))
        .isEqualTo(ExitCode.OK);
    assertThat(err()).isEmpty();
    String json = out();
    run(join(plan("\"acceleratorsPerNode\": 8, "), "--json", "-q"));
    assertThat(out()).isEqualTo(json);
  }

  @Test
  void problemThatWasEditedSince() throws IOException {
    String[] files = plan("\"acceleratorsPerNode\": 2, ");
    Path problemFile = Path.of(files[0]);
    Files.writeString(problemFile, Files.readString(problemFile) + "\n");
    assertThat(run(join(files, "--json", "-q"))).isEqualTo(ExitCode.OK);
    assertThat(out()).startsWith("{");
    assertThat(err())
        .isEqualTo(
            """
            moesaic: The plan (FOLDER/plan.json) answers another state of the problem (FOLDER/problem.json).
              Maybe the problem was edited since; solve it again.
            """);
  }

  @Test
  void farTooMuch() throws IOException {
    String[] files = plan("\"acceleratorsPerNode\": 2, ");
    assertThat(run(join(files, "--redundancy", "2147483647"))).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err())
        .startsWith("FOLDER/plan.json#/leases/0 (line ")
        .contains("The redundancy (2147483647) must be at most ", "Maybe a digit slipped in.");
    assertThat(run("--loads", loads(), "--accelerators", "1", "--slots", "2000000000"))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err()).startsWith("The slots (2000000000) must be at most 64 for 12 experts");
  }

  @Test
  void planThatDoesNotFit() throws IOException {
    String[] files = plan("\"acceleratorsPerNode\": 2, ");
    Path planFile = Path.of(files[1]);
    Files.writeString(
        planFile, Files.readString(planFile).replace("\"origin\": \"us\"", "\"origin\": \"uk\""));
    assertThat(run(files)).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(out()).isEmpty();
    assertThat(err())
        .contains("FOLDER/plan.json")
        .contains("The origin (uk) must be one of the problem's.")
        .contains("Maybe us is meant.");
  }

  @Test
  void loadsThatDoNotFit() throws IOException {
    assertThat(run("--loads", loads(), "--accelerators", "4", "--slots", "8"))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(out()).isEmpty();
    assertThat(err())
        .isEqualTo(
            """
            The slots (8) must be as many as the experts of a layer (12), or more.
            Maybe take 12.
            """);
    assertThat(run("--loads", folder + "/missing.json", "--accelerators", "4", "--slots", "8"))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err()).contains("FOLDER/missing.json").contains("Maybe");
  }

  @Test
  void usage() throws IOException {
    String loads = loads();
    for (String[] args :
        new String[][] {
          {},
          {"problem.json"},
          {"--loads", loads},
          {"--loads", loads, "--accelerators", "8"},
          {"--loads", loads, "--accelerators", "8", "--slots", "17"},
          {"--loads", loads, "--accelerators", "0", "--slots", "16"},
          {"--loads", loads, "--accelerators", "8", "--slots", "16", "--nodes", "2"},
          {"--loads", loads, "--accelerators", "8", "--slots", "16", "--nodes=3", "--groups=3"},
          {"--loads", loads, "--accelerators", "8", "--slots", "16", "--hierarchical"},
          {"--loads", loads, "--accelerators", "8", "--slots", "16", "problem.json"},
          {"problem.json", "plan.json", "--accelerators", "8"},
          {"--loads", loads, "--accelerators", "8", "--slots", "16", "--accelerators-per-node=8"},
          {"problem.json", "plan.json", "--redundancy", "-1"},
          {"problem.json", "plan.json", "--accelerators-per-node", "0"},
        }) {
      assertThat(run(args)).as(String.join(" ", args)).isEqualTo(ExitCode.USAGE);
      assertThat(out()).isEmpty();
      assertThat(err()).startsWith("moesaic: ").contains("\nMaybe").contains("Try 'moesaic pack");
    }
  }

  @Test
  void helpTellsBothWays() {
    assertThat(run("--help")).isEqualTo(ExitCode.OK);
    assertThat(out())
        .contains(
            "PROBLEM PLAN", "pack --loads=FILE --accelerators=N --slots=M", "--json", "phy2log");
  }
}
