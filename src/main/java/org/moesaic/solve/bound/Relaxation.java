package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.moesaic.instance.Instance;
import org.moesaic.problem.Model;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.solve.model.OfferTerms;
import org.moesaic.solve.model.Role;
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

  /** Nodes per layer whose dense part is held, and per token per second through it. */
  private final double[] nodesPerLayer;

  /** Nodes' network per call per second, where it is counted apart. */
  private final double[] networkPerCall;

  private final double[] nodesPerToken;

  /** Egress and bandwidth of one call per second, per origin and offer, USD per hour. */
  final double[][] routeUsd;

  private final Role[] roleOfPiece;

  /**
   * Per role, origin and offer: shares of the link's capacity that one call per second, or one
   * token per second, takes, or none.
   */
  private final List<LinkUse>[][][] linkUses;

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

  /** By way: the number of its limit; -1 for those that have none, or that nothing needs. */
  private final int[][] linkOf;

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
    for (int i = 0; i < offers; i++) {
      OfferTerms terms = tariff.offer(i);
      nodesPerExpert[i] = terms.nodesPerExpert() * (1 - TOLERANCE);
    }
    nodesPerCall = new double[offers];
    networkPerCall = new double[offers];
    nodesPerLayer = new double[offers];
    nodesPerToken = new double[offers];
    serviceNodes();
    roleOfPiece = new Role[instance.pieces()];
    Arrays.setAll(roleOfPiece, piece -> Role.of(instance, piece));
    routeUsd = new double[origins][offers];
    latencyShare = new double[origins][offers];
    linkUses = new List[Role.values().length][origins][offers];
    boolean anyLatency = false;
    linkOf = new int[instance.sites().size()][instance.sites().size()];
    Arrays.stream(linkOf).forEach(row -> Arrays.fill(row, -1));
    for (int o = 0; o < origins; o++) {
      int from = instance.siteOfOrigin(o);
      // Where layers can be anywhere, they may be where their experts are.
      double limitMs =
          instance.hasBackbone() ? Double.POSITIVE_INFINITY : instance.maxAddedLatencyMs(o);
      for (int i = 0; i < offers; i++) {
        int to = instance.siteOfOffer(i);
        routeUsd[o][i] = tariff.floorUsd(Role.SHARD, o, to);
        double rttMs = instance.rttMs(from, to);
        if (Double.isFinite(limitMs) && from != to && rttMs > 0) {
          latencyShare[o][i] = rttMs / Math.max(limitMs, 1e-9) * (1 - TOLERANCE);
          anyLatency = true;
        }
        for (Role role : Role.values()) {
          linkUses[role.ordinal()][o][i] = linkUses(role, o, to);
        }
      }
    }
    if (instance.hasBackbone()) {
      numberWays();
    }
    links = numbered();
    resources = new Resources(offers, instance.hasBackbone(), links, origins);
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

  /**
   * Nodes per layer, call and token. Where layers are hosted too, compute and network are no longer
   * used in proportion, and counted apart.
   */
  private void serviceNodes() {
    for (int i = 0; i < nodesPerCall.length; i++) {
      OfferTerms terms = tariff.offer(i);
      double perCall = instance.hasBackbone() ? instance.computeNodes(i, 1) : terms.nodesPerCall();
      nodesPerCall[i] = perCall * (1 - TOLERANCE);
      networkPerCall[i] = instance.networkNodes(i, 1) * (1 - TOLERANCE);
      nodesPerToken[i] = terms.nodesPerToken() * (1 - TOLERANCE);
      nodesPerLayer[i] = terms.nodesPerLayer() * (1 - TOLERANCE);
    }
  }

  /** What one call per second takes of limited directions; numbers those that have no number. */
  private List<LinkUse> linkUses(Role role, int origin, int site) {
    List<LinkUse> uses = new ArrayList<>();
    for (Traffic kind : tariff.traffic()) {
      kind.floor(
          role,
          origin,
          site,
          (from, to, bytes) -> {
            if (bytes > 0 && Double.isFinite(instance.linkBytesPerSecond(from, to))) {
              number(from, to);
              uses.add(new LinkUse(linkOf[from][to], linkShare(from, to, kind.peak() * bytes)));
            }
          });
    }
    return uses;
  }

  private double linkShare(int from, int to, double bytes) {
    return bytes / Math.max(instance.linkBytesPerSecond(from, to), 1e-9) * (1 - TOLERANCE);
  }

  private void number(int from, int to) {
    if (linkOf[from][to] < 0) {
      linkOf[from][to] = numbered();
    }
  }

  private int numbered() {
    return Arrays.stream(linkOf).flatMapToInt(Arrays::stream).max().orElse(-1) + 1;
  }

  /** Numbers the limited ways between any two sites: calls and cuts may take each. */
  private void numberWays() {
    int[] withOffers =
        java.util.stream.IntStream.range(0, offers())
            .map(instance::siteOfOffer)
            .distinct()
            .sorted()
            .toArray();
    for (int a : withOffers) {
      for (int b : withOffers) {
        if (a != b && Double.isFinite(instance.linkBytesPerSecond(a, b))) {
          number(a, b);
        }
      }
    }
  }

  /**
   * What copies of tokens use that go from where a layer is hosted to where its experts are, and
   * their results.
   *
   * @param copies per second; each call causes at least {@link Tariff#fewestCopies}
   */
  void call(int from, int to, double copies, Resources.Sink sink) {
    Model model = instance.problem().model();
    sink.pay(copies * tariff.copyUsd(from, to));
    carry(from, to, copies * model.dispatchBytes(), sink);
    carry(to, from, copies * model.combineBytes(), sink);
  }

  /** What so many tokens per second use that go on from one layer to the next at another site. */
  void cut(int from, int to, double tokens, Resources.Sink sink) {
    sink.pay(tokens * tariff.cutUsd(from, to));
    carry(from, to, tokens * instance.activationBytes(), sink);
    carry(to, from, tokens * instance.gradientBytes(), sink);
  }

  /** What so many bytes per second each way use that keep two sites in step. */
  void sync(int one, int other, double bytes, Resources.Sink sink) {
    sink.pay(bytes * tariff.bothWaysUsd(one, other));
    carry(one, other, bytes / instance.syncWindow(), sink);
    carry(other, one, bytes / instance.syncWindow(), sink);
  }

  private void carry(int from, int to, double bytes, Resources.Sink sink) {
    if (linkOf[from][to] >= 0 && bytes > 0) {
      sink.use(resources.link(linkOf[from][to]), linkShare(from, to, bytes));
    }
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

  /** What a replica of a piece uses. */
  void hold(int piece, int offer, Resources.Sink sink) {
    hold(piece, offer, 1, sink);
  }

  /** What a part of a replica of a piece uses. */
  void hold(int piece, int offer, double part, Resources.Sink sink) {
    if (instance.isShard(piece)) {
      holdExperts(part * instance.sizeOf(piece), offer, sink);
    } else {
      sink.use(resources.memory(offer), part * nodesPerLayer[offer]);
    }
  }

  /** What the dense part of a layer uses. */
  void holdLayer(int offer, Resources.Sink sink) {
    sink.use(resources.memory(offer), nodesPerLayer[offer]);
  }

  /** What so many experts use. */
  void holdExperts(double experts, int offer, Resources.Sink sink) {
    sink.use(resources.memory(offer), experts * nodesPerExpert[offer]);
  }

  /** What serving an origin's calls to a shard uses, or hosting its layer. */
  void serve(int piece, int origin, int offer, Resources.Sink sink) {
    Role role = roleOfPiece[piece];
    if (role != Role.SHARD) {
      pass(role, instance.demand(origin, piece), origin, offer, sink);
      return;
    }
    serveCalls(instance.demand(origin, piece), origin, offer, sink);
    if (latencyLimited) {
      delay(latencyWeight(origin, piece), origin, offer, sink);
    }
  }

  /** What so many tokens per second of an origin use that pass through a layer. */
  void pass(Role role, double tokens, int origin, int offer, Resources.Sink sink) {
    sink.pay(tokens * tariff.floorUsd(role, origin, instance.siteOfOffer(offer)));
    sink.use(resources.service(offer), tokens * nodesPerToken[offer]);
    for (LinkUse link : linkUses[role.ordinal()][origin][offer]) {
      sink.use(resources.link(link.link()), tokens * link.share());
    }
  }

  /** What a piece is. */
  Role role(int piece) {
    return roleOfPiece[piece];
  }

  /** Whether an offer may serve an origin with a piece: residency, and access to a first layer. */
  boolean mayServe(Role role, int origin, int offer) {
    boolean access = role == Role.FIRST_LAYER || role == Role.ONLY_LAYER;
    return instance.mayServe(origin, offer)
        && (!access || tariff.penalties().access(origin, offer) == 0);
  }

  /** Fewest replicas of a piece. */
  int minReplicas(int piece) {
    return instance.isShard(piece) ? minReplicas : 1;
  }

  /** Most replicas of a piece. */
  int maxReplicas(int piece) {
    return tariff.maxReplicas(piece);
  }

  /** What serving so many calls per second of an origin uses, their latency aside. */
  void serveCalls(double calls, int origin, int offer, Resources.Sink sink) {
    sink.pay(calls * routeUsd[origin][offer]);
    useOfCalls(calls, origin, offer, sink);
  }

  /** What serving so many calls per second of an origin uses, their money and latency aside. */
  void useOfCalls(double calls, int origin, int offer, Resources.Sink sink) {
    sink.use(resources.service(offer), calls * nodesPerCall[offer]);
    if (instance.hasBackbone()) {
      sink.use(resources.network(offer), calls * networkPerCall[offer]);
    }
    for (LinkUse link : linkUses(origin, offer)) {
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
    return linkUses[Role.SHARD.ordinal()][origin][offer];
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
