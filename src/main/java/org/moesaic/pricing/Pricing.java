package org.moesaic.pricing;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.instance.Unpriced;
import org.moesaic.instance.UnsupportedProblemException;
import org.moesaic.pricing.Bill.Lease;
import org.moesaic.pricing.Bill.Service;
import org.moesaic.pricing.Bill.Traffic;

/**
 * Prices an assignment, straight from the definitions. An origin here is a part of one.
 *
 * <ul>
 *   <li>demand(o, s) = tokensPerSecond(o) * topK * sum over the experts e of s of w(o, e), in calls
 *       per second
 *   <li>nodes of an offer = max(minNodes, 1, ceil(max(memory, compute, network))) if it holds a
 *       replica or hosts a layer, else 0, with memory = (sum over its replicas of expertBytes *
 *       size(s) + bytesPerLayer for each layer that some origin hosts there) / usable bytes of a
 *       node, compute = (served calls * expertFlopsPerToken + sum over the layers it hosts of
 *       tokensPerSecond * flopsPerTokenPerLayer) / usable operations per second of a node, network
 *       = served calls * max(dispatchBytes, combineBytes) / usable bytes per second of a node; the
 *       ceiling forgives a relative 1e-9
 *   <li>traffic between sites, nothing within one ({@link Flows}): calls, from the site that hosts
 *       a layer to another that serves it and back; steps from layer to layer; access from the
 *       origin's site to its first layer and from its last back; sync along {@link SpanningTrees}
 *   <li>lease = nodes * usdPerNodeHour; egress = GB per hour * price of that way; bandwidth = GB
 *       per hour between different regions * bandwidthUsdPerGb; 1 GB = 10^9 bytes
 *   <li>added latency of an origin ({@link Services}) = sum over layers of min(max RTT, sum of
 *       min(1, topK * w(o, e)) * RTT) over the experts served away from where the layer is hosted,
 *       plus half the RTT of each step from layer to layer and from the last to the first
 * </ul>
 *
 * <p>Takes time in proportion to shards times origins, and to recorded choices where copies are
 * shared; remembers nothing from call to call.
 */
public final class Pricing {
  /** Where nodes stop growing, so that an offer without capacity still has a price. */
  public static final int MAX_NODES = Integer.MAX_VALUE;

  private static final double SECONDS_PER_HOUR = 3600;
  private static final double BYTES_PER_GB = 1e9;

  private final Instance instance;
  private final Assignment assignment;
  private final Whereabouts where;

  private Pricing(Instance instance, Assignment assignment) {
    this.instance = instance;
    this.assignment = assignment;
    where = new Whereabouts(instance, assignment);
  }

  /**
   * Prices an assignment that may break rules.
   *
   * @param instance of the problem as it is: the assignment's parts divide its origins
   * @param assignment one placement per shard; each part with demand for a shard is served by one
   *     of its replicas. Who serves a part without demand has no effect. Where the dense part is
   *     placed, each layer of each part is at home on an offer
   * @return by part what holds for it: what is said of an origin holds for each of its parts
   * @throws IllegalArgumentException if the assignment is not of that shape
   * @throws UnpricedTrafficException if traffic flows where no price is known
   * @throws UnsupportedProblemException if the problem uses what is {@link Unpriced}
   */
  public static Bill price(Instance instance, Assignment assignment) {
    Unpriced.refuse(instance.problem());
    Instance split = instance.split(assignment.parts());
    requireShape(split, assignment);
    return new Pricing(split, assignment).bill();
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
            "The shard (%d) says for %d parts of origins who serves them, but there are %d."
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
    for (int o = 0; o < instance.origins() && instance.hasBackbone(); o++) {
      for (int l = 0; l < instance.layers(); l++) {
        int offer = assignment.home(o, l);
        if (offer < 0 || offer >= instance.offers()) {
          throw new IllegalArgumentException(
              "Layer (%d) of origin (%s) must be at home on an offer, not (%d)."
                  .formatted(l, instance.origin(o).id(), offer));
        }
      }
    }
  }

  private Bill bill() {
    List<Lease> leases = leases();
    Flows flows = new Flows(instance, assignment, where);
    List<Traffic> traffic = traffic(flows);
    List<Service> services = Services.of(instance, where);
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
        new Rules(instance, assignment, where, leases, flows, services).violations());
  }

  private static double gbPerHour(double bytesPerSecond) {
    return bytesPerSecond * SECONDS_PER_HOUR / BYTES_PER_GB;
  }

  private List<Lease> leases() {
    boolean[] used = new boolean[instance.offers()];
    double[] heldBytes = new double[instance.offers()];
    double[] callsPerSecond = new double[instance.offers()];
    double[] hostedTokensPerSecond = new double[instance.offers()];
    for (int s = 0; s < instance.shards(); s++) {
      for (int offer : assignment.of(s).replicas()) {
        used[offer] = true;
        heldBytes[offer] += (double) instance.problem().model().expertBytes() * instance.sizeOf(s);
      }
      for (int o = 0; o < instance.origins(); o++) {
        if (where.calls(o, s)) {
          callsPerSecond[where.server(o, s)] += instance.demand(o, s);
        }
      }
    }
    for (int l = 0; l < instance.layers() && instance.hasBackbone(); l++) {
      // One copy of a layer is enough for all whom it is hosted for.
      BitSet hosts = new BitSet();
      for (int o = 0; o < instance.origins(); o++) {
        hosts.set(where.host(o, l));
        hostedTokensPerSecond[where.host(o, l)] += instance.origin(o).tokensPerSecond();
      }
      hosts.stream()
          .forEach(
              offer -> {
                used[offer] = true;
                heldBytes[offer] += instance.layerBytes();
              });
    }
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < instance.offers(); i++) {
      if (used[i]) {
        leases.add(lease(i, heldBytes[i], callsPerSecond[i], hostedTokensPerSecond[i]));
      }
    }
    return leases;
  }

  private Lease lease(
      int offer, double heldBytes, double callsPerSecond, double hostedTokensPerSecond) {
    // The cast saturates: infinitely many nodes become MAX_NODES.
    int nodes = (int) instance.nodes(offer, heldBytes, callsPerSecond, hostedTokensPerSecond);
    double computeNodes = instance.computeNodes(offer, callsPerSecond, hostedTokensPerSecond);
    return new Lease(
        offer,
        nodes,
        nodes * instance.offer(offer).usdPerNodeHour(),
        nodes * instance.offer(offer).powerKwPerNode(),
        Math.min(1, instance.memoryNodes(offer, heldBytes) / nodes),
        Math.min(1, computeNodes / nodes),
        Math.min(1, instance.networkNodes(offer, callsPerSecond) / nodes));
  }

  private List<Traffic> traffic(Flows flows) {
    List<Traffic> traffic = new ArrayList<>();
    for (int a = 0; a < instance.sites().size(); a++) {
      for (int b = 0; b < instance.sites().size(); b++) {
        double bytesPerSecond = flows.all(a, b);
        if (bytesPerSecond > 0) {
          double price = instance.usdPerGb(a, b);
          if (Double.isNaN(price)) {
            throw new UnpricedTrafficException(instance.sites().get(a), instance.sites().get(b));
          }
          traffic.add(
              new Traffic(
                  a,
                  b,
                  flows.calls(a, b),
                  flows.cuts(a, b),
                  flows.access(a, b),
                  flows.sync(a, b),
                  gbPerHour(bytesPerSecond) * price));
        }
      }
    }
    return traffic;
  }
}
