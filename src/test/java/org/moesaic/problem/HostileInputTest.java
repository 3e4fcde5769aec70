package org.moesaic.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issue;
import org.moesaic.json.Limits;

/**
 * Files that mean harm, or are broken beyond meaning, are refused in words, soon and within bounded
 * memory.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileInputTest {
  @TempDir private Path folder;

  @Test
  void everyTruncatedProblemIsRefused() throws IOException {
    byte[] good = GoodProblem.text().strip().getBytes(StandardCharsets.UTF_8);
    GoodProblem.write(folder, "", GoodProblem.csv());
    for (int length = 0; length < good.length; length++) {
      Path file = write(java.util.Arrays.copyOf(good, length));
      List<Issue> issues = Problems.validate(file);
      assertThat(issues).as("the first %d bytes", length).isNotEmpty();
      assertThat(issues.toString()).contains("Maybe");
    }
  }

  @Test
  void everyTruncatedCsvIsReadOrRefused() throws IOException {
    String good = GoodProblem.csv();
    for (int length = 0; length < good.length(); length++) {
      assertOnlyDocumentedFailures(
          GoodProblem.write(folder, GoodProblem.text(), good.substring(0, length)),
          "length " + length);
    }
  }

  @Test
  void flippedBytesAreReadOrRefused() throws IOException {
    for (long seed = seed(); seed < seed() + 4000; seed++) {
      var random = new Random(seed);
      String text = seed % 2 == 0 ? GoodProblem.text() : GoodProblem.full();
      byte[] json = text.getBytes(StandardCharsets.UTF_8);
      byte[] csv = GoodProblem.csv().getBytes(StandardCharsets.UTF_8);
      spoil(seed % 4 == 0 ? csv : json, random);
      GoodProblem.write(folder, "", "");
      Files.write(folder.resolve(GoodProblem.CSV_NAME), csv);
      assertOnlyDocumentedFailures(write(json), "-Dmoesaic.seed=" + seed);
    }
  }

  /** Replay a failure: {@code mvn test -Dtest=HostileInputTest -Dmoesaic.seed=…}. */
  private static long seed() {
    return Long.getLong("moesaic.seed", 0);
  }

  private static void spoil(byte[] bytes, Random random) {
    int flips = 1 + random.nextInt(4);
    for (int i = 0; i < flips; i++) {
      bytes[random.nextInt(bytes.length)] =
          random.nextBoolean()
              ? (byte) random.nextInt(256)
              : (byte) "{}[]\",:0-9.eE/tn".charAt(random.nextInt(16));
    }
  }

  private static void assertOnlyDocumentedFailures(Path file, String replay) {
    try {
      Problems.read(file);
    } catch (InvalidInputException e) {
      assertThat(e.issues()).as(replay).isNotEmpty();
    } catch (RuntimeException | Error e) {
      throw new AssertionError("Replay with " + replay, e);
    }
  }

  @Test
  void deepNestingIsRefused() throws IOException {
    String deep = "[".repeat(1_000_000);
    assertRefused(write(deep), "The document must keep the limits of its format");
    assertRefused(
        write(
            GoodProblem.replace(
                GoodProblem.text(), "\"topK\": 2", "\"x\": " + deep + ", \"topK\": 2")),
        "nesting depth");
  }

  @Test
  void tooLargeFilesAreRefusedUnread() throws IOException {
    Path file = folder.resolve("problem.json");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(300L << 20);
    }
    assertRefused(file, "The file must not be larger than 256 MiB.");

    GoodProblem.write(folder, GoodProblem.text(), "");
    try (var sparse = new RandomAccessFile(folder.resolve(GoodProblem.CSV_NAME).toFile(), "rw")) {
      sparse.setLength(300L << 20);
    }
    assertRefused(file, "The file must not be larger than 256 MiB.");
  }

  @Test
  void largeZeroFilesAreRefusedSoon() throws IOException {
    Path file = folder.resolve("problem.json");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(200L << 20);
    }
    assertRefused(file, "The file must be JSON");
  }

  @Test
  void devicesAndFoldersAreRefused() {
    assertRefused(folder, "This is not a regular file.");
    assertRefused(folder.resolve("none.json"), "There is no such file.");
    Path endless = Path.of("/dev/zero");
    if (Files.exists(endless)) {
      assertRefused(endless, "This is not a regular file.");
    }
  }

  @Test
  void emptyFilesAreRefused() throws IOException {
    assertRefused(write(""), "The file is empty.");
    assertRefused(write("  \n"), "The file is empty.");
    assertRefused(write("null"), "The document (null) must be an object.");
    assertRefused(write("[]"), "The document ([…]) must be an object.");
  }

  @Test
  void aByteOrderMarkIsSkipped() throws IOException {
    assertThat(Problems.validate(write("\uFEFF" + GoodProblem.text()))).isEmpty();
  }

  @Test
  void otherEncodingsAreRefused() throws IOException {
    String umlaut = GoodProblem.replace(GoodProblem.text(), "Tiny-MoE", "Zwölf");
    assertRefused(write(umlaut.getBytes(StandardCharsets.ISO_8859_1)), "The file must be UTF-8.");
    assertRefused(write(umlaut.getBytes(StandardCharsets.UTF_16)), "The file must be UTF-8.");
    assertThat(Problems.validate(write(umlaut))).isEmpty();
  }

  @Test
  void hugeTextsNumbersAndNamesAreRefused() throws IOException {
    String text = GoodProblem.text();
    String huge = "9".repeat(1_000_000);
    assertRefused(write(GoodProblem.replace(text, "Tiny-MoE", huge)), "must keep the limits");
    assertRefused(
        write(GoodProblem.replace(text, "\"topK\": 2", "\"topK\": " + huge)),
        "must keep the limits");
    assertRefused(
        write(GoodProblem.replace(text, "\"topK\"", "\"" + huge + "\"")), "must keep the limits");
  }

  @Test
  void hugeModelsAreRefusedBeforeAnythingIsAllocated() throws IOException {
    String text =
        GoodProblem.replace(GoodProblem.text(), "\"moeLayers\": 2", "\"moeLayers\": 4096");
    text = GoodProblem.replace(text, "\"expertsPerLayer\": 4", "\"expertsPerLayer\": 65536");
    Path file = write(text);
    assertBoundedMemory(() -> assertRefused(file, "more than 4194304 are not supported."), 64);
  }

  @Test
  void tooManyOriginsOfALargeModelAreRefused() throws IOException {
    String text =
        GoodProblem.replace(GoodProblem.text(), "\"moeLayers\": 2", "\"moeLayers\": 1024");
    text = GoodProblem.replace(text, "\"expertsPerLayer\": 4", "\"expertsPerLayer\": 4096");
    String origin =
        "{\"id\": \"o%d\", \"provider\": \"oci\", \"region\": \"us-east\", \"tokensPerSecond\":"
            + " 1},";
    var origins = new StringBuilder();
    for (int i = 0; i < 15; i++) {
      origins.append(origin.formatted(i));
    }
    Path file = write(GoodProblem.replace(text, "\"origins\": [", "\"origins\": [" + origins));
    assertRefused(
        file, "The model's 4194304 experts times 17 origins are more than the supported 67108864.");
  }

  @Test
  void hugeMatricesAreRefused() throws IOException {
    Path file = folder.resolve("problem.json");
    String[] around = GoodProblem.text().split("4, 3, 2, 1", 2);
    try (var out = Files.newBufferedWriter(file)) {
      out.write(around[0]);
      for (int i = 0; i < 50_000_000; i++) {
        out.write("1,");
      }
      out.write("1" + around[1]);
    }
    assertBoundedMemory(() -> assertRefused(file, "within 65536 numbers a row"), 256);
  }

  @Test
  void countlessErrorsEndTheReading() throws IOException {
    Path file = folder.resolve("problem.json");
    String[] around = GoodProblem.text().split("\"offers\": \\[\"oci-us-east-b200\"", 2);
    try (var out = Files.newBufferedWriter(file)) {
      out.write(around[0] + "\"offers\": [");
      for (int i = 0; i < 4_000_000; i++) {
        out.write("\"nobody" + i + "\",");
      }
      out.write("\"oci-us-east-b200\"" + around[1]);
    }
    assertThat(Problems.validate(file)).hasSize(Limits.ERRORS_KEPT);
  }

  @Test
  void repeatedUnknownFieldsEndTheReading() throws IOException {
    String flood = "\"colour\": 1, ".repeat(3_000_000);
    Path file =
        write(GoodProblem.replace(GoodProblem.text(), "\"topK\": 2", flood + "\"topK\": 2"));
    assertRefused(file, "The field colour of model");
  }

  @Test
  void garbageCsvIsRefusedAfterTwentyErrors() throws IOException {
    Path file =
        GoodProblem.write(
            folder, GoodProblem.text(), "layer,expert,weight\n" + "x,y,z\n".repeat(1_000_000));
    List<Issue> issues = Problems.validate(file);
    assertThat(issues).hasSizeLessThan(30);
    assertThat(issues.toString()).contains("The rest of the file was not read.");

    byte[] noise = new byte[1 << 20];
    new Random(1).nextBytes(noise);
    Files.write(folder.resolve(GoodProblem.CSV_NAME), noise);
    assertRefused(file, "loads/us-chat.csv");

    Files.writeString(
        folder.resolve(GoodProblem.CSV_NAME), "layer,expert,weight\n" + "1".repeat(50_000_000));
    assertRefused(file, "The line must not be longer than 1000 characters.");
  }

  @Test
  void manyCsvFilesCannotFillTheMemory() throws IOException {
    String text =
        GoodProblem.replace(GoodProblem.text(), "\"moeLayers\": 2", "\"moeLayers\": 1024");
    text = GoodProblem.replace(text, "\"expertsPerLayer\": 4", "\"expertsPerLayer\": 4096");
    var loads = new StringBuilder();
    var names = new StringBuilder();
    GoodProblem.write(folder, "", "");
    for (int i = 0; i < 14; i++) {
      names.append(
          "{\"id\": \"o%d\", \"provider\": \"oci\", \"region\": \"us-east\", \"tokensPerSecond\": 0},\n"
              .formatted(i));
    }
    for (int file = 0; file < 40; file++) {
      var csv = new StringBuilder("layer,expert,weight,origin\n");
      for (int i = 0; i < 14; i++) {
        csv.append("0,0,1,o").append(i).append('\n');
      }
      Files.writeString(folder.resolve("loads/" + file + ".csv"), csv);
      loads.append("{\"file\": \"loads/%d.csv\"},".formatted(file));
    }
    text = GoodProblem.replace(text, "\"origins\": [", "\"origins\": [" + names);
    text = GoodProblem.replace(text, "\"loads\": [", "\"loads\": [" + loads);
    assertRefused(write(text), "All loads together must not have more than 67108864 weights.");
  }

  @Test
  void conflictingPinsOnAllShardsAreFoundSoon() throws IOException {
    String text = GoodProblem.replace(GoodProblem.text(), "\"moeLayers\": 2", "\"moeLayers\": 64");
    text = GoodProblem.replace(text, "\"expertsPerLayer\": 4", "\"expertsPerLayer\": 1024");
    text = GoodProblem.replace(text, "      { \"weights\": [[4, 3, 2, 1], [1, 1, 1, 1.5]] }\n", "");
    text =
        GoodProblem.replace(
            text,
            "\"us-chat\", \"file\": \"loads/us-chat.csv\" },",
            "\"us-chat\", \"file\": \"loads/us-chat.csv\" }");
    var pins = new StringBuilder();
    for (int i = 0; i < 65_000; i++) {
      pins.append(
          "{\"layer\": %d, \"expert\": %d, \"providers\": [\"%s\"]},"
              .formatted(i % 64, i / 64, i % 3 == 0 ? "oci" : "azure"));
    }
    assertRefused(
        write(GoodProblem.replace(text, "\"pins\": [", "\"pins\": [" + pins)), "/policy/survive");
  }

  @Test
  void linksThatLeaveTheFolderAreRefused(@TempDir Path elsewhere) throws IOException {
    Path secret = Files.writeString(elsewhere.resolve("secret.csv"), GoodProblem.csv());
    GoodProblem.write(folder, GoodProblem.text(), "");
    Path csv = folder.resolve(GoodProblem.CSV_NAME);
    Files.delete(csv);
    Files.createSymbolicLink(csv, secret);
    assertRefused(
        folder.resolve("problem.json"), "must lie in the problem file's folder or below.");

    Files.delete(csv);
    Path inside = Files.writeString(folder.resolve("real.csv"), GoodProblem.csv());
    Files.createSymbolicLink(csv, inside);
    assertThat(Problems.validate(folder.resolve("problem.json"))).isEmpty();
  }

  @Test
  void controlCharactersDoNotReachTheTerminal() throws IOException {
    Path file =
        write(
            GoodProblem.replace(
                GoodProblem.text(),
                "\"region\": \"us-east\",\n",
                "\"region\": \"\\u001b[31mus\\n\",\n"));
    assertThat(Problems.validate(file).toString())
        .contains("\\u001b[31mus\\u000a")
        .doesNotContain("\u001b");
  }

  private Path write(String json) throws IOException {
    return write(json.getBytes(StandardCharsets.UTF_8));
  }

  private Path write(byte[] json) throws IOException {
    if (Files.notExists(folder.resolve(GoodProblem.CSV_NAME))) {
      GoodProblem.write(folder, "", GoodProblem.csv());
    }
    return Files.write(folder.resolve("problem.json"), json);
  }

  private static void assertRefused(Path file, String message) {
    assertThat(Problems.validate(file)).as("issues").isNotEmpty();
    assertThat(Problems.validate(file).toString()).contains(message).contains("Maybe");
  }

  private static void assertBoundedMemory(Runnable action, int mebibytes) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    action.run();
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan((long) mebibytes << 20);
  }
}
