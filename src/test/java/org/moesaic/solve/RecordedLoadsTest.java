package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.moesaic.check.CheckReport;
import org.moesaic.check.CheckReport.Verdict;
import org.moesaic.check.Checker;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Instance;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Status;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Origin.ServableIn;
import org.moesaic.problem.Policy.Selector;
import org.moesaic.problem.Problem;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.start.CheapestFirst;
import org.moesaic.solve.start.Construction;
import org.moesaic.solve.start.RoundRobin;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A model of the size of DeepSeek-R1 with recorded loads, one for each of four origins. The loads
 * are not part of the sources: the folder that holds {@code routing/deepseek-r1} is named by the
 * system property {@code moesaic.recordings}, or is {@code shared/data} beside the sources or
 * further up; without it the test is skipped.
 */
class RecordedLoadsTest {
  private static final int DENSE_LAYERS = 3;
  private static final int LAYERS = 58;
  private static final int EXPERTS = 256;

  private static Path folder;

  @BeforeAll
  static void findRecordings() {
    folder = find();
    assumeTrue(
        folder != null,
        "Skipped: the recorded loads are not here. Maybe name the folder that holds"
            + " routing/deepseek-r1 with -Dmoesaic.recordings=...");
  }

  private static Path find() {
    String named = System.getProperty("moesaic.recordings");
    if (named != null) {
      return Path.of(named, "routing", "deepseek-r1");
    }
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      Path candidate = p.resolve("shared/data/routing/deepseek-r1");
      if (Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    return null;
  }

  private static double[][] counts(String name) {
    JsonNode root = new ObjectMapper().readTree(folder.resolve(name + ".json").toFile());
    JsonNode matrix = root.get("logical_count");
    assertThat(matrix.size()).isEqualTo(DENSE_LAYERS + LAYERS);
    double[][] counts = new double[LAYERS][EXPERTS];
    for (int l = 0; l < matrix.size(); l++) {
      assertThat(matrix.get(l).size()).isEqualTo(EXPERTS);
      for (int e = 0; e < EXPERTS; e++) {
        double count = matrix.get(l).get(e).asDouble();
        if (l < DENSE_LAYERS) {
          assertThat(count).as("layer %d has no experts", l).isZero();
        } else {
          counts[l - DENSE_LAYERS][e] = count;
        }
      }
    }
    return counts;
  }

  private static double meanOfMaxOverMean(double[][] counts) {
    return Arrays.stream(counts)
        .mapToDouble(
            row -> Arrays.stream(row).max().orElseThrow() * EXPERTS / Arrays.stream(row).sum())
        .average()
        .orElseThrow();
  }

  @Test
  void recordingsAreReadAsTheyArePublished() {
    for (String name : List.of("prefill_in4096", "prefill_in1024")) {
      // 2^23 tokens that choose 8 experts each.
      assertThat(List.of(counts(name)))
          .as(name)
          .allSatisfy(row -> assertThat(Arrays.stream(row).sum()).isEqualTo(67_108_864));
    }
    assertThat(meanOfMaxOverMean(counts("prefill_in4096"))).isCloseTo(8.12, within(0.005));
    assertThat(meanOfMaxOverMean(counts("decode_in2000out100"))).isCloseTo(6.07, within(0.005));
    assertThat(meanOfMaxOverMean(counts("decode_in1000out1000"))).isCloseTo(5.56, within(0.005));
  }

  private static void offer(
      ProblemBuilder problem, String id, String site, String kind, double usd, Integer maxNodes) {
    problem.offer(
        id,
        site,
        o -> {
          boolean h100 = kind.equals("H100");
          boolean h200 = kind.equals("H200");
          o.memoryGib = h100 ? 640.0 : h200 ? 1128.0 : 1432.0;
          o.tflops = h100 || h200 ? 15_824.0 / 2 : 18_000.0;
          o.networkGbps = 3200.0;
          o.fabric = "infiniband";
          o.powerKw = h100 || h200 ? 10.2 : 14.3;
          o.usdPerNodeHour = usd;
          o.maxNodes = maxNodes;
        });
  }

  /** Four origins in four regions of three clouds, fourteen offers, rules of most kinds. */
  private static Problem problem() {
    ProblemBuilder problem =
        new ProblemBuilder()
            .model(LAYERS, EXPERTS, 8)
            .expertBytes(44_040_192)
            .expertFlopsPerToken(88_080_384)
            .callBytes(7168, 14_336)
            .region("virginia", r -> place(r, "north-america", "US", 38.9, -77.5, 2000.0))
            .region("oregon", r -> place(r, "north-america", "US", 45.6, -121.2, null))
            .region("frankfurt", r -> place(r, "europe", "DE", 50.1, 8.7, 500.0))
            .region("tokyo", r -> place(r, "asia", "JP", 35.7, 139.7, null))
            .provider("aws", 0.02, 0.02, 0.09)
            .provider("azure", 0.02, 0.05, 0.087)
            .provider("oci", 0.0085, 0.0085, 0.0085)
            .link("azure/virginia", "oci/virginia", 0.0, 1.9, 400.0)
            .link("azure/frankfurt", "oci/frankfurt", 0.0, 1.4, 100.0)
            .origin("us-chat", "azure/virginia", 900)
            .origin("us-batch", "aws/oregon", 300)
            .origin(
                "eu-chat",
                "azure/frankfurt",
                500,
                new ServableIn(List.of(), List.of(), List.of("europe")),
                null)
            .origin("jp-chat", "aws/tokyo", 150, null, 4000.0)
            .load("us-chat", counts("prefill_in4096"))
            .load("us-batch", counts("prefill_in1024"))
            .load("eu-chat", counts("decode_in1000out1000"))
            .load("jp-chat", counts("decode_in2000out100"))
            .usable(0.8, 0.4, 0.7, 0.8, Map.of("infiniband", 0.85))
            .neededBy("2027-01-15")
            .replicas(1, 4)
            .maxProviderShare(0.8)
            .pin(new Selector(57, 0, List.of(), List.of(), List.of("azure", "oci")))
            .ban(new Selector(0, null, List.of(), List.of("tokyo"), List.of()));
    offer(problem, "azure-virginia-h100", "azure/virginia", "H100", 98.32, 8);
    offer(problem, "azure-virginia-h200", "azure/virginia", "H200", 110.24, 4);
    offer(problem, "azure-frankfurt-h100", "azure/frankfurt", "H100", 108.15, 4);
    offer(problem, "aws-virginia-h100", "aws/virginia", "H100", 55.04, 6);
    offer(problem, "aws-virginia-b200", "aws/virginia", "B200", 113.93, 4);
    offer(problem, "aws-oregon-h100", "aws/oregon", "H100", 55.04, 6);
    offer(problem, "aws-oregon-h200", "aws/oregon", "H200", 63.3, 2);
    offer(problem, "aws-tokyo-h100", "aws/tokyo", "H100", 68.8, 2);
    offer(problem, "aws-tokyo-h200", "aws/tokyo", "H200", 79.12, 2);
    offer(problem, "oci-virginia-h100", "oci/virginia", "H100", 80.0, 8);
    offer(problem, "oci-virginia-b200", "oci/virginia", "B200", 112.0, 4);
    offer(problem, "oci-frankfurt-h100", "oci/frankfurt", "H100", 80.0, 4);
    offer(problem, "oci-tokyo-h100", "oci/tokyo", "H100", 80.0, null);
    problem.offer(
        "oci-oregon-late",
        "oci/oregon",
        o -> {
          o.memoryGib = 1432.0;
          o.usdPerNodeHour = 1;
          o.availableFrom = LocalDate.parse("2027-06-01");
        });
    return problem.build();
  }

  private static void place(
      ProblemBuilder.RegionDetails region,
      String continent,
      String country,
      double latitude,
      double longitude,
      Double powerCapKw) {
    region.continent = continent;
    region.country = country;
    region.latitude = latitude;
    region.longitude = longitude;
    region.powerCapKw = powerCapKw;
  }

  @Test
  void plansARealModelForRecordedLoads() {
    Problem problem = problem();
    Plan plan = Planner.builder().steps(20_000).threads(1).seed(1).build().solve(problem);
    CheckReport report = Checker.check(problem, plan);
    assertThat(report.findings()).isEmpty();
    assertThat(report.violations()).isEmpty();
    assertThat(report.verdict()).isEqualTo(Verdict.RIGHT);
    assertThat(plan.status()).isEqualTo(Status.FEASIBLE);

    // The cheapest offer comes too late, and Europe is served in Europe.
    assertThat(plan.leases())
        .extracting(Plan.Lease::offer)
        .doesNotContain("oci-oregon-late")
        .anyMatch(offer -> offer.contains("frankfurt"));
    Instance instance = Instance.of(problem);
    Tariff tariff = new Tariff(instance);
    for (Construction simple : List.of(new RoundRobin(), new CheapestFirst())) {
      Bill bill = Pricing.price(instance, simple.construct(tariff));
      if (bill.keepsRules()) {
        assertThat(plan.objective().usdPerHour()).isLessThan(bill.usdPerHour());
      }
    }
  }
}
