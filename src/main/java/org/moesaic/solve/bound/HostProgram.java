package org.moesaic.solve.bound;

import com.google.ortools.linearsolver.MPSolver;
import com.google.ortools.linearsolver.MPSolver.ResultStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.bound.LinearProgram.Loaded;
import org.moesaic.solve.bound.LinearProgram.Whole;
import org.moesaic.solve.model.Role;

/**
 * A whole problem whose dense part is placed, as an integer program.
 *
 * <p>Idea: who hosts each layer of each origin, who serves each shard, and which replicas there are
 * is binary. Who hosts and who serves, by sites, is joined by flows: what goes from the sites of a
 * layer to those of the next, and from the site of a layer to those of its shards. As hosts and
 * servers are whole, so are these. Sync takes one of the sets of sites that hold a piece, each with
 * its own tree. Shared copies are at least each linear function below their share. Complexity:
 * {@link #variables} variables; exponential at worst. Guarantee: its lowest cost is at most that of
 * every plan in which each origin is one part; so origins of several streams must be divided
 * before. It is below where a provider's share is limited, as it may lease nodes that nobody needs,
 * where a layer has many shards and copies are shared, and where pieces lie at many sites. Source:
 * flows between layers as in multi-commodity location, Geoffrion and Graves, Management Science 20
 * (1974).
 */
final class HostProgram {
  /** Sets of sites of a piece that have a variable each. */
  private static final int MOST_SETS = 128;

  /** Shards of a layer up to which all orders of them are taken for shared copies. */
  private static final int MOST_ORDERED = 4;

  /** What rounding may have added to the growth of shared copies. */
  private static final double NEARLY_ALL = 1 - 1e-11;

  private static final int NONE = -1;
  private static final double NO_LIMIT = Double.POSITIVE_INFINITY;

  private final Relaxation relaxation;
  private final Instance instance;
  private final Resources resources;
  private final NodeProgram nodeProgram;
  private final LinearProgram program = new LinearProgram();
  private final int offers;
  private final int origins;
  private final int sites;
  private final double unit;
  private final int[] rowOf;
  private final int[] nodes;
  private final int[] open;

  /** By origin, layer and offer. */
  private final int[][][] host;

  /** By origin, shard and offer. */
  private final int[][][] served;

  /** By piece and offer. */
  private final int[][] held;

  /**
   * What came out.
   *
   * @param boundUsdPerHour at most the cost of every plan; infinite if there is none
   * @param closed whether the solver was through
   * @param plan null for none
   */
  record Outcome(double boundUsdPerHour, boolean closed, @Nullable Assignment plan) {}

  /**
   * @param aboutUsd what a plan costs, about, for a unit of money; infinite if that is unknown
   */
  HostProgram(Relaxation relaxation, NodeProgram nodeProgram, double aboutUsd) {
    this.relaxation = relaxation;
    this.nodeProgram = nodeProgram;
    instance = relaxation.instance;
    resources = relaxation.resources();
    offers = relaxation.offers();
    origins = relaxation.origins();
    sites = instance.sites().size();
    double scale = aboutUsd;
    if (!Double.isFinite(scale)) {
      scale = IntStream.range(0, offers).mapToDouble(nodeProgram::usdPerNode).max().orElse(1);
    }
    unit = LinearProgram.unit(scale / 100);
    rowOf = new int[resources.count()];
    nodes = new int[offers];
    open = new int[offers];
    host = new int[origins][instance.layers()][offers];
    served = new int[origins][instance.shards()][offers];
    held = new int[instance.pieces()][offers];
    nodes();
    pieces();
    for (int o = 0; o < origins; o++) {
      origin(o);
    }
    for (int p = 0; p < instance.pieces(); p++) {
      sync(p);
    }
    onlyNeeded();
  }

  /** Number of variables of a program, about. */
  static double variables(Relaxation relaxation) {
    Instance instance = relaxation.instance;
    double sites = instance.sites().size();
    double ofPiece = relaxation.offers() + sites * sites;
    return instance.pieces() * (ofPiece * relaxation.origins() + relaxation.offers());
  }

  private void nodes() {
    for (int i = 0; i < offers; i++) {
      double most = nodeProgram.most(i);
      nodes[i] = program.variable(0, most, true);
      open[i] = program.variable(0, most > 0 ? 1 : 0, true);
      program.cost(nodes[i], most > 0 ? nodeProgram.usdPerNode(i) / unit : 0);
      for (int resource : resources.of(i)) {
        rowOf[resource] = program.row(-NO_LIMIT, 0);
        program.term(rowOf[resource], nodes[i], -1);
      }
    }
    nodeProgram.addAll(program, nodes, open);
    for (int l = 0; l < relaxation.links(); l++) {
      rowOf[resources.link(l)] = program.row(-NO_LIMIT, 1);
    }
  }

  /** What a variable uses, resource by resource. */
  private final class Use implements Resources.Sink {
    private final double[] amount = new double[resources.count()];
    private double usd;
    private boolean finite = true;

    @Override
    public void use(int resource, double more) {
      if (more > 0) {
        amount[resource] += more;
        finite &= Double.isFinite(more);
      }
    }

    @Override
    public void pay(double usdPerHour) {
      usd += usdPerHour;
    }

    /** A variable of this use; {@link #NONE} if nothing is enough for it. */
    int variable(boolean whole) {
      if (!finite) {
        return NONE;
      }
      int variable = program.variable(0, 1, whole);
      program.cost(variable, usd / unit);
      for (int r = 0; r < amount.length; r++) {
        program.term(rowOf[r], variable, amount[r]);
      }
      return variable;
    }
  }

  private void atMost(int less, int more) {
    int row = program.row(-NO_LIMIT, 0);
    program.term(row, less, 1);
    program.term(row, more, -1);
  }

  private void pieces() {
    for (int p = 0; p < held.length; p++) {
      Arrays.fill(held[p], NONE);
      boolean shard = instance.isShard(p);
      int count =
          program.row(
              relaxation.minReplicas(p), Math.min(relaxation.maxReplicas(p), (double) offers));
      List<Integer> outside = new ArrayList<>();
      for (int k = 0; shard && k < relaxation.outside.size(); k++) {
        outside.add(program.row(1, NO_LIMIT));
      }
      for (int i : instance.holders(p)) {
        if (nodeProgram.most(i) == 0) {
          continue;
        }
        Use use = new Use();
        relaxation.hold(p, i, use);
        int here = use.variable(true);
        held[p][i] = here;
        if (here == NONE) {
          continue;
        }
        program.term(count, here, 1);
        for (int k = 0; k < outside.size(); k++) {
          program.term(outside.get(k), here, relaxation.outside.get(k)[i] ? 1 : 0);
        }
        atMost(here, open[i]);
      }
    }
  }

  private void origin(int o) {
    double limitMs = instance.maxAddedLatencyMs(o);
    int latency = limitMs < NO_LIMIT ? program.row(-NO_LIMIT, 1) : NONE;
    for (int l = 0; l < instance.layers(); l++) {
      int piece = instance.layerPiece(l);
      Role role = relaxation.role(piece);
      Arrays.fill(host[o][l], NONE);
      int once = program.row(1, 1);
      for (int i : instance.holders(piece)) {
        if (held[piece][i] != NONE && relaxation.mayServe(role, o, i)) {
          Use use = new Use();
          relaxation.serve(piece, o, i, use);
          int here = use.variable(true);
          host[o][l][i] = here;
          if (here != NONE) {
            program.term(once, here, 1);
            atMost(here, held[piece][i]);
          }
        }
      }
      if (l > 0) {
        steps(o, l - 1, l, true, latency);
      }
      calls(o, l, latency);
    }
    if (latency != NONE && instance.layers() > 1) {
      steps(o, instance.layers() - 1, 0, false, latency);
    }
  }

  /** The part of the limit that so many milliseconds are. */
  private double share(int o, double ms) {
    return ms / Math.max(instance.maxAddedLatencyMs(o), 1e-9) * (1 - Relaxation.TOLERANCE);
  }

  private void steps(int o, int from, int to, boolean isCut, int latency) {
    int[] out = flowRows(host[o][from]);
    int[] in = flowRows(host[o][to]);
    for (int a = 0; a < sites; a++) {
      for (int b = 0; b < sites; b++) {
        if (out[a] == NONE || in[b] == NONE || (latency != NONE && isUnknown(a, b))) {
          continue;
        }
        Use use = new Use();
        if (a != b && isCut) {
          relaxation.cut(a, b, instance.origin(o).tokensPerSecond(), use);
        }
        int flow = use.variable(false);
        if (flow == NONE) {
          continue;
        }
        program.term(out[a], flow, -1);
        program.term(in[b], flow, -1);
        if (latency != NONE && a != b) {
          program.term(latency, flow, share(o, instance.rttMs(a, b) / 2));
        }
      }
    }
  }

  private boolean isUnknown(int a, int b) {
    return a != b && Double.isNaN(instance.rttMs(a, b));
  }

  /** By site, a row that is 0 where flows are as many as who is there. */
  private int[] flowRows(int[] byOffer) {
    int[] rows = new int[sites];
    Arrays.fill(rows, NONE);
    for (int i = 0; i < offers; i++) {
      if (byOffer[i] != NONE) {
        int site = instance.siteOfOffer(i);
        rows[site] = rows[site] == NONE ? program.row(0, 0) : rows[site];
        program.term(rows[site], byOffer[i], 1);
      }
    }
    return rows;
  }

  private void calls(int o, int l, int latency) {
    int first = instance.shard(l, 0);
    int[] called =
        IntStream.range(first, instance.shard(l + 1, 0))
            .filter(s -> instance.isServed(o, s))
            .toArray();
    int[][][] flows = new int[called.length][sites][sites];
    double longest = 0;
    double sum = 0;
    for (int k = 0; k < called.length; k++) {
      int s = called[k];
      sum += instance.callProbability(o, s);
      serving(o, s);
      int[] out = flowRows(host[o][l]);
      int[] in = flowRows(served[o][s]);
      for (int a = 0; a < sites; a++) {
        Arrays.fill(flows[k][a], NONE);
        for (int b = 0; b < sites; b++) {
          if (out[a] == NONE || in[b] == NONE || (latency != NONE && isUnknown(a, b))) {
            continue;
          }
          Use use = new Use();
          if (a != b && !instance.sharesCopies()) {
            relaxation.call(a, b, instance.demand(o, s), use);
          }
          flows[k][a][b] = use.variable(false);
          if (flows[k][a][b] != NONE) {
            program.term(out[a], flows[k][a][b], -1);
            program.term(in[b], flows[k][a][b], -1);
            longest = latency == NONE ? 0 : Math.max(longest, share(o, instance.rttMs(a, b)));
          }
        }
      }
    }
    if (instance.sharesCopies() && called.length > 0) {
      copies(o, called, flows);
    }
    if (latency != NONE && longest > 0) {
      layerLatency(o, called, flows, latency, longest, sum);
    }
  }

  private void serving(int o, int s) {
    Arrays.fill(served[o][s], NONE);
    int once = program.row(1, 1);
    for (int i : instance.holders(s)) {
      if (held[s][i] != NONE && instance.mayServe(o, i)) {
        Use use = new Use();
        relaxation.serveCalls(instance.demand(o, s), o, i, use);
        int here = use.variable(true);
        served[o][s][i] = here;
        if (here != NONE) {
          program.term(once, here, 1);
          atMost(here, held[s][i]);
        }
      }
    }
  }

  /** Tokens that go from a site to another, by every order in which shards may come. */
  private void copies(int o, int[] called, int[][][] flows) {
    List<int[]> orders = new ArrayList<>();
    if (called.length <= MOST_ORDERED) {
      permute(IntStream.range(0, called.length).toArray(), 0, orders);
    } else {
      for (int turn = 0; turn < called.length; turn++) {
        int from = turn;
        orders.add(
            IntStream.range(0, called.length).map(k -> (k + from) % called.length).toArray());
      }
    }
    double[][] grown = new double[orders.size()][called.length];
    for (int n = 0; n < grown.length; n++) {
      int[] order = orders.get(n);
      double[] growth = new double[order.length];
      relaxation.tariff.growTokens(o, Arrays.stream(order).map(k -> called[k]).toArray(), growth);
      for (int k = 0; k < order.length; k++) {
        grown[n][order[k]] = Math.max(0, growth[k]) * NEARLY_ALL;
      }
    }
    for (int a = 0; a < sites; a++) {
      for (int b = 0; b < sites; b++) {
        if (a == b || flows[0][a][b] == NONE) {
          continue;
        }
        Use use = new Use();
        relaxation.call(a, b, instance.origin(o).tokensPerSecond(), use);
        int share = use.variable(false);
        for (int n = 0; n < grown.length && share != NONE; n++) {
          int row = program.row(0, NO_LIMIT);
          program.term(row, share, 1);
          for (int k = 0; k < called.length; k++) {
            if (flows[k][a][b] != NONE) {
              program.term(row, flows[k][a][b], -grown[n][k]);
            }
          }
        }
      }
    }
  }

  private static void permute(int[] order, int from, List<int[]> all) {
    if (from >= order.length - 1) {
      all.add(order.clone());
      return;
    }
    for (int k = from; k < order.length; k++) {
      swap(order, from, k);
      permute(order, from + 1, all);
      swap(order, from, k);
    }
  }

  private static void swap(int[] order, int one, int other) {
    int kept = order[one];
    order[one] = order[other];
    order[other] = kept;
  }

  /** A layer takes the lesser of its longest trip and the sum of all: one variable says which. */
  private void layerLatency(
      int o, int[] called, int[][][] flows, int latency, double longest, double probability) {
    int layer = program.variable(0, 2 * longest * Math.max(1, probability), false);
    program.term(latency, layer, 1);
    int which = probability > 1 ? program.variable(0, 1, true) : NONE;
    int sum = program.row(-NO_LIMIT, 0);
    program.term(sum, layer, -1);
    if (which != NONE) {
      program.term(sum, which, -probability * longest);
    }
    for (int k = 0; k < called.length; k++) {
      int trip = which == NONE ? NONE : program.row(-NO_LIMIT, longest);
      if (trip != NONE) {
        // layer >= trip - longest * (1 - which)
        program.term(trip, layer, -1);
        program.term(trip, which, longest);
      }
      for (int a = 0; a < sites; a++) {
        for (int b = 0; b < sites; b++) {
          if (a != b && flows[k][a][b] != NONE) {
            double share = share(o, instance.rttMs(a, b));
            program.term(sum, flows[k][a][b], instance.callProbability(o, called[k]) * share);
            if (trip != NONE) {
              program.term(trip, flows[k][a][b], share);
            }
          }
        }
      }
    }
  }

  /** One of the sets of sites is where a piece lies; sets of many sites share a variable. */
  private void sync(int p) {
    double bytes = instance.syncBytesPerSecond(p);
    TreeSet<Integer> where = new TreeSet<>();
    for (int i = 0; i < offers; i++) {
      if (held[p][i] != NONE) {
        where.add(instance.siteOfOffer(i));
      }
    }
    int[] candidates = where.stream().mapToInt(site -> site).toArray();
    int most = Math.min(candidates.length, relaxation.maxReplicas(p));
    most = instance.isShard(p) ? most : Math.min(most, origins);
    if (bytes == 0 || most < 2) {
      return;
    }
    int size = 1;
    double sets = candidates.length;
    double next = sets;
    while (size < most) {
      next = next * (candidates.length - size) / (size + 1);
      if (sets + next > MOST_SETS) {
        break;
      }
      sets += next;
      size++;
    }
    int once = program.row(1, 1);
    int[] atLeast = new int[sites];
    for (int site : candidates) {
      atLeast[site] = program.row(0, 0);
    }
    // By site: the sets that have it are as many as it has replicas, if any.
    int[] present = new int[sites];
    for (int site : candidates) {
      present[site] = program.variable(0, 1, false);
      program.term(atLeast[site], present[site], -1);
      int some = program.row(0, NO_LIMIT);
      program.term(some, present[site], -1);
      for (int i = 0; i < offers; i++) {
        if (held[p][i] != NONE && instance.siteOfOffer(i) == site) {
          atMost(held[p][i], present[site]);
          program.term(some, held[p][i], 1);
        }
      }
    }
    sets(p, candidates, size, 0, new BitSet(), bytes, once, atLeast);
    if (size < most) {
      // What many sites pay at least is left out; they may be any.
      int many = program.variable(0, 1, false);
      program.term(once, many, 1);
      for (int site : candidates) {
        int part = program.variable(0, 1, false);
        atMost(part, many);
        program.term(atLeast[site], part, 1);
      }
    }
  }

  private void sets(
      int p, int[] all, int size, int from, BitSet set, double bytes, int once, int[] rows) {
    if (!set.isEmpty()) {
      Use use = new Use();
      if (set.cardinality() > 1) {
        for (int[] edge : relaxation.tariff.syncTree(set)) {
          relaxation.sync(edge[0], edge[1], bytes, use);
        }
      }
      int chosen = use.variable(false);
      if (chosen != NONE) {
        program.term(once, chosen, 1);
        set.stream().forEach(site -> program.term(rows[site], chosen, 1));
      }
    }
    if (set.cardinality() == size) {
      return;
    }
    for (int k = from; k < all.length; k++) {
      set.set(all[k]);
      sets(p, all, size, k + 1, set, bytes, once, rows);
      set.clear(all[k]);
    }
  }

  /** Nothing is leased that holds nothing, and no layer lies where nobody is hosted. */
  private void onlyNeeded() {
    for (int i = 0; i < offers; i++) {
      int some = program.row(0, NO_LIMIT);
      program.term(some, open[i], -1);
      for (int[] here : held) {
        if (here[i] != NONE) {
          program.term(some, here[i], 1);
        }
      }
      for (int l = 0; l < instance.layers(); l++) {
        int piece = instance.layerPiece(l);
        if (held[piece][i] == NONE) {
          continue;
        }
        int hosted = program.row(0, NO_LIMIT);
        program.term(hosted, held[piece][i], -1);
        for (int o = 0; o < origins; o++) {
          if (host[o][l][i] != NONE) {
            program.term(hosted, host[o][l][i], 1);
          }
        }
      }
    }
  }

  /**
   * Solves in a solver that has nothing in it yet; null if that failed.
   *
   * @param slack what every row gives, as a share of its largest number
   */
  @Nullable Outcome solve(MPSolver solver, long nodesOfTree, double gap, double slack) {
    Loaded loaded = program.loadRelaxed(solver, slack);
    Whole whole = program.solveWhole(solver, loaded, nodesOfTree, gap, "");
    if (whole.status() == ResultStatus.INFEASIBLE) {
      return new Outcome(Double.POSITIVE_INFINITY, true, null);
    }
    if (!whole.solved()) {
      return whole.status() == ResultStatus.NOT_SOLVED
          ? new Outcome(whole.usd() * unit, false, null)
          : null;
    }
    return new Outcome(whole.usd() * unit, whole.status() == ResultStatus.OPTIMAL, plan(loaded));
  }

  private Assignment plan(Loaded loaded) {
    List<Placement> placements = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
      int shard = s;
      int[] servedBy = new int[origins];
      for (int o = 0; o < origins; o++) {
        servedBy[o] = instance.isServed(o, s) ? most(served[o][s], loaded) : Placement.NOBODY;
      }
      int[] replicas =
          IntStream.range(0, offers)
              .filter(
                  i ->
                      (held[shard][i] != NONE && loaded.value(held[shard][i]) > 0.5)
                          || Arrays.stream(servedBy).anyMatch(server -> server == i))
              .toArray();
      placements.add(new Placement(replicas, servedBy));
    }
    int[][] homes = new int[origins][instance.layers()];
    for (int o = 0; o < origins; o++) {
      int origin = o;
      Arrays.setAll(homes[o], l -> most(host[origin][l], loaded));
    }
    return new Assignment(placements, Homes.of(homes));
  }

  private static int most(int[] variables, Loaded loaded) {
    int best = NONE;
    for (int i = 0; i < variables.length; i++) {
      if (variables[i] != NONE
          && (best == NONE || loaded.value(variables[i]) > loaded.value(variables[best]))) {
        best = i;
      }
    }
    return best;
  }
}
