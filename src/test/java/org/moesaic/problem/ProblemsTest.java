package org.moesaic.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.json.Issue;
import org.moesaic.json.Issue.Severity;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Routing.Load;

class ProblemsTest {
  @TempDir private Path folder;

  @Test
  void readsWhatTheFileSays() throws Exception {
    Problem problem = Problems.read(GoodProblem.FILE);

    assertThat(problem.name()).isEqualTo("a small model over two clouds");
    assertThat(problem.model().copies()).isEqualTo(Copies.PER_EXPERT);
    assertThat(problem.model().backbone()).isNull();
    assertThat(problem.offers()).extracting(Offer::tenure).containsOnly("lease");
    assertThat(problem.offers()).extracting(Offer::maxNodes).containsExactly(200, null, null);
    assertThat(problem.routing().loads()).extracting(Load::origin).containsExactly("us-chat", null);
    assertThat(problem.routing().loads().getFirst().weights())
        .isEqualTo(Weights.of(new double[][] {{12, 3.5, 0, 0}, {0, 0, 1e-3, 0}}));
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(GoodProblem.FILE));
    assertThat(problem.sha256()).isEqualTo(HexFormat.of().formatHex(hash));
  }

  @Test
  void whatIsBuiltOfAllPartsIsTheSameButForTheFile() {
    Problem read = Problems.read(GoodProblem.FILE);

    Problem built =
        Problem.builder(read.name(), read.model())
            .regions(read.regions())
            .providers(read.providers())
            .links(read.links())
            .origins(read.origins())
            .routing(read.routing())
            .offers(read.offers())
            .usable(read.usable())
            .policy(read.policy())
            .objective(read.objective())
            .incumbent(read.incumbent())
            .build();

    assertThat(built).isEqualTo(read.withSha256("")).isNotEqualTo(read);
    assertThat(read.toBuilder().build()).isEqualTo(built);
  }

  @Test
  void whatIsNotBuiltIsAsInAFileThatLeavesItOut() throws IOException {
    Problem minimal = Problems.read(write(MINIMAL));

    assertThat(
            Problem.builder(minimal.name(), minimal.model())
                .regions(minimal.regions())
                .providers(minimal.providers())
                .origins(minimal.origins())
                .offers(minimal.offers())
                .build())
        .isEqualTo(minimal.withSha256(""));
  }

  @Test
  void buildsAProblemThatDiffersInOnePart() {
    Problem read = Problems.read(GoodProblem.FILE);
    List<Offer> first = read.offers().subList(0, 1);

    Problem smaller = read.toBuilder().name("smaller").offers(first).build();

    assertThat(smaller.name()).isEqualTo("smaller");
    assertThat(smaller.offers()).isEqualTo(first);
    assertThat(smaller.sha256()).isEmpty();
    assertThat(smaller.toBuilder().name(read.name()).offers(read.offers()).build())
        .isEqualTo(read.withSha256(""));
  }

  @Test
  void goodProblemHasNoIssues() {
    assertThat(Problems.validate(GoodProblem.FILE)).isEmpty();
  }

  @Test
  void defaultsAreThoseOfTheFormat() throws IOException {
    Problem problem = Problems.read(write(MINIMAL));

    assertThat(problem.links()).isEmpty();
    assertThat(problem.routing()).isEqualTo(Routing.UNIFORM);
    assertThat(problem.usable()).isEqualTo(Usable.ALL);
    assertThat(problem.policy()).isEqualTo(Policy.NONE);
    assertThat(problem.objective()).isEqualTo(Objective.BILL);
    assertThat(problem.incumbent()).isNull();
    assertThat(problem.model().expertsPerShard()).isEqualTo(1);
    assertThat(problem.providers().getFirst().egressUsdPerGb())
        .isEqualTo(Provider.EgressRates.NONE);
    assertThat(problem.offers().getFirst().minNodes()).isZero();
  }

  @Test
  void likelyOversightsAreWarnings() throws IOException {
    Path file = write(MINIMAL);
    var warnings = new ArrayList<Issue>();
    Problems.read(file, warnings::add);

    assertThat(warnings).extracting(Issue::severity).containsOnly(Severity.WARNING);
    assertThat(warnings)
        .extracting(Issue::pointer)
        .containsExactlyInAnyOrder(
            "/model/dispatchBytes",
            "/model/combineBytes",
            "/offers/0/memoryGibPerNode",
            "/offers/0/tflopsPerNode");
    assertThat(warnings.toString())
        .contains("warning: The field dispatchBytes of model (m) is absent, so calls send nothing");
    assertThat(Problems.validate(file)).isEqualTo(warnings);
  }

  @Test
  void whatDoesNothingIsAWarning() throws IOException {
    String text =
        MINIMAL.replace(
            "\"tokensPerSecond\": 1",
            "\"tokensPerSecond\": 1, \"accessBytes\": 8, \"maxAccessMs\": 50");
    text = text.replace("\"offers\":", "\"policy\": {\"maxAccessMs\": 80}, \"offers\":");
    assertThat(Problems.validate(write(text)).toString())
        .contains(
            "/origins/0/accessBytes",
            "The accessBytes of origin (o) does nothing: without a backbone")
        .contains("/origins/0/maxAccessMs", "The maxAccessMs of origin (o) does nothing")
        .contains("/policy/maxAccessMs", "The maxAccessMs of the policy does nothing")
        .contains("Maybe the model's field backbone is missing.");
    String placed =
        text.replace(
            "\"topK\": 1,",
            "\"topK\": 1, \"backbone\": {\"bytesPerLayer\": 1, \"flopsPerTokenPerLayer\": 1,"
                + " \"activationBytes\": 1},");
    assertThat(Problems.validate(write(placed)).toString()).doesNotContain("does nothing");
  }

  @Test
  void twoSourcesOfOneOriginAreAWarning() throws IOException {
    Path file = write(GoodProblem.full());
    assertThat(Problems.validate(file))
        .singleElement()
        .satisfies(
            warning -> {
              assertThat(warning.severity()).isEqualTo(Severity.WARNING);
              assertThat(warning.pointer()).isEqualTo("/routing/samples/0");
              assertThat(warning.message())
                  .contains("The origin (eu-chat) has a sample and the load of every origin:");
              assertThat(warning.hint()).startsWith("Maybe remove one");
            });
    Problem problem = Problems.read(file);
    assertThat(new OriginWeights(problem).of("eu-chat"))
        .isEqualTo(problem.routing().loads().get(1).weights());
    Path own =
        write(
            GoodProblem.full()
                .replace("{ \"weights\": [[", "{ \"origin\": \"eu-chat\", \"weights\": [["));
    assertThat(Problems.validate(own).toString()).contains("has a sample and a load:");
    String alone =
        GoodProblem.full()
            .replace("{ \"weights\": [[", "{ \"origin\": \"us-chat\", \"weights\": [[");
    alone = alone.replace("{ \"origin\": \"us-chat\", \"file\": \"loads/us-chat.csv\" },", "");
    assertThat(Problems.validate(write(alone))).isEmpty();
    assertThat(new OriginWeights(Problems.read(write(alone))).of("eu-chat"))
        .isEqualTo(Weights.of(new double[][] {{1, 1, 0, 0}, {0, 0, 1, 1}}));
  }

  private static final String MINIMAL =
      """
      {"format": "moesaic/problem/1", "name": "minimal",
       "model": {"name": "m", "moeLayers": 1, "expertsPerLayer": 2, "topK": 1, "expertBytes": 1e6, "expertFlopsPerToken": 2.0},
       "regions": [{"id": "r"}], "providers": [{"id": "p"}],
       "origins": [{"id": "o", "provider": "p", "region": "r", "tokensPerSecond": 1}],
       "offers": [{"id": "f", "provider": "p", "region": "r", "usdPerNodeHour": 1}]}
      """;

  @Test
  void issuesAreShownWithTheirPlaceAndAWayOut() throws IOException {
    Path file =
        write(GoodProblem.replace(GoodProblem.text(), "\"maxNodes\": 200", "\"maxNodes\": -3"));

    assertThat(Problems.validate(file).getFirst())
        .hasToString(
            """
            %s#/offers/0/maxNodes (line 35, column 107): The maxNodes (-3) of offer (azure-us-east-h100) must be at least 0.
              Maybe the minus sign is a slip.\
            """
                .formatted(file));
  }

  @Test
  void allIssuesAreReportedAtOnceInTheOrderOfTheFile() throws IOException {
    String text = GoodProblem.text();
    text = GoodProblem.replace(text, "\"topK\": 2", "\"topK\": 9");
    text = GoodProblem.replace(text, "\"latitude\": 39.0", "\"latitude\": \"39\"");
    text = GoodProblem.replace(text, "\"maxNodes\": 200", "\"maxNodes\": -3");
    text = GoodProblem.replace(text, "\"minReplicas\": 1", "\"minReplicas\": 5");
    text = GoodProblem.replace(text, "\"objective\"", "\"objectives\"");
    text = GoodProblem.replace(text, "0.001 }\n}", "0.001 }\n");

    assertThat(Problems.validate(write(text)))
        .extracting(issue -> issue.pointer() == null ? "syntax" : issue.pointer())
        .containsExactly("/regions/0/latitude", "/offers/0/maxNodes", "/objectives", "syntax");
    assertThat(Problems.validate(write(text + "}")))
        .extracting(Issue::pointer)
        .containsExactly(
            "/model/topK",
            "/regions/0/latitude",
            "/offers/0/maxNodes",
            "/policy/minReplicas",
            "/objectives");
  }

  @Test
  void writtenProblemReadsTheSame() throws IOException {
    for (String text : List.of(GoodProblem.text(), MINIMAL, GoodProblem.full())) {
      Problem problem = Problems.read(write(text));
      Path copy = folder.resolve("copy.json");
      Problems.write(problem, copy);

      assertThat(Problems.read(copy).withSha256(problem.sha256())).isEqualTo(problem);
      assertThat(copy).hasContent(Problems.toJson(problem));
      assertThat(Problems.toJson(Problems.read(copy))).isEqualTo(Problems.toJson(problem));
    }
  }

  @Test
  void csvWithOriginsBecomesOneLoadForEach() throws IOException {
    String csv = "weight,origin,expert,layer\r\n1,us-chat,0,0\r\n2.5,eu-chat,3,1\r\n";
    String text = GoodProblem.text();
    String list = "{ \"origin\": \"us-chat\", \"file\": \"loads/us-chat.csv\" },";
    Path all =
        GoodProblem.write(
            folder, GoodProblem.replace(text, list, "{ \"file\": \"loads/us-chat.csv\" },"), csv);
    Problem problem = Problems.read(all);

    assertThat(problem.routing().loads())
        .extracting(Load::origin)
        .containsExactly("us-chat", "eu-chat", null);
    assertThat(problem.routing().loads().get(1).weights().get(1, 3)).isEqualTo(2.5);

    Path copy = folder.resolve("copy.json");
    Problems.write(problem, copy);
    assertThat(Problems.read(copy).withSha256(problem.sha256())).isEqualTo(problem);

    Path one = GoodProblem.write(folder, text, csv);
    assertThat(Problems.read(one).routing().loads())
        .extracting(Load::origin)
        .containsExactly("us-chat", null);

    GoodProblem.write(folder, text, csv.replace("us-chat", "eu-chat"));
    assertThat(Problems.validate(one).toString())
        .contains("The file (loads/us-chat.csv) has no weights of origin (us-chat).");
    GoodProblem.write(folder, text, csv.replace("us-chat", "us-chad"));
    assertThat(Problems.validate(one).toString())
        .contains(
            "us-chat.csv:2: The origin (us-chad) must be one of the problem's origins.\n"
                + "  Maybe us-chat is meant.");
  }

  @Test
  void csvWithoutRowsIsUniform() throws IOException {
    Path file = GoodProblem.write(folder, GoodProblem.text(), "layer,expert,weight");

    assertThat(Problems.read(file).routing().loads().getFirst().weights())
        .isEqualTo(Weights.of(new double[2][4]));
  }

  @Test
  void warningsDoNotKeepFilesFromBeingRead() throws IOException {
    String text = GoodProblem.replace(GoodProblem.text(), "\"dispatchBytes\": 7168, ", "");

    assertThat(Problems.read(write(text)).routing().loads().getFirst().weights().get(0, 1))
        .isEqualTo(3.5);
  }

  @Test
  void readsADeepModelSoon() throws IOException {
    String text = GoodProblem.replace(GoodProblem.text(), "\"moeLayers\": 2", "\"moeLayers\": 58");
    text = GoodProblem.replace(text, "\"expertsPerLayer\": 4", "\"expertsPerLayer\": 256");
    var random = new Random(7);
    double[][] rows =
        random.doubles(58).mapToObj(l -> random.doubles(256).toArray()).toArray(double[][]::new);
    String matrix = java.util.Arrays.deepToString(rows);
    text = GoodProblem.replace(text, "[[4, 3, 2, 1], [1, 1, 1, 1.5]]", matrix);
    var csv = new StringBuilder("layer,expert,weight\n");
    for (int l = 0; l < 58; l++) {
      for (int e = 0; e < 256; e++) {
        csv.append(l).append(',').append(e).append(',').append(rows[l][e]).append('\n');
      }
    }
    Path file = GoodProblem.write(folder, text, csv.toString());
    Problems.read(file);

    long start = System.nanoTime();
    Problem problem = Problems.read(file);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    assertThat(problem.routing().loads().get(0).weights())
        .isEqualTo(problem.routing().loads().get(1).weights())
        .isEqualTo(Weights.of(rows));
  }

  private Path write(String json) throws IOException {
    return GoodProblem.write(folder, json, GoodProblem.csv());
  }
}
