package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.solve.model.OfferTerms;
import org.moesaic.solve.model.Serving;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.model.Traffic;

/**
 * What the lower bound knows of an instance: the part of the rules that it exploits, with every
 * tolerance that the rules have. Immutable, shared by all threads.
 *
 * <p>It alone knows what holding a shard and serving an origin use of the {@link Resources}: {@link
 * #hold} and {@link #serve} tell it to a sink, and everybody else adds up, or takes prices of it.
 */
final class Relaxation {
  /** Rules and the ceiling of nodes forgive this much; so a bound has to. */
  static final double TOLERANCE = 1e-9;

  final Tariff tariff;
  final Instance instance;

  /** Nodes per expert held, and per call per second served. */
  final double[] nodesPerExpert;

  final double[] nodesPerCall;

  /** Egress and bandwidth of one call per second, per origin and offer, USD per hour. */
  final double[][] routeUsd;

  /**
   * Per origin and offer: shares of the link's capacity that one call per second takes, or none.
   */
  private final List<LinkUse>[][] linkUses;

  /** Per origin and offer: share of the latency limit of one unit of call probability. */
  final double[][] latencyShare;

  /**
   * Per origin and layer: by how much the sum over the experts can exceed the longest round trip.
   */
  private final double[][] latencyExcess;

  final boolean latencyLimited;
  final int minReplicas;
  final int maxReplicas;

  /** Per rule that needs a replica outside some offers: whether an offer is outside. */
  final List<boolean[]> outside;

  private final int links;
  private final Resources resources;

  /** A limited direction and the share of it that one call per second takes. */
  record LinkUse(int link, double share) {}

  @SuppressWarnings({"unchecked", "rawtypes"})
  Relaxation(Tariff tariff) {
    this.tariff = tariff;
    instance = tariff.instance();
    int offers = instance.offers();
    int origins = instance.origins();
    nodesPerExpert = new double[offers];
    nodesPerCall = new double[offers];
    for (int i = 0; i < offers; i++) {
      OfferTerms terms = tariff.offer(i);
      nodesPerExpert[i] = terms.nodesPerExpert() * (1 - TOLERANCE);
      nodesPerCall[i] = terms.nodesPerCall() * (1 - TOLERANCE);
    }
    routeUsd = new double[origins][offers];
    latencyShare = new double[origins][offers];
    linkUses = new List[origins][offers];
    boolean anyLatency = false;
    int[][] linkOf = new int[instance.sites().size()][instance.sites().size()];
    Arrays.stream(linkOf).forEach(row -> Arrays.fill(row, -1));
    int count = 0;
    for (int o = 0; o < origins; o++) {
      int from = instance.siteOfHome(o, Homes.OWN_SITE);
      double limitMs = instance.maxAddedLatencyMs(o);
      for (int i = 0; i < offers; i++) {
        int to = instance.siteOfOffer(i);
        routeUsd[o][i] = Serving.routeUsd(tariff, o, i);
        double rttMs = instance.rttMs(from, to);
        if (Double.isFinite(limitMs) && from != to && rttMs > 0) {
          latencyShare[o][i] = rttMs / Math.max(limitMs, 1e-9) * (1 - TOLERANCE);
          anyLatency = true;
        }
        linkUses[o][i] = linkUses(linkOf, o, from, to);
        for (LinkUse use : linkUses[o][i]) {
          count = Math.max(count, use.link() + 1);
        }
      }
    }
    links = count;
    resources = new Resources(offers, links, origins);
    latencyLimited = anyLatency;
    latencyExcess = new double[origins][instance.layers()];
    for (int o = 0; o < origins; o++) {
      for (int l = 0; l < instance.layers(); l++) {
        double calls = 0;
        for (int k = 0; k < instance.shardsPerLayer(); k++) {
          calls += instance.callProbability(o, instance.shard(l, k));
        }
        latencyExcess[o][l] = Math.max(1, calls);
      }
    }
    minReplicas = Math.max(1, instance.problem().policy().minReplicas());
    maxReplicas = instance.maxReplicas();
    outside = new ArrayList<>();
    for (DomainKind kind : instance.problem().policy().survive().stream().sorted().toList()) {
      int domains =
          java.util.stream.IntStream.range(0, offers)
              .map(i -> instance.domain(kind, i))
              .max()
              .orElse(-1);
      for (int d = 0; d <= domains; d++) {
        boolean[] out = new boolean[offers];
        for (int i = 0; i < offers; i++) {
          out[i] = instance.domain(kind, i) != d;
        }
        outside.add(out);
      }
    }
    if (minReplicas > 1 && outside.isEmpty()) {
      for (int d = 0; d < offers; d++) {
        boolean[] out = new boolean[offers];
        Arrays.fill(out, true);
        out[d] = false;
        outside.add(out);
      }
    }
  }

  /** What one call per second takes of limited directions; numbers those that have no number. */
  private List<LinkUse> linkUses(int[][] linkOf, int origin, int home, int site) {
    List<LinkUse> uses = new ArrayList<>();
    for (Traffic kind : tariff.traffic()) {
      kind.floor(
          origin,
          home,
          site,
          (from, to, bytes) -> {
            double most = instance.linkBytesPerSecond(from, to);
            if (bytes > 0 && Double.isFinite(most)) {
              if (linkOf[from][to] < 0) {
                linkOf[from][to] =
                    Arrays.stream(linkOf).flatMapToInt(Arrays::stream).max().orElse(-1) + 1;
              }
              double share = kind.peak() * bytes / Math.max(most, 1e-9);
              uses.add(new LinkUse(linkOf[from][to], share * (1 - TOLERANCE)));
            }
          });
    }
    return uses;
  }

  int offers() {
    return nodesPerExpert.length;
  }

  int origins() {
    return routeUsd.length;
  }

  /**
   * Whether plans cost what is said here of their traffic, and not perhaps more: whether a program
   * may close a problem.
   */
  boolean trafficIsExact() {
    return tariff.traffic().stream().allMatch(Traffic::floorIsExact);
  }

  /** What shards share. */
  Resources resources() {
    return resources;
  }

  /** What a replica of a shard uses. */
  void hold(int shard, int offer, Resources.Sink sink) {
    holdExperts(instance.sizeOf(shard), offer, sink);
  }

  /** What so many experts use. */
  void holdExperts(double experts, int offer, Resources.Sink sink) {
    sink.use(resources.memory(offer), experts * nodesPerExpert[offer]);
  }

  /** What serving an origin's calls to a shard uses. */
  void serve(int shard, int origin, int offer, Resources.Sink sink) {
    serveCalls(instance.demand(origin, shard), origin, offer, sink);
    if (latencyLimited) {
      delay(latencyWeight(origin, shard), origin, offer, sink);
    }
  }

  /** What serving so many calls per second of an origin uses, their latency aside. */
  void serveCalls(double calls, int origin, int offer, Resources.Sink sink) {
    sink.pay(calls * routeUsd[origin][offer]);
    sink.use(resources.service(offer), calls * nodesPerCall[offer]);
    for (LinkUse link : linkUses[origin][offer]) {
      sink.use(resources.link(link.link()), calls * link.share());
    }
  }

  /**
   * What serving an origin uses of its latency.
   *
   * @param weight as {@link #latencyWeight} has it
   */
  void delay(double weight, int origin, int offer, Resources.Sink sink) {
    sink.use(resources.latency(origin), weight * latencyShare[origin][offer]);
  }

  int links() {
    return links;
  }

  List<LinkUse> linkUses(int origin, int offer) {
    return linkUses[origin][offer];
  }

  /**
   * What serving a shard away adds to an origin's latency, in units of {@link #latencyShare}. A
   * layer's latency is the lesser of the longest round trip and the sum over the experts of
   * probability times round trip. The sum exceeds the longest by at most the sum P of the
   * probabilities, so the lesser is at least the sum divided by max(1, P): linear, and below.
   */
  double latencyWeight(int origin, int shard) {
    return instance.callProbability(origin, shard) / latencyExcess[origin][instance.layerOf(shard)];
  }
}
