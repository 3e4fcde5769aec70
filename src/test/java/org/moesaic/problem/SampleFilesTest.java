package org.moesaic.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issue;
import org.moesaic.json.Issue.Severity;

/** Samples are read as documented, and refused in words whatever else their files hold. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SampleFilesTest {
  private static final String NAME = "samples/eu.topk.u8.gz";

  /** Three tokens of two layers with two choices each. */
  private static final byte[] TOKENS = {0, 1, 2, 3, /**/ 1, 0, 3, 2, /**/ 3, 1, 0, 1};

  @TempDir private Path folder;

  /** The good problem with a sample of the origin that has no load of its own. */
  private static String problem(long tokens) {
    return GoodProblem.replace(
        GoodProblem.text(),
        "\"loads\": [",
        "\"samples\": [ { \"origin\": \"eu-chat\", \"file\": \"%s\", \"tokens\": %d } ],\n\"loads\": ["
            .formatted(NAME, tokens));
  }

  private Path write(long tokens, byte[] file) throws IOException {
    return write(problem(tokens), file);
  }

  private Path write(String problem, byte[] file) throws IOException {
    Files.createDirectories(folder.resolve("samples"));
    Files.write(folder.resolve(NAME), file);
    return GoodProblem.write(folder, problem, GoodProblem.csv());
  }

  private static byte[] gzip(byte... bytes) {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  private static SampledTokens read(Path file) {
    return Problems.read(file).routing().samples().getFirst().choices();
  }

  @Test
  void choicesAreThoseOfTheFile() throws IOException {
    SampledTokens read = read(write(3, gzip(TOKENS)));

    assertThat(List.of(read.tokens(), read.layers(), read.topK())).containsExactly(3, 2, 2);
    int at = 0;
    for (int token = 0; token < 3; token++) {
      for (int layer = 0; layer < 2; layer++) {
        for (int k = 0; k < 2; k++) {
          assertThat(read.expert(token, layer, k)).isEqualTo(TOKENS[at++]);
        }
      }
    }
    assertThat(read.counts(4)).isEqualTo(Weights.of(new double[][] {{2, 3, 0, 1}, {1, 1, 2, 2}}));
  }

  @Test
  void manyExpertsTakeTwoBytesEach() throws IOException {
    String wide =
        GoodProblem.replace(problem(1), "\"expertsPerLayer\": 4", "\"expertsPerLayer\": 300");
    wide =
        GoodProblem.replace(wide, ",\n      { \"weights\": [[4, 3, 2, 1], [1, 1, 1, 1.5]] }", "");
    SampledTokens read =
        read(
            write(
                wide,
                gzip(
                    (byte) 43,
                    (byte) 1,
                    (byte) 255,
                    (byte) 0,
                    (byte) 0,
                    (byte) 1,
                    (byte) 2,
                    (byte) 0)));

    assertThat(read.expert(0, 0, 0)).isEqualTo(299);
    assertThat(read.expert(0, 0, 1)).isEqualTo(255);
    assertThat(read.expert(0, 1, 0)).isEqualTo(256);
    assertThat(read.expert(0, 1, 1)).isEqualTo(2);
    assertRefused(
        write(
            wide,
            gzip((byte) 44, (byte) 1, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 1, (byte) 0)),
        "The expert (300) that token (0) chose in layer (0) must be less than 300.",
        "Maybe experts are counted from 1 instead of 0.");
  }

  @Test
  void choicesInCodeAreThoseOfTheFile() throws IOException {
    Problem problem = Problems.read(write(3, gzip(TOKENS)));
    int[][][] choices = {{{0, 1}, {2, 3}}, {{1, 0}, {3, 2}}, {{3, 1}, {0, 1}}};

    assertThat(SampledTokens.of(choices, problem.model()))
        .isEqualTo(problem.routing().samples().getFirst().choices());
    for (int[][][] wrong :
        List.of(
            new int[0][][],
            new int[][][] {{{0, 1}}},
            new int[][][] {{{0, 1}, {2}}},
            new int[][][] {{{0, 1}, {2, 4}}},
            new int[][][] {{{0, 1}, {2, -1}}},
            new int[][][] {{{0, 1}, {2, 2}}})) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .as("%s", Arrays.deepToString(wrong))
          .isThrownBy(() -> SampledTokens.of(wrong, problem.model()));
    }
  }

  @Test
  void writtenProblemReadsTheSame() throws IOException {
    Problem problem = Problems.read(write(3, gzip(TOKENS)));
    Path copy = folder.resolve("copy.json");
    Problems.write(problem, copy);

    assertThat(Problems.read(copy).withSha256(problem.sha256())).isEqualTo(problem);
    assertThat(Files.readString(copy)).contains("\"tokens\": 3").doesNotContain("\"choices\"");
  }

  @Test
  void theDigestIsOverWhatTheFileHolds() throws Exception {
    String noFiles =
        GoodProblem.replace(
            problem(3), "{ \"origin\": \"us-chat\", \"file\": \"loads/us-chat.csv\" },", "");
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update("eu-chat\0".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    digest.update(TOKENS);
    String expected = HexFormat.of().formatHex(digest.digest());

    assertThat(Problems.read(write(noFiles, gzip(TOKENS))).routing().filesSha256())
        .isEqualTo(expected);
    byte[] inTwo = concat(gzip(Arrays.copyOf(TOKENS, 5)), gzip(Arrays.copyOfRange(TOKENS, 5, 12)));
    assertThat(Problems.read(write(noFiles, inTwo)).routing().filesSha256()).isEqualTo(expected);
    String withLoad = Problems.read(write(3, gzip(TOKENS))).routing().filesSha256();
    assertThat(withLoad).isNotEqualTo(expected);
    byte[] other = TOKENS.clone();
    other[0] = 2;
    assertThat(Problems.read(write(3, gzip(other))).routing().filesSha256()).isNotEqualTo(withLoad);
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  @Test
  void otherNumbersOfTokensAreRefused() throws IOException {
    assertRefused(
        write(2, gzip(TOKENS)),
        "The tokens (2) of sample (0) must be as many as its file has: 3.",
        "Maybe the file was made anew since.");
    assertRefused(
        write(4, gzip(TOKENS)),
        "The tokens (4) of sample (0) must be as many as its file has: 3.",
        "Maybe");
    assertThat(Problems.validate(write(4, gzip(TOKENS))))
        .filteredOn(issue -> issue.severity() == Severity.ERROR)
        .extracting(Issue::pointer)
        .containsExactly("/routing/samples/0/tokens");
    assertRefused(
        write(3, gzip(Arrays.copyOf(TOKENS, 11))),
        "The file must hold tokens of 4 bytes, 2 layers of 2 choices each, but holds 11 bytes.",
        "Maybe it is of another model.");
    assertRefused(write(3, gzip()), "but holds 0 bytes.", "Maybe it is of another model.");
  }

  @Test
  void choicesThatNoTokenMakesAreRefused() throws IOException {
    byte[] beyond = TOKENS.clone();
    beyond[6] = 9;
    assertRefused(
        write(3, gzip(beyond)),
        "The expert (9) that token (1) chose in layer (1) must be less than 4.",
        "Maybe the file is of another model.");
    byte[] twice = TOKENS.clone();
    twice[8] = 1;
    assertRefused(
        write(3, gzip(twice)),
        "The expert (1) must not be there twice in layer (0) of token (2).",
        "Maybe the file is of a model with another topK or other layers.");
  }

  @Test
  void brokenFilesAreRefused() throws IOException {
    byte[] good = gzip(TOKENS);
    assertRefused(write(3, new byte[0]), "The file must be packed by gzip, but is empty.", "Maybe");
    assertRefused(write(3, TOKENS), "The file must be packed by gzip.", "unpacked already");
    assertRefused(write(3, concat(good, TOKENS)), "There are other bytes after", "Maybe two files");
    for (int length = 0; length < good.length; length++) {
      Path file = write(3, Arrays.copyOf(good, length));
      assertThat(Problems.validate(file).toString()).as("length %d", length).contains("Maybe");
      assertThatExceptionOfType(InvalidInputException.class)
          .as("length %d", length)
          .isThrownBy(() -> Problems.read(file));
    }
  }

  /** Replay a failure: {@code mvn test -Dtest=SampleFilesTest -Dmoesaic.seed=…}. */
  @Test
  void flippedBytesAreReadOrRefused() throws IOException {
    long first = Long.getLong("moesaic.seed", 0);
    for (long seed = first; seed < first + 150; seed++) {
      var random = new Random(seed);
      byte[] bytes = gzip(TOKENS);
      for (int i = 0; i < 1 + random.nextInt(3); i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        Problems.read(write(3, bytes));
      } catch (InvalidInputException e) {
        assertThat(e.issues()).as("-Dmoesaic.seed=%d", seed).isNotEmpty();
      } catch (RuntimeException | Error e) {
        throw new AssertionError("Replay with -Dmoesaic.seed=" + seed, e);
      }
    }
  }

  @Test
  void bombsAndFalsePromisesTakeLittle() throws IOException {
    byte[] bomb = gzip(new byte[100 << 20]);
    assertBoundedMemory(write(3, bomb), "unpack to over 500 times as many", 32);
    assertBoundedMemory(write(9_000_000_000_000L, bomb), "must not have more than 268435456", 32);
    assertBoundedMemory(write(50_000_000, gzip(TOKENS)), "as many as its file has: 3.", 32);
  }

  private static void assertBoundedMemory(Path file, String message, int mebibytes) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    List<Issue> issues = Problems.validate(file);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan((long) mebibytes << 20);
    assertThat(issues.toString()).contains(message).contains("Maybe");
  }

  @Test
  void oneFileMayBeOfSeveralOrigins() throws IOException {
    String twice =
        GoodProblem.replace(
            problem(3),
            "\"samples\": [",
            "\"samples\": [ { \"origin\": \"us-chat\", \"file\": \"%s\", \"tokens\": 3 },"
                .formatted(NAME));
    List<Routing.Sample> samples = Problems.read(write(twice, gzip(TOKENS))).routing().samples();
    assertThat(samples).hasSize(2);
    assertThat(samples.get(0).choices()).isSameAs(samples.get(1).choices());
  }

  private static void assertRefused(Path file, String message, String hint) {
    List<Issue> errors =
        Problems.validate(file).stream().filter(i -> i.severity() == Severity.ERROR).toList();
    assertThat(errors).hasSize(1);
    assertThat(errors.getFirst().message()).contains(message);
    assertThat(errors.getFirst().hint()).startsWith("Maybe ").contains(hint);
    assertThat(errors.getFirst().toString())
        .contains(errors.getFirst().pointer() == null ? NAME : "problem.json");
  }
}
