package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.instance.Instance;
import org.moesaic.json.Issue.Severity;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every field of a problem with every kind of extreme value: the outcome is always one that is
 * documented, and there in time.
 */
class ExtremesTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Every field that can be planned, once. */
  private static final String PROBLEM =
      """
      {
        "format": "moesaic/problem/1",
        "name": "extremes",
        "model": {
          "name": "m", "moeLayers": 2, "expertsPerLayer": 3, "topK": 2, "expertBytes": 1073741824,
          "expertFlopsPerToken": 1e9, "dispatchBytes": 4000, "combineBytes": 8000,
          "expertsPerShard": 1, "copies": "perExpert"
        },
        "regions": [
          { "id": "r1", "continent": "europe", "country": "DE", "latitude": 50, "longitude": 8,
            "powerDomain": "g", "powerCapKw": 100 },
          { "id": "r2", "continent": "europe", "country": "FR", "latitude": 48, "longitude": 2 }
        ],
        "providers": [
          { "id": "p1", "egressUsdPerGb": { "intraContinent": 0.01, "interContinent": 0.05, "otherProvider": 0.09 } },
          { "id": "p2", "egressUsdPerGb": { "intraContinent": 0.01, "interContinent": 0.05, "otherProvider": 0.09 } }
        ],
        "links": [
          { "from": "p1/r1", "to": "p2/r2", "bidirectional": true, "usdPerGb": 0.02, "rttMs": 12, "gbps": 100 }
        ],
        "origins": [
          { "id": "o1", "provider": "p1", "region": "r1", "tokensPerSecond": 1000,
            "servableIn": { "regions": ["r1", "r2"], "countries": ["DE"], "continents": ["europe"] },
            "maxAddedLatencyMs": 200 },
          { "id": "o2", "provider": "p2", "region": "r2", "tokensPerSecond": 500 }
        ],
        "routing": { "loads": [ { "origin": "o1", "weights": [[1, 2, 3], [3, 2, 1]] } ] },
        "offers": [
          { "id": "a", "provider": "p1", "region": "r1", "accelerator": "H100", "acceleratorsPerNode": 8,
            "memoryGibPerNode": 4, "tflopsPerNode": 2, "networkGbpsPerNode": 100, "fabric": "roce",
            "powerKwPerNode": 5, "tenure": "lease", "usdPerNodeHour": 20, "minNodes": 1,
            "maxNodes": 4, "availableFrom": "2027-01-01" },
          { "id": "b", "provider": "p2", "region": "r2", "memoryGibPerNode": 8, "tflopsPerNode": 3,
            "usdPerNodeHour": 25 }
        ],
        "usable": { "memory": 0.9, "compute": 0.5, "network": 0.8, "link": 0.7, "fabric": { "roce": 0.9 } },
        "policy": {
          "neededBy": "2027-02-01", "minReplicas": 1, "maxReplicas": 2, "survive": [],
          "maxProviderShare": 0.9, "maxAddedLatencyMs": 300,
          "pins": [ { "layer": 0, "expert": 0, "offers": ["b"], "regions": ["r2"], "providers": ["p2"] } ],
          "bans": [ { "layer": 1, "expert": 2, "offers": ["a"] } ]
        },
        "objective": { "bandwidthUsdPerGb": 0.001 }
      }
      """;

  private static final List<String> EXTREMES =
      List.of(
          "null",
          "true",
          "[]",
          "{}",
          "\"\"",
          "\" \"",
          "\"\\u2003\"",
          "\"/\"",
          "\"a\\u001b[31mb\\u202ec\"",
          "\"x\\ud83d\"",
          "\"NaN\"",
          "0",
          "-1",
          "1",
          "0.5",
          "1e-320",
          "1e-310",
          "1e-12",
          "1e12",
          "1e15",
          "1e30",
          "1e400",
          "2147483647",
          "9223372036854775807");

  private static final Duration TIME = Duration.ofSeconds(2);

  @Test
  void anyFieldWithAnyExtremeHasADocumentedOutcome(@TempDir Path folder) throws IOException {
    JsonNode problem = JSON.readTree(PROBLEM);
    List<String> pointers = new ArrayList<>();
    leaves(problem, "", pointers);
    assertThat(pointers).hasSizeGreaterThan(80);
    assertThat(outcome(write(folder, PROBLEM))).startsWith("0 ");

    List<String> faults = new ArrayList<>();
    int[] codes = new int[5];
    for (String pointer : pointers) {
      for (String extreme : EXTREMES) {
        Path file = write(folder, with(problem, pointer, extreme));
        long began = System.nanoTime();
        String outcome = outcome(file);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        int code = outcome.charAt(0) - '0';
        boolean documented = code == 0 || code == 3 || code == 4;
        if (!documented
            || outcome.contains("internal error")
            || outcome.contains("Exception")
            || outcome.chars().anyMatch(c -> c == 0x1b || c == 0x202e)
            || (code == 3 && !outcome.contains("Maybe "))
            || took.compareTo(TIME.plusSeconds(2)) > 0) {
          faults.add("%s = %s: %s after %s".formatted(pointer, extreme, outcome, took));
        }
        codes[Math.clamp(code, 0, 4)]++;
      }
    }
    System.out.printf("%d planned, %d refused, %d without a plan%n", codes[0], codes[3], codes[4]);
    assertThat(faults).isEmpty();
    assertThat(codes[0]).isGreaterThan(100);
    assertThat(codes[3]).isGreaterThan(500);
  }

  /** With all that models and origins may have. */
  private static String placed() {
    return PROBLEM
        .replace(
            "\"copies\": \"perExpert\"",
            """
            "copies": "perSite",
            "backbone": { "bytesPerLayer": 1e8, "flopsPerTokenPerLayer": 1e8, "activationBytes": 8000, "gradientBytes": 4000 },
            "sync": { "expertBytes": 1e6, "backboneBytesPerLayer": 1e6, "syncsPerHour": 10, "window": 0.5 }\
            """)
        .replace(
            "\"maxAddedLatencyMs\": 200",
            "\"maxAddedLatencyMs\": 200, \"streams\": 4, \"accessBytes\": 8, \"maxAccessMs\": 100")
        .replace("\"maxAddedLatencyMs\": 300,", "\"maxAddedLatencyMs\": 300, \"maxAccessMs\": 200,")
        .replace(
            "\"routing\": {",
            "\"routing\": { \"samples\": [ { \"origin\": \"o2\", \"file\": \"o2.topk.u8.gz\","
                + " \"tokens\": 2 } ],");
  }

  @Test
  void anyFieldOfPlacedDensePartsIsValidatedWithAnyExtreme(@TempDir Path folder)
      throws IOException {
    try (var out = new GZIPOutputStream(Files.newOutputStream(folder.resolve("o2.topk.u8.gz")))) {
      out.write(new byte[] {0, 1, 2, 1, 2, 0, 0, 2});
    }
    JsonNode problem = JSON.readTree(placed());
    List<String> pointers = new ArrayList<>();
    leaves(problem, "", pointers);
    assertThat(pointers)
        .contains(
            "/model/backbone/gradientBytes",
            "/model/sync/window",
            "/origins/0/streams",
            "/origins/0/accessBytes",
            "/origins/0/maxAccessMs",
            "/policy/maxAccessMs",
            "/routing/samples/0/tokens");
    assertThat(Problems.validate(write(folder, placed()))).isEmpty();

    List<String> faults = new ArrayList<>();
    int valid = 0;
    for (String pointer : pointers) {
      for (String extreme : EXTREMES) {
        Path file = write(folder, with(problem, pointer, extreme));
        String outcome = run("validate", file.toString());
        if (Problems.validate(file).stream().noneMatch(i -> i.severity() == Severity.ERROR)) {
          valid++;
          try {
            Problem read = Problems.read(file);
            assertThat(Instance.of(read).problem()).isSameAs(read);
          } catch (RuntimeException e) {
            faults.add("%s = %s: %s".formatted(pointer, extreme, e));
          }
        }
        if (!outcome.matches("(?s)[03] .*")
            || outcome.contains("internal error")
            || outcome.contains("Exception")
            || outcome.chars().anyMatch(c -> c == 0x1b || c == 0x202e)
            || (outcome.startsWith("3 ") && !outcome.contains("Maybe "))) {
          faults.add("%s = %s: %s".formatted(pointer, extreme, outcome));
        }
      }
    }
    assertThat(faults).isEmpty();
    assertThat(valid).isGreaterThan(300);
  }

  private static void leaves(JsonNode node, String pointer, List<String> pointers) {
    if (!pointer.isEmpty()) {
      pointers.add(pointer);
    }
    if (node.isObject()) {
      node.properties()
          .forEach(each -> leaves(each.getValue(), pointer + "/" + each.getKey(), pointers));
    } else if (node.isArray()) {
      for (int i = 0; i < Math.min(1, node.size()); i++) {
        leaves(node.get(i), pointer + "/" + i, pointers);
      }
    }
  }

  /** The problem's text with one value replaced, whatever the new one is. */
  private static String with(JsonNode problem, String pointer, String extreme) {
    JsonNode copy = problem.deepCopy();
    int last = pointer.lastIndexOf('/');
    JsonNode parent = copy.at(pointer.substring(0, last));
    String key = pointer.substring(last + 1);
    String marker = "the extreme value";
    if (parent.isObject()) {
      parent.asObject().put(key, marker);
    } else {
      parent.asArray().set(Integer.parseInt(key), marker);
    }
    return copy.toString().replace('"' + marker + '"', extreme);
  }

  private static Path write(Path folder, String text) throws IOException {
    return Files.writeString(folder.resolve("problem.json"), text);
  }

  private static String outcome(Path file) {
    return run(
        "solve",
        file.toString(),
        "--quiet",
        "--steps",
        "200",
        "--threads",
        "1",
        "--time",
        TIME.toSeconds() + "s");
  }

  private static String run(String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code =
        Main.run(
            args,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return code + " " + err.toString(StandardCharsets.UTF_8);
  }
}
