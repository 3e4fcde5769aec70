package org.moesaic.diff;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.moesaic.instance.Instance;
import org.moesaic.json.Doc;
import org.moesaic.json.Format;
import org.moesaic.json.OneLine;
import org.moesaic.plan.Plan;
import org.moesaic.problem.Model;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Problem;

/**
 * What changes from one plan of a problem to another: leases, replicas and hosts, who serves whom,
 * cost, and rules.
 *
 * <ul>
 *   <li>GB that come to an offer = Σ |s| * {@code expertBytes} / 10^9 over the replicas that it
 *       lacked, and {@code bytesPerLayer} / 10^9 for each layer whose dense part it did not host
 *   <li>share of calls that move = 1 - Σ over origins and shards of demand * Σ over offers of the
 *       lesser of the two shares of the origin's streams that are served there, by all demand
 *   <li>share of hosting that moves: the same of tokens per second through each layer
 * </ul>
 */
@Format(PlanDiff.FORMAT)
public record PlanDiff(
    @Doc("what the old plan costs at the problem's prices") Plan.Cost before,
    @Doc("what the new plan costs") Plan.Cost after,
    @Doc("offers whose nodes change, in the order of the problem") List<Lease> leases,
    @Doc("offers whose replicas or hosted layers change, in the order of the problem")
        List<Held> held,
    @Doc("share of all calls that another offer serves") double callsMoved,
    @Doc("share of all tokens through layers whose dense part another offer runs")
        double hostingMoved,
    @Doc("rules that the new plan breaks and the old one kept") List<Plan.Violation> broken,
    @Doc("rules that the old plan broke and the new one keeps") List<Plan.Violation> mended,
    @Doc("rules that both break") List<Plan.Violation> stillBroken) {

  /** The value of the field {@code format}. */
  public static final String FORMAT = "moesaic/diff/1";

  private static final double BYTES_PER_GB = 1e9;

  public PlanDiff {
    leases = List.copyOf(leases);
    held = List.copyOf(held);
    broken = List.copyOf(broken);
    mended = List.copyOf(mended);
    stillBroken = List.copyOf(stillBroken);
  }

  /** How the lease of an offer changes. */
  @OneLine
  public record Lease(
      @Doc("the offer") String offer,
      @Doc("nodes in the old plan; 0 for none") int nodesBefore,
      @Doc("nodes in the new plan; 0 for none") int nodesAfter,
      @Doc("price of the old plan's nodes, USD per hour") double usdPerHourBefore,
      @Doc("price of the new plan's nodes, USD per hour") double usdPerHourAfter) {}

  /** What an offer holds more and less. */
  @OneLine
  public record Held(
      @Doc("the offer") String offer,
      @Doc("replicas of shards that come") int replicasCome,
      @Doc("layers whose dense part comes") int layersCome,
      @Doc("memory of all that comes, 10^9 bytes") double gbCome,
      @Doc("replicas of shards that go") int replicasGo,
      @Doc("layers whose dense part goes") int layersGo,
      @Doc("memory of all that goes, 10^9 bytes") double gbGo) {}

  /**
   * Compares two plans.
   *
   * @param before as recomputed from the problem, so that its figures are at the same prices
   * @param after as recomputed from the problem
   */
  public static PlanDiff of(Problem problem, Plan before, Plan after) {
    return new Comparing(problem, before, after).diff();
  }

  /** Replicas that come to offers which lacked them. */
  public int replicasCome() {
    return held.stream().mapToInt(Held::replicasCome).sum();
  }

  /** Layers whose dense part comes to offers which did not host them. */
  public int layersCome() {
    return held.stream().mapToInt(Held::layersCome).sum();
  }

  /** What a plan that fits its problem has a row for. */
  private static <K, V> V known(Map<K, V> rows, K key) {
    return Objects.requireNonNull(rows.get(key), () -> "The plan has no row for " + key + ".");
  }

  /** All that comes to offers which lacked it, 10^9 bytes. */
  public double gbCome() {
    return held.stream().mapToDouble(Held::gbCome).sum();
  }

  private static final class Comparing {
    private final Problem problem;
    private final Instance instance;
    private final Plan before;
    private final Plan after;

    Comparing(Problem problem, Plan before, Plan after) {
      this.problem = problem;
      this.before = before;
      this.after = after;
      instance = Instance.of(problem);
    }

    PlanDiff diff() {
      return new PlanDiff(
          before.objective(),
          after.objective(),
          leases(),
          held(),
          callsMoved(),
          hostingMoved(),
          onlyIn(after, before),
          onlyIn(before, after),
          after.violations().stream().filter(v -> breaks(before, v)).toList());
    }

    private List<Lease> leases() {
      Map<String, Plan.Lease> old = byOffer(before);
      Map<String, Plan.Lease> now = byOffer(after);
      List<Lease> changes = new ArrayList<>();
      for (Offer offer : problem.offers()) {
        Plan.Lease from = old.get(offer.id());
        Plan.Lease to = now.get(offer.id());
        int nodesBefore = from == null ? 0 : from.nodes();
        int nodesAfter = to == null ? 0 : to.nodes();
        if (nodesBefore != nodesAfter) {
          changes.add(
              new Lease(
                  offer.id(),
                  nodesBefore,
                  nodesAfter,
                  from == null ? 0 : from.usdPerHour(),
                  to == null ? 0 : to.usdPerHour()));
        }
      }
      return changes;
    }

    private static Map<String, Plan.Lease> byOffer(Plan plan) {
      return plan.leases().stream().collect(Collectors.toMap(Plan.Lease::offer, l -> l));
    }

    private List<Held> held() {
      Model model = problem.model();
      Model.Backbone backbone = model.backbone();
      double layerGb = backbone == null ? 0 : backbone.bytesPerLayer() / BYTES_PER_GB;
      Map<String, Tally> tallies = new TreeMap<>();
      Map<Integer, Plan.Placement> old =
          before.placements().stream().collect(Collectors.toMap(Plan.Placement::layer, p -> p));
      for (Plan.Placement row : after.placements()) {
        List<List<String>> was = known(old, row.layer()).experts();
        for (int k = 0; k < row.experts().size(); k++) {
          int shard = instance.shard(row.layer(), k);
          double gb = instance.sizeOf(shard) * (double) model.expertBytes() / BYTES_PER_GB;
          Set<String> from = new LinkedHashSet<>(was.get(k));
          Set<String> to = new LinkedHashSet<>(row.experts().get(k));
          to.stream().filter(o -> !from.contains(o)).forEach(o -> of(tallies, o).come(false, gb));
          from.stream().filter(o -> !to.contains(o)).forEach(o -> of(tallies, o).go(false, gb));
        }
      }
      Set<Row> hosted = hosted(before);
      Set<Row> hosts = hosted(after);
      for (Row host : hosts) {
        if (!hosted.contains(host)) {
          of(tallies, host.of()).come(true, layerGb);
        }
      }
      for (Row host : hosted) {
        if (!hosts.contains(host)) {
          of(tallies, host.of()).go(true, layerGb);
        }
      }
      return problem.offers().stream()
          .filter(offer -> tallies.containsKey(offer.id()))
          .map(offer -> of(tallies, offer.id()).held(offer.id()))
          .toList();
    }

    private static Tally of(Map<String, Tally> tallies, String offer) {
      return tallies.computeIfAbsent(offer, o -> new Tally());
    }

    /** Offers and layers. */
    private static Set<Row> hosted(Plan plan) {
      Set<Row> all = new LinkedHashSet<>();
      for (Plan.Backbone row : plan.backbone()) {
        for (int l = 0; l < row.layers().size(); l++) {
          all.add(new Row(row.layers().get(l), l));
        }
      }
      return all;
    }

    private double callsMoved() {
      double moved = 0;
      double all = 0;
      Map<String, List<Share>> sharesBefore = shares(before);
      Map<String, List<Share>> sharesAfter = shares(after);
      var served = new Served(before);
      var serves = new Served(after);
      for (int o = 0; o < instance.origins(); o++) {
        String origin = instance.origin(o).id();
        for (int l = 0; l < instance.layers(); l++) {
          for (int k = 0; k < instance.shardsPerLayer(); k++) {
            double demand = instance.demand(o, instance.shard(l, k));
            if (demand > 0) {
              all += demand;
              moved +=
                  demand
                      * moved(
                          served.shares(known(sharesBefore, origin), l, k),
                          serves.shares(known(sharesAfter, origin), l, k));
            }
          }
        }
      }
      return all == 0 ? 0 : moved / all;
    }

    private double hostingMoved() {
      if (problem.model().backbone() == null) {
        return 0;
      }
      double moved = 0;
      double all = 0;
      Map<String, List<Share>> sharesBefore = shares(before);
      Map<String, List<Share>> sharesAfter = shares(after);
      Map<String, Plan.Backbone> hosted = hosts(before);
      Map<String, Plan.Backbone> hosts = hosts(after);
      for (Origin origin : problem.origins()) {
        for (int l = 0; l < instance.layers(); l++) {
          all += origin.tokensPerSecond();
          moved +=
              origin.tokensPerSecond()
                  * moved(
                      hosts(hosted, known(sharesBefore, origin.id()), l),
                      hosts(hosts, known(sharesAfter, origin.id()), l));
        }
      }
      return all == 0 ? 0 : moved / all;
    }

    private static Map<String, Plan.Backbone> hosts(Plan plan) {
      return plan.backbone().stream().collect(Collectors.toMap(Plan.Backbone::origin, b -> b));
    }

    private static Map<String, Double> hosts(
        Map<String, Plan.Backbone> rows, List<Share> shares, int layer) {
      Map<String, Double> by = new HashMap<>();
      for (Share share : shares) {
        by.merge(known(rows, share.row()).layers().get(layer), share.ofStreams(), Double::sum);
      }
      return by;
    }

    private Map<String, List<Share>> shares(Plan plan) {
      Map<String, List<Share>> shares = new HashMap<>();
      for (Origin origin : problem.origins()) {
        List<Share> own = new ArrayList<>();
        for (Plan.Part part : plan.parts()) {
          if (part.origin().equals(origin.id())) {
            own.add(new Share(part.id(), (double) part.streams() / origin.streams()));
          }
        }
        shares.put(origin.id(), own.isEmpty() ? List.of(new Share(origin.id(), 1)) : own);
      }
      return shares;
    }

    /** The share that is elsewhere than before. */
    private static double moved(Map<String, Double> before, Map<String, Double> after) {
      double same = 0;
      for (Map.Entry<String, Double> entry : after.entrySet()) {
        same += Math.min(entry.getValue(), before.getOrDefault(entry.getKey(), 0.0));
      }
      return Math.clamp(1 - same, 0, 1);
    }

    private static List<Plan.Violation> onlyIn(Plan plan, Plan other) {
      return plan.violations().stream().filter(v -> !breaks(other, v)).toList();
    }

    /** Whether a plan breaks the same rule at the same place, by whatever figure. */
    private static boolean breaks(Plan plan, Plan.Violation violation) {
      return plan.violations().stream()
          .anyMatch(
              v -> v.rule().equals(violation.rule()) && v.subject().equals(violation.subject()));
    }
  }

  /** A row of a plan, and the share of its origin's streams that it speaks of. */
  private record Share(String row, double ofStreams) {}

  /** What a layer has of an offer, or of an origin or part of one. */
  private record Row(String of, int layer) {}

  /** Who serves which shard in a plan. */
  private static final class Served {
    private final Map<Row, Plan.Serving> rows = new HashMap<>();
    private final Map<Integer, Plan.Placement> placements = new LinkedHashMap<>();

    Served(Plan plan) {
      plan.serving().forEach(row -> rows.put(new Row(row.origin(), row.layer()), row));
      plan.placements().forEach(row -> placements.put(row.layer(), row));
    }

    Map<String, Double> shares(List<Share> shares, int layer, int k) {
      Map<String, Double> by = new HashMap<>();
      List<String> offers = known(placements, layer).experts().get(k);
      for (Share share : shares) {
        int replica = known(rows, new Row(share.row(), layer)).replica().get(k);
        by.merge(offers.get(replica), share.ofStreams(), Double::sum);
      }
      return by;
    }
  }

  /** What comes and goes at an offer. */
  private static final class Tally {
    private int replicasCome;
    private int layersCome;
    private double gbCome;
    private int replicasGo;
    private int layersGo;
    private double gbGo;

    void come(boolean layer, double gb) {
      layersCome += layer ? 1 : 0;
      replicasCome += layer ? 0 : 1;
      gbCome += gb;
    }

    void go(boolean layer, double gb) {
      layersGo += layer ? 1 : 0;
      replicasGo += layer ? 0 : 1;
      gbGo += gb;
    }

    Held held(String offer) {
      return new Held(offer, replicasCome, layersCome, gbCome, replicasGo, layersGo, gbGo);
    }
  }
}
