package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.moesaic.generate.Preset;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;

class GenerateCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  @Test
  void sameCommandSameBytes() throws IOException {
    assertThat(generate("a.json", "--model", "mixtral-8x7b", "--seed", "1")).isZero();
    assertThat(generate("sub/a.json", "--model", "mixtral-8x7b", "--seed", "1")).isZero();
    assertThat(generate("b/a.json", "--model", "mixtral-8x7b", "--seed", "2")).isZero();

    assertThat(folder.resolve("sub/a.json")).hasSameBinaryContentAs(folder.resolve("a.json"));
    String csv = "loads/a/azure-us-ashburn.csv";
    assertThat(folder.resolve("sub").resolve(csv)).hasSameBinaryContentAs(folder.resolve(csv));
    assertThat(Files.readString(folder.resolve("b").resolve(csv)))
        .isNotEqualTo(Files.readString(folder.resolve(csv)));
  }

  @Test
  void writesWhatProblemsRead() {
    assertThat(
            generate(
                "a.json",
                "--model",
                "deepseek-v2-lite",
                "--dtype",
                "bf16",
                "--copies",
                "per-site",
                "--survive",
                "region,power-domain",
                "--min-replicas",
                "2",
                "--origins",
                "aws/us-ashburn=5,oci/eu-frankfurt",
                "--tokens-per-second",
                "9"))
        .isZero();

    Problem problem = Problems.read(folder.resolve("a.json"));
    assertThat(problem.model().name()).isEqualTo("DeepSeek-V2-Lite");
    assertThat(problem.model().expertBytes()).isEqualTo(2L * 3 * 2048 * 1408);
    assertThat(problem.model().copies()).isEqualTo(Copies.PER_SITE);
    assertThat(problem.policy().survive())
        .containsExactlyInAnyOrder(DomainKind.REGION, DomainKind.POWER_DOMAIN);
    assertThat(problem.origins().stream().map(o -> o.tokensPerSecond())).containsExactly(5.0, 9.0);
    assertThat(problem.routing().loads().get(0).file()).isEqualTo("loads/a/aws-us-ashburn.csv");
  }

  @Test
  void inlineIsOneFile() throws IOException {
    assertThat(generate("a.json", "--model", "mixtral-8x7b", "--inline")).isZero();

    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
    assertThat(Problems.read(folder.resolve("a.json")).routing().loads()).hasSize(3);
  }

  @Test
  void withoutAFileAllGoesToStandardOutput() throws IOException {
    assertThat(run("generate", "--model", "mixtral-8x7b")).isZero();
    String printed = out.toString(StandardCharsets.UTF_8);
    assertThat(generate("a.json", "--model", "mixtral-8x7b", "--inline")).isZero();

    assertThat(printed).isEqualTo(Files.readString(folder.resolve("a.json")));
  }

  @Test
  void optionsChangeAPreset() {
    assertThat(generate("a.json", "--preset", "07-tight", "--max-nodes", "5")).isZero();

    assertThat(Problems.read(folder.resolve("a.json")).offers())
        .allSatisfy(o -> assertThat(o.maxNodes()).isEqualTo(5));
  }

  @Test
  void listsWhatThereIsToChooseFrom() {
    assertThat(run("generate", "--list", "models")).isZero();
    assertThat(run("generate", "--list", "sites")).isZero();
    assertThat(run("generate", "--list", "offers")).isZero();
    assertThat(run("generate", "--list", "presets")).isZero();

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(
            "deepseek-v3 ", "azure/us-ashburn ", "oci-eu-frankfurt-h200 ", Preset.TIGHT.file());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--model gpt | There is no model (gpt) to choose. | deepseek-v3",
        "--preset tight | There is no preset (tight) to choose. | 07-tight",
        "--dtype fp4 | There is no dtype (fp4) to choose. | fp8, bf16",
        "--copies all | There is no kind of copies (all) to choose. | per-expert, per-site",
        "--survive planet | There is no kind of domain (planet) to choose. | power-domain",
        "--residency mars | There is no residency (mars) to choose. | eu",
        "--list clouds | There is no table (clouds) to choose. | models, sites, offers, presets",
        "--clouds ibm | There is no cloud (ibm) to choose. | azure",
        "--sites aws/mars | There is no site (aws/mars) to choose. | aws/us-ashburn",
        "--offers tpu | There is no offer (tpu) to choose. | azure-us-ashburn-h100",
        "--skew 9 | The skew (9) is out of range. | 0 to 3",
        "--max-nodes 0 | The most nodes (0) is out of range. | at least 1",
        "--min-replicas 3 --max-replicas 2 | The most replicas (2) are fewer | swapped",
        "--origins 0 | A count (0) must be at least 1. | leave the option out"
      })
  void aBadOptionIsAUsageErrorWithAWayOut(String options, String problem, String wayOut) {
    assertThat(run(("generate " + options.strip()).split(" "))).isEqualTo(ExitCode.USAGE);

    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains(problem.strip(), "Maybe ", wayOut.strip(), "Try 'moesaic generate --help'.");
  }

  @Test
  void anOutputThatCannotBeWrittenIsAUsageError() throws IOException {
    Files.createFile(folder.resolve("file"));

    assertThat(generate("", "--model", "mixtral-8x7b")).isEqualTo(ExitCode.USAGE);
    assertThat(generate("file/a.json", "--model", "mixtral-8x7b")).isEqualTo(ExitCode.USAGE);

    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("is a folder", "cannot be written", "Maybe ");
  }

  @Test
  void trainingWithoutSyncSaysSo() {
    assertThat(generate("a.json", "--model", "mixtral-8x7b", "--training")).isZero();
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("Maybe add --syncs-per-hour");

    err.reset();
    assertThat(
            generate("b.json", "--model", "mixtral-8x7b", "--training", "--syncs-per-hour", "12"))
        .isZero();
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void samplesAreFilesBesideTheProblem() {
    String[] options = {"--model", "mixtral-8x7b", "--samples", "20", "--origins", "1"};
    assertThat(generate("a.json", options)).isZero();
    Problem problem = Problems.read(folder.resolve("a.json"));
    assertThat(problem.routing().samples()).hasSize(1);
    assertThat(problem.routing().samples().get(0).choices())
        .satisfies(choices -> assertThat(choices.tokens()).isEqualTo(20));

    assertThat(run("generate", "--model", "mixtral-8x7b", "--samples", "20"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("Samples are files");
  }

  @Test
  void densePartCanBeLeftOut() {
    assertThat(generate("a.json", "--model", "mixtral-8x7b", "--no-backbone")).isZero();
    assertThat(Problems.read(folder.resolve("a.json")).model().backbone()).isNull();
    assertThat(generate("b.json", "--model", "mixtral-8x7b", "--backbone")).isZero();
    assertThat(Problems.read(folder.resolve("b.json")).model().backbone()).isNotNull();
  }

  private int generate(String file, String... options) {
    return run(
        Stream.concat(
                Stream.of("generate", "-o", folder.resolve(file).toString()), Stream.of(options))
            .toArray(String[]::new));
  }

  private int run(String... args) {
    return Main.run(args, new PrintStream(out), new PrintStream(err));
  }
}
