package org.moesaic.pricing;

import java.util.ArrayList;
import java.util.List;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.instance.Unsupported;
import org.moesaic.instance.UnsupportedProblemException;
import org.moesaic.pricing.Bill.Lease;
import org.moesaic.pricing.Bill.Service;
import org.moesaic.pricing.Bill.Traffic;

/**
 * Prices an assignment, straight from the definitions:
 *
 * <ul>
 *   <li>demand(o, s) = tokensPerSecond(o) * topK * sum over the experts e of s of w(o, e), in calls
 *       per second
 *   <li>nodes of an offer = max(minNodes, 1, ceil(max(memory, compute, network))) if it holds a
 *       replica, else 0, with memory = sum over its replicas of expertBytes * size(s) / usable
 *       bytes of a node, compute = served calls * expertFlopsPerToken / usable operations per
 *       second of a node, network = served calls * max(dispatchBytes, combineBytes) / usable bytes
 *       per second of a node; the ceiling forgives a relative 1e-9
 *   <li>traffic from an origin's site a to another site b that serves it: demand * dispatchBytes;
 *       from b to a: demand * combineBytes. Nothing within a site
 *   <li>lease = nodes * usdPerNodeHour; egress = GB per hour * price of that way; bandwidth = GB
 *       per hour between different regions * bandwidthUsdPerGb; 1 GB = 10^9 bytes
 *   <li>added latency of an origin = sum over layers of min(max RTT, sum of min(1, topK * w(o, e))
 *       * RTT) over the experts that other sites serve
 * </ul>
 *
 * <p>Takes time in proportion to shards times origins, and remembers nothing from call to call.
 */
public final class Pricing {
  /** Where nodes stop growing, so that an offer without capacity still has a price. */
  public static final int MAX_NODES = Integer.MAX_VALUE;

  private static final double SECONDS_PER_HOUR = 3600;
  private static final double BYTES_PER_GB = 1e9;

  private final Instance instance;
  private final Assignment assignment;

  private Pricing(Instance instance, Assignment assignment) {
    this.instance = instance;
    this.assignment = assignment;
  }

  /**
   * Prices an assignment that may break rules.
   *
   * @param assignment one placement per shard; each origin with demand for a shard is served by one
   *     of its replicas. Who serves an origin without demand has no effect
   * @throws IllegalArgumentException if the assignment is not of that shape
   * @throws UnpricedTrafficException if traffic flows where no price is known
   * @throws UnsupportedProblemException if the problem uses what is {@link Unsupported}
   */
  public static Bill price(Instance instance, Assignment assignment) {
    Unsupported.refuse(instance.problem());
    requireShape(instance, assignment);
    return new Pricing(instance, assignment).bill();
  }

  private static void requireShape(Instance instance, Assignment assignment) {
    if (assignment.placements().size() != instance.shards()) {
      throw new IllegalArgumentException(
          "The assignment has %d placements, but the instance has %d shards."
              .formatted(assignment.placements().size(), instance.shards()));
    }
    for (int s = 0; s < instance.shards(); s++) {
      Placement placement = assignment.of(s);
      int before = -1;
      for (int offer : placement.replicas()) {
        if (offer <= before || offer >= instance.offers()) {
          throw new IllegalArgumentException(
              "The replicas of shard (%d) are not ascending offers: %s.".formatted(s, placement));
        }
        before = offer;
      }
      if (placement.servedBy().length != instance.origins()) {
        throw new IllegalArgumentException(
            "The shard (%d) says for %d origins who serves them, but there are %d."
                .formatted(s, placement.servedBy().length, instance.origins()));
      }
      for (int o = 0; o < instance.origins(); o++) {
        if (instance.demand(o, s) > 0 && !placement.holds(placement.servedBy()[o])) {
          throw new IllegalArgumentException(
              "The origin (%s) calls shard (%d), but its server, offer (%d), holds no replica."
                  .formatted(instance.origin(o).id(), s, placement.servedBy()[o]));
        }
      }
    }
  }

  private Bill bill() {
    List<Lease> leases = leases();
    double[][] bytesPerSecond = bytesPerSecond();
    List<Traffic> traffic = traffic(bytesPerSecond);
    List<Service> services = new ArrayList<>();
    for (int o = 0; o < instance.origins(); o++) {
      services.add(service(o));
    }
    double lease = 0;
    for (Lease row : leases) {
      lease += row.usdPerHour();
    }
    double egress = 0;
    double bandwidth = 0;
    for (Traffic row : traffic) {
      egress += row.usdPerHour();
      if (instance.regionOfSite(row.from()) != instance.regionOfSite(row.to())) {
        bandwidth +=
            gbPerHour(row.bytesPerSecond()) * instance.problem().objective().bandwidthUsdPerGb();
      }
    }
    return new Bill(
        lease,
        egress,
        bandwidth,
        0,
        leases,
        traffic,
        services,
        new Rules(instance, assignment, leases, bytesPerSecond, services).violations());
  }

  private static double gbPerHour(double bytesPerSecond) {
    return bytesPerSecond * SECONDS_PER_HOUR / BYTES_PER_GB;
  }

  private List<Lease> leases() {
    boolean[] used = new boolean[instance.offers()];
    double[] heldBytes = new double[instance.offers()];
    double[] callsPerSecond = new double[instance.offers()];
    for (int s = 0; s < instance.shards(); s++) {
      for (int offer : assignment.of(s).replicas()) {
        used[offer] = true;
        heldBytes[offer] += (double) instance.problem().model().expertBytes() * instance.sizeOf(s);
      }
      for (int o = 0; o < instance.origins(); o++) {
        if (instance.demand(o, s) > 0) {
          callsPerSecond[assignment.of(s).servedBy()[o]] += instance.demand(o, s);
        }
      }
    }
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < instance.offers(); i++) {
      if (used[i]) {
        leases.add(lease(i, heldBytes[i], callsPerSecond[i]));
      }
    }
    return leases;
  }

  private Lease lease(int offer, double heldBytes, double callsPerSecond) {
    // The cast saturates: infinitely many nodes become MAX_NODES.
    int nodes = (int) instance.nodes(offer, heldBytes, callsPerSecond);
    return new Lease(
        offer,
        nodes,
        nodes * instance.offer(offer).usdPerNodeHour(),
        nodes * instance.offer(offer).powerKwPerNode(),
        Math.min(1, instance.memoryNodes(offer, heldBytes) / nodes),
        Math.min(1, instance.computeNodes(offer, callsPerSecond) / nodes),
        Math.min(1, instance.networkNodes(offer, callsPerSecond) / nodes));
  }

  /** Traffic by sending and receiving site, bytes per second. */
  private double[][] bytesPerSecond() {
    double dispatchBytes = instance.problem().model().dispatchBytes();
    double combineBytes = instance.problem().model().combineBytes();
    double[][] bytes = new double[instance.sites().size()][instance.sites().size()];
    for (int o = 0; o < instance.origins(); o++) {
      for (int s = 0; s < instance.shards(); s++) {
        if (servedAway(o, s)) {
          int home = homeSite(o, s);
          int site = servingSite(o, s);
          bytes[home][site] += instance.demand(o, s) * dispatchBytes;
          bytes[site][home] += instance.demand(o, s) * combineBytes;
        }
      }
    }
    return bytes;
  }

  private boolean servedAway(int origin, int shard) {
    return instance.demand(origin, shard) > 0
        && servingSite(origin, shard) != homeSite(origin, shard);
  }

  private int homeSite(int origin, int shard) {
    return instance.siteOfHome(origin, assignment.home(origin, instance.layerOf(shard)));
  }

  private int servingSite(int origin, int shard) {
    return instance.siteOfOffer(assignment.of(shard).servedBy()[origin]);
  }

  private List<Traffic> traffic(double[][] bytesPerSecond) {
    List<Traffic> traffic = new ArrayList<>();
    for (int a = 0; a < bytesPerSecond.length; a++) {
      for (int b = 0; b < bytesPerSecond.length; b++) {
        if (bytesPerSecond[a][b] > 0) {
          double price = instance.usdPerGb(a, b);
          if (Double.isNaN(price)) {
            throw new UnpricedTrafficException(instance.sites().get(a), instance.sites().get(b));
          }
          traffic.add(
              new Traffic(a, b, bytesPerSecond[a][b], gbPerHour(bytesPerSecond[a][b]) * price));
        }
      }
    }
    return traffic;
  }

  private Service service(int origin) {
    double calls = 0;
    double localCalls = 0;
    double latencyMs = 0;
    boolean estimated = false;
    for (int l = 0; l < instance.layers(); l++) {
      double maxRttMs = 0;
      double sumRttMs = 0;
      for (int s = instance.shard(l, 0); s < instance.shard(l + 1, 0); s++) {
        calls += instance.demand(origin, s);
        if (servedAway(origin, s)) {
          int home = homeSite(origin, s);
          int site = servingSite(origin, s);
          double rttMs = instance.rttMs(home, site);
          maxRttMs = Math.max(maxRttMs, rttMs);
          sumRttMs += instance.callProbability(origin, s) * rttMs;
          estimated |= instance.rttEstimated(home, site);
        } else {
          localCalls += instance.demand(origin, s);
        }
      }
      latencyMs += Math.min(maxRttMs, sumRttMs);
    }
    return new Service(origin, calls == 0 ? 1 : localCalls / calls, latencyMs, estimated);
  }
}
