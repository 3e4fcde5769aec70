package org.moesaic.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issue;
import org.moesaic.plan.Plan.Backbone;
import org.moesaic.plan.Plan.Bound;
import org.moesaic.plan.Plan.Cost;
import org.moesaic.plan.Plan.Lease;
import org.moesaic.plan.Plan.Origin;
import org.moesaic.plan.Plan.Part;
import org.moesaic.plan.Plan.Placement;
import org.moesaic.plan.Plan.ProblemId;
import org.moesaic.plan.Plan.Serving;
import org.moesaic.plan.Plan.Solver;
import org.moesaic.plan.Plan.Status;
import org.moesaic.plan.Plan.Traffic;
import org.moesaic.plan.Plan.Utilization;
import org.moesaic.plan.Plan.Violation;

class PlansTest {
  private static final Plan PLAN =
      new Plan(
          new ProblemId("test", "0123456789abcdef".repeat(4), null),
          Status.FEASIBLE,
          new Cost(12.75, 12, 0.5, 0.25, 0),
          new Bound(10.2, 0.2),
          List.of(
              new Lease("a", 2, 8, 20.4, new Utilization(0.9, 1e-7, 0)),
              new Lease("b", 1, 4, 0, new Utilization(1, 0.1, 0))),
          List.of(
              new Placement(0, List.of(List.of("a"), List.of("a", "b"))),
              new Placement(1, List.of(List.of("b"), List.of()))),
          List.of(new Serving("o", 0, List.of(0, 1)), new Serving("o", 1, List.of(0, -1))),
          List.of(new Part("n#1", "n", 3), new Part("n#2", "n", 1)),
          List.of(new Backbone("o", List.of("a", "b"))),
          List.of(new Traffic("p/east", "q/west", 0.004, 0.001, 0.0005, 0.00025, 0.00225, 0.5)),
          List.of(new Origin("o", 1.0 / 3, 12.1, false, 4.5)),
          List.of(),
          new Solver("0.1.0", -3, 12, 250_000.5));

  private static final String TEXT =
      """
      {
        "format": "moesaic/plan/1",
        "problem": {
          "name": "test",
          "sha256": "%s"
        },
        "status": "feasible",
        "objective": {
          "usdPerHour": 12.75,
          "leaseUsdPerHour": 12,
          "egressUsdPerHour": 0.5,
          "bandwidthUsdPerHour": 0.25,
          "migrationUsdPerHour": 0
        },
        "bound": {
          "usdPerHour": 10.2,
          "gap": 0.2
        },
        "leases": [
          {
            "offer": "a",
            "nodes": 2,
            "usdPerHour": 8,
            "powerKw": 20.4,
            "utilization": {"memory": 0.9, "compute": 1.0E-7, "network": 0}
          },
          {
            "offer": "b",
            "nodes": 1,
            "usdPerHour": 4,
            "powerKw": 0,
            "utilization": {"memory": 1, "compute": 0.1, "network": 0}
          }
        ],
        "placements": [
          {"layer": 0, "experts": [["a"], ["a", "b"]]},
          {"layer": 1, "experts": [["b"], []]}
        ],
        "serving": [
          {"origin": "o", "layer": 0, "replica": [0, 1]},
          {"origin": "o", "layer": 1, "replica": [0, -1]}
        ],
        "parts": [
          {"id": "n#1", "origin": "n", "streams": 3},
          {"id": "n#2", "origin": "n", "streams": 1}
        ],
        "backbone": [
          {"origin": "o", "layers": ["a", "b"]}
        ],
        "traffic": [
          {"from": "p/east", "to": "q/west", "gbps": 0.004, "callsGbps": 0.001, "cutsGbps": 5.0E-4, "accessGbps": 2.5E-4, "syncGbps": 0.00225, "usdPerHour": 0.5}
        ],
        "origins": [
          {"id": "o", "localShare": 0.3333333333333333, "addedLatencyMs": 12.1, "latencyEstimated": false, "accessMs": 4.5}
        ],
        "violations": [],
        "solver": {
          "version": "0.1.0",
          "seed": -3,
          "wallSeconds": 12,
          "movesPerSecond": 250000.5
        }
      }
      """
          .formatted("0123456789abcdef".repeat(4));

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("plan.json"), text);
  }

  @Test
  void rowsAreLines() {
    assertThat(Plans.toJson(PLAN)).isEqualTo(TEXT);
  }

  @Test
  void readsWhatItWrites() throws IOException {
    assertThat(Plans.read(file(TEXT))).isEqualTo(PLAN);
  }

  @Test
  void writesOverAnOlderPlanAndLeavesNothingBeside() throws IOException {
    Path file = file("an older plan");
    Plans.write(PLAN, file);
    assertThat(file).hasContent(TEXT);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void leavesAnOlderPlanWhereItCannotWrite() {
    Path missing = folder.resolve("missing/plan.json");
    assertThatThrownBy(() -> Plans.write(PLAN, missing)).isInstanceOf(IOException.class);
    assertThat(missing.getParent()).doesNotExist();
  }

  @Test
  void optionalPartsMayBeAbsent() throws IOException {
    Plan least =
        new Plan(
            PLAN.problem(),
            Status.INFEASIBLE,
            PLAN.objective(),
            null,
            PLAN.leases(),
            PLAN.placements(),
            PLAN.serving(),
            List.of(),
            List.of(),
            List.of(),
            List.of(new Origin("o", 1, null, true, null)),
            List.of(new Violation("latency", "o", "unknown\nMaybe …")),
            null);
    String text = Plans.toJson(least);
    assertThat(text)
        .doesNotContain("bound", "parts", "backbone", "solver", "addedLatencyMs", "accessMs");
    assertThat(Plans.read(file(text))).isEqualTo(least);
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        edit("moesaic/plan/1", "moesaic/plan/2", "/format", "moesaic/plan/1"),
        edit("\"name\": \"test\",", "", "/problem/name", "missing"),
        edit("0123456789abcdef", "0123456789ABCDEF", "/problem/sha256", "hexadecimal"),
        edit("\"feasible\"", "\"good\"", "/status", "optimal"),
        edit("\"status\": \"feasible\",", "", "/status", "missing"),
        edit("\"status\"", "\"state\"", "/state", "not known"),
        edit(
            "\"leaseUsdPerHour\": 12",
            "\"leaseUsdPerHour\": -12",
            "/objective/leaseUsdPerHour",
            "0"),
        edit(
            "\"egressUsdPerHour\": 0.5",
            "\"egressUsdPerHour\": \"0.5\"",
            "/objective/egressUsdPerHour",
            "number"),
        edit(
            "\"migrationUsdPerHour\": 0",
            "\"migrationUsdPerHour\": null",
            "/objective/migrationUsdPerHour",
            "number"),
        edit("\"usdPerHour\": 10.2,", "", "/bound/usdPerHour", "missing"),
        edit("\"gap\": 0.2", "\"gap\": 1e999", "/bound/gap", "64-bit float"),
        edit("\"nodes\": 2", "\"nodes\": 2.5", "/leases/0/nodes", "whole"),
        edit("\"nodes\": 2", "\"nodes\": 0", "/leases/0/nodes", "1"),
        edit("\"nodes\": 2", "\"nodes\": 3000000000", "/leases/0/nodes", "must be"),
        edit("\"memory\": 0.9", "\"memory\": 1.1", "/leases/0/utilization/memory", "1"),
        edit("\"memory\": 0.9, ", "", "/leases/0/utilization/memory", "missing"),
        edit("\"offer\": \"b\"", "\"offer\": \"a\"", "/leases/1/offer", "once"),
        edit(
            "[\"a\", \"b\"]", "[\"a\", \"a\"]", "/placements/0/experts/1/1", "at most one replica"),
        edit("[\"a\", \"b\"]", "\"a\"", "/placements/0/experts/1", "list"),
        edit("[\"a\", \"b\"]", "[\"a\", 7]", "/placements/0/experts/1/1", "text"),
        edit("{\"layer\": 1, \"ex", "{\"layer\": 0, \"ex", "/placements/1/layer", "once"),
        edit("{\"layer\": 1, \"ex", "{\"layer\": -1, \"ex", "/placements/1/layer", "0"),
        edit("{\"layer\": 1, \"ex", "{\"layer\": 2, \"ex", "/serving/1/layer", "row in placements"),
        edit(
            "\"experts\": [[\"b\"], []]",
            "\"experts\": [[\"b\"]]",
            "/serving/1/replica",
            "1 elements"),
        edit(
            "\"replica\": [0, 1]",
            "\"replica\": [0, 2]",
            "/serving/0/replica/1",
            "index into the 2 offers"),
        edit("\"replica\": [0, 1]", "\"replica\": [0, -2]", "/serving/0/replica/1", "-1"),
        edit(
            "\"replica\": [0, -1]",
            "\"replica\": [0, 0]",
            "/serving/1/replica/1",
            "index into the 0 offers"),
        edit("\"replica\": [0, 1]", "\"replica\": [0]", "/serving/0/replica", "2 elements"),
        edit("\"layer\": 1, \"replica\"", "\"layer\": 0, \"replica\"", "/serving/1/layer", "once"),
        edit("\"to\": \"q/west\"", "\"to\": \"p/east\"", "/traffic/0/to", "itself"),
        edit("\"gbps\": 0.004", "\"gbps\": -1", "/traffic/0/gbps", "0"),
        edit("\"syncGbps\": 0.00225", "\"syncGbps\": -1", "/traffic/0/syncGbps", "0"),
        edit("\"cutsGbps\": 5.0E-4,", "", "/traffic/0/cutsGbps", "missing"),
        edit("\"accessMs\": 4.5", "\"accessMs\": -1", "/origins/0/accessMs", "0"),
        edit("\"streams\": 3", "\"streams\": 0", "/parts/0/streams", "1"),
        edit("\"n#2\"", "\"n#1\"", "/parts/1/id", "once"),
        edit("\"localShare\": 0.3", "\"localShare\": 1.3", "/origins/0/localShare", "1"),
        edit(
            "\"latencyEstimated\": false",
            "\"latencyEstimated\": 0",
            "/origins/0/latencyEstimated",
            "true"),
        edit("\"violations\": []", "\"violations\": [{}]", "/violations/0/rule", "missing"),
        edit("\"violations\": []", "\"violations\": {}", "/violations", "list"),
        edit("\"wallSeconds\": 12", "\"wallSeconds\": -1", "/solver/wallSeconds", "0"),
        edit("\"solver\": {", "\"solver\": {\"speed\": 1,", "/solver/speed", "not known"));
  }

  private static Arguments edit(String from, String to, String pointer, String says) {
    assertThat(TEXT).contains(from);
    return Arguments.of(TEXT.replaceFirst(java.util.regex.Pattern.quote(from), to), pointer, says);
  }

  @ParameterizedTest
  @MethodSource
  void malformed(String text, String pointer, String says) throws IOException {
    Path file = file(text);
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Plans.read(file))
        .satisfies(
            e ->
                assertThat(e.issues())
                    .filteredOn(issue -> pointer.equals(issue.pointer()))
                    .singleElement()
                    .satisfies(
                        issue -> {
                          assertThat(issue.message()).contains(says);
                          assertThat(issue.hint()).startsWith("Maybe ");
                          assertThat(issue.line()).isPositive();
                        }));
  }

  @Test
  void everyIssueIsReportedAtOnce() throws IOException {
    Path file =
        file(
            TEXT.replace("\"nodes\": 2", "\"nodes\": 0")
                .replace("\"gbps\": 0.004", "\"gbps\": -1")
                .replace("\"status\"", "\"state\""));
    assertThatExceptionOfType(InvalidInputException.class)
        .isThrownBy(() -> Plans.read(file))
        .satisfies(
            e ->
                assertThat(e.issues())
                    .extracting(Issue::pointer)
                    .contains("/state", "/status", "/leases/0/nodes", "/traffic/0/gbps"));
  }

  @Test
  void brokenJsonIsReported() throws IOException {
    for (String text : List.of("", "[]", "null", TEXT.substring(0, 500), TEXT + "{}", "\u0000")) {
      Path file = file(text);
      assertThatThrownBy(() -> Plans.read(file)).isInstanceOf(InvalidInputException.class);
    }
    Path missing = folder.resolve("missing.json");
    assertThatThrownBy(() -> Plans.read(missing)).isInstanceOf(InvalidInputException.class);
  }

  @Test
  void schemaNamesTheFields() {
    assertThat(Plans.schema()).contains("\"const\" : \"moesaic/plan/1\"", "\"localShare\"");
  }
}
