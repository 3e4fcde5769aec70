package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.moesaic.export.Exports;
import org.moesaic.pack.OfferPacking;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.solve.Planner;

class ExportCommandTest {
  private static final Path HAND_SIZED = Path.of("problems/01-hand-sized.json");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  private Plan plan;
  private Path planFile;

  @BeforeEach
  void solve() throws IOException {
    Problem problem = Problems.read(HAND_SIZED);
    plan = Planner.builder().steps(200).threads(1).build().solve(problem);
    planFile = folder.resolve("plan.json");
    Plans.write(plan, planFile);
  }

  private int export(String... more) {
    out.reset();
    err.reset();
    List<String> args = new ArrayList<>(List.of("export", planFile.toString()));
    args.addAll(List.of(more));
    return Main.run(
        args.toArray(String[]::new),
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, false, StandardCharsets.UTF_8));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8).replace(folder.toString(), "FOLDER");
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8).replace(folder.toString(), "FOLDER");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** The problem is found in the working folder's problems; files go beside the plan. */
  @Test
  void handSized() throws IOException {
    assertThat(export("--to", "csv", "--accelerators-per-node", "2", "--dense-layers", "1"))
        .as(err())
        .isEqualTo(ExitCode.OK);
    assertThat(err()).isEmpty();
    Path to = folder.resolve("plan.csv");
    assertThat(out())
        .startsWith("Offers: " + plan.leases().size() + "\n")
        .contains("Packed ")
        .contains(
            plan.leases().size()
                + " files for csv, leases.csv and routes.json are in FOLDER/plan.csv:\n");
    List<OfferPacking> packings = Exports.read(to);
    assertThat(packings).hasSameSizeAs(plan.leases());
    // By independent loops: what each offer holds is what the plan says.
    for (OfferPacking packing : packings) {
      for (Plan.Placement row : plan.placements()) {
        List<Integer> held = new ArrayList<>();
        for (int e = 0; e < row.experts().size(); e++) {
          if (row.experts().get(e).contains(packing.offer())) {
            held.add(e);
          }
        }
        List<Integer> packed =
            packing.packing().layers().stream()
                .filter(layer -> layer.layer() == row.layer())
                .flatMap(layer -> layer.slotExperts().stream().distinct().sorted())
                .toList();
        assertThat(packed).isEqualTo(held);
      }
    }
    assertThat(Exports.routes(to.resolve("routes.json")).modelLayers()).containsExactly(1, 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tensorrt-llm", "vllm-ascend", "omni-infer", "eplb"})
  void partialOnRequest(String format) throws IOException {
    assertThat(export("--to", format, "--accelerators-per-node", "2"))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err())
        .startsWith("FOLDER/plan.json#/leases/0 (line ")
        .contains("must hold every expert to be exported to " + format)
        .contains("Maybe export what it does hold with --allow-partial");
    assertThat(out()).isEmpty();
    assertThat(files()).containsExactly("plan.json");

    Path to = folder.resolve("to");
    assertThat(
            export(
                "--to",
                format,
                "--accelerators-per-node",
                "2",
                "--allow-partial",
                "-o",
                to.toString()))
        .as(err())
        .isEqualTo(ExitCode.OK);
    assertThat(err())
        .contains("note: The model (two layers of four) is not known")
        .contains("note: The file of offer (")
        .contains("leaves out");
    assertThat(Exports.read(to)).hasSameSizeAs(plan.leases());
  }

  @Test
  void replacesByForceOnly() throws IOException {
    String[] args = {"--to", "csv", "--accelerators-per-node", "2"};
    assertThat(export(args)).isEqualTo(ExitCode.OK);
    Path leases = Files.writeString(folder.resolve("plan.csv/leases.csv"), "mine");
    assertThat(export(args)).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("already has").contains("Maybe").contains("--force");
    assertThat(leases).hasContent("mine");
    assertThat(export("--to", "csv", "--accelerators-per-node", "2", "--force"))
        .isEqualTo(ExitCode.OK);
    assertThat(Exports.read(folder.resolve("plan.csv"))).hasSameSizeAs(plan.leases());
  }

  @Test
  void completeModel() throws IOException {
    Path problem = folder.resolve("problem.json");
    int generated =
        Main.run(
            new String[] {
              "generate",
              "--no-backbone",
              "--model",
              "deepseek-v2-lite",
              "--sites",
              "1",
              "--offers",
              "1",
              "--origins",
              "1",
              "-o",
              problem.toString()
            },
            System.out,
            System.err);
    assertThat(generated).isEqualTo(ExitCode.OK);
    planFile = folder.resolve("lite.json");
    Plans.write(
        Planner.builder().steps(50).threads(1).build().solve(Problems.read(problem)), planFile);
    assertThat(export("--to", "sglang")).as(err()).isEqualTo(ExitCode.OK);
    assertThat(err()).isEmpty();
    // Its first layer is dense, which is known: 27 rows for 26 layers with experts.
    Path to = folder.resolve("lite.sglang");
    assertThat(Exports.routes(to.resolve("routes.json")).modelLayerCount()).isEqualTo(27);
    OfferPacking packing = Exports.read(to).getFirst();
    assertThat(packing.packing().layers()).hasSize(26);
    assertThat(out())
        .contains(
            "--ep-size %d --ep-num-redundant-experts %d --init-expert-location "
                .formatted(
                    packing.packing().accelerators(),
                    packing.packing().layers().getFirst().slots() - 64));
  }

  @Test
  void anotherProblem() throws IOException {
    Path edited = folder.resolve("edited.json");
    Files.writeString(edited, Files.readString(HAND_SIZED).replace("2000", "2001"));
    assertThat(export("--to", "csv", "--problem", edited.toString()))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err())
        .startsWith("FOLDER/plan.json#/problem/sha256 (line ")
        .contains("Maybe the problem was edited since; solve it again.");

    Files.writeString(
        planFile, Files.readString(planFile).replace(plan.problem().sha256(), "0".repeat(64)));
    assertThat(export("--to", "csv")).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err()).contains("Maybe say where it is: --problem FILE");
    assertThat(files()).containsExactly("edited.json", "plan.json");
  }

  @Test
  void wrongOptions() throws IOException {
    assertThat(export()).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("--to");
    assertThat(export("--to", "sglan")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("Maybe sglang is meant.");
    assertThat(export("--to", "csv", "--dense-layers", "three")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("Maybe write 3 for the first three");
    assertThat(export("--to", "csv", "--accelerators-per-node", "2", "--dense-layers", "9,"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("must be one of the model's 3 layers").contains("Maybe");
    assertThat(export("--to", "csv", "--redundancy", "-1")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("must be 0 or more").contains("Maybe");
    assertThat(export("--to", "csv", "--accelerators-per-node", "2", "--redundancy", "2147483647"))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err()).contains("The redundancy (2147483647) must be at most ").contains("Maybe");
    assertThat(export("--to", "csv", "--accelerators-per-node", "0")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("must be 1 or more").contains("Maybe");
    assertThat(export("--to", "csv")).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err()).contains("Maybe say it for all such offers: --accelerators-per-node 8");
    assertThat(
            export(
                "--to",
                "csv",
                "--accelerators-per-node",
                "2",
                "-o",
                folder.resolve("no/where").toString()))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("Maybe create it first: mkdir -p");
    assertThat(files()).containsExactly("plan.json");
  }

  @Test
  void invalidPlan() throws IOException {
    Files.writeString(planFile, Files.readString(planFile).replace("\"nodes\"", "\"nods\""));
    assertThat(export("--to", "csv")).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err()).contains("Maybe nodes is meant");
    planFile = folder.resolve("missing.json");
    assertThat(export("--to", "csv")).isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err()).contains("There is no such file.").contains("Maybe");
  }
}
