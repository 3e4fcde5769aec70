package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Model.Sync;
import org.moesaic.solve.model.Role;
import org.moesaic.solve.model.Tariff;

/**
 * Plans for a placed dense part in which every stream runs through whole blocks of layers: a
 * block's layers, with all their experts, are copied to some offers, and each stream passes through
 * one of them.
 *
 * <p>Idea: with one block these are the plans that an engineer draws by hand, whole copies of the
 * model in some places; with more, pipelines over several places, and copies of parts of the model.
 * An integer program chooses copies, whole numbers of streams at each, and whole nodes; cuts
 * between blocks are flows between sites, sync costs at least what joins each site but one to its
 * nearest that takes part, and rules on nodes are those of {@link NodeProgram}. Experts are then
 * free to move on their own. Complexity: blocks * origins * (offers + sites^2) variables; the tree
 * of the program is limited. Guarantee: none on cost but within the program; what comes out is
 * judged as any plan is. Source: capacitated facility location with a fixed charge for each copy;
 * Kuehn and Hamburger, Management Science 9 (1963).
 */
public final class BlockPlans {
  /** Variables of flows beyond which cuts are not tried. */
  private static final int MOST_FLOWS = 40_000;

  /** Pairs of offers, for all origins, beyond which cuts anywhere are not tried. */
  private static final int MOST_PAIRS = 20_000;

  private static final long NODES_OF_TREE = 1_000;

  private static final double GAP = 1e-4;

  /** Share of the time left that one program may take. */
  private static final double SHARE_OF_TIME = 0.1;

  /** The same where streams are cut anywhere, which is worth the most. */
  private static final double SHARE_TO_PACK = 0.2;

  private final Tariff tariff;
  private final Instance instance;
  private final Relaxation relaxation;
  private final Solvers solvers;
  private final NodeProgram nodeProgram;
  private final int offers;
  private final int sites;

  /**
   * Some streams of an origin that run alike.
   *
   * @param offers by layer, the offer that hosts it
   * @param serving by layer, the offer whose experts serve it
   */
  public record Route(int origin, int streams, int[] offers, int[] serving) {
    /** Served where they are hosted. */
    public Route(int origin, int streams, int[] offers) {
      this(origin, streams, offers, offers);
    }
  }

  /**
   * A plan.
   *
   * @param routes of all streams
   * @param copies by layer, the offers that hold its experts, ascending
   */
  public record Blocks(List<Route> routes, int[][] copies) {}

  /**
   * @param tariff of the problem with its origins whole
   * @param stop ends what is under way
   * @param secondsLeft until everything has to end; infinite without a limit
   */
  public BlockPlans(Tariff tariff, BooleanSupplier stop, DoubleSupplier secondsLeft) {
    this.tariff = tariff;
    instance = tariff.instance();
    relaxation = new Relaxation(tariff);
    solvers = new Solvers(() -> stop.getAsBoolean() ? 0 : secondsLeft.getAsDouble());
    nodeProgram = new NodeProgram(relaxation, solvers);
    offers = instance.offers();
    sites = instance.sites().size();
  }

  /**
   * The best plan of blocks, as far as the program's limits allow.
   *
   * @param blocks number of blocks, of about as many layers each; 1 to the number of layers
   * @return null if none was found
   */
  public @Nullable Blocks solve(int blocks) {
    long flows = (long) instance.origins() * (blocks - 1) * sites * sites;
    if (blocks > instance.layers() || flows > MOST_FLOWS) {
      return null;
    }
    return solvers.with(
        "SCIP",
        SHARE_OF_TIME,
        solver -> {
          var program = new Program(blocks);
          LinearProgram.Loaded loaded = program.lp.loadRelaxed(solver, 0);
          LinearProgram.Whole whole = program.lp.solveWhole(solver, loaded, NODES_OF_TREE, GAP, "");
          return whole.solved() ? program.plan(loaded) : null;
        });
  }

  /**
   * The best plan in which every stream is whole at one offer or cut once, between any two layers,
   * and other offers of the same site may serve some of its layers, as far as the program's limits
   * allow: what packs streams into nodes to the last one.
   *
   * @return null if none was found
   */
  public @Nullable Blocks solveCutAnywhere() {
    long pairs = (long) instance.origins() * offers * offers;
    if (instance.layers() < 2 || pairs > MOST_PAIRS) {
      return null;
    }
    return solvers.with(
        "SCIP",
        SHARE_TO_PACK,
        solver -> {
          var program = new Program(1);
          List<Pair> all = program.pairs();
          List<Shift> shifts = program.shifts(all);
          LinearProgram.Loaded loaded = program.lp.loadRelaxed(solver, 0);
          LinearProgram.Whole whole = program.lp.solveWhole(solver, loaded, NODES_OF_TREE, GAP, "");
          return whole.solved() ? program.plan(loaded, all, shifts) : null;
        });
  }

  /**
   * Streams of an origin whose first layers are at one offer and the others at another.
   *
   * @param streams variable of how many
   * @param layers variable of how many layers all of them have at the first
   */
  private record Pair(int origin, int first, int second, int streams, int layers) {}

  /**
   * Experts of layers that are hosted at one offer and served by another of its site.
   *
   * @param count variable: for each layer of each stream one
   */
  private record Shift(int origin, int from, int to, int count) {}

  /** The program for a number of blocks. */
  private final class Program {
    private final LinearProgram lp = new LinearProgram();
    private final int blocks;

    /** First layer of each block, and after the last. */
    private final int[] first;

    private final int[] nodes = new int[offers];
    private final int[] open = new int[offers];

    private final double syncPeak;

    /** By block and offer; {@link #NONE} where it may not be. */
    private final int[][] copy;

    /** By origin, block and offer: streams. */
    private final int[][][] streams;

    /** By origin and block: the row that counts its streams. */
    private final int[][] counted;

    private final int[] compute = new int[offers];
    private final int[] network = new int[offers];

    /** By origin, block, and the sites from which and to which streams pass to the next block. */
    private final int[][][][] flow;

    /** Rows of ways of finite capacity; {@link #NONE} before they are asked for. */
    private final int[][] way;

    private static final int NONE = -1;

    Program(int blocks) {
      this.blocks = blocks;
      first = new int[blocks + 1];
      for (int q = 0; q <= blocks; q++) {
        first[q] = (int) ((long) q * instance.layers() / blocks);
      }
      syncPeak = syncPeak();
      copy = new int[blocks][offers];
      streams = new int[instance.origins()][blocks][offers];
      counted = new int[instance.origins()][blocks];
      flow = new int[instance.origins()][blocks - 1][sites][sites];
      way = new int[sites][sites];
      Arrays.stream(way).forEach(row -> Arrays.fill(row, NONE));
      for (int i = 0; i < offers; i++) {
        nodes[i] = lp.variable(0, nodeProgram.most(i), true);
        open[i] = lp.variable(0, nodeProgram.most(i) > 0 ? 1 : 0, true);
        lp.cost(nodes[i], nodeProgram.most(i) > 0 ? nodeProgram.usdPerNode(i) : 0);
      }
      nodeProgram.addAll(lp, nodes, open);
      copies();
      streams();
      capacity();
      for (int q = 0; q + 1 < blocks; q++) {
        for (int o = 0; o < instance.origins(); o++) {
          cuts(o, q);
        }
      }
      sync();
    }

    /** Bytes per second of a sync, while it lasts, where both ends hold the whole model. */
    private double syncPeak() {
      Sync sync = instance.problem().model().sync();
      return sync == null
          ? 0
          : IntStream.range(0, blocks).mapToDouble(this::syncBytes).sum() / sync.window();
    }

    private double syncBytes(int block) {
      double bytes = 0;
      for (int l = first[block]; l < first[block + 1]; l++) {
        for (int k = 0; k < instance.shardsPerLayer(); k++) {
          bytes += instance.syncBytesPerSecond(instance.shard(l, k));
        }
        bytes += instance.hasBackbone() ? instance.syncBytesPerSecond(instance.layerPiece(l)) : 0;
      }
      return bytes;
    }

    private int layers(int block) {
      return first[block + 1] - first[block];
    }

    private boolean mayHold(int block, int offer) {
      if (nodeProgram.most(offer) == 0) {
        return false;
      }
      for (int l = first[block]; l < first[block + 1]; l++) {
        boolean may = !instance.hasBackbone() || instance.mayHold(instance.layerPiece(l), offer);
        for (int k = 0; k < instance.shardsPerLayer() && may; k++) {
          may = instance.mayHold(instance.shard(l, k), offer);
        }
        if (!may) {
          return false;
        }
      }
      return true;
    }

    private void copies() {
      for (int q = 0; q < blocks; q++) {
        int count = lp.row(relaxation.minReplicas, instance.maxReplicas());
        for (int i = 0; i < offers; i++) {
          copy[q][i] = mayHold(q, i) ? lp.variable(0, 1, true) : NONE;
          if (copy[q][i] != NONE) {
            lp.term(count, copy[q][i], 1);
            int row = lp.row(0, Double.POSITIVE_INFINITY);
            lp.term(row, open[i], 1);
            lp.term(row, copy[q][i], -1);
          }
        }
        for (boolean[] outside : relaxation.outside) {
          int row = lp.row(1, Double.POSITIVE_INFINITY);
          for (int i = 0; i < offers; i++) {
            if (outside[i] && copy[q][i] != NONE) {
              lp.term(row, copy[q][i], 1);
            }
          }
        }
      }
    }

    private Role role(int block) {
      boolean isFirst = block == 0;
      boolean isLast = block == blocks - 1;
      return isFirst
          ? isLast ? Role.ONLY_LAYER : Role.FIRST_LAYER
          : isLast ? Role.LAST_LAYER : Role.LAYER;
    }

    private double tokens(int origin) {
      return instance.origin(origin).tokensPerSecond() / instance.origin(origin).streams();
    }

    private void streams() {
      for (int o = 0; o < instance.origins(); o++) {
        int all = instance.origin(o).streams();
        for (int q = 0; q < blocks; q++) {
          int row = lp.row(all, all);
          counted[o][q] = row;
          for (int i = 0; i < offers; i++) {
            streams[o][q][i] = NONE;
            if (copy[q][i] != NONE && relaxation.mayServe(role(q), o, i)) {
              int v = lp.variable(0, all, true);
              streams[o][q][i] = v;
              lp.term(row, v, 1);
              lp.cost(v, tokens(o) * tariff.floorUsd(role(q), o, instance.siteOfOffer(i)));
              int within = lp.row(0, Double.POSITIVE_INFINITY);
              lp.term(within, copy[q][i], all);
              lp.term(within, v, -1);
            }
          }
        }
      }
    }

    /** Memory, compute and network of each offer. */
    private void capacity() {
      double experts = instance.problem().model().expertsPerLayer();
      for (int i = 0; i < offers; i++) {
        int memory = lp.row(0, Double.POSITIVE_INFINITY);
        compute[i] = lp.row(0, Double.POSITIVE_INFINITY);
        network[i] = lp.row(0, Double.POSITIVE_INFINITY);
        lp.term(memory, nodes[i], 1);
        lp.term(compute[i], nodes[i], 1);
        lp.term(network[i], nodes[i], 1);
        double layer = experts * tariff.offer(i).nodesPerExpert() + tariff.offer(i).nodesPerLayer();
        for (int q = 0; q < blocks; q++) {
          if (copy[q][i] != NONE) {
            lp.term(memory, copy[q][i], -finite(layers(q) * layer));
          }
          for (int o = 0; o < instance.origins(); o++) {
            if (streams[o][q][i] != NONE) {
              passes(streams[o][q][i], i, tokens(o) * layers(q));
            }
          }
        }
      }
    }

    /**
     * What passes through layers at an offer takes of its compute and network.
     *
     * @param times tokens per second times layers, of one unit of the variable
     */
    private void passes(int variable, int offer, double times) {
      double topK = instance.problem().model().topK();
      double computed =
          topK * instance.computeNodes(offer, 1) + tariff.offer(offer).nodesPerToken();
      lp.term(compute[offer], variable, -finite(times * computed));
      lp.term(network[offer], variable, -finite(times * topK * instance.networkNodes(offer, 1)));
    }

    /** Streams that are cut once, anywhere, between any two offers; the cheaper way round. */
    private List<Pair> pairs() {
      List<Pair> pairs = new ArrayList<>();
      for (int o = 0; o < instance.origins(); o++) {
        for (int a = 0; a < offers; a++) {
          for (int b = 0; b < a; b++) {
            double there = usdOfPair(o, a, b);
            double back = usdOfPair(o, b, a);
            if (Math.min(there, back) < Double.POSITIVE_INFINITY) {
              pairs.add(there <= back ? pair(o, a, b, there) : pair(o, b, a, back));
            }
          }
        }
      }
      return pairs;
    }

    /** Traffic of one stream per hour; infinite where it may not be. */
    private double usdOfPair(int origin, int first, int second) {
      if (copy[0][first] == NONE
          || copy[0][second] == NONE
          || !relaxation.mayServe(Role.FIRST_LAYER, origin, first)
          || !relaxation.mayServe(Role.LAST_LAYER, origin, second)) {
        return Double.POSITIVE_INFINITY;
      }
      int from = instance.siteOfOffer(first);
      int to = instance.siteOfOffer(second);
      return tokens(origin)
          * (tariff.floorUsd(Role.FIRST_LAYER, origin, from)
              + tariff.floorUsd(Role.LAST_LAYER, origin, to)
              + tariff.cutUsd(from, to));
    }

    private Pair pair(int origin, int first, int second, double usd) {
      int all = instance.origin(origin).streams();
      int layers = instance.layers();
      int count = lp.variable(0, all, true);
      int inFirst = lp.variable(0, (double) all * (layers - 1), true);
      lp.cost(count, usd);
      lp.term(counted[origin][0], count, 1);
      int atLeast = lp.row(0, Double.POSITIVE_INFINITY);
      lp.term(atLeast, inFirst, 1);
      lp.term(atLeast, count, -1);
      int atMost = lp.row(0, Double.POSITIVE_INFINITY);
      lp.term(atMost, count, layers - 1.0);
      lp.term(atMost, inFirst, -1);
      for (int offer : new int[] {first, second}) {
        int within = lp.row(0, Double.POSITIVE_INFINITY);
        lp.term(within, copy[0][offer], all);
        lp.term(within, count, -1);
      }
      passes(inFirst, first, tokens(origin));
      passes(inFirst, second, -tokens(origin));
      passes(count, second, tokens(origin) * layers);
      crosses(origin, instance.siteOfOffer(first), instance.siteOfOffer(second), count);
      return new Pair(origin, first, second, count, inFirst);
    }

    /** What offers of the same site may take over of each other's service. */
    private List<Shift> shifts(List<Pair> pairs) {
      List<Shift> shifts = new ArrayList<>();
      for (int o = 0; o < instance.origins(); o++) {
        int layers = instance.layers();
        int all = instance.origin(o).streams() * layers;
        for (int a = 0; a < offers; a++) {
          int hosted = NONE;
          for (int b = 0; b < offers; b++) {
            boolean may =
                a != b
                    && instance.siteOfOffer(a) == instance.siteOfOffer(b)
                    && streams[o][0][a] != NONE
                    && copy[0][b] != NONE
                    && relaxation.mayServe(Role.SHARD, o, b);
            if (may) {
              hosted = hosted == NONE ? hosted(o, a, pairs) : hosted;
              int v = lp.variable(0, all, true);
              lp.term(hosted, v, -1);
              int within = lp.row(0, Double.POSITIVE_INFINITY);
              lp.term(within, copy[0][b], all);
              lp.term(within, v, -1);
              serves(v, a, -tokens(o));
              serves(v, b, tokens(o));
              shifts.add(new Shift(o, a, b, v));
            }
          }
        }
      }
      return shifts;
    }

    /** A row of how many layers of streams of an origin are hosted at an offer. */
    private int hosted(int origin, int offer, List<Pair> pairs) {
      int row = lp.row(0, Double.POSITIVE_INFINITY);
      lp.term(row, streams[origin][0][offer], instance.layers());
      for (Pair pair : pairs) {
        if (pair.origin == origin && pair.first == offer) {
          lp.term(row, pair.layers, 1);
        } else if (pair.origin == origin && pair.second == offer) {
          lp.term(row, pair.streams, instance.layers());
          lp.term(row, pair.layers, -1);
        }
      }
      return row;
    }

    /** What calls that are served at an offer take of its compute and network. */
    private void serves(int variable, int offer, double times) {
      double calls = times * instance.problem().model().topK();
      lp.term(compute[offer], variable, -finite(calls * instance.computeNodes(offer, 1)));
      lp.term(network[offer], variable, -finite(calls * instance.networkNodes(offer, 1)));
    }

    private static double finite(double nodes) {
      return Math.max(-1e12, Math.min(nodes, 1e12));
    }

    /** Flows of an origin's streams from a block's sites to the next one's. */
    private void cuts(int origin, int block) {
      int[] out = new int[sites];
      int[] in = new int[sites];
      Arrays.setAll(out, site -> lp.row(0, 0));
      Arrays.setAll(in, site -> lp.row(0, 0));
      for (int i = 0; i < offers; i++) {
        int site = instance.siteOfOffer(i);
        if (streams[origin][block][i] != NONE) {
          lp.term(out[site], streams[origin][block][i], -1);
        }
        if (streams[origin][block + 1][i] != NONE) {
          lp.term(in[site], streams[origin][block + 1][i], -1);
        }
      }
      for (int a = 0; a < sites; a++) {
        for (int b = 0; b < sites; b++) {
          int v = lp.variable(0, instance.origin(origin).streams(), false);
          flow[origin][block][a][b] = v;
          lp.term(out[a], v, 1);
          lp.term(in[b], v, 1);
          lp.cost(v, tokens(origin) * tariff.cutUsd(a, b));
          crosses(origin, a, b, v);
        }
      }
    }

    /** Streams of an origin that are cut between two sites need room on the ways between these. */
    private void crosses(int origin, int from, int to, int streams) {
      Backbone backbone = instance.problem().model().backbone();
      if (from != to && backbone != null) {
        fits(from, to, streams, tokens(origin) * backbone.activationBytes());
        fits(to, from, streams, tokens(origin) * backbone.gradientBytes());
      }
    }

    /**
     * Lets cuts have what a way leaves beside a sync of the whole model: which ways its trees take
     * is not known here.
     */
    private void fits(int from, int to, int flow, double bytesPerSecond) {
      double most = instance.linkBytesPerSecond(from, to) - syncPeak;
      if (bytesPerSecond == 0 || Double.isInfinite(most)) {
        return;
      }
      if (most <= bytesPerSecond) {
        lp.term(lp.row(0, 0), flow, 1);
        return;
      }
      if (way[from][to] == NONE) {
        way[from][to] = lp.row(0, 1);
      }
      lp.term(way[from][to], flow, bytesPerSecond / most);
    }

    /**
     * What joins the sites that hold a block: at least that each but one pays its way to some
     * other, and at least what the tree of single linkage says, which no free circle fools. In that
     * tree, sites whose ways are cheap are joined low; every branch that is held pays the height up
     * to where it is joined, but for once the whole height.
     */
    private void sync() {
      for (int q = 0; q < blocks; q++) {
        double bytes = syncBytes(q);
        if (bytes > 0) {
          sync(q, bytes);
        }
      }
    }

    private void sync(int block, double bytes) {
      int paid = lp.variable(0, Double.POSITIVE_INFINITY, false);
      lp.cost(paid, 1);
      int ways = lp.row(0, Double.POSITIVE_INFINITY);
      lp.term(ways, paid, 1);
      int[] held = new int[sites];
      int one = lp.row(1, 1);
      for (int site = 0; site < sites; site++) {
        held[site] = lp.variable(0, 1, false);
        int some = lp.row(0, Double.POSITIVE_INFINITY);
        lp.term(some, held[site], -1);
        for (int i = 0; i < offers; i++) {
          if (instance.siteOfOffer(i) == site && copy[block][i] != NONE) {
            lp.term(some, copy[block][i], 1);
            int all = lp.row(0, Double.POSITIVE_INFINITY);
            lp.term(all, held[site], 1);
            lp.term(all, copy[block][i], -1);
          }
        }
      }
      linkage(paid, held, bytes);
      for (int site = 0; site < sites; site++) {
        int root = lp.variable(0, 1, false);
        lp.term(one, root, 1);
        int isHeld = lp.row(0, Double.POSITIVE_INFINITY);
        lp.term(isHeld, held[site], 1);
        lp.term(isHeld, root, -1);
        int joined = lp.row(0, Double.POSITIVE_INFINITY);
        lp.term(joined, root, 1);
        lp.term(joined, held[site], -1);
        for (int other = 0; other < sites; other++) {
          if (other != site) {
            int way = lp.variable(0, 1, false);
            lp.term(ways, way, -bytes * tariff.bothWaysUsd(site, other));
            lp.term(joined, way, 1);
            int isThere = lp.row(0, Double.POSITIVE_INFINITY);
            lp.term(isThere, held[other], 1);
            lp.term(isThere, way, -1);
          }
        }
      }
    }

    /** A branch of single linkage: what is in it, and how high it is joined together. */
    private record Branch(List<Integer> sites, double usd, int held) {}

    private void linkage(int paid, int[] held, double bytes) {
      List<Branch> branches = new ArrayList<>();
      for (int site = 0; site < sites; site++) {
        branches.add(new Branch(List.of(site), 0, held[site]));
      }
      List<Branch> all = new ArrayList<>();
      List<Double> below = new ArrayList<>();
      while (branches.size() > 1) {
        Branch first = branches.get(0);
        Branch second = branches.get(1);
        double least = Double.POSITIVE_INFINITY;
        for (int a = 0; a < branches.size(); a++) {
          for (int b = 0; b < a; b++) {
            double usd = nearest(branches.get(a), branches.get(b)) * bytes;
            if (usd < least) {
              least = usd;
              first = branches.get(b);
              second = branches.get(a);
            }
          }
        }
        int both = lp.variable(0, 1, false);
        for (Branch branch : List.of(first, second)) {
          int within = lp.row(0, Double.POSITIVE_INFINITY);
          lp.term(within, both, 1);
          lp.term(within, branch.held, -1);
          all.add(branch);
          below.add(least - branch.usd);
        }
        branches.remove(first);
        branches.remove(second);
        List<Integer> joined = new ArrayList<>(first.sites);
        joined.addAll(second.sites);
        branches.add(new Branch(joined, least, both));
      }
      int row = lp.row(-branches.get(0).usd, Double.POSITIVE_INFINITY);
      lp.term(row, paid, 1);
      for (int k = 0; k < all.size(); k++) {
        lp.term(row, all.get(k).held, -below.get(k));
      }
    }

    private double nearest(Branch one, Branch other) {
      double nearest = Double.POSITIVE_INFINITY;
      for (int a : one.sites) {
        for (int b : other.sites) {
          nearest = Math.min(nearest, tariff.bothWaysUsd(a, b));
        }
      }
      return nearest;
    }

    Blocks plan(LinearProgram.Loaded loaded) {
      return withCopies(loaded, routes(loaded), true);
    }

    /** With streams that are cut as evenly as layers allow. */
    private Blocks plan(LinearProgram.Loaded loaded, List<Pair> pairs, List<Shift> shifts) {
      List<Route> routes = new ArrayList<>();
      for (int o = 0; o < instance.origins(); o++) {
        for (int i = 0; i < offers; i++) {
          int whole = streams[o][0][i] == NONE ? 0 : rounded(loaded, streams[o][0][i]);
          add(routes, o, whole, i, i, 0);
        }
        for (Pair pair : pairs) {
          int count = pair.origin == o ? rounded(loaded, pair.streams) : 0;
          if (count > 0) {
            int inFirst = rounded(loaded, pair.layers);
            int longer = inFirst % count;
            add(routes, o, count - longer, pair.first, pair.second, inFirst / count);
            add(routes, o, longer, pair.first, pair.second, inFirst / count + 1);
          }
        }
      }
      for (Shift shift : shifts) {
        shift(routes, shift, rounded(loaded, shift.count));
      }
      return withCopies(loaded, routes, false);
    }

    /**
     * Has so many layers of streams served by the other offer, those of many streams first; the
     * last of them may be a part of a route.
     */
    private static void shift(List<Route> routes, Shift shift, int count) {
      int left = count;
      List<Route> order =
          routes.stream()
              .filter(route -> route.origin == shift.origin)
              .sorted(Comparator.comparingInt(route -> -route.streams))
              .toList();
      for (Route route : order) {
        int[] serving = route.serving.clone();
        int[] partly = null;
        int rest = 0;
        for (int l = 0; l < serving.length && left > 0; l++) {
          if (route.offers[l] == shift.from && serving[l] == shift.from) {
            if (left < route.streams) {
              rest = left;
              partly = serving.clone();
              partly[l] = shift.to;
            } else {
              serving[l] = shift.to;
            }
            left -= Math.min(left, route.streams);
          }
        }
        int at = routes.indexOf(route);
        routes.set(at, new Route(route.origin, route.streams - rest, route.offers, serving));
        if (partly != null) {
          routes.add(at + 1, new Route(route.origin, rest, route.offers, partly));
        }
      }
    }

    private static int rounded(LinearProgram.Loaded loaded, int variable) {
      return (int) Math.rint(loaded.value(variable));
    }

    private void add(List<Route> routes, int origin, int count, int first, int second, int cut) {
      if (count > 0) {
        int[] path = new int[instance.layers()];
        Arrays.fill(path, second);
        Arrays.fill(path, 0, cut, first);
        routes.add(new Route(origin, count, path));
      }
    }

    /**
     * @param asChosen whether copies are those of the program, else where a layer runs
     */
    private Blocks withCopies(LinearProgram.Loaded loaded, List<Route> routes, boolean asChosen) {
      int[][] copies = new int[instance.layers()][];
      for (int q = 0; q < blocks; q++) {
        for (int l = first[q]; l < first[q + 1]; l++) {
          boolean[] holds = new boolean[offers];
          for (int i = 0; i < offers && asChosen; i++) {
            holds[i] = copy[q][i] != NONE && loaded.value(copy[q][i]) > 0.5;
          }
          for (Route route : routes) {
            holds[route.serving[l]] = true;
          }
          copies[l] = IntStream.range(0, offers).filter(i -> holds[i]).toArray();
        }
      }
      return new Blocks(routes, copies);
    }

    /**
     * The streams, led from block to block as the flows say, as far as these are whole; the others
     * where that is cheapest.
     */
    private List<Route> routes(LinearProgram.Loaded loaded) {
      List<Route> routes = new ArrayList<>();
      for (int o = 0; o < instance.origins(); o++) {
        List<Route> soFar = List.of(new Route(o, instance.origin(o).streams(), new int[0]));
        for (int q = 0; q < blocks; q++) {
          int[] left = counts(loaded, o, q);
          soFar = extend(soFar, left, layers(q), q == 0 ? null : flows(loaded, o, q - 1));
        }
        routes.addAll(soFar);
      }
      return routes;
    }

    /** Whole numbers of streams at each offer, that add up. */
    private int[] counts(LinearProgram.Loaded loaded, int origin, int block) {
      int[] counts = new int[offers];
      int sum = 0;
      int most = -1;
      for (int i = 0; i < offers; i++) {
        if (streams[origin][block][i] != NONE) {
          counts[i] = (int) Math.rint(loaded.value(streams[origin][block][i]));
          sum += counts[i];
          most = most < 0 || counts[i] > counts[most] ? i : most;
        }
      }
      counts[most] = Math.max(0, counts[most] + instance.origin(origin).streams() - sum);
      return counts;
    }

    private int[][] flows(LinearProgram.Loaded loaded, int origin, int block) {
      return Arrays.stream(flow[origin][block])
          .map(row -> Arrays.stream(row).map(v -> (int) (loaded.value(v) + 1e-6)).toArray())
          .toArray(int[][]::new);
    }

    /**
     * @param flows whole streams from site to site; null: from anywhere to anywhere
     */
    private List<Route> extend(
        List<Route> routes, int[] left, int layers, int @Nullable [][] flows) {
      record Link(int route, int offer, double usd) {}
      List<Link> links = new ArrayList<>();
      for (int r = 0; r < routes.size(); r++) {
        int[] before = routes.get(r).offers();
        for (int i = 0; i < offers; i++) {
          if (left[i] > 0) {
            links.add(
                new Link(
                    r,
                    i,
                    before.length == 0 || before[before.length - 1] == i
                        ? -1
                        : tariff.cutUsd(
                            instance.siteOfOffer(before[before.length - 1]),
                            instance.siteOfOffer(i))));
          }
        }
      }
      links.sort(Comparator.comparingDouble(Link::usd));
      int[] waiting = routes.stream().mapToInt(Route::streams).toArray();
      List<Route> extended = new ArrayList<>();
      for (boolean asFlows : flows == null ? new boolean[] {false} : new boolean[] {true, false}) {
        for (Link link : links) {
          int[] before = routes.get(link.route).offers();
          int count = Math.min(waiting[link.route], left[link.offer]);
          if (asFlows && flows != null) {
            int from = instance.siteOfOffer(before[before.length - 1]);
            int to = instance.siteOfOffer(link.offer);
            count = Math.min(count, flows[from][to]);
            flows[from][to] -= count;
          }
          if (count > 0) {
            waiting[link.route] -= count;
            left[link.offer] -= count;
            int[] path = Arrays.copyOf(before, before.length + layers);
            Arrays.fill(path, before.length, path.length, link.offer);
            extended.add(new Route(routes.get(link.route).origin(), count, path));
          }
        }
      }
      return merged(extended);
    }

    /** Routes of one origin, those of one path as one. */
    private static List<Route> merged(List<Route> routes) {
      List<Route> merged = new ArrayList<>();
      for (Route route : routes) {
        int same =
            IntStream.range(0, merged.size())
                .filter(r -> Arrays.equals(merged.get(r).offers(), route.offers()))
                .findFirst()
                .orElse(-1);
        if (same < 0) {
          merged.add(route);
        } else {
          int streams = merged.get(same).streams() + route.streams();
          merged.set(same, new Route(route.origin(), streams, route.offers()));
        }
      }
      return merged;
    }
  }
}
