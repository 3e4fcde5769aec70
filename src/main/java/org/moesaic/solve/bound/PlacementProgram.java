package org.moesaic.solve.bound;

import com.google.ortools.linearsolver.MPSolver;
import com.google.ortools.linearsolver.MPSolver.ResultStatus;
import com.google.ortools.linearsolver.MPVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.bound.LinearProgram.Loaded;
import org.moesaic.solve.bound.LinearProgram.Proof;
import org.moesaic.solve.bound.LinearProgram.Whole;

/**
 * The whole placement problem as a linear or integer program: every rule, one variable for each
 * shard and offer, and where a shard may have several replicas and callers, for each origin too.
 *
 * <p>Idea: held where served, served once, within what the nodes give; an offer that holds anything
 * is open. That last, shard by shard, is what makes the linear relaxation tight, and what there are
 * most rows of, so they may be asked for where they are needed. Latency of a layer is the lesser of
 * two amounts: one binary variable says which. Complexity: variables and rows as many as {@link
 * #combinations}. Guarantee: its lowest cost, with all of it whole and no combination left out, is
 * that of the best plan; with any of it divided, it is below. But where a provider's share is
 * limited, the program may lease nodes that nobody needs, which no plan does: then it is a bound,
 * and its solution may break that rule. Source: the strong formulation of capacitated facility
 * location, e.g. Holmberg, Rönnqvist and Yuan, EJOR 113 (1999).
 */
final class PlacementProgram {
  /** What the solvers forgive, relative to the cost. */
  static final double SOLVER_TOLERANCE = 1e-7;

  private static final int OF_SETS = 250;

  /** No variable. */
  private static final int NONE = -1;

  private final Relaxation relaxation;
  private final Resources resources;
  private final Instance instance;
  private final NodeProgram nodeProgram;
  private final boolean[] single;

  PlacementProgram(Relaxation relaxation, NodeProgram nodeProgram) {
    this.relaxation = relaxation;
    resources = relaxation.resources();
    this.nodeProgram = nodeProgram;
    instance = relaxation.instance;
    single = new boolean[instance.shards()];
    for (int s = 0; s < single.length; s++) {
      single[s] = single(relaxation, s);
    }
  }

  /** Whether one replica is all that a plan needs. */
  private static boolean single(Relaxation relaxation, int shard) {
    // A second replica only costs where there is but one caller.
    return relaxation.minReplicas == 1
        && relaxation.outside.isEmpty()
        && (relaxation.maxReplicas == 1 || callers(relaxation.instance, shard) <= 1);
  }

  /** Whether one replica of each shard is all that a plan needs. */
  static boolean isSingle(Relaxation relaxation) {
    for (int s = 0; s < relaxation.instance.shards(); s++) {
      if (!single(relaxation, s)) {
        return false;
      }
    }
    return true;
  }

  private static int callers(Instance instance, int shard) {
    int callers = 0;
    for (int o = 0; o < instance.origins(); o++) {
      callers += instance.demand(o, shard) > 0 ? 1 : 0;
    }
    return callers;
  }

  /**
   * Size of the program: pairs of a shard and an offer, and of callers and offers; where a shard
   * may have any set of offers, a pair is as hard as {@value #OF_SETS} others.
   */
  static long combinations(Relaxation relaxation) {
    return combinations(relaxation, OF_SETS);
  }

  /** Number of variables of shards and callers. */
  static long variables(Relaxation relaxation) {
    return combinations(relaxation, 1);
  }

  private static long combinations(Relaxation relaxation, int ofSets) {
    Instance instance = relaxation.instance;
    long sum = 0;
    for (int s = 0; s < instance.shards(); s++) {
      int pairs = single(relaxation, s) ? 1 : ofSets + callers(instance, s);
      sum += (long) instance.holders(s).length * pairs;
    }
    return sum;
  }

  /**
   * Which program.
   *
   * @param wholeNodes whether numbers of nodes are whole
   * @param wholeShards whether shards are not divided between placements
   * @param fixedNodes most nodes of each offer, which are paid for in any case; null to choose
   * @param core combinations left in
   */
  record Shape(
      boolean wholeNodes, boolean wholeShards, double @Nullable [] fixedNodes, Core core) {}

  /**
   * A part of the combinations of shard and offer.
   *
   * @param allowed per shard and offer, whether the shard may be there
   * @param linked per shard and offer, whether a row says that the offer has to be open for that
   * @param leased per offer, whether it has to be open
   */
  record Core(boolean[][] allowed, boolean[][] linked, boolean[] leased) {
    static Core whole(int shards, int offers, boolean linked) {
      boolean[][] allowed = new boolean[shards][offers];
      boolean[][] all = new boolean[shards][offers];
      for (int s = 0; s < shards; s++) {
        Arrays.fill(allowed[s], true);
        Arrays.fill(all[s], linked);
      }
      return new Core(allowed, all, new boolean[offers]);
    }

    /** Number of combinations. */
    long size() {
      long size = 0;
      for (boolean[] row : allowed) {
        for (boolean here : row) {
          size += here ? 1 : 0;
        }
      }
      return size;
    }
  }

  /**
   * When to end.
   *
   * @param nodesOfTree most nodes of a search tree
   * @param relativeGap at which a plan is good enough
   * @param start a plan to begin with; null for none
   * @param parameters of the solver, in its own language
   */
  record Effort(
      long nodesOfTree, double relativeGap, @Nullable Assignment start, String parameters) {}

  /**
   * What came out.
   *
   * @param boundUsdPerHour at most the lowest cost; infinite if there is no solution at all
   * @param usdPerHour cost of the solution; infinite if there is none
   * @param closed whether the solver was through
   * @param nodes per offer
   * @param open per offer, 0 to 1
   * @param held per shard and offer, 0 to 1
   * @param decisions what a linear program proves of plans that it does not leave out; null for
   *     others
   * @param plan of whole shards; null for none
   */
  record Outcome(
      double boundUsdPerHour,
      double usdPerHour,
      boolean closed,
      double[] nodes,
      double[] open,
      double[][] held,
      @Nullable DecisionBounds decisions,
      @Nullable Assignment plan) {
    /** The same without anything proved. */
    Outcome unknown() {
      return new Outcome(
          Double.NEGATIVE_INFINITY, usdPerHour, false, nodes, open, held, decisions, plan);
    }
  }

  /**
   * The combinations of which a plan may consist that costs no more than some sum.
   *
   * @param bounds of decisions
   */
  Core core(DecisionBounds bounds, Core of, double usdPerHour) {
    double most = usdPerHour + SOLVER_TOLERANCE * Math.abs(usdPerHour);
    boolean[][] allowed = new boolean[instance.shards()][relaxation.offers()];
    for (int s = 0; s < allowed.length; s++) {
      for (int i : instance.holders(s)) {
        allowed[s][i] =
            of.allowed()[s][i] && bounds.held()[s][i] <= most && bounds.leased()[i] <= most;
      }
    }
    boolean[] leased = new boolean[relaxation.offers()];
    for (int i = 0; i < leased.length; i++) {
      leased[i] = of.leased()[i] || bounds.unleased()[i] > most;
    }
    return new Core(allowed, of.linked(), leased);
  }

  /** Whether one replica of each shard is all that a plan needs. */
  boolean single() {
    for (boolean one : single) {
      if (!one) {
        return false;
      }
    }
    return true;
  }

  /** Solves in a solver that has nothing in it yet; null if that failed. */
  @Nullable Outcome solve(MPSolver solver, Shape shape, Effort effort) {
    return solve(solver, shape, effort, 0);
  }

  /**
   * Solves as above.
   *
   * @param slack what every row of an integer program gives, as a share of its largest number: what
   *     has no solution even then has none, whatever the solver's tolerances
   */
  @Nullable Outcome solve(MPSolver solver, Shape shape, Effort effort, double slack) {
    return new Model(shape).solve(solver, effort, slack);
  }

  private final class Model {
    private final LinearProgram program = new LinearProgram();
    private final Shape shape;
    private final boolean integer;
    private final int offers = relaxation.offers();
    private final int origins = relaxation.origins();

    /** A power of two, so that no cent is lost. */
    private final double unit;

    // Variables and rows by their numbers.
    private final int[] nodes = new int[offers];
    private final int[] open = new int[offers];

    /** Of each resource but latency, which is not linear. */
    private final int[] rowOf = new int[resources.count()];

    private final Use use = new Use();

    /** Per shard and offer; {@link #NONE} where the shard may not be. */
    private final int[][] held = new int[instance.shards()][];

    /** Per shard, origin and offer; nothing for single shards, whose replica serves all. */
    private final int[][][] served = new int[instance.shards()][0][];

    Model(Shape shape) {
      this.shape = shape;
      integer = shape.wholeNodes() || shape.wholeShards();
      double scale = 0;
      for (int i = 0; i < offers; i++) {
        // What no plan leases has no say.
        scale = nodeProgram.most(i) > 0 ? Math.max(scale, nodeProgram.usdPerNode(i)) : scale;
      }
      unit = LinearProgram.unit(scale / 100);
      nodes();
      for (int l = 0; l < relaxation.links(); l++) {
        rowOf[resources.link(l)] = program.row(Double.NEGATIVE_INFINITY, 1);
      }
      for (int s = 0; s < instance.shards(); s++) {
        shard(s);
      }
      latency();
    }

    private void nodes() {
      double[] fixed = shape.fixedNodes();
      for (int i = 0; i < offers; i++) {
        boolean leased = fixed == null && shape.core().leased()[i];
        double least = fixed == null ? leased ? fewest(i) : 0 : fixed[i];
        double most = fixed == null ? nodeProgram.most(i) : fixed[i];
        nodes[i] = program.variable(least, Math.max(least, most), shape.wholeNodes());
        open[i] =
            program.variable(least > 0 ? 1 : 0, most > 0 || least > 0 ? 1 : 0, shape.wholeNodes());
        program.cost(nodes[i], most > 0 || least > 0 ? nodeProgram.usdPerNode(i) / unit : 0);
        for (int resource : new int[] {resources.memory(i), resources.service(i)}) {
          rowOf[resource] = program.row(Double.NEGATIVE_INFINITY, 0);
          program.term(rowOf[resource], nodes[i], -1);
        }
      }
      if (fixed == null) {
        nodeProgram.addAll(program, nodes, open);
      }
    }

    private boolean may(int s, int i) {
      return shape.core().allowed()[s][i]
          && nodeProgram.most(i) > 0
          && (shape.fixedNodes() == null || shape.fixedNodes()[i] > 0)
          && Double.isFinite(relaxation.nodesPerExpert[i]);
    }

    private boolean mayServe(int o, int i) {
      return instance.mayServe(o, i) && Double.isFinite(relaxation.nodesPerCall[i]);
    }

    private void shard(int s) {
      held[s] = none();
      int replicas =
          program.row(
              relaxation.minReplicas, single[s] ? 1 : Math.min(relaxation.maxReplicas, offers));
      for (int i : instance.holders(s)) {
        if (!may(s, i) || (single[s] && !maySingly(s, i))) {
          continue;
        }
        int here = program.variable(0, 1, shape.wholeShards());
        held[s][i] = here;
        program.term(replicas, here, 1);
        use.begin();
        relaxation.hold(s, i, use);
        // Where a replica takes no memory, nothing else says that the offer has to be open for it.
        boolean linked = shape.core().linked()[s][i] || relaxation.nodesPerExpert[i] == 0;
        if (linked && shape.fixedNodes() == null) {
          int link = program.row(Double.NEGATIVE_INFINITY, 0);
          program.term(link, here, 1);
          program.term(link, open[i], -1);
        }
        if (single[s]) {
          // The only replica of a shard serves all its callers.
          for (int o = 0; o < origins; o++) {
            if (instance.demand(o, s) > 0) {
              relaxation.serveCalls(instance.demand(o, s), o, i, use);
            }
          }
        }
        use.enter(here);
      }
      if (!single[s]) {
        outside(s);
        served[s] = new int[origins][];
        for (int o = 0; o < origins; o++) {
          served[s][o] = none();
          if (instance.demand(o, s) > 0) {
            calls(s, o);
          }
        }
      }
    }

    private boolean maySingly(int s, int i) {
      for (int o = 0; o < origins; o++) {
        if (instance.demand(o, s) > 0 && !mayServe(o, i)) {
          return false;
        }
      }
      return true;
    }

    /** What a variable uses, resource by resource. */
    private final class Use implements Resources.Sink {
      private final double[] amount = new double[resources.count()];
      private final int[] used = new int[resources.count()];
      private int count;
      private double usd;

      void begin() {
        for (int k = 0; k < count; k++) {
          amount[used[k]] = 0;
        }
        count = 0;
        usd = 0;
      }

      @Override
      public void use(int resource, double amount) {
        if (amount > 0) {
          if (this.amount[resource] == 0) {
            used[count++] = resource;
          }
          this.amount[resource] += amount;
        }
      }

      @Override
      public void pay(double usdPerHour) {
        usd += usdPerHour;
      }

      /** Gives a variable its price and its coefficients. */
      void enter(int variable) {
        program.cost(variable, usd / unit);
        for (int k = 0; k < count; k++) {
          program.term(rowOf[used[k]], variable, amount[used[k]]);
        }
      }
    }

    private void outside(int s) {
      for (boolean[] outside : relaxation.outside) {
        int one = program.row(1, Double.POSITIVE_INFINITY);
        for (int i = 0; i < offers; i++) {
          if (held[s][i] != NONE && outside[i]) {
            program.term(one, held[s][i], 1);
          }
        }
      }
    }

    private void calls(int s, int o) {
      int once = program.row(1, 1);
      double demand = instance.demand(o, s);
      for (int i = 0; i < offers; i++) {
        if (held[s][i] == NONE || !mayServe(o, i)) {
          continue;
        }
        int here = program.variable(0, 1, shape.wholeShards());
        served[s][o][i] = here;
        program.term(once, here, 1);
        int link = program.row(Double.NEGATIVE_INFINITY, 0);
        program.term(link, here, 1);
        program.term(link, held[s][i], -1);
        use.begin();
        relaxation.serveCalls(demand, o, i, use);
        use.enter(here);
      }
    }

    private int server(int s, int o, int i) {
      return single[s] ? held[s][i] : served[s][o][i];
    }

    private void latency() {
      for (int o = 0; o < origins; o++) {
        if (Arrays.stream(relaxation.latencyShare[o]).allMatch(share -> share == 0)) {
          continue;
        }
        int limit = program.row(Double.NEGATIVE_INFINITY, 1);
        for (int l = 0; l < instance.layers(); l++) {
          layerLatency(o, l, limit);
        }
      }
    }

    private void layerLatency(int o, int l, int limit) {
      double longest = 0;
      double probability = 0;
      for (int i = 0; i < offers; i++) {
        longest = Math.max(longest, relaxation.latencyShare[o][i]);
      }
      for (int s = instance.shard(l, 0); s < instance.shard(l + 1, 0); s++) {
        probability += instance.callProbability(o, s);
      }
      // Never more than the longest; twice that, as CP-SAT rounds limits down and rows up.
      int layer = program.variable(0, 2 * longest, false);
      program.term(limit, layer, 1);
      boolean canExceed = probability > 1;
      // 1: the longest round trip counts; 0: the sum does.
      int which = canExceed ? program.variable(0, 1, integer) : NONE;
      int sum = program.row(Double.NEGATIVE_INFINITY, 0);
      program.term(sum, layer, -1);
      int below = program.row(Double.NEGATIVE_INFINITY, 0);
      program.term(below, layer, -Math.max(1, probability));
      if (which != NONE) {
        program.term(sum, which, -probability * longest);
      }
      for (int s = instance.shard(l, 0); s < instance.shard(l + 1, 0); s++) {
        if (instance.demand(o, s) <= 0) {
          continue;
        }
        for (int i = 0; i < offers; i++) {
          int here = server(s, o, i);
          double share = relaxation.latencyShare[o][i];
          if (here == NONE || share == 0) {
            continue;
          }
          double part = instance.callProbability(o, s) * share;
          program.term(sum, here, part);
          if (which != NONE) {
            program.term(below, here, part);
            // layer >= share * (here - (1 - which))
            int trip = program.row(Double.NEGATIVE_INFINITY, share);
            program.term(trip, here, share);
            program.term(trip, which, share);
            program.term(trip, layer, -1);
          }
        }
      }
    }

    private int[] none() {
      int[] none = new int[offers];
      Arrays.fill(none, NONE);
      return none;
    }

    @Nullable Outcome solve(MPSolver solver, Effort effort, double slack) {
      return integer ? whole(solver, effort, slack) : linear(solver);
    }

    private @Nullable Outcome whole(MPSolver solver, Effort effort, double slack) {
      Loaded loaded = program.loadRelaxed(solver, slack);
      hint(solver, loaded, effort.start());
      Whole whole =
          program.solveWhole(
              solver, loaded, effort.nodesOfTree(), effort.relativeGap(), effort.parameters());
      if (whole.status() == ResultStatus.INFEASIBLE) {
        return none(Double.POSITIVE_INFINITY, true);
      }
      double bound = whole.usd() * unit;
      if (!whole.solved()) {
        return whole.status() == ResultStatus.NOT_SOLVED ? none(bound, false) : null;
      }
      return new Outcome(
          bound,
          solver.objective().value() * unit,
          whole.status() == ResultStatus.OPTIMAL,
          values(loaded, nodes),
          values(loaded, open),
          values(loaded, held),
          null,
          shape.wholeShards() ? plan(loaded) : null);
    }

    private @Nullable Outcome linear(MPSolver solver) {
      Loaded loaded = program.load(solver);
      ResultStatus status = solver.solve();
      if (status == ResultStatus.INFEASIBLE) {
        // Others know whether that is so.
        return none(Double.NEGATIVE_INFINITY, false);
      } else if (status != ResultStatus.OPTIMAL) {
        return null;
      }
      Proof proof = program.prove(loaded.multipliers());
      return new Outcome(
          proof.usd() * unit,
          solver.objective().value() * unit,
          true,
          values(loaded, nodes),
          values(loaded, open),
          values(loaded, held),
          decisions(proof),
          null);
    }

    private Outcome none(double bound, boolean closed) {
      return new Outcome(
          bound,
          Double.POSITIVE_INFINITY,
          closed,
          new double[offers],
          new double[offers],
          new double[instance.shards()][offers],
          null,
          null);
    }

    private static double[] values(Loaded loaded, int[] variables) {
      return Arrays.stream(variables).mapToDouble(v -> v == NONE ? 0 : loaded.value(v)).toArray();
    }

    private static double[][] values(Loaded loaded, int[][] variables) {
      return Arrays.stream(variables).map(row -> values(loaded, row)).toArray(double[][]::new);
    }

    /** A decision costs its reduced cost more than the bound, at least. */
    private DecisionBounds decisions(Proof proof) {
      double bound = proof.usd() * unit;
      double[] reduced = proof.reducedAtLeast();
      DecisionBounds decisions = DecisionBounds.none(instance.shards(), offers);
      for (int s = 0; s < held.length; s++) {
        for (int i = 0; i < offers; i++) {
          int here = held[s][i];
          decisions.held()[s][i] = here == NONE ? bound : bound + Math.max(0, reduced[here] * unit);
        }
      }
      for (int i = 0; i < offers; i++) {
        double opened = reduced[open[i]] * unit;
        double node = reduced[nodes[i]] * unit;
        double unopened = -proof.reducedAtMost()[open[i]] * unit;
        boolean may = nodeProgram.most(i) > 0;
        decisions.leased()[i] = bound + Math.max(0, Math.max(opened, node));
        decisions.unleased()[i] = may ? bound + Math.max(0, unopened) : bound;
      }
      return decisions;
    }

    private void hint(MPSolver solver, Loaded loaded, @Nullable Assignment start) {
      if (start == null) {
        return;
      }
      List<MPVariable> variables = new ArrayList<>();
      List<Double> values = new ArrayList<>();
      double[] experts = new double[offers];
      double[] calls = new double[offers];
      for (int s = 0; s < instance.shards(); s++) {
        Placement placement = start.of(s);
        for (int i = 0; i < offers; i++) {
          if (placement.holds(i)) {
            experts[i] += instance.sizeOf(s);
          }
          if (held[s][i] != NONE) {
            variables.add(loaded.variables()[held[s][i]]);
            values.add(placement.holds(i) ? 1.0 : 0.0);
          }
        }
        for (int o = 0; o < origins; o++) {
          int server = placement.servedBy()[o];
          if (server < 0) {
            continue;
          }
          calls[server] += instance.demand(o, s);
          for (int i = 0; i < offers && !single[s]; i++) {
            if (served[s][o][i] != NONE) {
              variables.add(loaded.variables()[served[s][o][i]]);
              values.add(server == i ? 1.0 : 0.0);
            }
          }
        }
      }
      for (int i = 0; i < offers; i++) {
        double need =
            Math.max(
                experts[i] == 0 ? 0 : experts[i] * relaxation.nodesPerExpert[i],
                calls[i] == 0 ? 0 : calls[i] * relaxation.nodesPerCall[i]);
        double count = need == 0 && experts[i] == 0 ? 0 : Math.max(fewest(i), Math.ceil(need));
        variables.add(loaded.variables()[nodes[i]]);
        values.add(count);
        variables.add(loaded.variables()[open[i]]);
        values.add(count > 0 ? 1.0 : 0.0);
      }
      solver.setHint(
          variables.toArray(MPVariable[]::new),
          values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private double fewest(int i) {
      return relaxation.tariff.offer(i).minNodes();
    }

    private Assignment plan(Loaded loaded) {
      List<Placement> placements = new ArrayList<>();
      for (int s = 0; s < instance.shards(); s++) {
        double[] here = values(loaded, held[s]);
        int[] servedBy = new int[origins];
        for (int o = 0; o < origins; o++) {
          servedBy[o] =
              instance.demand(o, s) > 0
                  ? argMax(single[s] ? held[s] : served[s][o], loaded)
                  : Placement.NOBODY;
        }
        int[] replicas =
            IntStream.range(0, offers)
                .filter(
                    i -> here[i] > 0.5 || Arrays.stream(servedBy).anyMatch(server -> server == i))
                .toArray();
        placements.add(new Placement(replicas, servedBy));
      }
      return new Assignment(placements);
    }

    private static int argMax(int[] variables, Loaded loaded) {
      int best = -1;
      double most = -1;
      for (int i = 0; i < variables.length; i++) {
        if (variables[i] != NONE && loaded.value(variables[i]) > most) {
          most = loaded.value(variables[i]);
          best = i;
        }
      }
      return best;
    }
  }
}
