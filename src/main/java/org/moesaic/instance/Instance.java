package org.moesaic.instance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.moesaic.problem.AllowedOffers;
import org.moesaic.problem.Link;
import org.moesaic.problem.Model;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Model.Sync;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Origin;
import org.moesaic.problem.OriginWeights;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Policy.Selector;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Region;
import org.moesaic.problem.Routing.Sample;
import org.moesaic.problem.SampledTokens;
import org.moesaic.problem.ServableOffers;
import org.moesaic.problem.Site;
import org.moesaic.problem.SitePairs;
import org.moesaic.problem.SitePairs.Price;
import org.moesaic.problem.SitePairs.RoundTrip;
import org.moesaic.problem.Weights;

/**
 * A valid problem lowered to dense arrays. Everything is named by its index in the problem file;
 * shards are numbered layer by layer. Immutable and safe to share between threads.
 *
 * <p>Memory: 16 bytes per (origin, shard), 24 where copies are shared by site, and 25 per pair of
 * sites.
 */
public final class Instance {
  private final Problem problem;
  private final int shards;
  private final int shardsPerLayer;
  private final List<Site> sites;
  private final int[] siteOfOffer;
  private final int[] siteOfOrigin;
  private final int[] regionOfSite;
  private final @Nullable Weights[] weights;
  private final @Nullable SampledTokens[] samples;
  private final double[][] demand;
  private final double[][] callProbability;

  /** Empty where every call ships a copy of its own. */
  private final double[][] logMiss;

  private final double[][] usdPerGb;
  private final double[][] rttMs;
  private final boolean[][] rttEstimated;
  private final double[][] linkBytesPerSecond;
  private final boolean[] available;
  private final boolean[][] mayServe;
  private final int[] holdersOfShard;
  private final List<int[]> holders;
  private final BitSet[] holderSets;
  private final BitSet[] hostsOfLayer;
  private final int[][] domainOfOffer;

  /**
   * Lowers a problem.
   *
   * @param problem a valid one, as the reader returns it
   */
  public static Instance of(Problem problem) {
    return new Instance(problem);
  }

  private Instance(Problem problem) {
    this.problem = problem;
    Model model = problem.model();
    shardsPerLayer = model.shardsPerLayer();
    shards = Math.multiplyExact(model.moeLayers(), shardsPerLayer);

    Map<String, Integer> regionIndex = index(problem.regions().stream().map(Region::id).toList());
    Map<Site, Integer> siteIndex = new LinkedHashMap<>();
    siteOfOffer =
        problem.offers().stream()
            .mapToInt(o -> indexOf(siteIndex, new Site(o.provider(), o.region())))
            .toArray();
    siteOfOrigin =
        problem.origins().stream()
            .mapToInt(o -> indexOf(siteIndex, new Site(o.provider(), o.region())))
            .toArray();
    sites = List.copyOf(siteIndex.keySet());
    regionOfSite = sites.stream().mapToInt(s -> regionIndex.get(s.region())).toArray();

    weights = new Weights[origins()];
    samples = new SampledTokens[origins()];
    lowerWeights();
    demand = new double[origins()][pieces()];
    callProbability = new double[origins()][pieces()];
    logMiss = new double[model.copies() == Copies.PER_SITE ? origins() : 0][shards];
    for (int o = 0; o < origins(); o++) {
      lowerRouting(o);
    }

    int n = sites.size();
    usdPerGb = new double[n][n];
    rttMs = new double[n][n];
    rttEstimated = new boolean[n][n];
    linkBytesPerSecond = new double[n][n];
    lowerLinks();

    available = new boolean[offers()];
    mayServe = new boolean[origins()][offers()];
    for (int i = 0; i < offers(); i++) {
      available[i] = problem.policy().inTime(offer(i));
    }
    var servable = new ServableOffers(problem);
    for (int o = 0; o < origins(); o++) {
      BitSet servers = servable.of(origin(o));
      for (int i = 0; i < offers(); i++) {
        mayServe[o][i] = servers.get(i);
      }
    }

    holders = new ArrayList<>();
    holdersOfShard = new int[pieces()];
    var allowed = new AllowedOffers(problem);
    lowerHolders(allowed);
    hostsOfLayer = new BitSet[layers()];
    Arrays.setAll(hostsOfLayer, allowed::hosts);
    holderSets =
        holders.stream()
            .map(
                list -> {
                  BitSet set = new BitSet(offers());
                  Arrays.stream(list).forEach(set::set);
                  return set;
                })
            .toArray(BitSet[]::new);

    domainOfOffer = new int[DomainKind.values().length][offers()];
    for (DomainKind kind : DomainKind.values()) {
      Map<String, Integer> domains = new HashMap<>();
      for (int i = 0; i < offers(); i++) {
        domainOfOffer[kind.ordinal()][i] = indexOf(domains, domainName(kind, i));
      }
    }
  }

  private static Map<String, Integer> index(List<String> ids) {
    Map<String, Integer> index = new HashMap<>();
    ids.forEach(id -> index.put(id, index.size()));
    return index;
  }

  private static <K> int indexOf(Map<K, Integer> index, K key) {
    Integer next = index.size();
    Integer known = index.putIfAbsent(key, next);
    return known == null ? next : known;
  }

  private void lowerWeights() {
    var weightsOf = new OriginWeights(problem);
    Map<String, SampledTokens> sampleOf = new HashMap<>();
    for (Sample sample : problem.routing().samples()) {
      SampledTokens choices = sample.choices();
      if (choices != null) {
        sampleOf.put(sample.origin(), choices);
      }
    }
    for (int o = 0; o < origins(); o++) {
      weights[o] = weightsOf.of(origin(o).id());
      samples[o] = sampleOf.get(origin(o).id());
    }
  }

  private void lowerRouting(int o) {
    Model model = problem.model();
    double calls = origin(o).tokensPerSecond() * model.topK();
    for (int l = 0; l < model.moeLayers(); l++) {
      double[] shares = shares(weights[o], l);
      for (int e = 0; e < model.expertsPerLayer(); e++) {
        int s = shard(l, e / model.expertsPerShard());
        double chosen = Math.min(1, model.topK() * shares[e]);
        demand[o][s] += shares[e];
        callProbability[o][s] += chosen;
        if (sharesCopies()) {
          logMiss[o][s] += Math.log1p(-chosen);
        }
      }
      for (int k = 0; k < shardsPerLayer; k++) {
        demand[o][shard(l, k)] *= calls;
      }
      if (hasBackbone()) {
        demand[o][layerPiece(l)] = origin(o).tokensPerSecond();
      }
    }
  }

  /** The share of each expert in the calls to a layer: the weights normalised to a sum of 1. */
  private double[] shares(@Nullable Weights weights, int layer) {
    double[] shares = new double[problem.model().expertsPerLayer()];
    double sum = 0;
    for (int e = 0; weights != null && e < shares.length; e++) {
      sum += weights.get(layer, e);
    }
    for (int e = 0; e < shares.length; e++) {
      shares[e] = weights == null || sum == 0 ? 1.0 / shares.length : weights.get(layer, e) / sum;
    }
    return shares;
  }

  private void lowerLinks() {
    var pairs = new SitePairs(problem);
    for (int a = 0; a < sites.size(); a++) {
      for (int b = 0; b < sites.size(); b++) {
        Link link = pairs.link(sites.get(a), sites.get(b));
        linkBytesPerSecond[a][b] =
            link == null || link.gbps() == null
                ? Double.POSITIVE_INFINITY
                : link.gbps() * 1e9 / 8 * problem.usable().link();
        if (a == b) {
          continue;
        }
        usdPerGb[a][b] =
            pairs.price(sites.get(a), sites.get(b)) instanceof Price.Known price
                ? price.usdPerGb()
                : Double.NaN;
        RoundTrip roundTrip = pairs.roundTrip(sites.get(a), sites.get(b));
        rttMs[a][b] = roundTrip.ms();
        rttEstimated[a][b] = roundTrip.estimated();
      }
    }
  }

  /** Groups shards by the offers that may hold them: few distinct lists, many shards. */
  private void lowerHolders(AllowedOffers allowed) {
    Map<BitSet, Integer> groups = new HashMap<>();
    for (int s = 0; s < pieces(); s++) {
      BitSet set =
          isShard(s) ? allowed.of(layerOf(s), s % shardsPerLayer) : allowed.hosts(layerOf(s));
      int group = indexOf(groups, set);
      if (group == holders.size()) {
        holders.add(set.stream().toArray());
      }
      holdersOfShard[s] = group;
    }
  }

  private String domainName(DomainKind kind, int offer) {
    Region region = regionOf(siteOfOffer[offer]);
    return switch (kind) {
      case REGION -> region.id();
      case PROVIDER -> offer(offer).provider();
      // The prefixes keep a region that is its own domain apart from a domain of the same name.
      case POWER_DOMAIN ->
          region.powerDomain() == null ? "region:" + region.id() : "domain:" + region.powerDomain();
    };
  }

  /**
   * The same problem, its origins' streams grouped: each part is an origin, with its share of the
   * tokens and all else of its origin, so that whoever works with it need only know origins. Parts
   * of an origin of several streams are named {@code us-chat#1}, {@code us-chat#2}, …
   */
  public Instance split(Parts parts) {
    Problem split = parts.split(problem);
    return split == problem ? this : new Instance(split);
  }

  /** Whether a pin or a ban is about a piece; one that names an expert is about no dense part. */
  public boolean names(Selector selector, int shard) {
    return (selector.layer() == null || selector.layer() == layerOf(shard))
        && (selector.expert() == null
            || (isShard(shard)
                && selector.expert() >= firstExpertOf(shard)
                && selector.expert() < firstExpertOf(shard) + sizeOf(shard)));
  }

  /** What was lowered. */
  public Problem problem() {
    return problem;
  }

  /** Number of shards over all layers. */
  public int shards() {
    return shards;
  }

  /** Number of shards of each layer. */
  public int shardsPerLayer() {
    return shardsPerLayer;
  }

  /** Number of MoE layers. */
  public int layers() {
    return problem.model().moeLayers();
  }

  /** The index of the k-th shard of a layer. */
  public int shard(int layer, int k) {
    return layer * shardsPerLayer + k;
  }

  /**
   * Number of pieces, which is what is placed: the shards, by their numbers, and after them, if it
   * is placed too, the dense part of each layer.
   */
  public int pieces() {
    return shards + (hasBackbone() ? layers() : 0);
  }

  /** Whether a piece is a shard, and not the dense part of a layer. */
  public boolean isShard(int piece) {
    return piece < shards;
  }

  /** The piece that is the dense part of a layer; there is one only if it is placed. */
  public int layerPiece(int layer) {
    return shards + layer;
  }

  /** The layer of a piece. */
  public int layerOf(int piece) {
    return piece < shards ? piece / shardsPerLayer : piece - shards;
  }

  /**
   * Whether an origin has to be served by a piece: it calls the shard; and everybody passes through
   * every layer.
   */
  public boolean isServed(int origin, int piece) {
    return piece >= shards || demand[origin][piece] > 0;
  }

  /** Memory of a replica of a piece, bytes. */
  public double bytesOf(int piece) {
    Model model = problem.model();
    if (piece < shards) {
      return (double) sizeOf(piece) * model.expertBytes();
    }
    return layerBytes();
  }

  /** The first expert of a shard, within its layer. */
  public int firstExpertOf(int shard) {
    return shard % shardsPerLayer * problem.model().expertsPerShard();
  }

  /** Number of experts of a shard. */
  public int sizeOf(int shard) {
    return Math.min(
        problem.model().expertsPerShard(),
        problem.model().expertsPerLayer() - firstExpertOf(shard));
  }

  /** Number of offers. */
  public int offers() {
    return problem.offers().size();
  }

  /** An offer as written. */
  public Offer offer(int offer) {
    return problem.offers().get(offer);
  }

  /** Number of origins. */
  public int origins() {
    return problem.origins().size();
  }

  /** An origin as written. */
  public Origin origin(int origin) {
    return problem.origins().get(origin);
  }

  /** The sites of all offers and origins, those of offers first. */
  public List<Site> sites() {
    return sites;
  }

  /** The site of an offer. */
  public int siteOfOffer(int offer) {
    return siteOfOffer[offer];
  }

  /** The site of an origin: where its tokens come from. */
  public int siteOfOrigin(int origin) {
    return siteOfOrigin[origin];
  }

  /**
   * The site where a layer of an origin is at home.
   *
   * @param offer that it is at home on, as {@link Assignment#home} says; {@link Homes#OWN_SITE} for
   *     the origin's own site
   */
  public int siteOfHome(int origin, int offer) {
    return offer == Homes.OWN_SITE ? siteOfOrigin[origin] : siteOfOffer[offer];
  }

  /** The region of a site, as an index into the problem's regions. */
  public int regionOfSite(int site) {
    return regionOfSite[site];
  }

  private Region regionOf(int site) {
    return problem.regions().get(regionOfSite[site]);
  }

  /**
   * Expert calls per second of an origin to a shard: {@code tokensPerSecond * topK * sum of w}; or
   * its tokens per second through the dense part of a layer.
   */
  public double demand(int origin, int shard) {
    return demand[origin][shard];
  }

  /** Expert calls per second of an origin to each expert of a layer; computed anew each time. */
  public double[] expertDemand(int origin, int layer) {
    double calls = origin(origin).tokensPerSecond() * problem.model().topK();
    double[] demand = shares(weights[origin], layer);
    for (int e = 0; e < demand.length; e++) {
      demand[e] *= calls;
    }
    return demand;
  }

  /**
   * Sum over the experts of a shard of {@code min(1, topK * w)}: the expected calls of one token,
   * capped by expert.
   */
  public double callProbability(int origin, int shard) {
    return callProbability[origin][shard];
  }

  /** Whether a token goes once to each site, however many of its experts are served there. */
  public boolean sharesCopies() {
    return logMiss.length > 0;
  }

  /**
   * Sum over the experts of a shard of {@code ln(1 - min(1, topK * w))}: so unlikely is it that a
   * token chooses none of them, as if it chose each by itself. Negative infinity where one is
   * always chosen.
   *
   * @throws IndexOutOfBoundsException unless {@link #sharesCopies}
   */
  public double logMiss(int origin, int shard) {
    return logMiss[origin][shard];
  }

  /** The experts that tokens of an origin chose; null if none were recorded. */
  public @Nullable SampledTokens sample(int origin) {
    return samples[origin];
  }

  /**
   * Price of traffic from site {@code a} to site {@code b}, USD per 10^9 bytes; 0 within a site;
   * NaN if none is known.
   */
  public double usdPerGb(int a, int b) {
    return usdPerGb[a][b];
  }

  /**
   * Round trip between two sites, ms; 0 within a site; NaN if neither a link nor coordinates tell
   * it.
   */
  public double rttMs(int a, int b) {
    return rttMs[a][b];
  }

  /** Whether {@link #rttMs} was estimated from the distance. */
  public boolean rttEstimated(int a, int b) {
    return rttEstimated[a][b];
  }

  /**
   * Most traffic from {@code a} to {@code b}, bytes per second, after {@code usable.link}; infinite
   * without a limit.
   */
  public double linkBytesPerSecond(int a, int b) {
    return linkBytesPerSecond[a][b];
  }

  /** Whether an offer is there by the day on which it is needed. */
  public boolean available(int offer) {
    return available[offer];
  }

  /** Whether residency lets an offer serve an origin. */
  public boolean mayServe(int origin, int offer) {
    return mayServe[origin][offer];
  }

  /** Whether availability, pins and bans, and a maxNodes above 0, let an offer hold a shard. */
  public boolean mayHold(int shard, int offer) {
    return holderSets[holdersOfShard[shard]].get(offer);
  }

  /**
   * Whether residency, availability, a maxNodes above 0, and pins and bans that name no expert let
   * an offer host the dense part of a layer for an origin.
   */
  public boolean mayHost(int origin, int layer, int offer) {
    return hostsOfLayer[layer].get(offer) && mayServe[origin][offer];
  }

  /** The offers that may hold a shard, ascending; shared, not to be written to. */
  public int[] holders(int shard) {
    return holders.get(holdersOfShard[shard]);
  }

  /**
   * A number equal for shards with equal {@link #holders}, from 0 to {@link #holderGroups()} - 1.
   */
  public int holderGroup(int shard) {
    return holdersOfShard[shard];
  }

  /** Number of distinct lists of holders. */
  public int holderGroups() {
    return holders.size();
  }

  /** The domain of a kind in which an offer lies; equal numbers are the same domain. */
  public int domain(DomainKind kind, int offer) {
    return domainOfOffer[kind.ordinal()][offer];
  }

  /** Most latency that placement may add for an origin, ms; infinite without a limit. */
  public double maxAddedLatencyMs(int origin) {
    Double own = origin(origin).maxAddedLatencyMs();
    Double policy = problem.policy().maxAddedLatencyMs();
    return own != null ? own : policy != null ? policy : Double.POSITIVE_INFINITY;
  }

  /**
   * Longest round trip from an origin's site to the one that hosts its first layer, ms; infinite
   * without a limit.
   */
  public double maxAccessMs(int origin) {
    Double own = origin(origin).maxAccessMs();
    Double policy = problem.policy().maxAccessMs();
    return own != null ? own : policy != null ? policy : Double.POSITIVE_INFINITY;
  }

  /** Bytes of a token between an origin's site and those of its first and its last layer. */
  public double accessBytes(int origin) {
    return origin(origin).accessBytes();
  }

  /** Whether the dense part of each layer is placed too. */
  public boolean hasBackbone() {
    return problem.model().backbone() != null;
  }

  /** Memory that the dense part of one layer takes, bytes; 0 where it is not placed. */
  public double layerBytes() {
    Backbone backbone = problem.model().backbone();
    return backbone == null ? 0 : backbone.bytesPerLayer();
  }

  /** Operations of one token in the dense part of one layer; 0 where it is not placed. */
  public double layerFlopsPerToken() {
    Backbone backbone = problem.model().backbone();
    return backbone == null ? 0 : backbone.flopsPerTokenPerLayer();
  }

  /** Bytes of a token from each layer to the next; 0 where the dense part is not placed. */
  public double activationBytes() {
    Backbone backbone = problem.model().backbone();
    return backbone == null ? 0 : backbone.activationBytes();
  }

  /** Bytes of a token from each layer back to the one before; 0 without. */
  public double gradientBytes() {
    Backbone backbone = problem.model().backbone();
    return backbone == null ? 0 : backbone.gradientBytes();
  }

  /**
   * What goes each way over each edge of the tree that keeps the replicas of a piece in step, bytes
   * per second; 0 without sync.
   */
  public double syncBytesPerSecond(int piece) {
    Sync sync = problem.model().sync();
    if (sync == null || !isShard(piece)) {
      return layerSyncBytesPerSecond();
    }
    return sizeOf(piece) * sync.expertBytes() * sync.syncsPerHour() / 3600;
  }

  /** The same of the dense part of one layer; 0 without sync, or where it is not placed. */
  public double layerSyncBytesPerSecond() {
    Sync sync = problem.model().sync();
    return sync == null || !hasBackbone()
        ? 0
        : sync.backboneBytesPerLayer() * sync.syncsPerHour() / 3600;
  }

  /** Share of the time between two syncs in which one has to be through, above 0 to 1. */
  public double syncWindow() {
    Sync sync = problem.model().sync();
    return sync == null ? 1 : sync.window();
  }

  /** Most replicas of a shard; the number of offers without a limit. */
  public int maxReplicas() {
    Integer max = problem.policy().maxReplicas();
    return max == null ? offers() : Math.min(max, offers());
  }

  /** Memory of an offer's node that experts can use, bytes; infinite without a limit. */
  public double memoryBytesPerNode(int offer) {
    Double gib = offer(offer).memoryGibPerNode();
    return gib == null ? Double.POSITIVE_INFINITY : gib * (1L << 30) * problem.usable().memory();
  }

  /** Operations per second that an offer's node gets out; infinite without a limit. */
  public double flopsPerNode(int offer) {
    Double tflops = offer(offer).tflopsPerNode();
    return tflops == null ? Double.POSITIVE_INFINITY : tflops * 1e12 * problem.usable().compute();
  }

  /**
   * Bytes per second, each way, that the fabric of an offer's node carries; infinite without a
   * limit.
   */
  public double networkBytesPerSecondPerNode(int offer) {
    Double gbps = offer(offer).networkGbpsPerNode();
    if (gbps == null) {
      return Double.POSITIVE_INFINITY;
    }
    String fabric = offer(offer).fabric();
    Double share = fabric == null ? null : problem.usable().fabric().get(fabric);
    return gbps * 1e9 / 8 * (share == null ? problem.usable().network() : share);
  }

  /**
   * Nodes of an offer in units of its busiest resource: the ceiling of a real number of nodes,
   * forgiving a relative 1e-9, at least {@code minNodes} and 1; 0 for nothing held.
   *
   * @param heldBytes memory of the replicas held, bytes
   * @param callsPerSecond served
   * @return infinite if some capacity is 0 and its use is not
   */
  public double nodes(int offer, double heldBytes, double callsPerSecond) {
    return nodes(offer, heldBytes, callsPerSecond, 0);
  }

  /**
   * The same of an offer that hosts layers too.
   *
   * @param heldBytes memory of replicas and of hosted layers, bytes
   * @param hostedTokensPerSecond sum over the layers hosted of the tokens that pass them
   */
  public double nodes(
      int offer, double heldBytes, double callsPerSecond, double hostedTokensPerSecond) {
    double most =
        Math.max(
            memoryNodes(offer, heldBytes),
            Math.max(
                computeNodes(offer, callsPerSecond, hostedTokensPerSecond),
                networkNodes(offer, callsPerSecond)));
    return Math.max(Math.max(offer(offer).minNodes(), 1), ceil(most));
  }

  /** The ceiling of the model page: forgives a relative 1e-9. */
  public static double ceil(double x) {
    double floor = Math.floor(x);
    return x - floor <= 1e-9 * x ? floor : floor + 1;
  }

  /** Nodes, as a real number, whose memory is used. */
  public double memoryNodes(int offer, double heldBytes) {
    return ratio(heldBytes, memoryBytesPerNode(offer));
  }

  /** Nodes, as a real number, whose compute is used. */
  public double computeNodes(int offer, double callsPerSecond) {
    return computeNodes(offer, callsPerSecond, 0);
  }

  /** The same with what hosted layers compute. */
  public double computeNodes(int offer, double callsPerSecond, double hostedTokensPerSecond) {
    return ratio(
        callsPerSecond * problem.model().expertFlopsPerToken()
            + hostedTokensPerSecond * layerFlopsPerToken(),
        flopsPerNode(offer));
  }

  /** Nodes, as a real number, whose fabric is used: by the fuller of its two directions. */
  public double networkNodes(int offer, double callsPerSecond) {
    double bytes = Math.max(problem.model().dispatchBytes(), problem.model().combineBytes());
    return ratio(callsPerSecond * bytes, networkBytesPerSecondPerNode(offer));
  }

  private static double ratio(double use, double capacity) {
    return use == 0 ? 0 : use / capacity;
  }
}
