package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.OfferTerms;
import org.moesaic.solve.model.Role;

/**
 * Plans where copies are shared, layer by layer: what a layer costs depends on all its shards
 * together, and on nothing of other layers but the nodes that they share.
 *
 * <p>Idea: a column is where the shards of one layer lie and who serves whom, with what its copies
 * truly cost. Columns are whole layers at each set of offers, and what {@link CopyBound} says: each
 * shard wherever it is likelier than some threshold. An origin's calls are served at home where
 * that is possible, else at the site that takes most of what is left for its copies. An integer
 * program chooses one column for each layer, and whole nodes that hold and serve them. Complexity:
 * O(2^offers + thresholds) columns for each layer, each O(tokens * topK) for every origin and site;
 * the tree of the program is limited. Guarantee: none on cost but within the program; what comes
 * out is judged as any plan is. Source: Sinha and Zoltners, "The multiple-choice knapsack problem",
 * Operations Research 27 (1979).
 */
final class LayerColumns {
  /** Shards are where they are likelier than this. */
  private static final double[] THRESHOLDS = {
    0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9
  };

  private static final long NODES_OF_TREE = 1_000;

  private static final double GAP = 1e-4;

  /** Share of the time left that one program may take. */
  private static final double SHARE_OF_TIME = 0.1;

  /** Nodes, to a solver, of what nothing is enough for. */
  private static final double MOST_NODES = 1e12;

  private final Relaxation relaxation;
  private final NodeProgram nodeProgram;
  private final Solvers solvers;
  private final BooleanSupplier stop;
  private final Instance instance;
  private final int offers;
  private final int perLayer;
  private final List<List<Column>> columns = new ArrayList<>();
  private final List<Set<List<Placement>>> known = new ArrayList<>();

  /** Placements of a layer, what its copies cost, and by offer what it takes. */
  private record Column(List<Placement> placements, double usd, double[] experts, double[] calls) {}

  LayerColumns(
      Relaxation relaxation, NodeProgram nodeProgram, Solvers solvers, BooleanSupplier stop) {
    this.relaxation = relaxation;
    this.nodeProgram = nodeProgram;
    this.solvers = solvers;
    this.stop = stop;
    instance = relaxation.instance;
    offers = relaxation.offers();
    perLayer = instance.shardsPerLayer();
    for (int l = 0; l < instance.layers(); l++) {
      columns.add(new ArrayList<>());
      known.add(new HashSet<>());
    }
  }

  /** Adds columns of a bound as it stands, and at first those of whole layers. */
  void add(CopyBound bound) {
    for (int l = 0; l < instance.layers() && !stop.getAsBoolean(); l++) {
      if (columns.get(l).isEmpty()) {
        for (int set = 1; set < 1 << Math.min(offers, CopyBound.MOST_HOLDERS); set++) {
          whole(bound, l, set);
        }
      }
      int[] sets = new int[perLayer];
      for (double threshold : THRESHOLDS) {
        for (int k = 0; k < perLayer; k++) {
          sets[k] = likelier(bound, instance.shard(l, k), threshold);
        }
        add(l, sets);
      }
      for (int k = 0; k < perLayer; k++) {
        sets[k] = bound.cheapest(instance.shard(l, k));
      }
      add(l, sets);
    }
  }

  private void whole(CopyBound bound, int layer, int set) {
    int[] sets = new int[perLayer];
    for (int k = 0; k < perLayer; k++) {
      int s = instance.shard(layer, k);
      // All holders that there are, where holders are few, have the same positions.
      int here = set & (1 << instance.holders(s).length) - 1;
      sets[k] = bound.mayHold(s, here) ? here : bound.cheapest(s);
    }
    add(layer, sets);
  }

  private int likelier(CopyBound bound, int shard, double threshold) {
    double[] held = bound.held(shard);
    int set = 0;
    for (int j = 0; j < held.length; j++) {
      set |= held[j] >= threshold ? 1 << j : 0;
    }
    return bound.mayHold(shard, set) ? set : bound.cheapest(shard);
  }

  private void add(int layer, int[] sets) {
    List<Placement> placements = serve(layer, sets);
    if (!known.get(layer).add(placements)) {
      return;
    }
    double[] experts = new double[offers];
    double[] calls = new double[offers];
    double usd = 0;
    for (int k = 0; k < perLayer; k++) {
      int s = instance.shard(layer, k);
      for (int i : placements.get(k).replicas()) {
        experts[i] += instance.sizeOf(s);
      }
      for (int o = 0; o < instance.origins(); o++) {
        if (instance.isServed(o, s)) {
          calls[placements.get(k).servedBy()[o]] += instance.demand(o, s);
        }
      }
    }
    for (int o = 0; o < instance.origins(); o++) {
      usd += copiesUsd(o, layer, placements);
    }
    columns.get(layer).add(new Column(placements, usd, experts, calls));
  }

  private double copiesUsd(int origin, int layer, List<Placement> placements) {
    double usd = 0;
    for (int b = 0; b < instance.sites().size(); b++) {
      double usdOfCopy = usdOfCopy(origin, b);
      if (usdOfCopy == 0) {
        continue;
      }
      int[] there = new int[perLayer];
      int n = 0;
      for (int k = 0; k < perLayer; k++) {
        int server = placements.get(k).servedBy()[origin];
        if (server >= 0 && instance.siteOfOffer(server) == b) {
          there[n++] = instance.shard(layer, k);
        }
      }
      usd += usdOfCopy * share(origin, Arrays.copyOf(there, n));
    }
    return usd;
  }

  /** What copies of all tokens of an origin to a site cost. */
  private double usdOfCopy(int origin, int site) {
    int home = instance.siteOfOrigin(origin);
    return home == site
        ? 0
        : instance.origin(origin).tokensPerSecond() * relaxation.tariff.copyUsd(home, site);
  }

  private double share(int origin, int[] shards) {
    if (shards.length == 0) {
      return 0;
    }
    double[] growth = new double[shards.length];
    relaxation.tariff.growTokens(origin, shards, growth);
    return Arrays.stream(growth).sum();
  }

  /** Placements of a layer on sets of holders: who serves whom is chosen. */
  private List<Placement> serve(int layer, int[] sets) {
    int[][] servedBy = new int[perLayer][instance.origins()];
    for (int o = 0; o < instance.origins(); o++) {
      serve(layer, sets, o, servedBy);
    }
    List<Placement> placements = new ArrayList<>();
    for (int k = 0; k < perLayer; k++) {
      int[] holders = instance.holders(instance.shard(layer, k));
      int[] replicas = new int[Integer.bitCount(sets[k])];
      int n = 0;
      for (int j = 0; j < holders.length; j++) {
        if ((sets[k] >> j & 1) != 0) {
          replicas[n++] = holders[j];
        }
      }
      placements.add(new Placement(replicas, servedBy[k]));
    }
    return placements;
  }

  private void serve(int layer, int[] sets, int origin, int[][] servedBy) {
    boolean[] left = new boolean[perLayer];
    int waiting = 0;
    for (int k = 0; k < perLayer; k++) {
      servedBy[k][origin] = Placement.NOBODY;
      left[k] = instance.isServed(origin, instance.shard(layer, k));
      waiting += left[k] ? 1 : 0;
    }
    while (waiting > 0) {
      int best = -1;
      double lowest = Double.POSITIVE_INFINITY;
      for (int b = 0; b < instance.sites().size(); b++) {
        int[] there = new int[perLayer];
        int n = 0;
        double calls = 0;
        for (int k = 0; k < perLayer; k++) {
          if (left[k] && server(layer, k, sets[k], origin, b) >= 0) {
            there[n++] = instance.shard(layer, k);
            calls += instance.demand(origin, instance.shard(layer, k));
          }
        }
        if (n > 0) {
          double usdOfCopy = usdOfCopy(origin, b);
          double usd =
              usdOfCopy == 0 ? 0 : usdOfCopy * share(origin, Arrays.copyOf(there, n)) / calls;
          if (usd < lowest) {
            lowest = usd;
            best = b;
          }
        }
      }
      for (int k = 0; k < perLayer; k++) {
        int server = left[k] ? server(layer, k, sets[k], origin, best) : -1;
        if (server >= 0) {
          servedBy[k][origin] = server;
          left[k] = false;
          waiting--;
        }
      }
    }
  }

  /** The first offer of a set at a site that may serve an origin with a shard; -1 for none. */
  private int server(int layer, int k, int set, int origin, int site) {
    int[] holders = instance.holders(instance.shard(layer, k));
    for (int j = 0; j < holders.length; j++) {
      if ((set >> j & 1) != 0
          && instance.siteOfOffer(holders[j]) == site
          && relaxation.mayServe(Role.SHARD, origin, holders[j])) {
        return holders[j];
      }
    }
    return -1;
  }

  /** The best plan of a column for each layer, as far as the program's limits allow. */
  @Nullable Assignment best() {
    if (columns.stream().anyMatch(List::isEmpty)) {
      return null;
    }
    return solvers.with(
        "SCIP",
        SHARE_OF_TIME,
        solver -> {
          var program = new Program();
          LinearProgram.Loaded loaded = program.lp.loadRelaxed(solver, 0);
          LinearProgram.Whole whole = program.lp.solveWhole(solver, loaded, NODES_OF_TREE, GAP, "");
          return whole.solved() ? program.plan(loaded) : null;
        });
  }

  /** The program that chooses. */
  private final class Program {
    private final LinearProgram lp = new LinearProgram();
    private final int[][] chosen = new int[instance.layers()][];

    Program() {
      int[] nodes = new int[offers];
      int[] open = new int[offers];
      int[] memory = new int[offers];
      int[] service = new int[offers];
      for (int i = 0; i < offers; i++) {
        double most = nodeProgram.most(i);
        nodes[i] = lp.variable(0, most, true);
        open[i] = lp.variable(0, most > 0 ? 1 : 0, true);
        lp.cost(nodes[i], most > 0 ? nodeProgram.usdPerNode(i) : 0);
      }
      nodeProgram.addAll(lp, nodes, open);
      for (int i = 0; i < offers; i++) {
        memory[i] = lp.row(0, Double.POSITIVE_INFINITY);
        service[i] = lp.row(0, Double.POSITIVE_INFINITY);
        lp.term(memory[i], nodes[i], 1);
        lp.term(service[i], nodes[i], 1);
      }
      for (int l = 0; l < chosen.length; l++) {
        int one = lp.row(1, 1);
        chosen[l] = new int[columns.get(l).size()];
        for (int c = 0; c < chosen[l].length; c++) {
          Column column = columns.get(l).get(c);
          int v = lp.variable(0, 1, true);
          chosen[l][c] = v;
          lp.cost(v, column.usd);
          lp.term(one, v, 1);
          for (int i = 0; i < offers; i++) {
            lp.term(memory[i], v, -nodes(column.experts[i], terms(i).nodesPerExpert()));
            lp.term(service[i], v, -nodes(column.calls[i], terms(i).nodesPerCall()));
          }
        }
      }
    }

    private OfferTerms terms(int offer) {
      return relaxation.tariff.offer(offer);
    }

    private static double nodes(double used, double nodesPerUnit) {
      return used == 0 ? 0 : Math.min(used * nodesPerUnit, MOST_NODES);
    }

    Assignment plan(LinearProgram.Loaded loaded) {
      List<Placement> placements = new ArrayList<>();
      for (int l = 0; l < chosen.length; l++) {
        int best = 0;
        for (int c = 1; c < chosen[l].length; c++) {
          best = loaded.value(chosen[l][c]) > loaded.value(chosen[l][best]) ? c : best;
        }
        placements.addAll(columns.get(l).get(best).placements);
      }
      return new Assignment(placements);
    }
  }
}
