package org.moesaic.pricing;

import java.util.List;

/**
 * What an assignment costs and does. Offers and sites are named by their index in the instance,
 * parts of origins by theirs in the assignment.
 *
 * @param leaseUsdPerHour sum of nodes times {@code usdPerNodeHour}, USD per hour
 * @param egressUsdPerHour sum over ordered pairs of sites of GB per hour times the price of that
 *     way, USD per hour
 * @param bandwidthUsdPerHour {@code objective.bandwidthUsdPerGb} times GB per hour between
 *     different regions, USD per hour
 * @param migrationUsdPerHour what moving away from the incumbent costs, spread over its horizon,
 *     USD per hour
 * @param leases the offers that hold or host something, ascending
 * @param traffic the ordered pairs of sites that carry something, ascending by {@code from}, then
 *     {@code to}
 * @param origins one per part of an origin, in order
 * @param violations every rule broken; empty if the assignment keeps them all
 */
public record Bill(
    double leaseUsdPerHour,
    double egressUsdPerHour,
    double bandwidthUsdPerHour,
    double migrationUsdPerHour,
    List<Lease> leases,
    List<Traffic> traffic,
    List<Service> origins,
    List<Violation> violations) {
  public Bill {
    leases = List.copyOf(leases);
    traffic = List.copyOf(traffic);
    origins = List.copyOf(origins);
    violations = List.copyOf(violations);
  }

  /** What a plan minimises: lease + egress + bandwidth + migration, USD per hour. */
  public double usdPerHour() {
    return leaseUsdPerHour + egressUsdPerHour + bandwidthUsdPerHour + migrationUsdPerHour;
  }

  /** Whether every rule is kept. */
  public boolean keepsRules() {
    return violations.isEmpty();
  }

  /**
   * The nodes leased of one offer.
   *
   * <p>The use of a resource is the real number of nodes that it alone would fill, divided by the
   * nodes leased; so it is 1 for full nodes, and less for all resources where {@code minNodes}
   * decides. It is 0 for a resource without a limit, and never above 1: what the ceiling forgives
   * is cut off.
   *
   * @param offer the offer
   * @param nodes &gt;= 1; {@link Pricing#MAX_NODES} where even more would be needed
   * @param usdPerHour nodes times {@code usdPerNodeHour}
   * @param powerKw nodes times {@code powerKwPerNode}
   * @param memoryUse 0 to 1
   * @param computeUse 0 to 1
   * @param networkUse 0 to 1
   */
  public record Lease(
      int offer,
      int nodes,
      double usdPerHour,
      double powerKw,
      double memoryUse,
      double computeUse,
      double networkUse) {}

  /**
   * What flows from one site to another, bytes per second.
   *
   * @param from the site that sends, and pays
   * @param to another site
   * @param callsBytesPerSecond dispatched calls and their results
   * @param cutsBytesPerSecond activations and gradients from layer to layer
   * @param accessBytesPerSecond between origins and their first and last layers
   * @param syncBytesPerSecond what keeps replicas in step
   * @param usdPerHour egress alone, without {@code objective.bandwidthUsdPerGb}
   */
  public record Traffic(
      int from,
      int to,
      double callsBytesPerSecond,
      double cutsBytesPerSecond,
      double accessBytesPerSecond,
      double syncBytesPerSecond,
      double usdPerHour) {
    /** All of it, &gt; 0. */
    public double bytesPerSecond() {
      return callsBytesPerSecond + cutsBytesPerSecond + accessBytesPerSecond + syncBytesPerSecond;
    }

    /** All of it, 10^9 bits per second. */
    public double gbps() {
      return 8 * bytesPerSecond() / 1e9;
    }
  }

  /**
   * How one part of an origin is hosted and served.
   *
   * @param part the part; the origin itself where that is whole
   * @param localShare share of its calls that the sites serve which host their layers, 0 to 1; 1
   *     for one that calls nothing
   * @param addedLatencyMs round trips that a token waits for, ms; NaN if one of them is unknown
   * @param latencyEstimated whether any round trip in it was estimated from a distance
   * @param accessMs round trip from its own site to the one that hosts its first layer, ms; 0 where
   *     the dense part is not placed; NaN if unknown
   */
  public record Service(
      int part,
      double localShare,
      double addedLatencyMs,
      boolean latencyEstimated,
      double accessMs) {}
}
