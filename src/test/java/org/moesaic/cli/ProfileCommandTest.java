package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class ProfileCommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @TempDir private Path folder;

  @BeforeEach
  void writeRecordings() throws IOException {
    Files.writeString(
        folder.resolve("us.json"), "{\"logical_count\": [[0, 0, 0], [2, 1, 1], [4, 0, 4]]}");
    Files.writeString(
        folder.resolve("eu.jsonl"),
        """
        {"token_idx": 0, "layer": 1, "topk_ids": [0, 1]}
        {"token_idx": 0, "layer": 2, "topk_ids": [2, 1]}
        """);
    Files.writeString(
        folder.resolve("more.jsonl"),
        """
        {"token_idx": 0, "layer": 1, "topk_ids": [2, 1]}
        {"token_idx": 0, "layer": 2, "topk_ids": [2, 0]}
        """);
    Files.writeString(folder.resolve("broken.json"), "{\"logical_count\": [[1, 2, 3], [1");
  }

  /** Runs the command; {@code @} stands for the folder. */
  private int profile(String... args) {
    List<String> all = new ArrayList<>(List.of("profile"));
    for (String arg : args) {
      all.add(arg.replace("@", folder.toString()));
    }
    return Main.run(
        all.toArray(String[]::new),
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, false, StandardCharsets.UTF_8));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8).replace(folder.toString(), "@");
  }

  @Test
  void loadsSamplesFiguresAndSnippet() {
    assertThat(
            profile(
                "us=@/us.json",
                "eu=@/eu.jsonl",
                "@/more.jsonl",
                "--loads",
                "@/loads.csv",
                "--samples",
                "@/samples"))
        .isEqualTo(ExitCode.OK);
    assertThat(folder.resolve("loads.csv"))
        .hasContent(
            """
            layer,expert,weight,origin
            0,0,2,us
            0,1,1,us
            0,2,1,us
            1,0,4,us
            1,1,0,us
            1,2,4,us
            0,0,1,eu
            0,1,2,eu
            0,2,1,eu
            1,0,1,eu
            1,1,1,eu
            1,2,2,eu
            """);
    assertThat(folder.resolve("samples"))
        .isDirectoryContaining("glob:**/eu.topk.u8.gz")
        .isDirectoryNotContaining("glob:**us*");
    // 2 of 4 calls to one of 3 experts, then 4 of 8: 1.5 times the mean both.
    assertThat(out()).containsPattern("us +\\| +1 \\|.* 12\\.0 \\| +2 \\| +1\\.50 \\| +1\\.50");
    // 1/4 + 1/4 + 1/4, then 1/4 + 1/2.
    assertThat(out()).containsPattern("us, eu +\\| +75% \\| +75% \\| +0");
    assertThat(out())
        .endsWith(
            """
            File names start at the folder %s, where the problem file has to lie.
            For the problem file: moeLayers 2, expertsPerLayer 3, topK 2, and
            "routing": {
              "loads": [
                {
                  "file": "loads.csv"
                }
              ],
              "samples": [
                {
                  "origin": "eu",
                  "file": "samples/eu.topk.u8.gz",
                  "tokens": 2
                }
              ]
            }
            """
                .formatted(folder.toAbsolutePath()));
    assertThat(err())
        .containsPattern("us: \\d+% of \\d+ B read, [0-9.]+ k?M?B/s, done")
        .containsPattern("eu: 100% of \\d+ B read, 2 tokens, .*done")
        .contains("The recording of origin (us) has counts only, so it gives no sample.")
        .contains("Layer 0 calls no expert and is left out; layer 0 here is layer 1 of the");
  }

  @Test
  void jsonIsAllThatIsPrinted() {
    assertThat(profile("us=@/us.json", "--json", "--top-k", "2", "-q")).isEqualTo(ExitCode.OK);
    assertThat(err()).isEmpty();
    JsonNode profile = new ObjectMapper().readTree(out());
    assertThat(profile.get("moeLayers").asInt()).isEqualTo(2);
    assertThat(profile.get("recordedLayers").toString()).isEqualTo("[1,2]");
    assertThat(profile.at("/origins/0/layers/1/skew").asDouble()).isEqualTo(1.5);
    assertThat(profile.at("/origins/0/layers/1/entropyBits").asDouble()).isEqualTo(1);
    assertThat(profile.at("/origins/0/tokens").asInt()).isEqualTo(3); // (4 + 8) / 2 layers / 2
  }

  @Test
  void denseLayersAreKeptOnDemand() {
    assertThat(
            profile("us=@/us.json", "--dense-layers", "keep", "--loads", "@/loads.csv", "--json"))
        .isEqualTo(ExitCode.OK);
    assertThat(folder.resolve("loads.csv")).content().contains("0,2,0,us\n1,0,2,us\n");
  }

  @Test
  void brokenRecordingMeansNothingWritten() throws IOException {
    Files.writeString(folder.resolve("loads.csv"), "older");
    assertThat(
            profile(
                "us=@/broken.json",
                "eu=@/eu.jsonl",
                "--loads",
                "@/loads.csv",
                "--samples",
                "@/samples/of/tokens"))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err())
        .contains("@/broken.json:1:")
        .contains("The file must be JSON: Unexpected end-of-input")
        .contains("\n  Maybe the file was cut off.")
        .doesNotContain("\tat ");
    assertThat(out()).isEmpty();
    assertThat(folder.resolve("loads.csv")).hasContent("older");
    assertThat(folder.resolve("samples")).doesNotExist();
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  /** Channels that an interrupted thread writes to fail as those of a full disk do. */
  @Test
  void outputsThatCannotBeWritten() {
    Thread.currentThread().interrupt();
    try {
      assertThat(profile("us=@/us.json", "--loads", "@/loads.csv")).isEqualTo(ExitCode.USAGE);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(err())
        .contains("moesaic: The outputs cannot be written: ")
        .contains("\nMaybe the disk is full; choose another folder.")
        .doesNotContain("internal error");
    assertThat(folder).isDirectoryNotContaining("glob:**loads.csv*");
  }

  @Test
  void figuresThatCannotBeWritten() {
    var broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    int exit =
        Main.run(
            new String[] {"profile", "us=" + folder.resolve("us.json")},
            new PrintStream(broken, false, StandardCharsets.UTF_8),
            new PrintStream(err, false, StandardCharsets.UTF_8));
    assertThat(exit).isEqualTo(ExitCode.USAGE);
    assertThat(err())
        .contains("The figures (but for files that were asked for) cannot be written to standard")
        .contains("its reader ended, or the disk is full.");
  }

  @Test
  void samplesFolderThatCannotBeWrittenTo() throws IOException {
    Path samples = Files.createDirectory(folder.resolve("samples"));
    samples.toFile().setWritable(false);
    assumeFalse(Files.isWritable(samples), "This user may write everywhere, so this is skipped.");
    // Said before the recording is read, which is broken.
    assertThat(profile("us=@/broken.json", "--samples", "@/samples")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("The folder (@/samples) of the samples cannot be written to.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "us.json | must say whose it is | Maybe write ORIGIN=us.json",
        "us= | must have a recording | Maybe write us=FILE",
        "'a,b=@/us.json' | without comma, quote or slash | Maybe rename",
        "us=@/us.json --format onnx | There is no format (onnx) to choose. | sglang, tensorrt-llm",
        "us=@/us.json --dense-layers some | There is no way (some) | drop, keep",
        "us=@/us.json --sample-tokens 0 | must be a whole number from 1 on, or all | Maybe leave"
            + " it",
        "us=@/us.json --experts -1 | The experts (-1) must be from 0 | Maybe leave it out",
        "us=@/us.json --loads @/us.json | is the input too | Maybe choose another name",
        "us=@/us.json --loads @/no/loads.csv | does not exist | mkdir -p",
        "us=@/us.json --loads @/loads.csv.gz | are not packed | leave .gz out",
        "us=@/us.json --samples @/us.json | must be a folder | Maybe choose",
      })
  void usageErrors(String args, String message, String hint) {
    assertThat(profile(args.split(" "))).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains(message).contains(hint).contains("Try 'moesaic profile --help'.");
  }

  @Test
  void whatTheFormatSaysIsTaken() throws IOException {
    Files.copy(folder.resolve("us.json"), folder.resolve("recording"));
    assertThat(profile("us=@/recording", "--format", "sglang", "-q")).isEqualTo(ExitCode.OK);
    assertThat(profile("us=@/recording", "--format", "jsonl", "-q"))
        .isEqualTo(ExitCode.INVALID_INPUT);
    assertThat(err()).contains("@/recording:1").contains("lacks token_idx");
  }

  @Test
  void helpListsTheFormats() {
    assertThat(profile("--help")).isEqualTo(ExitCode.OK);
    assertThat(out()).contains("sglang", "tensorrt-llm", "npy", "jsonl", "parquet", "csv");
  }
}
