package org.moesaic.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.moesaic.fixture.Examples;
import org.moesaic.json.InvalidInputException;
import org.moesaic.plan.Plan;
import org.moesaic.problem.Problem;

/** The example: offers a, b and c, two layers of three experts, of which each holds some. */
class ExporterTest {
  private static final Path PLAN = Path.of("plan.json");

  private final Problem problem = Examples.problem().build();
  private final Plan plan = Examples.plan(problem);

  @TempDir private Path folder;

  private static ExportOptions options(ExportFormat format, boolean partial) {
    return new ExportOptions(format, DenseLayers.leading(1), 0, false, partial, 2);
  }

  private static String text(Export export, String name) {
    Optional<Export.Content> content =
        export.files().stream().filter(f -> f.name().equals(name)).findFirst();
    return new String(content.orElseThrow().bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void namesEveryGap() {
    // Examples.assignment(), by hand: a holds 0 and 1 of layer 0 and 2 of layer 1; b holds 0 and
    // 1 of layer 1; c holds 1 and 2 of layer 0 and 0 of layer 1.
    assertThatThrownBy(
            () -> Exporter.export(problem, plan, PLAN, options(ExportFormat.SGLANG, true)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("plan.json#/leases/0: The offer (a) must hold every expert")
        .hasMessageContaining("It lacks 3 (layer 0: 2; layer 1: 0-1)")
        .hasMessageContaining("It lacks 4 (layer 0: all 3; layer 1: 2)")
        .hasMessageContaining("It lacks 3 (layer 0: 0; layer 1: 1-2)")
        .hasMessageContaining(
            "Maybe take a format that can leave experts out, with --allow-partial: tensorrt-llm,");
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"CSV", "SGLANG"})
  void leavesOutOnRequestOnly(ExportFormat format) throws IOException {
    assertThatThrownBy(() -> Exporter.export(problem, plan, PLAN, options(format, false)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("It lacks 4 (layer 0: all 3; layer 1: 2)")
        .hasMessageContaining(
            "Maybe export what it does hold with --allow-partial, and send the other calls where"
                + " routes.json says.");
    Export export = Exporter.export(problem, plan, PLAN, options(format, true));
    assertThat(export.notes())
        .anyMatch(
            n ->
                n.startsWith(
                    "The file of offer (b) leaves out 4 experts that it does not hold (layer 0: all"
                        + " 3; layer 1: 2)"));
    export.writeTo(folder.resolve("x"), false);
    assertThat(Exports.read(folder.resolve("x")))
        .extracting(packing -> packing.packing().layers().size())
        .containsExactly(2, 1, 2);
  }

  @Test
  void tableOfLeases() {
    Export export = Exporter.export(problem, plan, PLAN, options(ExportFormat.CSV, false));
    assertThat(export.notes()).noneMatch(n -> n.contains("leaves out"));
    Plan.Lease lease = plan.leases().get(1);
    List<String> lines = text(export, "leases.csv").lines().toList();
    assertThat(lines)
        .hasSize(4)
        .first()
        .isEqualTo(
            "offer,provider,region,accelerator,nodes,acceleratorsPerNode,accelerators,slotsPerLayer,usdPerHour,powerKw,file");
    int accelerators = 2 * lease.nodes();
    // b holds two experts, in slots that are equal on all accelerators; 8 USD/h and 5 kW a node.
    assertThat(lines.get(2))
        .isEqualTo(
            "b,p,west,,%d,2,%d,%d,%d,%d,b.slots.csv"
                .formatted(
                    lease.nodes(),
                    accelerators,
                    Math.ceilDiv(2, accelerators) * accelerators,
                    8 * lease.nodes(),
                    5 * lease.nodes()));
  }

  @Test
  void routesByHand() {
    Export export = Exporter.export(problem, plan, PLAN, options(ExportFormat.CSV, false));
    // The origin us never calls expert 2 of layer 0.
    assertThat(text(export, "routes.json"))
        .contains("\"offers\": [\"a\", \"b\", \"c\"]")
        .contains("\"modelLayerCount\": 3")
        .contains("\"modelLayers\": [1, 2]")
        .contains("{\"origin\": \"us\", \"layer\": 0, \"modelLayer\": 1, \"offers\": [0, 0, -1]}")
        .contains("{\"origin\": \"us\", \"layer\": 1, \"modelLayer\": 2, \"offers\": [1, 1, 0]}")
        .contains("{\"origin\": \"eu\", \"layer\": 0, \"modelLayer\": 1, \"offers\": [0, 2, 2]}")
        .contains("{\"origin\": \"eu\", \"layer\": 1, \"modelLayer\": 2, \"offers\": [2, 1, 0]}");
  }

  @Test
  void planOfAnotherProblem() {
    Problem other = Examples.problem().usable(0.5, 0.5, 0.5, 0.5, java.util.Map.of()).build();
    Plan renamed =
        new Plan(
            new Plan.ProblemId("test", "a".repeat(64), null),
            plan.status(),
            plan.objective(),
            plan.bound(),
            plan.leases(),
            plan.placements(),
            plan.serving(),
            plan.parts(),
            plan.backbone(),
            plan.traffic(),
            plan.origins(),
            plan.violations(),
            plan.solver());
    assertThatThrownBy(
            () -> Exporter.export(other, renamed, PLAN, options(ExportFormat.CSV, false)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("plan.json#/problem/sha256")
        .hasMessageContaining("Maybe the problem was edited since; solve it again.");
  }

  @Test
  void acceleratorsAreSaidSomewhere() {
    assertThatThrownBy(
            () ->
                Exporter.export(
                    problem, plan, PLAN, ExportOptions.of(ExportFormat.CSV, DenseLayers.NONE)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "The offer (a) does not say how many accelerators its nodes have.\n"
                + "  Maybe say it for all such offers: --accelerators-per-node 8")
        .hasMessageContaining("The offer (c)");
  }

  @Test
  void moreAcceleratorsThanCanBePacked() {
    assertThatThrownBy(
            () ->
                Exporter.export(
                    problem,
                    plan,
                    PLAN,
                    new ExportOptions(
                        ExportFormat.CSV, DenseLayers.NONE, 0, false, false, Integer.MAX_VALUE)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("plan.json#/leases/0/nodes")
        .hasMessageContaining("must have from 1 to 65536 together")
        .hasMessageContaining("Maybe the figure was edited.");
  }

  @ParameterizedTest
  @CsvSource({"tensorrt-llm", "sglang", "vllm-ascend", "omni-infer", "eplb", "csv"})
  void formatsByTitle(String title) {
    assertThat(ExportFormat.of(title).title()).isEqualTo(title);
  }

  @Test
  void unknownFormat() {
    assertThatThrownBy(() -> ExportFormat.of("vllm"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(
            "must be one of tensorrt-llm, sglang, vllm-ascend, omni-infer, eplb, csv")
        .hasMessageContaining("\nMaybe ");
    assertThatThrownBy(() -> ExportFormat.of("SGLang"))
        .hasMessageContaining("Maybe sglang is meant.");
  }

  @Test
  void acceleratorWithALineBreak() throws IOException {
    Problem broken = odd(problem, "H100\r\n80\nGB\r\u2028,");
    Exporter.export(broken, Examples.plan(broken), PLAN, options(ExportFormat.CSV, false))
        .writeTo(folder, false);
    assertThat(folder.resolve("leases.csv"))
        .content()
        .hasLineCount(4)
        .contains(",\"H100 80 GB  ,\",");
    assertThat(Exports.read(folder)).hasSize(3);
  }

  /** Ids with what paths, tables and YAML give a meaning to. */
  @Test
  void oddIds() throws IOException {
    for (ExportFormat format : ExportFormat.values()) {
      if (format == ExportFormat.SGLANG) {
        continue; // wants complete layers
      }
      Problem odd = odd(problem, null);
      Plan oddPlan = Examples.plan(odd);
      Path to = folder.resolve(format.title());
      Exporter.export(odd, oddPlan, PLAN, options(format, true)).writeTo(to, false);
      assertThat(Exports.read(to))
          .extracting(packing -> packing.offer())
          .containsExactly("../a, \"1\"", "%\t#: x", "leases");
    }
  }

  private static Problem odd(Problem problem, String accelerator) {
    List<String> ids = List.of("../a, \"1\"", "%\t#: x", "leases");
    List<org.moesaic.problem.Offer> offers = new java.util.ArrayList<>();
    for (var o : problem.offers()) {
      offers.add(
          new org.moesaic.problem.Offer(
              ids.get(offers.size()),
              o.provider(),
              o.region(),
              accelerator,
              o.acceleratorsPerNode(),
              o.memoryGibPerNode(),
              o.tflopsPerNode(),
              o.networkGbpsPerNode(),
              o.fabric(),
              o.powerKwPerNode(),
              o.tenure(),
              o.usdPerNodeHour(),
              o.minNodes(),
              o.maxNodes(),
              o.availableFrom()));
    }
    return problem.toBuilder().offers(offers).build();
  }

  @Test
  void damagedFolder() throws IOException {
    Path to = folder.resolve("x");
    Exporter.export(problem, plan, PLAN, options(ExportFormat.TENSORRT_LLM, true))
        .writeTo(to, false);
    Path leases = to.resolve("leases.csv");
    String right = Files.readString(leases);
    Files.writeString(leases, right.replace("a.tensorrt-llm.yaml", "../a.tensorrt-llm.yaml"));
    assertThatThrownBy(() -> Exports.read(to))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("leases.csv:2: The file (../a.tensorrt-llm.yaml) must be a name");
    Files.writeString(leases, right);
    Files.delete(to.resolve("a.tensorrt-llm.yaml"));
    Files.writeString(to.resolve("c.tensorrt-llm.yaml"), "num_slots: 0\n");
    assertThatThrownBy(() -> Exports.read(to))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("a.tensorrt-llm.yaml: There is no such file.")
        .hasMessageContaining("c.tensorrt-llm.yaml: The file must have num_slots and");
    Path routes = to.resolve("routes.json");
    String json = Files.readString(routes);
    Files.writeString(routes, json.replace("[0, 0, -1]", "[0, 3, -1]"));
    assertThatThrownBy(() -> Exports.read(to))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("routes.json#/routes/0");
    Files.writeString(routes, json.replace("\"modelLayers\": [1, 2]", "\"modelLayers\": [2, 1]"));
    assertThatThrownBy(() -> Exports.read(to))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The modelLayers must ascend");
  }
}
