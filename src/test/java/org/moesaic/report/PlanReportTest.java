package org.moesaic.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.moesaic.fixture.Examples;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Backbone;
import org.moesaic.plan.Plan.Bound;
import org.moesaic.plan.Plan.Cost;
import org.moesaic.plan.Plan.Lease;
import org.moesaic.plan.Plan.Origin;
import org.moesaic.plan.Plan.Part;
import org.moesaic.plan.Plan.ProblemId;
import org.moesaic.plan.Plan.Solver;
import org.moesaic.plan.Plan.Status;
import org.moesaic.plan.Plan.Traffic;
import org.moesaic.plan.Plan.Utilization;
import org.moesaic.plan.Plan.Violation;
import org.moesaic.problem.Model;
import org.moesaic.problem.Model.Sync;
import org.moesaic.problem.Problem;
import org.moesaic.solve.Progress.Ending;

/** Reports on plans that are written by hand: their figures agree, but nothing priced them. */
class PlanReportTest {
  /** 1,250 tokens per second are 4.5 million per hour. */
  private static Problem problem() {
    return ProblemBuilder.threeRegions()
        .freeProvider("p")
        .freeProvider("q")
        .link("p/east", "q/paris", 0.0, 80.0, 40.0)
        .oneWayLink("p/west", "p/east", 0.0, 60.0, 5.0)
        .usable(1, 1, 1, 0.8, Map.of())
        .origin("us", "p/east", 1000, null, 40.0)
        .origin("eu", "q/paris", 250)
        .origin("idle", "p/west", 0)
        .maxAddedLatencyMs(1500)
        .offer(
            "a",
            "p/east",
            o -> {
              o.accelerator = "H100";
              o.acceleratorsPerNode = 8;
              o.maxNodes = 4;
            })
        .offer(
            "b",
            "q/paris",
            o -> {
              o.accelerator = "B200\u001b[2J";
              o.acceleratorsPerNode = 4;
            })
        .offer("c", "p/west")
        .build();
  }

  private static final Cost COST = new Cost(13_705.6, 10_400, 3_289.344, 16.256, 0);

  private static Plan plan(
      Cost cost, Status status, Bound bound, List<Traffic> traffic, List<Violation> violations) {
    return new Plan(
        new ProblemId("test", "", null),
        status,
        cost,
        bound,
        List.of(
            new Lease("a", 3, 9_900, 30, new Utilization(0.996, 0.25, 0.001)),
            new Lease("b", 1_028, 500, 12, new Utilization(0.5, 0, 1))),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        traffic,
        List.of(
            new Origin("us", 0.825, 12.34, false, 0.0),
            new Origin("eu", 0, 1_234.56, true, 0.0),
            new Origin("idle", 1, null, false, 0.0)),
        violations,
        new Solver("0.1.0", 7, 59.96, 250_000));
  }

  private static List<Traffic> traffic() {
    return List.of(
        new Traffic("p/west", "p/east", 2.25, 2.25, 0, 0, 0, 0),
        new Traffic("q/paris", "p/east", 24, 24, 0, 0, 0, 2_960.41),
        new Traffic("p/east", "q/paris", 8, 8, 0, 0, 0, 328.934),
        new Traffic("q/paris", "p/west", 3.125, 3.125, 0, 0, 0, 0));
  }

  /**
   * 3 * 8 = 24 GPUs at 9,900 / 24 = 412.50 USD, 1,028 * 4 = 4,112 at 500 / 4,112 = 0.12 USD; 4,136
   * at 10,400 / 4,136 = 2.51 USD. 13,705.60 / 4.5 million tokens = 3,045.69 USD.
   */
  @Test
  void tables() {
    Plan plan = plan(COST, Status.FEASIBLE, null, traffic(), List.of());

    assertThat(PlanReport.tables(problem(), plan, Ink.PLAIN))
        .isEqualTo(
            """
            Leases: 1,031 nodes (4,136 GPUs) of 2 offers, 3 considered
             offer | site    | accelerator   | nodes | of |  GPUs | USD/GPU-h |     USD/h | memory | compute | network
            -------+---------+---------------+-------+----+-------+-----------+-----------+--------+---------+---------
             a     | p/east  | H100          |     3 |  4 |    24 |    412.50 |  9,900.00 |   100% |     25% |      0%
             b     | q/paris | B200\\u001b[2J | 1,028 |  - | 4,112 |      0.12 |    500.00 |    50% |      0% |    100%
             total |         |               | 1,031 |    | 4,136 |      2.51 | 10,400.00 |        |         |

            Top links: 37.4 Gbit/s over 4 links
             from    | to      | Gbit/s | calls | usable |    USD/h | of egress
            ---------+---------+--------+-------+--------+----------+-----------
             q/paris | p/east  |   24.0 |  24.0 |   32.0 | 2,960.41 |       90%
             p/east  | q/paris |    8.0 |   8.0 |   32.0 |   328.93 |       10%
             q/paris | p/west  |    3.1 |   3.1 |      - |     0.00 |        0%
             p/west  | p/east  |    2.3 |   2.3 |    4.0 |     0.00 |        0%

            Origins
             origin | site    | tokens/s | local | added ms | limit ms
            --------+---------+----------+-------+----------+----------
             us     | p/east  |    1,000 |   83% |     12.3 |     40.0
             eu     | q/paris |      250 |    0% | ~1,234.6 |  1,500.0
             idle   | p/west  |        0 |  100% |  unknown |  1,500.0

            Cost
             part      |     USD/h | share |  USD/month | USD/M tokens
            -----------+-----------+-------+------------+--------------
             lease     | 10,400.00 |   76% |  7,592,000 |     2,311.11
             egress    |  3,289.34 |   24% |  2,401,221 |       730.97
             bandwidth |     16.26 |    0% |     11,867 |         3.61
             total     | 13,705.60 |  100% | 10,005,088 |     3,045.69
            """);
    assertThat(PlanReport.verdict(problem(), plan, Ink.PLAIN))
        .isEqualTo(
            "Feasible: 13,705.60 USD/h (10.0 M USD/month, 3,045.69 USD/M tokens), 1,031 nodes"
                + " (4,136 GPUs) of 2 offers, 24% egress;"
                + " seed 7, 60.0 s.");
  }

  @Test
  void partsHaveTheSiteOfTheirOriginAndTheirShareOfItsTokens() {
    Problem problem = Examples.trained().build();
    assertThat(PlanReport.tables(problem, Examples.trainedPlan(problem), Ink.PLAIN))
        .containsPattern("(?m)^ eu +\\| q/paris +\\| +500 ")
        .containsPattern("(?m)^ many#1 +\\| p/west +\\| +225 ")
        .containsPattern("(?m)^ many#2 +\\| p/west +\\| +75 ");
  }

  private static List<String> layers(int a, int b, int c) {
    List<String> layers = new ArrayList<>(Collections.nCopies(a, "a"));
    layers.addAll(Collections.nCopies(b, "b"));
    layers.addAll(Collections.nCopies(c, "c"));
    return layers;
  }

  /** Of 58 layers, kept in step twelve times an hour in half of the 300 s between. */
  private static ProblemBuilder placed(Double westEastGbps) {
    return ProblemBuilder.threeRegions()
        .model(58, 1, 1)
        .backbone(new Model.Backbone(0, 0, 0))
        .sync(new Sync(1, 1, 12, 0.5))
        .freeProvider("p")
        .freeProvider("q")
        .link("p/east", "q/paris", 0.0, 80.0, 40.0)
        .oneWayLink("p/west", "p/east", 0.0, 60.0, westEastGbps)
        .usable(1, 1, 1, 0.8, Map.of())
        .origin("us-chat", "p/east", 1000, 16, 8, 50.0)
        .origin("eu", "q/paris", 250)
        .origin("idle", "p/west", 0)
        .maxAccessMs(80)
        .offer("a", "p/east", o -> o.acceleratorsPerNode = 8)
        .offer("b", "q/paris")
        .offer("c", "p/west", o -> o.acceleratorsPerNode = 0);
  }

  private static Plan placedPlan(List<Traffic> traffic) {
    var use = new Utilization(1, 0, 0);
    return new Plan(
        new ProblemId("test", "", null),
        Status.FEASIBLE,
        COST,
        null,
        List.of(
            new Lease("a", 3, 60, 0, use),
            new Lease("b", 2, 10, 0, use),
            new Lease("c", 1, 5, 0, use)),
        List.of(),
        List.of(),
        List.of(new Part("us-chat#1", "us-chat", 12), new Part("us-chat#2", "us-chat", 4)),
        List.of(
            new Backbone("us-chat#1", layers(58, 0, 0)),
            new Backbone("us-chat#2", layers(29, 29, 0)),
            new Backbone("eu", layers(0, 57, 1)),
            new Backbone("idle", layers(0, 0, 58))),
        traffic,
        List.of(
            new Origin("us-chat#1", 1, 0.0, false, 0.0),
            new Origin("us-chat#2", 0.5, 40.0, false, 12.34),
            new Origin("eu", 1, 40.0, true, null),
            new Origin("idle", 1, 0.0, false, 0.0)),
        List.of(),
        null);
  }

  private static List<Traffic> placedTraffic() {
    return List.of(
        new Traffic("p/east", "q/paris", 9.6, 8, 0, 0, 1.6, 30),
        new Traffic("p/west", "p/east", 0.9, 0, 0.5, 0, 0.4, 20),
        new Traffic("q/paris", "p/west", 0.2, 0, 0, 0, 0.2, 10),
        new Traffic("p/west", "q/paris", 0.24, 0, 0, 0, 0.24, 0));
  }

  /**
   * Traffic is 9.6 + 0.9 + 0.2 + 0.24 = 10.94 Gbit/s. A sync is 1.6 * 300 = 480 Gbit from east to
   * paris, 480 / (40 * 0.8) = 15 s of the 300 * 0.5 = 150; and 0.4 * 300 = 120 Gbit = 15 GB from
   * west to east, 120 / (5 * 0.8) = 30 s, a fifth of 150. From paris to west and back no capacity
   * is known: 0.24 * 300 / 8 = 9 GB is the larger. The GPUs of b, and so of all, are not known; the
   * others are 60 / (3 * 8) = 2.50 USD each, and none. The origin us-chat has 1,000 * 12 / 16 = 750
   * and 250 tokens a second.
   */
  @Test
  void partsThatArePlacedAndKeptInStep() {
    assertThat(PlanReport.tables(placed(5.0).build(), placedPlan(placedTraffic()), Ink.PLAIN))
        .startsWith(
            """
            Leases: 6 nodes of 3 offers, 3 considered
             offer | site    | accelerator | nodes | of | GPUs | USD/GPU-h | USD/h | memory | compute | network
            -------+---------+-------------+-------+----+------+-----------+-------+--------+---------+---------
             a     | p/east  | -           |     3 |  - |   24 |      2.50 | 60.00 |   100% |      0% |      0%
             b     | q/paris | -           |     2 |  - |    - |         - | 10.00 |   100% |      0% |      0%
             c     | p/west  | -           |     1 |  - |    0 |         - |  5.00 |   100% |      0% |      0%
             total |         |             |     6 |    |    - |         - | 75.00 |        |         |

            Dense part
             us-chat: 12 of 16 streams at a, all 58 layers
             us-chat: 4 of 16 streams, layers 0-28 at a, 29-57 at b
             eu: layers 0-56 at b, 57 at c
             idle: at c, all 58 layers

            Top links: 10.9 Gbit/s over 4 links
             from    | to      | Gbit/s | calls | cuts | sync | usable | USD/h | of egress
            ---------+---------+--------+-------+------+------+--------+-------+-----------
             p/east  | q/paris |    9.6 |   8.0 |  0.0 |  1.6 |   32.0 | 30.00 |        1%
             p/west  | p/east  |    0.9 |   0.0 |  0.5 |  0.4 |    4.0 | 20.00 |        1%
             q/paris | p/west  |    0.2 |   0.0 |  0.0 |  0.2 |      - | 10.00 |        0%
             p/west  | q/paris |    0.2 |   0.0 |  0.0 |  0.2 |      - |  0.00 |        0%

            Sync: 12 per hour, each to be through within 150.0 s
             way                   | from   | to      | per sync | usable Gbit/s |  takes | of window
            -----------------------+--------+---------+----------+---------------+--------+-----------
             busiest               | p/west | p/east  |  15.0 GB |           4.0 | 30.0 s |       20%
             largest without limit | p/west | q/paris |  9.00 GB |             - |      - |         -

            Origins
             origin    | site    | tokens/s | local | added ms | limit ms | access ms | limit ms
            -----------+---------+----------+-------+----------+----------+-----------+----------
             us-chat#1 | p/east  |      750 |  100% |      0.0 |        - |       0.0 |     50.0
             us-chat#2 | p/east  |      250 |   50% |     40.0 |        - |      12.3 |     50.0
             eu        | q/paris |      250 |  100% |    ~40.0 |        - |   unknown |     80.0
             idle      | p/west  |        0 |  100% |      0.0 |        - |       0.0 |     80.0
            """);
    assertThat(PlanReport.verdict(placed(5.0).build(), placedPlan(placedTraffic()), Ink.PLAIN))
        .contains(", 6 nodes of 3 offers, ");
  }

  /**
   * Hosts of layer 0 are at all three sites, kept in step over the cheapest tree, east to west and
   * to paris: 300 MB each. That is 0.3 s of 10 * 0.8 Gbit/s. An expert of 100 MB is both in east
   * and paris; so are one in west and paris, and the hosts of layer 1: 400 MB either way.
   */
  @Test
  void bytesPerSyncAreThoseThatAreBilled() {
    Problem problem = Examples.trained().build();
    assertThat(PlanReport.figures(problem, Examples.trainedPlan(problem), Ink.PLAIN))
        .contains(
            """
            Dense part
             us: layers 0 at a, 1 at b
             eu: at c, all 2 layers
             many: 3 of 4 streams at b, all 2 layers
             many: 1 of 4 streams, layers 0 at a, 1 at c
            """)
        .containsPattern(
            "\n"
                + " busiest +\\| p/(east|west) +\\| p/(east|west) +\\| +300 MB \\| +8.0 \\| +0.3 s"
                + " \\| +0%\n")
        .containsPattern("\n largest without limit .*\\| +400 MB \\| +- \\| +- \\| +-\n")
        .doesNotContain("Broken rules");
  }

  @Test
  void syncOverALinkWithoutCapacityTakesForEver() {
    assertThat(PlanReport.tables(placed(0.0).build(), placedPlan(placedTraffic()), Ink.PLAIN))
        .containsPattern(
            "\n busiest +\\| p/west +\\| p/east +\\| +15.0 GB +\\| +0.0 \\| +for ever \\| +-\n");
  }

  /** 1.6 * 300 = 480 Gbit, 480 / (40 * 0.8) = 15 s of 150. */
  @Test
  void syncTellsOnlyWaysThatThereAre() {
    Problem problem = placed(5.0).build();
    assertThat(PlanReport.tables(problem, placedPlan(placedTraffic().subList(0, 1)), Ink.PLAIN))
        .containsPattern("\n busiest .* 60.0 GB .* 32.0 .* 15.0 s .* 10%\n")
        .doesNotContain("largest without limit", "| cuts |", "| access |");
    assertThat(
            PlanReport.tables(
                problem,
                placedPlan(List.of(new Traffic("p/east", "q/paris", 2, 1, 0, 1, 0, 0))),
                Ink.PLAIN))
        .contains(" | Gbit/s | calls | access | usable | ")
        .doesNotContain("Sync");
  }

  @Test
  void theVerdictSaysWhatIsProvenAndWhyItEnded() {
    Plan proven = plan(COST, Status.FEASIBLE, new Plan.Bound(13_659, 0.0034), traffic(), List.of());
    assertThat(PlanReport.verdict(problem(), proven, Ending.TIME, false, Ink.PLAIN).lines())
        .containsExactly(
            "Feasible: 13,705.60 USD/h (10.0 M USD/month, 3,045.69 USD/M tokens), 1,031 nodes"
                + " (4,136 GPUs) of 2 offers, 24% egress,"
                + " gap 0.34%; seed 7, 60.0 s.",
            "Proven: no plan that keeps the rules costs less than 13,659.00 USD/h.",
            "Ended: the time was up.");
    Plan unproven = plan(COST, Status.FEASIBLE, null, traffic(), List.of());
    assertThat(PlanReport.verdict(problem(), unproven, Ending.STEPS, true, Ink.PLAIN).lines())
        .containsExactly(
            "Feasible: 13,705.60 USD/h (10.0 M USD/month, 3,045.69 USD/M tokens), 1,031 nodes"
                + " (4,136 GPUs) of 2 offers, 24% egress;"
                + " seed 7.",
            "Proven: nothing; there is no lower bound.", "Ended: all steps were done.");
  }

  @Test
  void noFigureDependsOnTheLocale() {
    Plan plan = plan(COST, Status.FEASIBLE, null, traffic(), List.of());
    Locale before = Locale.getDefault();
    String report = PlanReport.tables(problem(), plan, Ink.PLAIN);
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertThat(PlanReport.tables(problem(), plan, Ink.PLAIN)).isEqualTo(report);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void brokenRules() {
    List<Violation> violations = new ArrayList<>();
    violations.add(new Violation("capacity", "a", "The offer (a) needs too much."));
    for (int i = 0; i < 22; i++) {
      violations.add(new Violation("power", "region " + i, "Too hot."));
    }
    Plan plan = plan(COST, Status.INFEASIBLE, null, List.of(), violations);

    assertThat(PlanReport.tables(problem(), plan, Ink.PLAIN))
        .doesNotContain("Top links")
        .contains(
            """
            Broken rules
             rule     | subject   | why
            ----------+-----------+-------------------------------
             capacity | a         | The offer (a) needs too much.
             power    | region 0  | Too hot.
            """)
        .endsWith(" power    | region 18 | Too hot.\n and 3 more violations\n");
    assertThat(PlanReport.verdict(problem(), plan, Ink.PLAIN))
        .startsWith(
            "Infeasible: the best plan found breaks capacity, power; it costs 13,705.60 USD/h");
  }

  @Test
  void moreLinksAreCounted() {
    List<Traffic> traffic = new ArrayList<>();
    for (int i = 0; i < 11; i++) {
      traffic.add(new Traffic("p/east", "x/" + i, 1, 1, 0, 0, 0, i));
    }
    Plan plan = plan(COST, Status.FEASIBLE, null, traffic, List.of());

    assertThat(PlanReport.tables(problem(), plan, Ink.PLAIN))
        .contains("11.0 Gbit/s over 11 links", " and 1 more link\n")
        .contains("x/10", "x/1 ")
        .doesNotContain("x/0");
  }

  @Test
  void aPlanThatCostsNothingHasSharesOfZero() {
    Plan plan =
        plan(new Cost(0, 0, 0, 0, 0), Status.OPTIMAL, new Bound(0, 0), List.of(), List.of());

    assertThat(PlanReport.verdict(problem(), plan, Ink.PLAIN))
        .isEqualTo(
            "Optimal: 0.00 USD/h (0.00 USD/month, 0.00 USD/M tokens), 1,031 nodes (4,136 GPUs) of 2"
                + " offers, 0% egress, gap 0.00%;"
                + " seed 7, 60.0 s.");
    assertThat(PlanReport.tables(problem(), plan, Ink.PLAIN))
        .contains(" total  |  0.00 |    0% |         0 |         0.00\n");
  }

  @Test
  void terminalsGetHeadingsAndVerdictEmphasised() {
    Plan feasible = plan(COST, Status.FEASIBLE, null, List.of(), List.of());
    Plan infeasible =
        plan(COST, Status.INFEASIBLE, null, List.of(), List.of(new Violation("ban", "b", "w")));

    assertThat(PlanReport.tables(problem(), feasible, Ink.ANSI))
        .contains("\u001b[1mCost\u001b[0m\n");
    assertThat(PlanReport.verdict(problem(), feasible, Ink.ANSI))
        .startsWith("\u001b[1;32mFeasible: ")
        .endsWith(".\u001b[0m");
    assertThat(PlanReport.verdict(problem(), infeasible, Ink.ANSI))
        .startsWith("\u001b[1;31mInfeasible: ");
  }
}
