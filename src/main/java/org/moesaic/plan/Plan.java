package org.moesaic.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Format;
import org.moesaic.json.OneLine;
import org.moesaic.json.Pattern;
import org.moesaic.json.Range;
import org.moesaic.json.Size;

/**
 * An answer to a placement problem, as written in a file of the format {@value #FORMAT}. Offers,
 * origins and sites are named as in the problem.
 */
@Format(Plan.FORMAT)
public record Plan(
    @Doc("which problem it answers") ProblemId problem,
    @Doc("how good it is known to be") Status status,
    @Doc("what it costs") Cost objective,
    @Doc("how far from the least cost it can be; absent where nothing is proven")
        @Nullable Bound bound,
    @Doc("the offers that hold something") List<Lease> leases,
    @Doc("where the experts are, one row per layer") @Size(min = 1) List<Placement> placements,
    @Doc("which replica serves whom, one row per origin, or part of one, and layer")
        List<Serving> serving,
    @Doc("how origins of several streams are divided, one row per part; absent: none has several")
        @Default("[]")
        List<Part> parts,
    @Doc(
            "which offer runs the dense part of each layer, one row per origin or part of one;"
                + " absent: it runs at home")
        @Default("[]")
        List<Backbone> backbone,
    @Doc("what flows between sites, one row per direction that carries anything")
        List<Traffic> traffic,
    @Doc("how each origin is served, one row per origin or part of one") List<Origin> origins,
    @Doc("every rule that the plan breaks") List<Violation> violations,
    @Doc("how it was found") @Nullable Solver solver) {

  /** The value of the field {@code format}. */
  public static final String FORMAT = "moesaic/plan/1";

  public Plan {
    leases = List.copyOf(leases);
    placements = List.copyOf(placements);
    serving = List.copyOf(serving);
    parts = List.copyOf(parts);
    backbone = List.copyOf(backbone);
    traffic = List.copyOf(traffic);
    origins = List.copyOf(origins);
    violations = List.copyOf(violations);
  }

  /** How good a plan is known to be. */
  public enum Status {
    /** It keeps every rule, and no plan that does costs less, but for a share of 1e-6. */
    OPTIMAL,
    /** It keeps every rule. */
    FEASIBLE,
    /** It breaks rules, and none was found that keeps them all. */
    INFEASIBLE
  }

  /** The problem that a plan answers. */
  public record ProblemId(
      @Doc("the problem's name") String name,
      @Doc("SHA-256 of the problem file's bytes; empty for a problem built in code")
          @Pattern(value = "[0-9a-f]{64}|", says = "64 lower-case hexadecimal digits")
          String sha256,
      @Doc("SHA-256 of the weights that the problem's files hold; absent: there are none")
          @Pattern(value = "[0-9a-f]{64}", says = "64 lower-case hexadecimal digits")
          @Nullable String weightsSha256) {}

  /** The cost of a plan and its parts. */
  public record Cost(
      @Doc("sum of the parts, which a plan minimises, USD per hour") @Range(min = 0)
          double usdPerHour,
      @Doc("nodes times their price, USD per hour") @Range(min = 0) double leaseUsdPerHour,
      @Doc("traffic times the price of its way, USD per hour") @Range(min = 0)
          double egressUsdPerHour,
      @Doc("traffic between regions times objective.bandwidthUsdPerGb, USD per hour")
          @Range(min = 0)
          double bandwidthUsdPerHour,
      @Doc("moving away from the incumbent, spread over its horizon, USD per hour") @Range(min = 0)
          double migrationUsdPerHour) {}

  /** What is proven about every plan that keeps the rules. */
  public record Bound(
      @Doc("no plan that keeps the rules costs less, USD per hour") @Range(min = 0)
          double usdPerHour,
      @Doc("(cost - bound) / cost; 0 for a plan that costs nothing") double gap) {

    /** The gap between what a plan costs and what is proven. */
    public static double gap(double usdPerHour, double boundUsdPerHour) {
      return usdPerHour == boundUsdPerHour ? 0 : (usdPerHour - boundUsdPerHour) / usdPerHour;
    }
  }

  /** The nodes leased of one offer. */
  public record Lease(
      @Doc("an offer that holds something") String offer,
      @Doc("how many nodes") @Range(min = 1) int nodes,
      @Doc("nodes times their price, USD per hour") @Range(min = 0) double usdPerHour,
      @Doc("nodes times their power, kW") @Range(min = 0) double powerKw,
      @Doc("how full they are") Utilization utilization) {}

  /**
   * How full leased nodes are: the nodes that one resource alone would fill, by the nodes leased.
   */
  @OneLine
  public record Utilization(
      @Doc("of the usable memory") @Range(min = 0, max = 1) double memory,
      @Doc("of the usable compute") @Range(min = 0, max = 1) double compute,
      @Doc("of the usable network, by its fuller direction") @Range(min = 0, max = 1)
          double network) {}

  /** Where the experts of one layer are. */
  @OneLine
  public record Placement(
      @Doc("the layer, from 0") @Range(min = 0) int layer,
      @Doc("for each shard of the layer the offers that hold a replica")
          List<List<String>> experts) {
    public Placement {
      experts = experts.stream().map(List::copyOf).toList();
    }
  }

  /** Which replicas of one layer serve one origin, or part of one. */
  @OneLine
  public record Serving(
      @Doc("the origin, or the part of one") String origin,
      @Doc("the layer, from 0") @Range(min = 0) int layer,
      @Doc("for each shard an index into its list of offers; -1 where the origin never calls it")
          @Range(min = -1)
          List<Integer> replica) {
    public Serving {
      replica = List.copyOf(replica);
    }
  }

  /** Some streams of an origin, which are hosted and served alike. */
  @OneLine
  public record Part(
      @Doc("the origin's id, #, and the part's number from 1") String id,
      @Doc("an origin of several streams") String origin,
      @Doc("how many of them; those of all its parts add up to them") @Range(min = 1)
          int streams) {}

  /** Where the dense part of each layer runs for one origin, or part of one. */
  @OneLine
  public record Backbone(
      @Doc("the origin, or the part of one") String origin,
      @Doc("an offer for each layer") List<String> layers) {
    public Backbone {
      layers = List.copyOf(layers);
    }
  }

  /** What flows from one site to another, and what of it is of which kind. */
  @OneLine
  public record Traffic(
      @Doc("the site that sends, provider/region") String from,
      @Doc("the site that receives, provider/region") String to,
      @Doc("all that flows, 10^9 bits per second: the sum of the next four") @Range(min = 0)
          double gbps,
      @Doc("calls and their results, 10^9 bits per second") @Range(min = 0) double callsGbps,
      @Doc("what crosses from layer to layer, 10^9 bits per second") @Range(min = 0)
          double cutsGbps,
      @Doc("between origins and their first and last layers, 10^9 bits per second") @Range(min = 0)
          double accessGbps,
      @Doc("what keeps replicas in step, 10^9 bits per second") @Range(min = 0) double syncGbps,
      @Doc("price of the egress, USD per hour") @Range(min = 0) double usdPerHour) {}

  /** How one origin, or part of one, is served. */
  @OneLine
  public record Origin(
      @Doc("the origin, or the part of one") String id,
      @Doc(
              "share of its calls that are served where its layers run; 1 for an origin that calls"
                  + " nothing")
          @Range(min = 0, max = 1)
          double localShare,
      @Doc("round trips that placement makes its tokens wait for, ms; absent: one is unknown")
          @Nullable
          @Range(min = 0)
          Double addedLatencyMs,
      @Doc("whether a round trip in it was estimated from a distance") boolean latencyEstimated,
      @Doc(
              "round trip to the site that hosts its first layer, ms; 0 where the dense part runs"
                  + " at home; absent: unknown")
          @Nullable
          @Range(min = 0)
          Double accessMs) {}

  /** A rule that a plan breaks. */
  public record Violation(
      @Doc("which rule, e.g. capacity") String rule,
      @Doc("what breaks it, e.g. an offer") String subject,
      @Doc("the figure and the limit, for people") String message) {}

  /** How a plan was found. */
  public record Solver(
      @Doc("of Moesaic") String version,
      @Doc("of its random numbers") long seed,
      @Doc("how long it took, s") @Range(min = 0) double wallSeconds,
      @Doc("how fast it looked, moves per second") @Range(min = 0) double movesPerSecond) {}
}
