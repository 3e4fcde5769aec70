package org.moesaic.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.moesaic.json.InvalidInputException;

/** What is wrong with a recording is said with its place and a way out. */
class RecordingFaultsTest {
  private static final long[] TWO_TOKENS = {0, 1, 2, 3, 0, 1, 2, 3};
  private static final long[] SHAPE = {2, 2, 2};

  @TempDir private Path folder;

  static Stream<Arguments> faults() {
    String line = Written.jsonLine(0, 0, 1, 2);
    return Stream.of(
        // NumPy: the header of these arrays ends at byte 128.
        of("a.npy", Written.npy("<f4", SHAPE, TWO_TOKENS), "must be whole", "byte 128", "(<f4)"),
        of("a.npy", Written.npy("<i4", new long[] {8}, TWO_TOKENS), "must have two dimensions"),
        of(
            "a.npy",
            Written.npyWithHeader(
                "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 2, 2), }", "<i4", TWO_TOKENS),
            "C order",
            "byte 128",
            "ascontiguousarray"),
        of(
            "a.npy",
            Written.npy("<i4", new long[] {3, 2, 2}, TWO_TOKENS),
            "ends at byte 160, but the array of shape [3,2,2] needs 48 bytes from byte 128 on"),
        of(
            "a.npy",
            Written.npy("<i4", new long[] {1, 2, 2}, TWO_TOKENS),
            "after the array",
            "byte 144"),
        of(
            "a.npy",
            Written.npy("<i4", new long[] {1L << 40, 1 << 12, 1 << 12}, TWO_TOKENS),
            "less than 2^63 bytes"),
        of(
            "a.npy",
            Written.npy("<i4", new long[] {9999, 4}, TWO_TOKENS),
            "4096 layers",
            "[1][topk]"),
        of(
            "a.npy",
            Written.npy("<i4", SHAPE, 0, 1, 2, 3, 0, 1, 2, 2),
            "The expert (2) is chosen twice by one token in layer 1: token 1, at byte 156"),
        of("a.npy", Written.npy("<i4", SHAPE, 0, 1, 2, 3, 0, 1, -5, 2), "(-5)", "byte 152"),
        of(
            "a.npy",
            Written.npy("<i8", SHAPE, 0, 1, 2, 3, 0, 1L << 40, 1, 2),
            "1099511627776",
            "byte 168"),
        of("a.npy", Written.npy("<i8", new long[] {1, 2}, 3, -1), "count (-1)", "byte 136"),
        of("a.npy", Written.npy("<i8", new long[] {1, 2}, 3, 1L << 60), "2^53", "byte 136"),
        of("a.npy", Written.npy("<i4", SHAPE, 0, 0, 0, 0, 0, 1, 2, 3), "chooses no experts"),
        of("a.npy", Written.npy("<i4", SHAPE, 0, 0, 2, 3, 0, 1, 2, 3), "must be 0", "byte 148"),
        of("a.npy", Written.ascii("{\"logical_count\": [[1]]}"), "mark of NumPy"),
        of(
            "a.npy",
            Written.npyWithHeader(
                "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (2,), }", "<i4", 1, 2),
            "several fields"),
        of(
            "a.npy",
            Written.npyWithHeader("{'descr': '<i4'}", "<i4", 1, 2),
            "lacks descr, fortran_order"),
        of(
            "a.npy",
            Written.npyWithHeader("{'descr': '<i4', }}", "<i4", 1, 2),
            "cannot be understood"),
        // SGLang
        of("a.json", "[[1, 2]]", "a.json:1:1", "logical_count"),
        of("a.json", "{\"count\": [[1, 2]]}", "logical_count is missing"),
        of("a.json", "{\"logical_count\": []}", "is empty"),
        of("a.json", "{\"logical_count\": [1, 2]}", "a.json:1:20", "list of experts or of layers"),
        of(
            "a.json",
            "{\"logical_count\": [[1, 2],\n [3]]}",
            "a.json:2:",
            "layer (1) has 1 experts"),
        of("a.json", "{\"logical_count\": [[1, 2],\n [3, -4]]}", "a.json:2:6", "(-4)", "layer 1"),
        of("a.json", "{\"logical_count\": [[1, \"x\"]]}", "count (x)"),
        of("a.json", "{\"logical_count\": [[1, NaN]]}", "JSON", "NaN"),
        of("a.json", "{\"logical_count\": [[1e99, 1]]}", "(1e99)", "2^53"),
        of("a.json", "{\"logical_count\": [[[1, 2]], [[1, 2], [1, 2]]]}", "has 2 layers, but"),
        of("a.json", "{\"logical_count\": [[[[1]]]]}", "dimensions"),
        of("a.json", "{\"logical_count\": [[1]], \"logical_count\": [[1]]}", "twice"),
        of("a.json", "{\"logical_count\": [[1]]} {}", "more after the end"),
        // JSON Lines
        of("a.jsonl", "", "no tokens"),
        of("a.jsonl", "[1]\n", "a.jsonl:1", "object with token_idx, layer, topk_ids"),
        of("a.jsonl", line + "{\"token_idx\": 1, \"layer\": 0}\n", "a.jsonl:2", "lacks topk_ids"),
        of("a.jsonl", line + line, "a.jsonl:2", "token 0 is there twice in layer 0"),
        of("a.jsonl", line + Written.jsonLine(1, 0, 1), "a.jsonl:2", "has 1 topk_ids"),
        of("a.jsonl", line + Written.jsonLine(1, 0, 1, 1), "chosen twice", "token 1"),
        of("a.jsonl", line + Written.jsonLine(1, 0, 1, -1), "a.jsonl:2", "expert (-1)"),
        of("a.jsonl", line + Written.jsonLine(1, 5000, 1, 2), "a.jsonl:2", "layer (5000)"),
        of("a.jsonl", line + "{\"token_idx\": 1.5, \"layer\": 0}", "a.jsonl:2", "(1.5)"),
        of("a.jsonl", line + "{\"token_idx\": 1, \"token_idx\": 1}", "twice"),
        of("a.jsonl", line + "{\"token_idx\": 1, \"layer\": 0, \"topk_ids\": []}", "not be empty"),
        of(
            "a.jsonl",
            line + Written.jsonLine(0, 1, 3, 4) + Written.jsonLine(1, 1, 3, 4),
            "a.jsonl:3",
            "token 1, which begins here, lacks layer 0"),
        // CSV
        of("a.csv", "layer,expert\n", "a.csv:1", "header"),
        of("a.csv", "layer,expert,weight\n0,0,1\n0,0,2\n", "a.csv:3", "twice"),
        of("a.csv", "layer,expert,weight\n0,0,x\n", "a.csv:2", "weight (x)"),
        of("a.csv", "layer,expert,weight\n", "no row"),
        of("a.csv", "layer,expert,weight,origin\n0,0,1,usa\n", "origin (us)", "Maybe usa is meant"),
        // gzip
        of("a.npy.gz", Written.npy("<i4", SHAPE, TWO_TOKENS), "must be packed by gzip"),
        of("a.csv.gz", new byte[0], "empty"),
        of("a.parquet.gz", Written.gzip(new byte[9]), "packed by gzip", "unpack it first"),
        of("a.bin", "hello", "cannot be told", "--format"),
        of("a.parquet", "PAR1nonsensePAR1", "Parquet"),
        // safetensors
        of(
            "a.safetensors",
            Written.safetensors(Map.of("100_3", new long[] {1, -2})),
            "count (-2) of expert 1 in layer 3",
            "tensor 100_3",
            "byte"),
        of("a.safetensors", Written.safetensors(Map.of("weight", new long[] {1})), "(weight)"),
        of(
            "a.safetensors",
            Written.safetensors(
                "{\"1_0\": {\"dtype\": \"I64\", \"shape\": [2], \"data_offsets\": [8, 24]}}",
                1,
                2,
                3),
            "must begin at byte"),
        of(
            "a.safetensors",
            Written.safetensors(
                "{\"1_0\": {\"dtype\": \"I64\", \"shape\": [3], \"data_offsets\": [0, 16]}}", 1, 2),
            "bytes 0 to 16, but it needs 24"),
        of(
            "a.safetensors",
            Written.safetensors(
                "{\"1_0\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}}", 1),
            "no whole numbers"),
        of(
            "a.safetensors",
            Written.safetensors(
                "{\"1_0\": {\"dtype\": \"I64\", \"shape\": [2, 1], \"data_offsets\": [0, 16]}}",
                1,
                2),
            "2 dimensions"));
  }

  private static Arguments of(String name, String text, String... said) {
    return of(name, Written.ascii(text), said);
  }

  private static Arguments of(String name, byte[] bytes, String... said) {
    return Arguments.of(name, bytes, List.of(said));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void saysWhereAndWhy(String name, byte[] bytes, List<String> said) throws IOException {
    Path file = Files.write(folder.resolve(name), bytes);
    Path place = Files.createDirectory(folder.resolve("place"));
    assertThatThrownBy(() -> FormatContract.profile(file, place, 10))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContainingAll(said.toArray(String[]::new))
        .hasMessageContaining("\n  Maybe ");
    assertThat(place).isEmptyDirectory();
  }

  @Test
  void everyBrokenFileIsReported() throws IOException {
    Path a = Files.writeString(folder.resolve("a.json"), "[");
    Path b = Files.writeString(folder.resolve("b.jsonl"), "[1]");
    Path c = folder.resolve("c.npy");
    var recordings = List.of(new Recording("us", List.of(a)), new Recording("eu", List.of(b, a)));
    assertThatThrownBy(() -> profile(recordings, ProfileOptions.DEFAULT))
        .isInstanceOfSatisfying(
            InvalidInputException.class, e -> assertThat(e.issues()).hasSize(3));
    assertThatThrownBy(
            () -> profile(List.of(new Recording("us", List.of(c))), ProfileOptions.DEFAULT))
        .hasMessageContaining("no such file");
  }

  @Test
  void noFileIsReadTwiceOrOverwritten() throws IOException {
    Path inFolder = Files.createDirectory(folder.resolve("recorded"));
    Path file = Files.write(inFolder.resolve("a.json"), Written.sglang(new double[][] {{1, 2, 3}}));
    Path loads = Files.write(inFolder.resolve("loads.csv"), Written.csv(new double[][] {{1}}, ""));
    assertThatThrownBy(
            () ->
                Profiler.profile(
                    List.of(new Recording("us", List.of(inFolder, file))),
                    ProfileOptions.DEFAULT,
                    new ProfileOutputs(loads, null),
                    p -> {},
                    () -> false))
        .hasMessageContaining("a.json: The file is there twice for origin (us).")
        .hasMessageContaining("loads.csv: The file is to be read, and to be written");
  }

  @Test
  void differentModelsDoNotMix() throws IOException {
    Path eight = Files.write(folder.resolve("8.json"), Written.sglang(new double[][] {{1, 2, 3}}));
    Path nine =
        Files.write(folder.resolve("9.json"), Written.sglang(new double[][] {{1, 2, 3, 4}}));
    Path two =
        Files.write(
            folder.resolve("2.json"), Written.sglang(new double[][] {{1, 2, 3}, {4, 5, 6}}));
    Path tokens = Files.write(folder.resolve("t.npy"), Written.npy("<i4", SHAPE, TWO_TOKENS));
    Path top1 =
        Files.write(folder.resolve("u.npy"), Written.npy("<i4", new long[] {2, 2, 1}, 0, 1, 2, 1));
    for (boolean oneOrigin : new boolean[] {true, false}) {
      assertMixed(oneOrigin, eight, nine, "4 experts per layer, but those of");
      assertMixed(
          oneOrigin, eight, two, oneOrigin ? "has 2 layers, but" : "in layer 1, unlike (us)");
      assertMixed(oneOrigin, two, tokens, "The expert (3) in layer 1 must be from 0 to 2");
      assertMixed(oneOrigin, tokens, two, "calls expert 3");
      assertMixed(oneOrigin, tokens, top1, "choose 1 experts per layer, but those of");
    }
  }

  private static void assertMixed(boolean oneOrigin, Path a, Path b, String said) {
    var recordings = new ArrayList<Recording>();
    recordings.add(new Recording("us", oneOrigin ? List.of(a, b) : List.of(a)));
    if (!oneOrigin) {
      recordings.add(new Recording("eu", List.of(b)));
    }
    assertThatThrownBy(() -> profile(recordings, ProfileOptions.DEFAULT))
        .as("%s and %s", a, b)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(said);
  }

  @Test
  void optionsAreHeldAgainstRecordings() throws IOException {
    Path tokens = Files.write(folder.resolve("t.npy"), Written.npy("<i4", SHAPE, TWO_TOKENS));
    var recordings = List.of(new Recording("us", List.of(tokens)));
    assertThatThrownBy(() -> profile(recordings, options(3, 0)))
        .hasMessageContaining("The expert (3) in layer 1 must be from 0 to 2: token 0, at byte 140")
        .hasMessageContaining("counts from 1");
    assertThatThrownBy(() -> profile(recordings, options(0, 3)))
        .hasMessageContaining("choose 2 experts per layer, but --top-k says 3");
  }

  private static ProfileOptions options(int experts, int topK) {
    return new ProfileOptions(null, ProfileOptions.DenseLayers.DROP, experts, topK, 10, 0);
  }

  @Test
  void missingRanksAndLayersOfTensorRtLlm() throws IOException {
    RandomTokens tokens = RandomTokens.of(1, 9, 2, 2, 5);
    Path statistic = Written.tensorRtLlm(folder.resolve("statistic"), tokens, 3);
    Path rank1 = statistic.resolve("rank1.safetensors");
    Path rank2 = statistic.resolve("rank2.safetensors");
    Files.move(rank1, rank2);
    assertThatThrownBy(() -> Recordings.loads(statistic))
        .hasMessageContaining("There is a file of rank 2, but none of rank 1.");
    Files.delete(rank2);

    var tensors = new LinkedHashMap<String, long[]>();
    tensors.put("100_3", new long[] {1, 2, 3, 4, 5});
    tensors.put("100_4", new long[] {1, 2, 3, 4, 5});
    tensors.put("101_4", new long[] {1, 2, 3, 4, 5});
    Files.write(statistic.resolve("rank0.safetensors"), Written.safetensors(tensors));
    assertThatThrownBy(() -> Recordings.loads(statistic))
        .hasMessageContaining("The iteration 101 lacks layer 3");
    Files.writeString(
        statistic.resolve("meta_info.json"), "{\"num_experts\": 6, \"num_experts_per_token\": 2}");
    assertThatThrownBy(() -> Recordings.loads(statistic))
        .hasMessageContaining("5 experts per layer, but those of")
        .hasMessageContaining("meta_info.json have 6");
  }

  /** One numbers all layers, the other only those with experts. */
  @Test
  void layersOfOneOriginAreNumberedAlike() throws IOException {
    Path all =
        Files.write(
            folder.resolve("all.json"), Written.sglang(new double[][] {{0, 0}, {1, 2}, {3, 4}}));
    Path dropped =
        Files.write(
            folder.resolve("dropped.csv"), Written.csv(new double[][] {{1, 2}, {3, 4}}, ""));
    assertMixed(true, all, dropped, "dropped.csv: The file calls experts in layer 0, unlike");
    assertMixed(true, dropped, all, "all.json: The file calls experts in layer 2, unlike");
    assertThatThrownBy(() -> Recordings.loads(folder))
        .hasMessageContaining("numbers the others from 0 on");
  }

  @Test
  void layersOfAllOriginsAreTheSameEvenIfKept() throws IOException {
    Path all =
        Files.write(
            folder.resolve("all.json"), Written.sglang(new double[][] {{0, 0}, {1, 2}, {3, 4}}));
    Path dropped =
        Files.write(
            folder.resolve("dropped.csv"), Written.csv(new double[][] {{1, 2}, {3, 4}}, ""));
    var recordings =
        List.of(new Recording("us", List.of(all)), new Recording("eu", List.of(dropped)));
    var keep = new ProfileOptions(null, ProfileOptions.DenseLayers.KEEP, 0, 0, 10, 0);
    assertThatThrownBy(() -> profile(recordings, keep))
        .hasMessageContaining("calls experts in layer 0, unlike (us)");
  }

  @Test
  void copiesInAFolderAreNotAddedUp() throws IOException {
    RandomTokens tokens = RandomTokens.of(1, 9, 2, 2, 5);
    Path statistic = Written.tensorRtLlm(folder.resolve("statistic"), tokens, 3);
    byte[] bytes = Files.readAllBytes(statistic.resolve("rank1.safetensors"));
    Path packed = statistic.resolve("rank1.safetensors.gz");
    Files.write(packed, Written.gzip(bytes));
    assertThatThrownBy(() -> Recordings.loads(statistic))
        .hasMessageContaining("rank1.safetensors.gz: The rank 1 is there twice.")
        .hasMessageContaining("remove it");
    Files.delete(packed);
    Files.write(statistic.resolve("rank01.safetensors"), bytes);
    assertThatThrownBy(() -> Recordings.loads(statistic))
        .hasMessageContaining("The rank 1 is there twice.");

    Path lines = Files.createDirectory(folder.resolve("lines"));
    byte[] text = Written.ascii(Written.jsonLines(tokens));
    Files.write(lines.resolve("a.jsonl"), text);
    Files.write(lines.resolve("a.jsonl.gz"), Written.gzip(text));
    assertThatThrownBy(() -> Recordings.loads(lines))
        .hasMessageContaining("a.jsonl.gz: The file is there twice")
        .hasMessageContaining("remove it");
  }

  @Test
  void loadsWithoutCallsAreNone() throws IOException {
    Path file = Files.write(folder.resolve("a.json"), Written.sglang(new double[][] {{0, 0}}));
    assertThatThrownBy(() -> Recordings.loads(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("calls no expert at all")
        .hasMessageContaining("not switched on");
    assertThatThrownBy(() -> Recordings.loads(file, -1, note -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("experts (-1)");
  }

  /** The greatest layers and experts that are allowed, without all the others. */
  @Test
  @Timeout(60)
  void fewGreatNumbersDoNotTakeAllMemory() throws IOException {
    String header = "layer,expert,weight";
    Path one = Files.writeString(folder.resolve("one.csv"), header + "\n4095,65535,1\n");
    requireTooMany(one, "4096 layers of 65536 experts");

    var rows = new StringBuilder(header + "\n");
    for (int layer = 0; layer < 4096; layer++) {
      rows.append(layer).append(",65535,1\n");
    }
    Path each = Files.writeString(folder.resolve("each.csv"), rows);
    requireTooMany(each, "4194304 experts in all layers");
    var us = List.of(new Recording("us", List.of(each)));
    assertThatThrownBy(() -> profile(us, ProfileOptions.DEFAULT))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("us: There must be at most 4194304 experts");

    long[] ids = new long[4096];
    Arrays.fill(ids, 65535);
    byte[] token = Written.npy("<i4", new long[] {1, 4096, 1}, ids);
    requireTooMany(
        Files.write(folder.resolve("token.npy"), token), "4194304 experts in all layers");

    var others = new StringBuilder(header + ",origin\n0,0,1,us\n");
    for (int origin = 0; origin < 30; origin++) {
      for (int layer = 0; layer < 4000; layer++) {
        others.append(layer).append(",65535,1,").append(origin).append('\n');
      }
    }
    Path many = Files.writeString(folder.resolve("many.csv"), others);
    var ofMany = List.of(new Recording("us", List.of(many)));
    // After the header and the row of us, 2^26 / 65536 rows are one too many.
    assertThatThrownBy(() -> profile(ofMany, ProfileOptions.DEFAULT))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("many.csv:1026")
        .hasMessageContaining("67108864 experts in all layers and origins");
  }

  private static void requireTooMany(Path file, String said) {
    assertThatThrownBy(() -> Recordings.loads(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(said)
        .hasMessageContaining("\n  Maybe ");
  }

  /** A list that holds a list that holds a list, where a page should begin. */
  @Test
  void parquetOfListsWithinLists() throws IOException {
    byte[] bytes = Written.parquet(RandomTokens.of(1, 2_000, 2, 2, 5), 1 << 20);
    Arrays.fill(bytes, 4, 20_000, (byte) 0x19); // a field, or a list, of one list
    Path file = Files.write(folder.resolve("a.parquet"), bytes);
    assertThatThrownBy(() -> Recordings.loads(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("header cannot be understood");
  }

  @Test
  @Timeout(60)
  void bombsAreRefused() throws IOException {
    // Zeros pack to a thousandth: the file claims 2^40 tokens and brings the first 128 MiB of them.
    byte[] array = Written.npy("<i4", new long[] {1L << 40, 1, 1});
    byte[] bomb = Arrays.copyOf(array, 128 << 20);
    Path file = Files.write(folder.resolve("bomb.npy.gz"), Written.gzip(bomb));
    assertThatThrownBy(() -> Recordings.loads(file))
        .hasMessageContaining("unpack to over 500 times as many");
  }

  @Test
  void membersOfGzipAreOneFile() throws IOException {
    byte[] csv = Written.ascii("layer,expert,weight\n0,0,1\n0,1,2\n");
    byte[] first = Written.gzip(Arrays.copyOf(csv, 25));
    byte[] second = Written.gzip(Arrays.copyOfRange(csv, 25, csv.length));
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    Path file = Files.write(folder.resolve("two.csv.gz"), both);
    assertThat(Recordings.loads(file).row(0)).containsExactly(1, 2);

    byte[] more = Arrays.copyOf(both, both.length + 3);
    Files.write(file, more);
    assertThatThrownBy(() -> Recordings.loads(file))
        .hasMessageContaining(
            "other bytes after the packed ones, from byte " + both.length + " on");
  }

  private static Profile profile(List<Recording> recordings, ProfileOptions options)
      throws IOException {
    return Profiler.profile(recordings, options, ProfileOutputs.NONE, p -> {}, () -> false);
  }
}
