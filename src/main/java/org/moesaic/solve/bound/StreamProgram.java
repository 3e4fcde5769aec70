package org.moesaic.solve.bound;

import com.google.ortools.linearsolver.MPSolver;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.solve.model.Role;

/**
 * Where whole streams are, as far as nodes, copies of the model and their sync tell: a lower bound
 * by an integer program over kinds of streams.
 *
 * <p>Idea: a bound over paths may divide a stream among all sites, so that each holds a part of a
 * copy and no two have to agree. Here streams are counted. One is <em>whole</em> in a cluster of
 * sites ({@link Clusters}) that hosts all of its layers, or is cut once, or more often. What each
 * kind says of a plan are rows:
 *
 * <ul>
 *   <li>Where a whole stream is, there are the dense parts of all layers, and all experts but those
 *       whose calls leave the cluster at the price of a copy, the least called for the first.
 *   <li>Replicas take memory, and the clusters that hold a piece are joined by a tree. Its cost is
 *       at least that of a single-linkage hierarchy over the clusters, at least what joins any two
 *       of them, and for the sets of clusters that solutions want at least their cheapest tree.
 *   <li>A cluster has to compute what is hosted there, less calls that leave, plus calls that come.
 *       What is cut once is computed at the two ends; what is cut more often, anywhere.
 * </ul>
 *
 * Rows on nodes are those of {@link NodeProgram}; cuts of other bounds hold beside. Residency and
 * access bind whole streams, and the ends of those that are cut; links and latency are left out.
 *
 * <p>Complexity: one integer program of about origins times clusters and clusters squared variables
 * for each tree that is added; streams are counted, so their number does not matter. Guarantee:
 * every plan that keeps the rules, whichever way it groups streams, is a solution of no higher
 * cost. The rows on replicas are linear in whether a cluster holds a piece, so that they hold for
 * the mean over pieces. Source: Gower and Ross, "Minimum spanning trees and single linkage cluster
 * analysis", Applied Statistics 18 (1969); Codato and Fischetti, "Combinatorial Benders' cuts",
 * Operations Research 54 (2006).
 */
final class StreamProgram {
  private static final double GAP = 1e-4;

  /** Share of the time left that one program may take. */
  private static final double SHARE_OF_TIME = 0.2;

  /** Pairs of ends of streams that are cut once, above which they are not told apart. */
  private static final int MOST_PAIRS = 6_000;

  /** Clusters above which there are too many rows. */
  private static final int MOST_CLUSTERS = 64;

  /** Clusters of a set whose cheapest tree is looked for. */
  private static final int MOST_MEMBERS = 9;

  /** Nodes for a stream or a copy that are none: without a limit, or as good as that. */
  private static final double NEXT_TO_NOTHING = 1e-9;

  /** Shares of all experts in ascending order of calls: what a cluster may lack is in segments. */
  private static final double[] SEGMENTS = {0.05, 0.15, 0.3, 0.5, 0.75, 1};

  private final Relaxation relaxation;
  private final NodeProgram nodeProgram;
  private final Solvers solvers;
  private final Instance instance;
  private final Clusters clusters;
  private final List<Caller> callers = new ArrayList<>();
  private final List<List<Caller>> groups = new ArrayList<>();

  /** Tokens per second of the busiest stream: the unit of all loads. */
  private final double unitTokens;

  /** Calls of each token. */
  private final double callsPerToken;

  /** By segment: calls that leave with a whole share of experts, in units of a stream's. */
  private final double[] callsOfSegment = new double[SEGMENTS.length];

  private final List<Tree> trees = new ArrayList<>();

  /** Sync is at least this, less a slope for each member that lacks the piece. */
  private record Tree(int[] members, double usd, double[] slopes) {}

  /** Equal streams from one place. */
  private static final class Caller {
    private final BitSet whole = new BitSet();
    private final BitSet first = new BitSet();
    private final BitSet any = new BitSet();
    private final double[] accessUsd;
    private double tokens = Double.POSITIVE_INFINITY;
    private int streams;

    Caller(int clusters) {
      accessUsd = new double[clusters];
    }

    List<Object> kind() {
      return List.of((float) tokens, whole, first, any);
    }
  }

  /**
   * @param usdPerHour lower bound
   * @param members clusters that have whole streams
   */
  record Choice(double usdPerHour, int[] members) {}

  StreamProgram(Relaxation relaxation, NodeProgram nodeProgram, Solvers solvers) {
    this.relaxation = relaxation;
    this.nodeProgram = nodeProgram;
    this.solvers = solvers;
    instance = relaxation.instance;
    clusters = new Clusters(relaxation);
    double calls = Double.POSITIVE_INFINITY;
    Map<List<Object>, Caller> byPlace = new LinkedHashMap<>();
    for (int o = 0; o < instance.origins(); o++) {
      double all = instance.origin(o).tokensPerSecond();
      if (all > 0) {
        add(o, byPlace);
        double sum = 0;
        for (int s = 0; s < instance.shards(); s++) {
          sum += instance.demand(o, s);
        }
        calls = Math.min(calls, sum / all * (1 - Relaxation.TOLERANCE));
      }
    }
    callers.addAll(byPlace.values());
    callsPerToken = calls;
    unitTokens = callers.stream().mapToDouble(caller -> caller.tokens).max().orElse(1);
    Map<List<Object>, List<Caller>> byKind = new LinkedHashMap<>();
    for (Caller caller : callers) {
      byKind.computeIfAbsent(caller.kind(), kind -> new ArrayList<>()).add(caller);
    }
    groups.addAll(byKind.values());
    if (!callers.isEmpty()) {
      segments();
    }
  }

  /** Whether there is anything to say, and not too much. */
  static boolean fits(Relaxation relaxation) {
    Instance instance = relaxation.instance;
    return instance.hasBackbone()
        && relaxation.offers() > 1
        && IntStream.range(0, instance.origins())
            .anyMatch(o -> instance.origin(o).tokensPerSecond() > 0)
        && IntStream.range(0, relaxation.offers()).map(instance::siteOfOffer).distinct().count()
            <= MOST_CLUSTERS;
  }

  private void add(int origin, Map<List<Object>, Caller> byPlace) {
    var caller = new Caller(clusters.count());
    int streams = relaxation.tariff.streams(origin);
    caller.tokens =
        instance.origin(origin).tokensPerSecond() / streams * (1 - Relaxation.TOLERANCE);
    int last = instance.layers() - 1;
    for (int q = 0; q < clusters.count(); q++) {
      boolean all = true;
      boolean some = false;
      for (int l = 0; l <= last; l++) {
        boolean hosts = Double.isFinite(leastAccessUsd(origin, l, q));
        all &= hosts;
        some |= hosts;
      }
      caller.whole.set(q, all);
      caller.any.set(q, some);
      caller.first.set(q, Double.isFinite(leastAccessUsd(origin, 0, q)));
      double usd = leastAccessUsd(origin, 0, q);
      caller.accessUsd[q] =
          all ? caller.tokens * (last == 0 ? usd : usd + leastAccessUsd(origin, last, q)) : 0;
    }
    Caller known =
        byPlace.computeIfAbsent(
            List.of(instance.siteOfOrigin(origin), instance.accessBytes(origin), caller.kind()),
            place -> caller);
    known.streams += streams;
    known.tokens = Math.min(known.tokens, caller.tokens);
  }

  /** What access costs at least for a token whose layer is in a cluster; infinite if it cannot. */
  private double leastAccessUsd(int origin, int layer, int cluster) {
    int piece = instance.layerPiece(layer);
    Role role = relaxation.role(piece);
    double least = Double.POSITIVE_INFINITY;
    for (int i : instance.holders(piece)) {
      if (clusters.of(i) == cluster && relaxation.mayServe(role, origin, i)) {
        least = Math.min(least, relaxation.tariff.floorUsd(role, origin, instance.siteOfOffer(i)));
      }
    }
    return least;
  }

  /** Fewest calls that leave a cluster with the share of experts that it lacks. */
  private void segments() {
    int shards = instance.shards();
    double[] calls = new double[shards];
    double experts = 0;
    for (int s = 0; s < shards; s++) {
      double least = Double.POSITIVE_INFINITY;
      for (int o = 0; o < instance.origins(); o++) {
        if (instance.origin(o).tokensPerSecond() > 0) {
          least = Math.min(least, instance.demand(o, s) / relaxation.tariff.streams(o));
        }
      }
      calls[s] = least / instance.sizeOf(s);
      experts += instance.sizeOf(s);
    }
    int[] ascending =
        IntStream.range(0, shards)
            .boxed()
            .sorted((a, b) -> Double.compare(calls[a], calls[b]))
            .mapToInt(s -> s)
            .toArray();
    double held = 0;
    int segment = 0;
    boolean begun = false;
    for (int s : ascending) {
      while (segment < SEGMENTS.length - 1 && held >= SEGMENTS[segment] * experts) {
        segment++;
        begun = false;
      }
      if (!begun) {
        callsOfSegment[segment] =
            calls[s] * experts / (callsPerToken * unitTokens) * (1 - Relaxation.TOLERANCE);
        begun = true;
      }
      held += instance.sizeOf(s);
    }
    for (int k = 1; k < SEGMENTS.length; k++) {
      callsOfSegment[k] = Math.max(callsOfSegment[k], callsOfSegment[k - 1]);
    }
  }

  /**
   * Adds the cheapest tree over some clusters, for solutions to come.
   *
   * @return whether it is new, and not too large to look for
   */
  boolean join(int[] members) {
    if (members.length < 3
        || members.length > MOST_MEMBERS
        || trees.stream().anyMatch(tree -> Arrays.equals(tree.members, members))) {
      return false;
    }
    double usd = clusters.treeUsd(members) * (1 - Relaxation.TOLERANCE);
    trees.add(new Tree(members.clone(), usd, slopes(members)));
    return true;
  }

  /** For each member, what joins it to the others wherever they are. */
  private double[] slopes(int[] members) {
    return Arrays.stream(members)
        .mapToDouble(
            q -> Arrays.stream(members).mapToDouble(r -> clusters.relayedUsd(q, r)).max().orElse(0))
        .toArray();
  }

  /**
   * The lowest cost.
   *
   * @param mostUsd of a plan that is known; infinite for none
   * @param nodesOfTree most nodes of the search tree
   * @return null if the solver found none
   */
  @Nullable Choice lowest(List<Cut> cuts, double mostUsd, long nodesOfTree) {
    return solvers.with(
        "SCIP", SHARE_OF_TIME, solver -> new Model(cuts, mostUsd).lowest(solver, nodesOfTree));
  }

  /** The program. */
  private final class Model {
    private final LinearProgram program = new LinearProgram();
    private final int count = clusters.count();
    private final double mostUsd;
    private final double unit;
    private final int[] nodes = new int[relaxation.offers()];
    private final int[] open = new int[relaxation.offers()];
    private final int[] hasWhole = new int[count];

    /** Share of the experts, and of the dense parts, that a cluster holds. */
    private final int[] experts = new int[count];

    private final int[] layers = new int[count];

    /** Calls that leave a cluster, and that come, in units of a stream's. */
    private final int[] leave = new int[count];

    private final int[] come = new int[count];

    /** By cluster: rows of what has to be computed there, and carried by its network. */
    private final int[] compute = new int[count];

    private final int[] network = new int[count];

    /** Traffic is at least the sum of its kinds. */
    private final int traffic;

    private final int trafficRow;

    Model(List<Cut> cuts, double known) {
      mostUsd = Math.min(known, nodeProgram.mostUsdPerHour());
      unit = LinearProgram.unit(mostUsd / 1000);
      for (int i = 0; i < nodes.length; i++) {
        double most = nodeProgram.most(i);
        nodes[i] = program.variable(0, most, true);
        open[i] = program.variable(0, most > 0 ? 1 : 0, true);
        program.cost(nodes[i], most > 0 ? nodeProgram.usdPerNode(i) / unit : 0);
      }
      nodeProgram.addAll(program, nodes, open);
      traffic = program.variable(0, mostUsd * (1 + Relaxation.TOLERANCE) / unit, false);
      program.cost(traffic, 1);
      trafficRow = program.row(0, Double.POSITIVE_INFINITY);
      program.term(trafficRow, traffic, 1);
      for (int q = 0; q < count; q++) {
        hasWhole[q] = program.variable(0, 1, true);
        experts[q] = program.variable(0, 1, false);
        layers[q] = program.variable(0, 1, false);
        leave[q] = program.variable(0, Double.POSITIVE_INFINITY, false);
        come[q] = program.variable(0, Double.POSITIVE_INFINITY, false);
        capacity(q);
        memory(q);
        lack(q);
      }
      moves();
      everythingIsSomewhere();
      groups.forEach(this::streams);
      sync(experts, expertSyncBytes());
      sync(layers, instance.layers() * instance.layerSyncBytesPerSecond());
      for (Cut cut : cuts) {
        add(cut);
      }
    }

    private void pay(int variable, double usd) {
      program.term(trafficRow, variable, -usd * (1 - Relaxation.TOLERANCE) / unit);
    }

    private double expertSyncBytes() {
      double bytes = 0;
      for (int s = 0; s < instance.shards(); s++) {
        bytes += instance.syncBytesPerSecond(s);
      }
      return bytes;
    }

    /** Streams that a node of each offer can compute, less those that are hosted. */
    private void capacity(int q) {
      compute[q] = -1;
      network[q] = -1;
      boolean computeLimited = true;
      boolean networkLimited = true;
      double calls = callsPerToken * unitTokens;
      double tokens = instance.layers() * unitTokens;
      for (int i : clusters.offers(q)) {
        computeLimited &= instance.computeNodes(i, calls, tokens) > NEXT_TO_NOTHING;
        networkLimited &= instance.networkNodes(i, calls) > NEXT_TO_NOTHING;
      }
      double ofExperts =
          calls
              * instance.problem().model().expertFlopsPerToken()
              / (calls * instance.problem().model().expertFlopsPerToken()
                  + tokens * instance.layerFlopsPerToken());
      if (computeLimited) {
        compute[q] = program.row(0, Double.POSITIVE_INFINITY);
        for (int i : clusters.offers(q)) {
          capacity(compute[q], i, instance.computeNodes(i, calls, tokens));
        }
        program.term(compute[q], leave[q], ofExperts);
        program.term(compute[q], come[q], -ofExperts);
      }
      if (networkLimited) {
        network[q] = program.row(0, Double.POSITIVE_INFINITY);
        for (int i : clusters.offers(q)) {
          capacity(network[q], i, instance.networkNodes(i, calls));
        }
        program.term(network[q], leave[q], 1);
        program.term(network[q], come[q], -1);
      }
    }

    private void capacity(int row, int offer, double nodesPerStream) {
      if (nodeProgram.most(offer) > 0 && Double.isFinite(nodesPerStream)) {
        program.term(row, nodes[offer], (1 + 2 * Relaxation.TOLERANCE) / nodesPerStream);
      }
    }

    /** So many streams, or a part, are hosted in a cluster. */
    private void host(int q, int variable, double streams) {
      for (int row : new int[] {compute[q], network[q]}) {
        if (row >= 0) {
          program.term(row, variable, -streams);
        }
      }
    }

    /** Memory of a cluster in copies of the model. */
    private void memory(int q) {
      double expertBytes = 0;
      for (int s = 0; s < instance.shards(); s++) {
        expertBytes += instance.bytesOf(s);
      }
      double layerBytes = instance.layers() * instance.layerBytes();
      double copy = expertBytes + layerBytes;
      if (!(copy > 0)
          || Arrays.stream(clusters.offers(q))
              .anyMatch(i -> copy / instance.memoryBytesPerNode(i) <= NEXT_TO_NOTHING)) {
        return;
      }
      int row = program.row(0, Double.POSITIVE_INFINITY);
      for (int i : clusters.offers(q)) {
        if (nodeProgram.most(i) > 0) {
          program.term(
              row,
              nodes[i],
              instance.memoryBytesPerNode(i) * (1 + 2 * Relaxation.TOLERANCE) / copy);
        }
      }
      program.term(row, experts[q], -expertBytes / copy);
      program.term(row, layers[q], -layerBytes / copy);
    }

    /** Where a whole stream is, there is everything, but for experts whose calls leave. */
    private void lack(int q) {
      int dense = program.row(0, Double.POSITIVE_INFINITY);
      program.term(dense, layers[q], 1);
      program.term(dense, hasWhole[q], -1);
      int held = program.row(0, Double.POSITIVE_INFINITY);
      program.term(held, experts[q], 1);
      program.term(held, hasWhole[q], -1);
      int left = program.row(0, Double.POSITIVE_INFINITY);
      program.term(left, leave[q], 1);
      double before = 0;
      for (int k = 0; k < SEGMENTS.length; k++) {
        // A shard may belong to two segments: it is in the one that costs less.
        double size = SEGMENTS[k] - before + largestShard();
        before = SEGMENTS[k];
        int lacks = program.variable(0, Math.min(1, size), false);
        int only = program.row(Double.NEGATIVE_INFINITY, 0);
        program.term(only, lacks, 1);
        program.term(only, hasWhole[q], -Math.min(1, size));
        program.term(held, lacks, 1);
        program.term(left, lacks, -callsOfSegment[k]);
      }
    }

    private double largestShard() {
      double experts = 0;
      double largest = 0;
      for (int s = 0; s < instance.shards(); s++) {
        experts += instance.sizeOf(s);
        largest = Math.max(largest, instance.sizeOf(s));
      }
      return largest / experts;
    }

    /** Calls that leave some cluster come to others. */
    private void moves() {
      int row = program.row(0, 0);
      for (int q = 0; q < count; q++) {
        program.term(row, leave[q], 1);
        program.term(row, come[q], -1);
        double usd = clusters.leastCopyUsd(q);
        double fewest =
            IntStream.range(0, instance.origins())
                .mapToDouble(relaxation.tariff::fewestCopies)
                .min()
                .orElse(0);
        if (Double.isFinite(usd)) {
          pay(leave[q], usd * fewest * callsPerToken * unitTokens);
        } else {
          int none = program.row(Double.NEGATIVE_INFINITY, 0);
          program.term(none, leave[q], 1);
        }
      }
    }

    /** Each piece is in some cluster, and outside of each domain that may fail. */
    private void everythingIsSomewhere() {
      for (int[] held : List.of(experts, layers)) {
        int row = program.row(1, Double.POSITIVE_INFINITY);
        for (int q = 0; q < count; q++) {
          program.term(row, held[q], 1);
        }
      }
      for (boolean[] outside : relaxation.outside) {
        int row = program.row(1, Double.POSITIVE_INFINITY);
        for (int q = 0; q < count; q++) {
          if (Arrays.stream(clusters.offers(q)).anyMatch(i -> outside[i])) {
            program.term(row, experts[q], 1);
          }
        }
      }
    }

    /** The streams of a group: whole somewhere, or cut. */
    private void streams(List<Caller> group) {
      Caller any = group.getFirst();
      double tokens = group.stream().mapToDouble(caller -> caller.tokens).min().orElse(0);
      double load = tokens / unitTokens;
      int streams = group.stream().mapToInt(caller -> caller.streams).sum();
      boolean mayCut = count > 1 && instance.layers() > 1;
      int cut = program.variable(0, mayCut ? streams : 0, true);
      int[] whole = new int[count];
      int all = program.row(streams, streams);
      program.term(all, cut, 1);
      for (int q = 0; q < count; q++) {
        if (any.whole.get(q)) {
          whole[q] = program.variable(0, streams, true);
          program.term(all, whole[q], 1);
          int there = program.row(0, Double.POSITIVE_INFINITY);
          program.term(there, hasWhole[q], streams);
          program.term(there, whole[q], -1);
          host(q, whole[q], load);
        }
      }
      access(group, whole, cut);
      if (mayCut) {
        cut(any, cut, tokens, load);
      }
    }

    /** Which of a group's streams are where matters for what their access costs. */
    private void access(List<Caller> group, int[] whole, int cut) {
      BitSet where = group.getFirst().whole;
      if (group.stream()
          .allMatch(caller -> Arrays.stream(caller.accessUsd).allMatch(usd -> usd == 0))) {
        return;
      }
      int cuts = program.row(0, 0);
      program.term(cuts, cut, 1);
      int[] of = new int[count];
      for (int q = where.nextSetBit(0); q >= 0; q = where.nextSetBit(q + 1)) {
        of[q] = program.row(0, 0);
        program.term(of[q], whole[q], 1);
      }
      for (Caller caller : group) {
        int all = program.row(caller.streams, caller.streams);
        int cutOfCaller = program.variable(0, caller.streams, false);
        program.term(all, cutOfCaller, 1);
        program.term(cuts, cutOfCaller, -1);
        for (int q = where.nextSetBit(0); q >= 0; q = where.nextSetBit(q + 1)) {
          int wholeOfCaller = program.variable(0, caller.streams, false);
          program.term(all, wholeOfCaller, 1);
          program.term(of[q], wholeOfCaller, -1);
          pay(wholeOfCaller, caller.accessUsd[q]);
        }
      }
    }

    /** Those that are cut once have two ends; the others are anywhere. */
    private void cut(Caller any, int cut, double tokens, double load) {
      int kinds = program.row(0, 0);
      program.term(kinds, cut, 1);
      int often = program.variable(0, Double.POSITIVE_INFINITY, false);
      program.term(kinds, often, -1);
      boolean pairs =
          (double) groups.size() * any.first.cardinality() * any.any.cardinality() <= MOST_PAIRS;
      double leastUsd = Double.POSITIVE_INFINITY;
      for (int q = any.first.nextSetBit(0); q >= 0; q = any.first.nextSetBit(q + 1)) {
        for (int r = any.any.nextSetBit(0); r >= 0; r = any.any.nextSetBit(r + 1)) {
          if (q == r) {
            continue;
          }
          leastUsd = Math.min(leastUsd, clusters.cutUsd(q, r));
          if (pairs) {
            once(q, r, kinds, tokens, load);
          }
        }
      }
      pay(
          often,
          tokens
              * (pairs
                  ? clusters.twoCutsUsd()
                  : leastUsd == Double.POSITIVE_INFINITY ? 0 : leastUsd));
      int spread = program.row(0, 0);
      program.term(spread, often, -1);
      for (int q = any.any.nextSetBit(0); q >= 0; q = any.any.nextSetBit(q + 1)) {
        int part = program.variable(0, Double.POSITIVE_INFINITY, false);
        program.term(spread, part, 1);
        host(q, part, load);
      }
    }

    private void once(int q, int r, int kinds, double tokens, double load) {
      int before = program.variable(0, Double.POSITIVE_INFINITY, false);
      int after = program.variable(0, Double.POSITIVE_INFINITY, false);
      for (int part : new int[] {before, after}) {
        program.term(kinds, part, -1);
        pay(part, tokens * clusters.cutUsd(q, r));
      }
      host(q, before, load);
      host(r, after, load);
    }

    /** What the trees over the clusters that hold pieces cost. */
    private void sync(int[] held, double bytes) {
      if (bytes == 0 || count < 2) {
        return;
      }
      double scale = 0;
      for (int q = 0; q < count; q++) {
        for (int r = 0; r < count; r++) {
          scale = Math.max(scale, clusters.bothWaysUsd(q, r));
        }
      }
      if (scale == 0 || !Double.isFinite(scale)) {
        return;
      }
      int tree = program.variable(0, count, false);
      pay(tree, bytes * scale);
      linkage(held, tree, scale);
      for (int q = 0; q < count; q++) {
        for (int r = 0; r < q; r++) {
          double usd = clusters.relayedUsd(q, r) / scale * (1 - Relaxation.TOLERANCE);
          int row = program.row(-usd, Double.POSITIVE_INFINITY);
          program.term(row, tree, 1);
          program.term(row, held[q], -usd);
          program.term(row, held[r], -usd);
        }
      }
      for (Tree known : trees) {
        double sum = known.usd / scale - Arrays.stream(known.slopes).sum() / scale;
        int row = program.row(sum, Double.POSITIVE_INFINITY);
        program.term(row, tree, 1);
        for (int k = 0; k < known.members.length; k++) {
          program.term(row, held[known.members[k]], -known.slopes[k] / scale);
        }
      }
    }

    /** By single linkage: each part of the hierarchy that holds a piece pays its height. */
    private void linkage(int[] held, int tree, double scale) {
      Map<Integer, Double> rises = new LinkedHashMap<>();
      double root = 0;
      List<BitSet> parts = new ArrayList<>();
      List<Double> heights = new ArrayList<>();
      for (int q = 0; q < count; q++) {
        var part = new BitSet();
        part.set(q);
        parts.add(part);
        heights.add(0.0);
      }
      while (parts.size() > 1) {
        int a = 0;
        int b = 1;
        double height = Double.POSITIVE_INFINITY;
        for (int i = 0; i < parts.size(); i++) {
          for (int j = i + 1; j < parts.size(); j++) {
            double between = between(parts.get(i), parts.get(j));
            if (between < height) {
              height = between;
              a = i;
              b = j;
            }
          }
        }
        for (int part : new int[] {a, b}) {
          double rise = (height - heights.get(part)) / scale * (1 - Relaxation.TOLERANCE);
          if (rise > 0) {
            rises.put(meets(parts.get(part), held), rise);
          }
        }
        BitSet joined = (BitSet) parts.get(a).clone();
        joined.or(parts.get(b));
        parts.remove(b);
        heights.remove(b);
        parts.set(a, joined);
        heights.set(a, height);
        root = height;
      }
      // Whatever is held somewhere pays the root's height once too often.
      int row = program.row(-root / scale, Double.POSITIVE_INFINITY);
      program.term(row, tree, 1);
      rises.forEach((meets, rise) -> program.term(row, meets, -rise));
    }

    private double between(BitSet a, BitSet b) {
      double least = Double.POSITIVE_INFINITY;
      for (int q = a.nextSetBit(0); q >= 0; q = a.nextSetBit(q + 1)) {
        for (int r = b.nextSetBit(0); r >= 0; r = b.nextSetBit(r + 1)) {
          least = Math.min(least, clusters.bothWaysUsd(q, r));
        }
      }
      return least;
    }

    /** Whether any cluster of a part holds a piece, or more than that. */
    private int meets(BitSet part, int[] held) {
      int meets = program.variable(0, 1, false);
      for (int q = part.nextSetBit(0); q >= 0; q = part.nextSetBit(q + 1)) {
        int each = program.row(0, Double.POSITIVE_INFINITY);
        program.term(each, meets, 1);
        program.term(each, held[q], -1);
      }
      return meets;
    }

    private void add(Cut cut) {
      double constant = cut.constant() / unit;
      int row = program.row(constant, Double.POSITIVE_INFINITY);
      program.term(row, traffic, 1);
      for (int i = 0; i < nodes.length; i++) {
        if (nodeProgram.most(i) > 0) {
          // One whole node is enough where it takes all of the constant.
          double enough = Math.max(0, constant);
          program.term(row, nodes[i], Math.min(cut.perNode()[i] / unit, enough));
          program.term(row, open[i], Math.min(cut.perOpen()[i] / unit, enough));
        }
      }
    }

    @Nullable Choice lowest(MPSolver solver, long nodesOfTree) {
      LinearProgram.Loaded loaded = program.loadRelaxed(solver, 0);
      LinearProgram.Whole found = program.solveWhole(solver, loaded, nodesOfTree, GAP, "");
      if (!Double.isFinite(found.usd())) {
        return null;
      }
      int[] members =
          found.solved()
              ? IntStream.range(0, count).filter(q -> loaded.value(hasWhole[q]) > 0.5).toArray()
              : new int[0];
      return new Choice(Math.min(mostUsd, found.usd() * unit), members);
    }
  }
}
