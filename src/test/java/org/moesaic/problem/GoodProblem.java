package org.moesaic.problem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** A problem without a fault, to be copied and spoilt. */
final class GoodProblem {
  static final Path FILE = Path.of("src/test/resources/org/moesaic/problem/good/problem.json");
  static final String CSV_NAME = "loads/us-chat.csv";
  static final Path CSV = FILE.resolveSibling(CSV_NAME);

  /** A sample of one token, which it does not name. */
  static final String SAMPLE_NAME = "samples/one.topk.u8.gz";

  private GoodProblem() {}

  static String text() {
    return text(FILE);
  }

  static String csv() {
    return text(CSV);
  }

  /** The good problem with all that it leaves out. */
  static String full() {
    return replace(
            replace(
                text(),
                "\"combineBytes\": 14336",
                """
                "combineBytes": 14336, "expertsPerShard": 3, "copies": "perSite",
                "backbone": { "bytesPerLayer": 374000000, "flopsPerTokenPerLayer": 750000000, "activationBytes": 14336, "gradientBytes": 7168 },
                "sync": { "expertBytes": 88080384, "backboneBytesPerLayer": 748000000, "syncsPerHour": 12, "window": 0.5 }\
                """),
            "\"loads\": [",
            """
            "samples": [ { "origin": "eu-chat", "file": "samples/one.topk.u8.gz", "tokens": 1 } ], "loads": [\
            """)
        .replace(
            "\"tokensPerSecond\": 90000",
            "\"tokensPerSecond\": 90000, \"streams\": 3, \"accessBytes\": 8, \"maxAccessMs\":"
                + " 500")
        .replace("\"maxAddedLatencyMs\": 200", "\"maxAddedLatencyMs\": 200, \"maxAccessMs\": 400")
        .replace(
            "\"objective\": { \"bandwidthUsdPerGb\": 0.001 }",
            "\"incumbent\": { \"plan\": \"loads/us-chat.csv\", \"horizonHours\": 720,"
                + " \"maxMovedGb\": 5e3 }");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a problem, its CSV file and a sample into a folder and returns the problem's path. */
  static Path write(Path folder, String json, String csv) throws IOException {
    Files.createDirectories(folder.resolve("loads"));
    Files.createDirectories(folder.resolve("samples"));
    Files.writeString(folder.resolve(CSV_NAME), csv);
    try (var out = new GZIPOutputStream(Files.newOutputStream(folder.resolve(SAMPLE_NAME)))) {
      out.write(new byte[] {0, 1, 2, 3});
    }
    return Files.writeString(folder.resolve("problem.json"), json);
  }

  /** The text with its only occurrence of one part replaced. */
  static String replace(String text, String part, String by) {
    int at = text.indexOf(part);
    if (at < 0 || text.indexOf(part, at + 1) >= 0) {
      throw new IllegalArgumentException("The part (%s) must occur once.".formatted(part));
    }
    return text.substring(0, at) + by + text.substring(at + part.length());
  }
}
