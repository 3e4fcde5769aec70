package org.moesaic.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.check.CheckReport.Finding;
import org.moesaic.check.CheckReport.Verdict;
import org.moesaic.fixture.Assignments;
import org.moesaic.fixture.Examples;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Instance;
import org.moesaic.instance.UnsupportedProblemException;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issue;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Incumbent;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

class CheckerTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path folder;

  private Problem problem(ProblemBuilder builder) throws IOException {
    Path file = folder.resolve("problem.json");
    Problems.write(builder.build(), file);
    return Problems.read(file);
  }

  /** Needs more nodes than there are. */
  private static ProblemBuilder tooSmall() {
    return Examples.problem().offer("spare", "p/east").maxProviderShare(0.3).maxAddedLatencyMs(1);
  }

  /** An honest plan, of a problem that is read from a file. */
  private record Honest(Problem problem, JsonNode plan) {}

  private List<Honest> honest() throws IOException {
    List<Honest> all = new ArrayList<>();
    for (ProblemBuilder builder : List.of(Examples.problem(), tooSmall())) {
      Problem problem = problem(builder);
      all.add(new Honest(problem, json(Examples.plan(problem))));
    }
    Problem trained = problem(Examples.trained());
    all.add(new Honest(trained, json(Examples.trainedPlan(trained))));
    return all;
  }

  private static JsonNode json(Plan plan) {
    return JSON.readTree(Plans.toJson(plan));
  }

  /** Where a plan is wrong, by reading or by checking; empty if nowhere. */
  private List<String> wrong(Problem problem, JsonNode plan) {
    Path file = folder.resolve("plan.json");
    try {
      Files.writeString(file, JSON.writeValueAsString(plan));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    try {
      return Checker.check(problem, Plans.read(file)).findings().stream()
          .map(Finding::pointer)
          .toList();
    } catch (InvalidInputException e) {
      return e.issues().stream().map(Issue::pointer).toList();
    }
  }

  private static List<String> pointers(JsonNode node) {
    List<String> pointers = new ArrayList<>();
    collect("", node, pointers);
    return pointers;
  }

  private static void collect(String at, JsonNode node, List<String> pointers) {
    pointers.add(at);
    if (node instanceof ObjectNode object) {
      object.properties().forEach(p -> collect(at + "/" + p.getKey(), p.getValue(), pointers));
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        collect(at + "/" + i, array.get(i), pointers);
      }
    }
  }

  private static JsonNode edited(JsonNode plan, String pointer, UnaryOperator<JsonNode> edit) {
    JsonNode copy = plan.deepCopy();
    JsonPointer at = JsonPointer.compile(pointer);
    JsonNode parent = copy.at(at.head());
    JsonNode value = edit.apply(copy.at(at));
    if (parent instanceof ObjectNode object) {
      object.set(at.last().getMatchingProperty(), value);
    } else {
      ((ArrayNode) parent).set(at.last().getMatchingIndex(), value);
    }
    return copy;
  }

  @Test
  void honestPlanIsRight() throws IOException {
    Problem problem = problem(Examples.problem());
    Plan plan = Examples.plan(problem);
    CheckReport report = Checker.check(problem, plan);
    assertThat(report.findings()).isEmpty();
    assertThat(report.verdict()).isEqualTo(Verdict.RIGHT);
    assertThat(wrong(problem, json(plan))).isEmpty();
  }

  @Test
  void honestPlanThatBreaksRules() throws IOException {
    Problem problem = problem(tooSmall());
    Plan plan = Examples.plan(problem);
    CheckReport report = Checker.check(problem, plan);
    assertThat(report.findings()).isEmpty();
    assertThat(report.violations())
        .extracting(violation -> violation.rule().id() + " " + violation.subject())
        .containsExactly("latency us", "latency eu", "providerShare p", "providerShare q");
    assertThat(report.verdict()).isEqualTo(Verdict.BREAKS_RULES);
  }

  /**
   * Most of the work: the figures of both plans, each made a little larger and a little smaller.
   */
  @Test
  void everyTamperedNumberIsFound() throws IOException {
    for (Honest honest : honest()) {
      Problem problem = honest.problem;
      JsonNode plan = honest.plan;
      int numbers = 0;
      for (String pointer : pointers(plan)) {
        JsonNode value = plan.at(pointer);
        if (!value.isNumber() || pointer.startsWith("/solver")) {
          continue;
        }
        numbers++;
        boolean isDecision =
            Stream.of("/serving", "/placements", "/parts").anyMatch(pointer::startsWith);
        for (double change : new double[] {1e-5, -1e-5}) {
          if (isDecision && value.intValue() == -1 && change > 0) {
            continue; // A replica for an origin that never calls is tolerated.
          }
          JsonNode tampered =
              edited(
                  plan,
                  pointer,
                  n ->
                      n.isInt() && (isDecision || pointer.endsWith("/nodes"))
                          ? JsonNodeFactory.instance.numberNode(
                              n.intValue() + (int) Math.signum(change))
                          : JsonNodeFactory.instance.numberNode(
                              n.doubleValue() == 0 ? change : n.doubleValue() * (1 + change)));
          List<String> wrong = wrong(problem, tampered);
          if (isDecision) {
            // Another decision shows in other figures; one that cannot be, where it is.
            assertThat(wrong).as("%s%+f", pointer, change).isNotEmpty();
          } else {
            assertThat(wrong)
                .as("%s%+f", pointer, change)
                .contains(pointer.equals("/bound/usdPerHour") ? "/bound/gap" : pointer);
          }
        }
      }
      assertThat(numbers).isGreaterThan(50);
    }
  }

  @Test
  void everyTamperedTextOrFlagIsFound() throws IOException {
    for (Honest honest : honest()) {
      Problem problem = honest.problem;
      JsonNode plan = honest.plan;
      for (String pointer : pointers(plan)) {
        JsonNode value = plan.at(pointer);
        // Messages are for people, and may be put otherwise.
        if (pointer.startsWith("/solver") || pointer.endsWith("/message")) {
          continue;
        }
        if (value.isString()) {
          JsonNode tampered =
              edited(plan, pointer, n -> JsonNodeFactory.instance.stringNode(n.asString() + "x"));
          assertThat(wrong(problem, tampered)).as(pointer).isNotEmpty();
        } else if (value.isBoolean()) {
          JsonNode tampered =
              edited(plan, pointer, n -> JsonNodeFactory.instance.booleanNode(!n.asBoolean()));
          assertThat(wrong(problem, tampered)).as(pointer).containsExactly(pointer);
        }
      }
    }
  }

  @Test
  void everyLostOrDoubledRowIsFound() throws IOException {
    for (Honest honest : honest()) {
      Problem problem = honest.problem;
      JsonNode plan = honest.plan;
      int rows = 0;
      for (String pointer : pointers(plan)) {
        JsonNode list = plan.at(pointer);
        for (int i = 0; list.isArray() && i < list.size(); i++) {
          int row = i;
          rows++;
          JsonNode lost =
              edited(
                  plan,
                  pointer,
                  n -> {
                    ((ArrayNode) n).remove(row);
                    return n;
                  });
          assertThat(wrong(problem, lost)).as("%s without %d", pointer, i).isNotEmpty();
          JsonNode doubled = edited(plan, pointer, n -> ((ArrayNode) n).add(n.get(row)));
          if (!pointer.equals("/violations")) {
            assertThat(wrong(problem, doubled)).as("%s twice %d", pointer, i).isNotEmpty();
          }
        }
      }
      assertThat(rows).isGreaterThan(30);
    }
  }

  @Test
  void otherBytesOfTheProblemAreFound() throws IOException {
    Problem problem = problem(Examples.problem());
    JsonNode plan = json(Examples.plan(problem));
    String sha256 = plan.at("/problem/sha256").asString();
    String other = (sha256.startsWith("0") ? "1" : "0") + sha256.substring(1);
    JsonNode tampered =
        edited(plan, "/problem/sha256", n -> JsonNodeFactory.instance.stringNode(other));
    assertThat(wrong(problem, tampered)).containsExactly("/problem/sha256");
    // A problem that was built in code has no bytes.
    assertThat(wrong(Examples.problem().build(), tampered)).isEmpty();
  }

  @Test
  void orderOfRowsAndReplicasIsFree() throws IOException {
    Problem problem = problem(Examples.problem());
    JsonNode plan = json(Examples.plan(problem));
    for (String list : List.of("/leases", "/placements", "/serving", "/traffic", "/origins")) {
      plan =
          edited(
              plan,
              list,
              n -> {
                ArrayNode reversed = JsonNodeFactory.instance.arrayNode();
                n.forEach(row -> reversed.insert(0, row));
                return reversed;
              });
    }
    // Shard 1 of layer 0 lies on [a, c]; written as [c, a], a serves us as 1 and c serves eu as 0.
    plan = edited(plan, "/placements/1/experts/1", n -> array("c", "a"));
    for (int i = 0; i < plan.at("/serving").size(); i++) {
      JsonNode row = plan.at("/serving").get(i);
      if (row.get("layer").intValue() == 0) {
        plan =
            edited(
                plan,
                "/serving/" + i + "/replica/1",
                n -> JsonNodeFactory.instance.numberNode(1 - n.intValue()));
      }
    }
    assertThat(wrong(problem, plan)).isEmpty();
  }

  private static ArrayNode array(String... texts) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (String text : texts) {
      array.add(text);
    }
    return array;
  }

  private List<String> wrongAfter(ProblemBuilder builder, UnaryOperator<ObjectNode> edit)
      throws IOException {
    Problem problem = problem(builder);
    return wrong(problem, edit.apply((ObjectNode) json(Examples.plan(problem))));
  }

  @Test
  void contradictoryStatusIsFound() throws IOException {
    assertThat(wrongAfter(Examples.problem(), p -> p.put("status", "infeasible")))
        .containsExactly("/status", "/bound");
    assertThat(wrongAfter(Examples.problem(), p -> p.put("status", "optimal")))
        .containsExactly("/status");
    assertThat(
            wrongAfter(
                Examples.problem(),
                p -> {
                  p.remove("bound");
                  return p.put("status", "optimal");
                }))
        .containsExactly("/bound");
    assertThat(wrongAfter(tooSmall(), p -> p.put("status", "feasible"))).containsExactly("/status");
    assertThat(
            wrongAfter(
                Examples.problem(),
                p -> {
                  p.remove("bound");
                  return p;
                }))
        .isEmpty();
  }

  @Test
  void boundAboveTheCostIsFound() throws IOException {
    Problem problem = problem(Examples.problem());
    Plan plan = Examples.plan(problem);
    double cost = plan.objective().usdPerHour();
    ObjectNode tampered = (ObjectNode) json(plan);
    tampered.putObject("bound").put("usdPerHour", 2 * cost).put("gap", -1);
    assertThat(wrong(problem, tampered)).containsExactly("/bound/usdPerHour");
    tampered.putObject("bound").put("usdPerHour", cost).put("gap", 0);
    assertThat(wrong(problem, tampered)).isEmpty();
    assertThat(wrong(problem, tampered.put("status", "optimal"))).isEmpty();
  }

  @Test
  void converterTellsTheStatus() throws IOException {
    Problem problem = problem(Examples.problem());
    var instance = Instance.of(problem);
    var bill = Pricing.price(instance, Examples.assignment());
    double cost = bill.usdPerHour();
    assertThat(plan(instance, bill, null).status()).isEqualTo(Plan.Status.FEASIBLE);
    assertThat(plan(instance, bill, cost * (1 - 1e-5)).status()).isEqualTo(Plan.Status.FEASIBLE);
    assertThat(plan(instance, bill, cost * (1 - 1e-7)).status()).isEqualTo(Plan.Status.OPTIMAL);
    assertThat(plan(instance, bill, cost * (1 + 1e-12)).bound()).isEqualTo(new Plan.Bound(cost, 0));
    assertThatThrownBy(() -> plan(instance, bill, cost * (1 + 1e-6)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> plan(instance, bill, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Examples.plan(tooSmall().build()).bound()).isNull();
    assertThat(Examples.plan(tooSmall().build()).status()).isEqualTo(Plan.Status.INFEASIBLE);
  }

  private static Plan plan(Instance instance, Bill bill, Double bound) {
    return PlanConverter.toPlan(instance, Examples.assignment(), bill, bound, null);
  }

  @Test
  void planOfAnotherProblemIsRefused() throws IOException {
    Problem problem = problem(Examples.problem());
    Plan plan = Examples.plan(problem);
    assertThat(wrong(problem(other(3, 3, 1)), json(plan)))
        .containsExactly("/placements", "/serving/0/replica/2", "/serving", "/serving");
    assertThat(wrong(problem(other(1, 3, 1)), json(plan)))
        .containsExactly("/placements/1/layer", "/serving/0/replica/2");
    assertThat(wrong(problem(other(2, 3, 2)), json(plan)))
        .containsExactly("/placements/0/experts", "/placements/1/experts");
  }

  private static ProblemBuilder other(int layers, int experts, int expertsPerShard) {
    return new ProblemBuilder()
        .model(layers, experts, 2)
        .expertsPerShard(expertsPerShard)
        .region("east", r -> {})
        .freeProvider("p")
        .origin("us", "p/east", 1)
        .origin("eu", "p/east", 1)
        .offer("a", "p/east")
        .offer("b", "p/east")
        .offer("c", "p/east");
  }

  private List<String> wrongTrained(UnaryOperator<String> edit) throws IOException {
    Problem problem = problem(Examples.trained());
    String plan = Plans.toJson(Examples.trainedPlan(problem));
    String edited = edit.apply(plan);
    assertThat(edited).isNotEqualTo(plan);
    return wrong(problem, JSON.readTree(edited));
  }

  @Test
  void partsAndHostsOfAPlanAreReadInAnyOrder() throws IOException {
    Problem problem = problem(Examples.trained());
    JsonNode plan = json(Examples.trainedPlan(problem));
    for (String list : List.of("/parts", "/backbone", "/serving", "/origins")) {
      plan =
          edited(
              plan,
              list,
              n -> {
                ArrayNode reversed = JsonNodeFactory.instance.arrayNode();
                n.forEach(row -> reversed.insert(0, row));
                return reversed;
              });
    }
    assertThat(wrong(problem, plan)).isEmpty();
  }

  @Test
  void partsHaveToFitTheProblem() throws IOException {
    String first = "{\"id\": \"many#1\", \"origin\": \"many\", \"streams\": 3}";
    assertThat(wrongTrained(p -> p.replace(first, first.replace("3}", "2}"))))
        .containsExactly("/parts");
    assertThat(wrongTrained(p -> p.replace(first, first.replace("#1", "#3"))))
        .containsExactly("/parts/0/id");
    assertThat(wrongTrained(p -> p.replace(first, first.replace("\"many\"", "\"meny\""))))
        .containsExactly("/parts/0/origin");
    assertThat(wrongTrained(p -> p.replace(first, first.replace("\"many\"", "\"us\""))))
        .containsExactly("/parts/0/origin");
    assertThat(wrongTrained(p -> p.replace(first + ",", "")))
        .containsExactly("/parts/0/id", "/parts");
    // Huge numbers do not wrap around.
    assertThat(
            wrongTrained(
                p ->
                    p.replace("\"streams\": 3", "\"streams\": 2147483647")
                        .replace("\"streams\": 1}", "\"streams\": 2147483647}")))
        .containsExactly("/parts");
    Problem whole = problem(Examples.problem());
    JsonNode plan = json(Examples.plan(whole));
    JsonNode divided = plan.deepCopy();
    ((ObjectNode) divided)
        .putArray("parts")
        .addObject()
        .put("id", "us#1")
        .put("origin", "us")
        .put("streams", 1);
    assertThat(wrong(whole, divided)).containsExactly("/parts/0/origin");
  }

  @Test
  void hostsHaveToFitTheProblem() throws IOException {
    String row = "{\"origin\": \"many#2\", \"layers\": [\"a\", \"c\"]}";
    assertThat(wrongTrained(p -> p.replace(row, row.replace("\"c\"", "\"d\""))))
        .containsExactly("/backbone/3/layers/1");
    assertThat(wrongTrained(p -> p.replace(row, row.replace(", \"c\"", ""))))
        .contains("/backbone/3/layers");
    assertThat(wrongTrained(p -> p.replace(row, row.replace("many#2", "many#3"))))
        .containsExactly("/backbone/3/origin", "/backbone");
    assertThat(wrongTrained(p -> p.replace(row, row.replace("many#2", "many"))))
        .containsExactly("/backbone/3/origin", "/backbone");
    // Another host is another plan: its figures give it away.
    assertThat(wrongTrained(p -> p.replace(row, row.replace("\"c\"", "\"a\""))))
        .contains("/objective/usdPerHour");
    Problem plain = problem(Examples.problem());
    JsonNode hosted = json(Examples.plan(plain)).deepCopy();
    ((ObjectNode) hosted)
        .putArray("backbone")
        .addObject()
        .put("origin", "us")
        .putArray("layers")
        .add("a")
        .add("b");
    assertThat(wrong(plain, hosted)).containsExactly("/backbone");
  }

  @Test
  void replicaForAnOriginThatNeverCallsIsTolerated() throws IOException {
    Problem problem = problem(Examples.problem());
    JsonNode plan = json(Examples.plan(problem));
    assertThat(plan.at("/serving/0/replica/2").intValue()).isEqualTo(-1);
    assertThat(
            wrong(
                problem,
                edited(plan, "/serving/0/replica/2", n -> JsonNodeFactory.instance.numberNode(0))))
        .isEmpty();
  }

  @Test
  void trafficWithoutAPriceIsFound() {
    Problem problem =
        new ProblemBuilder()
            .region("east", r -> {})
            .region("west", r -> {})
            .provider("p", 0.0, null, null)
            .origin("o", "p/east", 1)
            .callBytes(1, 1)
            .offer("a", "p/west")
            .build();
    Plan plan =
        PlanConverter.toPlan(
            Instance.of(problem),
            Assignments.single(1, 0),
            Pricing.price(Instance.of(problem), Assignments.single(1, 0)),
            null,
            null);
    Problem unpriced =
        new ProblemBuilder()
            .region("east", r -> {})
            .region("west", r -> {})
            .provider("p", null, null, null)
            .origin("o", "p/east", 1)
            .callBytes(1, 1)
            .offer("a", "p/west")
            .build();
    CheckReport report = Checker.check(unpriced, plan);
    assertThat(report.bill()).isNull();
    assertThat(report.verdict()).isEqualTo(Verdict.WRONG);
    assertThat(report.findings()).extracting(Finding::pointer).containsExactly("/serving");
  }

  @Test
  void unsupportedProblemIsRefused() {
    Problem problem = Examples.problem().build();
    Plan plan = Examples.plan(problem);
    Problem unsupported = Examples.problem().incumbent(new Incumbent("p.json", 1, null)).build();
    assertThatThrownBy(() -> Checker.check(unsupported, plan))
        .isInstanceOf(UnsupportedProblemException.class)
        .hasMessageContaining("incumbent");
  }
}
