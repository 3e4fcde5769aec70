package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Region;

/** Which nodes to lease, against all numbers of nodes and against all plans of tiny problems. */
class NodeProgramTest implements BoundContract {
  private static final int PROBLEMS = 90;
  private static final int CUTS = 4;

  /** More numbers of nodes than this are too many to try. */
  private static final double MOST_VECTORS = 5_000;

  private static final long NODES_OF_TREE = 10_000;

  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  private static NodeProgram program(TinyPlans tiny) {
    return new NodeProgram(tiny.relaxation(), new Solvers(() -> Double.POSITIVE_INFINITY));
  }

  private static List<Cut> cuts(TinyPlans tiny, SplittableRandom random) {
    Evaluator evaluator = new Evaluator(tiny.relaxation(), 2, () -> false);
    List<Cut> cuts = new ArrayList<>();
    for (int k = 0; k < CUTS; k++) {
      double[] open = null;
      if (k % 2 == 1) {
        open = new double[tiny.instance().offers()];
        Arrays.setAll(open, i -> random.nextInt(3) / 2.0);
      }
      Evaluation evaluation = evaluator.evaluate(tiny.multipliers(random), open, null);
      if (Double.isFinite(evaluation.value())) {
        cuts.add(Cut.of(tiny.relaxation().resources(), evaluation, tiny.instance().shards()));
      }
    }
    return cuts;
  }

  @Override
  public List<Proved> prove(TinyPlans tiny) {
    List<Cut> cuts = cuts(tiny, new SplittableRandom(tiny.seed()));
    NodeProgram program = program(tiny);
    List<Proved> proved = new ArrayList<>();
    for (boolean whole : new boolean[] {false, true}) {
      NodeProgram.Choice choice = program.lowest(cuts, whole, NODES_OF_TREE);
      if (choice != null) {
        proved.add(new Proved(whole ? "whole nodes" : "nodes", choice.usdPerHour(), null));
      }
    }
    return proved;
  }

  /** All whole numbers of nodes from none or the fewest to the most; none if there are too many. */
  private static List<double[]> vectors(NodeProgram program, int offers) {
    double count = 1;
    for (int i = 0; i < offers; i++) {
      count *= program.most(i) + 1;
    }
    List<double[]> all = count > MOST_VECTORS ? List.of() : List.of(new double[offers]);
    for (int i = 0; i < offers; i++) {
      List<double[]> more = new ArrayList<>();
      for (double[] nodes : all) {
        for (double n = 0; n <= program.most(i); n++) {
          if (n == 0 || n >= program.fewest(i)) {
            double[] with = nodes.clone();
            with[i] = n;
            more.add(with);
          }
        }
      }
      all = more;
    }
    return all;
  }

  private static double trafficUsd(List<Cut> cuts, double[] nodes) {
    double[] open = Arrays.stream(nodes).map(n -> n > 0 ? 1 : 0).toArray();
    return Math.max(0, cuts.stream().mapToDouble(cut -> cut.at(nodes, open)).max().orElse(0));
  }

  private static double usd(TinyPlans tiny, List<Cut> cuts, double[] nodes) {
    double usd = trafficUsd(cuts, nodes);
    for (int i = 0; i < nodes.length; i++) {
      usd += nodes[i] * tiny.instance().offer(i).usdPerNodeHour();
    }
    return usd;
  }

  @Test
  void choosesTheNodesOfLowestCost() {
    int[] compared = new int[1];
    TinyPlans.forEach(
        51_000,
        PROBLEMS,
        tiny -> {
          NodeProgram program = program(tiny);
          List<Cut> cuts = cuts(tiny, new SplittableRandom(tiny.seed()));
          List<double[]> vectors = vectors(program, tiny.instance().offers());
          if (vectors.isEmpty() || cuts.isEmpty()) {
            return;
          }
          double[] most = new double[tiny.instance().offers()];
          Arrays.setAll(most, program::most);
          // Nodes at which cuts ask for more traffic than there can be are those of no plan.
          double mostTrafficUsd = program.mostUsdPerHour() - program.leaseUsd(most);
          double lowest =
              vectors.stream()
                  .filter(program::allows)
                  .filter(nodes -> trafficUsd(cuts, nodes) <= mostTrafficUsd)
                  .mapToDouble(nodes -> usd(tiny, cuts, nodes))
                  .min()
                  .orElse(Double.POSITIVE_INFINITY);
          NodeProgram.Choice whole = program.lowest(cuts, true, NODES_OF_TREE);
          NodeProgram.Choice divided = program.lowest(cuts, false, 0);
          if (Double.isInfinite(lowest)) {
            return;
          }
          assertThat(whole).as(tiny.replay()).isNotNull();
          assertThat(whole.usdPerHour())
              .as(tiny.replay())
              .isBetween(lowest * (1 - 1e-5) - 1e-6, lowest * (1 + 1e-9));
          assertThat(usd(tiny, cuts, whole.nodes()))
              .as(tiny.replay())
              .isBetween(lowest * (1 - 1e-9), lowest * (1 + 1e-5) + 1e-6);
          assertThat(program.allows(whole.nodes())).as(tiny.replay()).isTrue();
          assertThat(divided).as(tiny.replay()).isNotNull();
          assertThat(divided.usdPerHour())
              .as(tiny.replay())
              .isLessThanOrEqualTo(lowest * (1 + 1e-9));
          compared[0]++;
        });
    assertThat(compared[0]).isGreaterThan(PROBLEMS / 3);
  }

  @Test
  void allowsTheNodesOfEveryPlan() {
    int[] plans = new int[1];
    TinyPlans.forEach(
        52_000,
        PROBLEMS,
        tiny -> {
          NodeProgram program = program(tiny);
          int offers = tiny.instance().offers();
          double[] most = new double[offers];
          Arrays.setAll(most, program::most);
          for (TinyPlans.Plan plan : tiny.plans()) {
            double[] nodes = plan.nodes(offers);
            String what = "%s, %s".formatted(tiny.replay(), plan.assignment());
            assertThat(program.allows(nodes)).as(what).isTrue();
            assertThat(program.allowsUpTo(nodes)).as(what).isTrue();
            assertThat(program.allowsUpTo(most)).as(what).isTrue();
            for (int i = 0; i < offers; i++) {
              assertThat(nodes[i]).as(what).isLessThanOrEqualTo(most[i]);
              assertThat(nodes[i] == 0 || nodes[i] >= program.fewest(i)).as(what).isTrue();
            }
            assertThat(program.leaseUsd(nodes) + plan.trafficUsd())
                .as(what)
                .isLessThanOrEqualTo(program.mostUsdPerHour());
            plans[0]++;
          }
          if (!tiny.plans().isEmpty()) {
            assertThat(program.provesNothingKeepsRules()).as(tiny.replay()).isFalse();
          }
        });
    assertThat(plans[0]).isGreaterThan(1_000);
  }

  /** Power of a region and share of a provider, computed from their definitions. */
  @Test
  void allowsNoNodesThatBreakTheRulesOnNodes() {
    int[] refused = new int[2];
    TinyPlans.forEach(
        53_000,
        2 * PROBLEMS,
        tiny -> {
          NodeProgram program = program(tiny);
          for (double[] nodes : vectors(program, tiny.instance().offers())) {
            boolean power = breaksPower(tiny, nodes);
            boolean share = breaksProviderShare(tiny, nodes);
            if (power || share) {
              assertThat(program.allows(nodes))
                  .as("%s, %s", tiny.replay(), Arrays.toString(nodes))
                  .isFalse();
            }
            refused[0] += power ? 1 : 0;
            refused[1] += share ? 1 : 0;
          }
        });
    assertThat(refused[0]).as("too much power").isGreaterThan(50);
    assertThat(refused[1]).as("too much of one provider").isGreaterThan(50);
  }

  private static boolean breaksPower(TinyPlans tiny, double[] nodes) {
    for (Region region : tiny.instance().problem().regions()) {
      double kw = 0;
      for (int i = 0; i < nodes.length; i++) {
        Offer offer = tiny.instance().offer(i);
        kw += offer.region().equals(region.id()) ? nodes[i] * offer.powerKwPerNode() : 0;
      }
      if (region.powerCapKw() != null && kw > region.powerCapKw() * (1 + 1e-6)) {
        return true;
      }
    }
    return false;
  }

  private static boolean breaksProviderShare(TinyPlans tiny, double[] nodes) {
    Double most = tiny.instance().problem().policy().maxProviderShare();
    Map<String, Double> usd = new TreeMap<>();
    double all = 0;
    for (int i = 0; i < nodes.length; i++) {
      Offer offer = tiny.instance().offer(i);
      usd.merge(offer.provider(), nodes[i] * offer.usdPerNodeHour(), Double::sum);
      all += nodes[i] * offer.usdPerNodeHour();
    }
    double limit = most == null ? all : most * all;
    return usd.values().stream().anyMatch(share -> share > limit * (1 + 1e-6) + 1e-6);
  }

  @Test
  void leavesOutWhatCostsMoreThanAKnownPlan() {
    int[] left = new int[2];
    TinyPlans.forEach(
        54_000,
        PROBLEMS,
        tiny -> {
          if (tiny.plans().isEmpty()) {
            return;
          }
          SplittableRandom random = new SplittableRandom(tiny.seed());
          TinyPlans.Plan known = tiny.plans().get(random.nextInt(tiny.plans().size()));
          double usdPerHour = known.bill().usdPerHour();
          NodeProgram program = program(tiny);
          double before = mostNodes(program, tiny);
          program.leaveOut(usdPerHour);
          left[0]++;
          left[1] += mostNodes(program, tiny) < before ? 1 : 0;
          for (int i = 0; i < tiny.instance().offers(); i++) {
            assertThat(program.most(i) * program.usdPerNode(i))
                .as("%s, offer %d", tiny.replay(), i)
                .isLessThanOrEqualTo(usdPerHour * (1 + 1e-6));
          }
          // All that costs no more is still there, and bounds hold.
          for (TinyPlans.Plan plan : tiny.plans()) {
            double[] nodes = plan.nodes(tiny.instance().offers());
            for (int i = 0; i < nodes.length && plan.bill().usdPerHour() <= usdPerHour; i++) {
              assertThat(nodes[i])
                  .as("%s, offer %d, %s", tiny.replay(), i, plan.assignment())
                  .isLessThanOrEqualTo(program.most(i));
            }
          }
          NodeProgram.Choice choice = program.lowest(cuts(tiny, random), true, NODES_OF_TREE);
          if (choice != null) {
            assertThat(choice.usdPerHour())
                .as(tiny.replay())
                .isLessThanOrEqualTo(tiny.optimum() * (1 + 1e-9));
          }
          // What is known already is no news.
          program.leaveOut(2 * usdPerHour);
          assertThat(mostNodes(program, tiny)).as(tiny.replay()).isLessThanOrEqualTo(before);
        });
    assertThat(left[0]).isGreaterThan(PROBLEMS / 4);
    assertThat(left[1]).as("of %d", left[0]).isPositive();
  }

  private static double mostNodes(NodeProgram program, TinyPlans tiny) {
    double sum = 0;
    for (int i = 0; i < tiny.instance().offers(); i++) {
      sum += program.most(i);
    }
    return sum;
  }

  @Test
  void provesThatNoNodesKeepTheRules() {
    int[] proved = new int[2];
    TinyPlans.forEach(
        55_000,
        3 * PROBLEMS,
        tiny -> {
          if (!tiny.plans().isEmpty()) {
            return;
          }
          NodeProgram program = program(tiny);
          boolean nothing = program.provesNothingKeepsRules();
          List<double[]> vectors = vectors(program, tiny.instance().offers());
          if (nothing) {
            assertThat(vectors).as(tiny.replay()).noneMatch(program::allows);
          }
          proved[0]++;
          proved[1] += nothing ? 1 : 0;
        });
    assertThat(proved[1]).as("of %d", proved[0]).isPositive();
  }
}
