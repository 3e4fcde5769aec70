package org.moesaic.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.json.RecordWriter;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.problem.Routing;
import org.moesaic.problem.Routing.Sample;
import org.moesaic.problem.Weights;
import org.moesaic.routing.Profile.OriginProfile;
import org.moesaic.routing.ProfileOptions.DenseLayers;

class ProfilerTest {
  @TempDir private Path folder;

  private static ProfileOptions options(DenseLayers denseLayers, long sampleTokens, long seed) {
    return new ProfileOptions(null, denseLayers, 0, 0, sampleTokens, seed);
  }

  private Profile profile(ProfileOptions options, Recording... recordings) throws IOException {
    return Profiler.profile(
        List.of(recordings),
        options,
        new ProfileOutputs(folder.resolve("loads.csv"), null),
        progress -> {},
        () -> false);
  }

  private Recording recording(String origin, String name, byte[] bytes) throws IOException {
    return new Recording(origin, List.of(Files.write(folder.resolve(name), bytes)));
  }

  @Test
  void figuresByHand() throws IOException {
    Profile profile =
        profile(
            ProfileOptions.DEFAULT,
            recording("us", "us.json", Written.sglang(new double[][] {{4, 2, 1, 1}, {0, 0, 8, 0}})),
            recording(
                "eu", "eu.json", Written.sglang(new double[][] {{1, 1, 1, 1}, {0, 3, 1, 0}})));

    OriginProfile us = profile.origins().get(0);
    // 4 of 8 calls where 2 are the mean; then 8 of 8.
    assertThat(us.layers().get(0).skew()).isEqualTo(2);
    assertThat(us.layers().get(1).skew()).isEqualTo(4);
    assertThat(us.meanSkew()).isEqualTo(3);
    assertThat(us.maxSkew()).isEqualTo(4);
    // 1/2 * 1 + 1/4 * 2 + 2 * 1/8 * 3 bits; then none.
    assertThat(us.layers().get(0).entropyBits()).isCloseTo(1.75, within(1e-12));
    assertThat(us.layers().get(1).entropyBits()).isZero();
    assertThat(profile.origins().get(1).layers().get(0).entropyBits()).isCloseTo(2, within(1e-12));
    assertThat(us.calls()).isEqualTo(16);
    assertThat(us.tokens()).isNull();
    // Layer 0: 1/4 + 1/4 + 1/8 + 1/8; layer 1: 1/4.
    assertThat(profile.overlaps()).hasSize(1);
    assertThat(profile.overlaps().get(0).mean()).isCloseTo(0.5, within(1e-12));
    assertThat(profile.overlaps().get(0).least()).isCloseTo(0.25, within(1e-12));
    assertThat(profile.overlaps().get(0).leastLayer()).isEqualTo(1);
    assertThat(folder.resolve("loads.csv"))
        .hasContent(
            """
            layer,expert,weight,origin
            0,0,4,us
            0,1,2,us
            0,2,1,us
            0,3,1,us
            1,0,0,us
            1,1,0,us
            1,2,8,us
            1,3,0,us
            0,0,1,eu
            0,1,1,eu
            0,2,1,eu
            0,3,1,eu
            1,0,0,eu
            1,1,3,eu
            1,2,1,eu
            1,3,0,eu
            """);
    assertThat(Recordings.loads(folder.resolve("loads.csv")))
        .isEqualTo(Weights.of(new double[][] {{5, 3, 2, 2}, {0, 3, 9, 0}}));
  }

  @Test
  void denseLayersAreDroppedOrKept() throws IOException {
    Recording counts =
        recording("us", "us.json", Written.sglang(new double[][] {{0, 0}, {0, 0}, {1, 2}, {3, 4}}));
    Profile dropped = profile(ProfileOptions.DEFAULT, counts);
    assertThat(dropped.moeLayers()).isEqualTo(2);
    assertThat(dropped.recordedLayers()).containsExactly(2, 3);
    assertThat(dropped.notes())
        .containsExactly(
            "Layers 0 to 1 call no expert and are left out; layer 0 here is layer 2 of the"
                + " recordings.");
    assertThat(Recordings.loads(folder.resolve("loads.csv")))
        .isEqualTo(Weights.of(new double[][] {{1, 2}, {3, 4}}));

    Profile kept = profile(options(DenseLayers.KEEP, 10, 0), counts);
    assertThat(kept.moeLayers()).isEqualTo(4);
    assertThat(kept.notes()).isEmpty();
    assertThat(kept.origins().get(0).layers().get(0).skew()).isNull();
    assertThat(Recordings.loads(folder.resolve("loads.csv")))
        .isEqualTo(Weights.of(new double[][] {{0, 0}, {0, 0}, {1, 2}, {3, 4}}));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void denseLayersOfTokensAreFilled(long filler) throws IOException {
    long f = filler;
    Path file =
        Files.write(
            folder.resolve("t.npy"),
            Written.npy("<i4", new long[] {2, 3, 2}, f, f, 0, 1, 2, 0, f, f, 1, 2, 0, 1));
    Path place = Files.createDirectory(folder.resolve("place"));
    Profile profile = FormatContract.profile(file, place, 10);
    assertThat(profile.moeLayers()).isEqualTo(2);
    assertThat(profile.recordedLayers()).containsExactly(1, 2);
    assertThat(FormatContract.unpacked(place.resolve("out/us.topk.u8.gz")))
        .containsExactly(0, 1, 2, 0, 1, 2, 0, 1);
    assertThat(Recordings.loads(place.resolve("loads.csv")))
        .isEqualTo(Weights.of(new double[][] {{1, 2, 1}, {2, 1, 1}}));
  }

  @Test
  void layersInBetweenAreNamed() throws IOException {
    double[][] counts = {{1, 2}, {0, 0}, {3, 4}, {0, 0}, {0, 0}, {5, 6}, {0, 0}};
    Profile profile =
        profile(ProfileOptions.DEFAULT, recording("us", "us.json", Written.sglang(counts)));
    assertThat(profile.recordedLayers()).containsExactly(0, 2, 5);
    assertThat(profile.notes())
        .containsExactly(
            "Layers 1, 3 to 4 call no expert and are left out; layer 1 here is layer 2 of the"
                + " recordings.");
  }

  /** With one expert per token, a filler of 0 looks like expert 0. */
  @Test
  void layersThatMayBeDenseAreNoted() throws IOException {
    byte[] tokens = Written.npy("<i4", new long[] {2, 3, 1}, 0, 1, 2, 0, 2, 0);
    String note =
        "Layer 0 calls expert 0 only; with one expert per token that may be a dense layer."
            + " Maybe record dense layers as -1.";
    Recording us = recording("us", "us.npy", tokens);
    assertThat(profile(ProfileOptions.DEFAULT, us).notes()).contains(note);
    byte[] others = Written.npy("<i4", new long[] {2, 3, 1}, 1, 1, 2, 0, 2, 0);
    assertThat(profile(ProfileOptions.DEFAULT, us, recording("eu", "eu.npy", others)).notes())
        .noneMatch(said -> said.contains("expert 0 only"));
  }

  /** Shares are no counts, so no number of tokens follows from them. */
  @Test
  void tokensAreNotMadeUp() throws IOException {
    var topK2 = new ProfileOptions(null, DenseLayers.DROP, 0, 2, 10, 0);
    for (String weights :
        new String[] {"0.5 7.5", "1e30 1e30", "0 1", "9007199254740992 9007199254740992.5e1"}) {
      String csv = "layer,expert,weight\n0,0,%s\n0,1,%s\n".formatted((Object[]) weights.split(" "));
      assertThat(tokens(topK2, csv)).as(weights).isNull();
    }
    assertThat(tokens(topK2, "layer,expert,weight\n0,0,3\n0,1,5\n")).isEqualTo(4);
  }

  private Long tokens(ProfileOptions options, String csv) throws IOException {
    return profile(options, recording("us", "us.csv", Written.ascii(csv)))
        .origins()
        .get(0)
        .tokens();
  }

  /** To the last bit, so the sum's terms are those of the definition, in their order. */
  @Test
  void entropyIsTheSameOnEveryMachine() {
    var random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      double[] row = random.ints(4, 1, 1_000).asDoubleStream().toArray();
      double sum = Arrays.stream(row).sum();
      double bits = 0;
      for (double weight : row) {
        bits -= weight / sum * (StrictMath.log(weight / sum) / StrictMath.log(2));
      }
      assertThat(Figures.layer(0, row).entropyBits())
          .as("replay: row %d of seed 5", i)
          .isEqualTo(bits);
    }
  }

  @Test
  void foldersThatWereMadeAreRemoved() throws IOException {
    Recording counts = recording("us", "us.json", Written.sglang(new double[][] {{1, 2}}));
    Path there = Files.createDirectory(folder.resolve("there"));
    assertThatThrownBy(
            () ->
                Profiler.profile(
                    List.of(counts),
                    ProfileOptions.DEFAULT,
                    new ProfileOutputs(null, there.resolve("a/../b/c")),
                    progress -> {},
                    () -> false))
        .hasMessageContaining("counts only");
    assertThat(there).isEmptyDirectory();
  }

  @Test
  void filesAndFoldersOfAnOriginAddUp() throws IOException {
    RandomTokens a = RandomTokens.of(1, 40, 2, 2, 9);
    RandomTokens b = RandomTokens.of(2, 30, 2, 2, 9);
    Path inFolder = Files.createDirectory(folder.resolve("recorded"));
    Files.write(inFolder.resolve("part10.npy"), Written.npy("|u1", b));
    Files.write(inFolder.resolve("part9.npy.gz"), Written.gzip(Written.npy("<i2", a)));
    Files.writeString(inFolder.resolve("notes.txt"), "no recording");
    Files.writeString(inFolder.resolve(".hidden.npy"), "no recording");
    Path lines = Files.write(folder.resolve("c.json"), Written.ascii(Written.jsonLines(a)));
    Path place = Files.createDirectory(folder.resolve("place"));

    Profile profile = FormatContract.profile(inFolder, place, Long.MAX_VALUE);
    byte[] both = Arrays.copyOf(a.raw(), a.raw().length + b.raw().length);
    System.arraycopy(b.raw(), 0, both, a.raw().length, b.raw().length);
    assertThat(FormatContract.unpacked(place.resolve("out/us.topk.u8.gz"))).isEqualTo(both);
    assertThat(profile.origins().get(0).files()).isEqualTo(2);
    assertThat(profile.topK()).isEqualTo(2);

    profile(ProfileOptions.DEFAULT, new Recording("us", List.of(inFolder, lines)));
    double[][] sum = a.counts();
    for (int l = 0; l < 2; l++) {
      for (int e = 0; e < 9; e++) {
        sum[l][e] += a.counts()[l][e] + b.counts()[l][e];
      }
    }
    assertThat(Recordings.loads(folder.resolve("loads.csv"))).isEqualTo(Weights.of(sum));
  }

  @Test
  void countsOfTensorRtLlmSayHowManyTokens() throws IOException {
    RandomTokens tokens = RandomTokens.of(3, 41, 2, 3, 8);
    Path statistic = Written.tensorRtLlm(folder.resolve("statistic"), tokens, 3);
    Files.writeString(statistic.resolve("rank0_raw.safetensors"), "tokens of a later version");
    Profile profile = profile(ProfileOptions.DEFAULT, new Recording("us", List.of(statistic)));
    assertThat(profile.origins().get(0).tokens()).isEqualTo(41);
    assertThat(profile.topK()).isEqualTo(3);
    assertThat(profile.recordedLayers()).containsExactly(3, 4);
    assertThat(Recordings.loads(folder.resolve("loads.csv")))
        .isEqualTo(Weights.of(tokens.counts()));
    assertThat(Recordings.loads(statistic).layers()).isEqualTo(5);
  }

  @Test
  void problemsReadWhatProfilesWrite() throws IOException {
    RandomTokens us = RandomTokens.of(1, 25, 3, 2, 7);
    RandomTokens eu = RandomTokens.of(2, 35, 3, 2, 7);
    var outputs = new ProfileOutputs(folder.resolve("loads/all.csv"), folder.resolve("samples"));
    Files.createDirectory(folder.resolve("loads"));
    Profile profile =
        Profiler.profile(
            List.of(
                recording("us", "us.npy", Written.npy("<i8", us)),
                recording("eu", "eu.jsonl", Written.ascii(Written.jsonLines(eu)))),
            ProfileOptions.DEFAULT,
            outputs,
            progress -> {},
            () -> false);
    assertThat(Profiler.outputFolder(outputs)).isEqualTo(folder.toAbsolutePath());
    assertThat(profile.routing().samples())
        .containsExactly(
            new Sample("us", "samples/us.topk.u8.gz", 25),
            new Sample("eu", "samples/eu.topk.u8.gz", 35));

    Problem problem =
        ProblemBuilder.threeRegions()
            .model(profile.moeLayers(), profile.expertsPerLayer(), profile.topK())
            .freeProvider("p")
            .origin("us", "p/east", 10)
            .origin("eu", "p/paris", 20)
            .offer("o", "p/east")
            .build();
    Path file = folder.resolve("problem.json");
    String snippet = RecordWriter.of(Routing.class).toJson(profile.routing());
    Files.writeString(
        file,
        Problems.toJson(problem).replaceFirst("\\{", "{\"routing\": " + snippet.strip() + ","));
    Problem read = Problems.read(file);
    assertThat(read.routing().samples())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("choices")
        .isEqualTo(profile.routing().samples());
    assertThat(read.routing().samples().get(0).choices().counts(7))
        .isEqualTo(Weights.of(us.counts()));
    assertThat(read.routing().samples().get(1).choices().counts(7))
        .isEqualTo(Weights.of(eu.counts()));
    assertThat(read.routing().loads()).hasSize(2);
    assertThat(read.routing().loads().get(0).origin()).isEqualTo("us");
    assertThat(read.routing().loads().get(0).weights()).isEqualTo(Weights.of(us.counts()));
    assertThat(read.routing().loads().get(1).weights()).isEqualTo(Weights.of(eu.counts()));
  }

  @Test
  void sameSeedSameBytes() throws IOException {
    RandomTokens tokens = RandomTokens.of(4, 500, 2, 2, 9);
    Path file = Files.write(folder.resolve("t.npy"), Written.npy("<i4", tokens));
    var written = new ArrayList<byte[]>();
    for (long seed : new long[] {0, 0, 1}) {
      Path samples = folder.resolve("samples" + written.size());
      Profiler.profile(
          List.of(new Recording("us", List.of(file))),
          options(DenseLayers.DROP, 50, seed),
          new ProfileOutputs(null, samples),
          progress -> {},
          () -> false);
      written.add(Files.readAllBytes(samples.resolve("us.topk.u8.gz")));
    }
    assertThat(written.get(0)).isEqualTo(written.get(1));
    assertThat(written.get(0)).isNotEqualTo(written.get(2));
  }

  /** Ids take one byte each until one does not fit, which may be in another origin. */
  @Test
  void samplesWiden() throws IOException {
    byte[] few = Written.npy("<i4", new long[] {3, 1, 1}, 7, 255, 1);
    byte[] many = Written.npy("<i4", new long[] {3, 1, 1}, 7, 256, 1);
    for (long sampled : new long[] {5, Long.MAX_VALUE}) {
      Path samples = folder.resolve("samples");
      Profiler.profile(
          List.of(recording("us", "us.npy", few), recording("eu", "eu.npy", many)),
          options(DenseLayers.DROP, sampled, 0),
          new ProfileOutputs(null, samples),
          progress -> {},
          () -> false);
      assertThat(FormatContract.unpacked(samples.resolve("us.topk.u16.gz")))
          .containsExactly(7, 0, 255, 0, 1, 0);
      assertThat(FormatContract.unpacked(samples.resolve("eu.topk.u16.gz")))
          .containsExactly(7, 0, 0, 1, 1, 0);
    }
  }

  @Test
  void stoppedMeansNothingWritten() throws IOException {
    long[] ids = new long[2_000_000];
    Arrays.setAll(ids, i -> i % 8);
    Path file =
        Files.write(folder.resolve("t.npy"), Written.npy("<i4", new long[] {500_000, 1, 4}, ids));
    Path place = Files.createDirectory(folder.resolve("place"));
    assertThatThrownBy(
            () ->
                Profiler.profile(
                    List.of(new Recording("us", List.of(file))),
                    options(DenseLayers.DROP, Long.MAX_VALUE, 0),
                    new ProfileOutputs(place.resolve("loads.csv"), place.resolve("samples")),
                    progress -> {},
                    () -> true))
        .isInstanceOf(CancellationException.class);
    assertThat(place).isEmptyDirectory();
  }

  /** With 4,000 draws of 5 out of 20, each token's share is 1/4 with a deviation of 0.007. */
  @Test
  void everyTokenIsAsLikelyToBeSampled() throws IOException {
    int[] drawn = new int[20];
    int draws = 4_000;
    for (int seed = 0; seed < draws; seed++) {
      var samples = new ReservoirSamples(5, seed, new AllSamples(folder.resolve("s"), false));
      samples.begin(folder, 1);
      for (int token = 0; token < drawn.length; token++) {
        samples.offer(new int[] {token}, new int[0]);
      }
      for (int token : samples.keptIds()) {
        drawn[token]++;
      }
    }
    for (int token = 0; token < drawn.length; token++) {
      assertThat(drawn[token] / (double) draws)
          .as("token %d", token)
          .isCloseTo(0.25, within(0.035));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"intent", "law", "summary", "translation"})
  void recordedTokensOfDeepSeekV2Lite(String task) throws IOException {
    Path recorded = org.moesaic.benchmark.Recordings.folder("routing/deepseek-v2-lite");
    assumeTrue(recorded != null, "The recorded tokens are not here, so this is skipped.");
    byte[] raw = FormatContract.unpacked(recorded.resolve(task + ".topk.u8.gz"));
    int tokens = raw.length / (26 * 6);
    long[] ids = new long[raw.length];
    double[][] counts = new double[26][64];
    for (int i = 0; i < raw.length; i++) {
      ids[i] = raw[i];
      counts[i / 6 % 26][raw[i]]++;
    }
    Path file =
        Files.write(folder.resolve("t.npy"), Written.npy("|u1", new long[] {tokens, 26, 6}, ids));
    Path place = Files.createDirectory(folder.resolve("place"));
    Profile profile = FormatContract.profile(file, place, ProfileOptions.SAMPLE_TOKENS);
    // All of them, since there are fewer than are drawn.
    assertThat(FormatContract.unpacked(place.resolve("out/us.topk.u8.gz"))).isEqualTo(raw);
    assertThat(Recordings.loads(place.resolve("loads.csv"))).isEqualTo(Weights.of(counts));
    assertThat(profile.origins().get(0).tokens()).isEqualTo(tokens);
    assertThat(profile.expertsPerLayer()).isEqualTo(64);
  }
}
