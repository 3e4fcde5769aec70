package org.moesaic.solve.bound;

import com.google.ortools.linearsolver.MPConstraint;
import com.google.ortools.linearsolver.MPObjective;
import com.google.ortools.linearsolver.MPSolver;
import com.google.ortools.linearsolver.MPSolver.ResultStatus;
import com.google.ortools.linearsolver.MPSolverParameters;
import com.google.ortools.linearsolver.MPVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

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

  private final Relaxation relaxation;
  private final Instance instance;
  private final NodeProgram nodeProgram;
  private final boolean[] single;

  PlacementProgram(Relaxation relaxation, NodeProgram nodeProgram) {
    this.relaxation = relaxation;
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
      @Nullable Assignment plan) {}

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
    return new Model(solver, shape).solve(effort);
  }

  private final class Model {
    private final MPSolver solver;
    private final Shape shape;
    private final boolean integer;
    private final int offers = relaxation.offers();
    private final int origins = relaxation.origins();
    private final double unit;
    private final MPObjective objective;
    private final MPVariable[] nodes = new MPVariable[offers];
    private final MPVariable[] open = new MPVariable[offers];
    private final MPConstraint[] memory = new MPConstraint[offers];
    private final MPConstraint[] service = new MPConstraint[offers];
    private final MPConstraint[] links = new MPConstraint[relaxation.links()];

    /** Per shard and offer; null where the shard may not be. */
    private final @Nullable MPVariable[][] held = new MPVariable[instance.shards()][];

    /** Per shard, origin and offer; nothing for single shards, whose replica serves all. */
    private final @Nullable MPVariable[][][] served = new MPVariable[instance.shards()][0][];

    Model(MPSolver solver, Shape shape) {
      this.solver = solver;
      this.shape = shape;
      integer = shape.wholeNodes() || shape.wholeShards();
      objective = solver.objective();
      objective.setMinimization();
      double scale = 0;
      for (int i = 0; i < offers; i++) {
        scale = Math.max(scale, nodeProgram.usdPerNode(i));
      }
      unit = scale > 0 ? scale / 100 : 1;
      nodes();
      for (int l = 0; l < links.length; l++) {
        links[l] = solver.makeConstraint(-MPSolver.infinity(), 1);
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
        nodes[i] = solver.makeVar(least, most, shape.wholeNodes(), "");
        open[i] = solver.makeVar(least > 0 ? 1 : 0, most > 0 ? 1 : 0, shape.wholeNodes(), "");
        objective.setCoefficient(nodes[i], nodeProgram.usdPerNode(i) / unit);
        memory[i] = solver.makeConstraint(-MPSolver.infinity(), 0);
        memory[i].setCoefficient(nodes[i], -1);
        service[i] = solver.makeConstraint(-MPSolver.infinity(), 0);
        service[i].setCoefficient(nodes[i], -1);
      }
      if (fixed == null) {
        nodeProgram.addAll(solver, nodes, open);
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
      held[s] = new MPVariable[offers];
      MPConstraint replicas =
          solver.makeConstraint(
              relaxation.minReplicas, single[s] ? 1 : Math.min(relaxation.maxReplicas, offers));
      for (int i : instance.holders(s)) {
        if (!may(s, i) || (single[s] && !maySingly(s, i))) {
          continue;
        }
        MPVariable here = solver.makeVar(0, 1, shape.wholeShards(), "");
        held[s][i] = here;
        replicas.setCoefficient(here, 1);
        memory[i].setCoefficient(here, instance.sizeOf(s) * relaxation.nodesPerExpert[i]);
        if (shape.core().linked()[s][i] && shape.fixedNodes() == null) {
          MPConstraint link = solver.makeConstraint(-MPSolver.infinity(), 0);
          link.setCoefficient(here, 1);
          link.setCoefficient(open[i], -1);
        }
        if (single[s]) {
          serve(s, i, here);
        }
      }
      if (!single[s]) {
        outside(s);
        served[s] = new MPVariable[origins][offers];
        for (int o = 0; o < origins; o++) {
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

    /** The only replica of a shard serves all its callers. */
    private void serve(int s, int i, MPVariable here) {
      double usd = 0;
      double calls = 0;
      double[] onLink = new double[links.length];
      for (int o = 0; o < origins; o++) {
        double demand = instance.demand(o, s);
        calls += demand;
        usd += demand * relaxation.routeUsd[o][i];
        if (demand > 0) {
          for (Relaxation.LinkUse use : relaxation.linkUses(o, i)) {
            onLink[use.link()] += demand * use.share();
          }
        }
      }
      objective.setCoefficient(here, usd / unit);
      if (calls > 0) {
        service[i].setCoefficient(here, calls * relaxation.nodesPerCall[i]);
      }
      for (int l = 0; l < onLink.length; l++) {
        if (onLink[l] > 0) {
          links[l].setCoefficient(here, onLink[l]);
        }
      }
    }

    private void outside(int s) {
      for (boolean[] outside : relaxation.outside) {
        MPConstraint one = solver.makeConstraint(1, MPSolver.infinity());
        for (int i = 0; i < offers; i++) {
          if (held[s][i] != null && outside[i]) {
            one.setCoefficient(held[s][i], 1);
          }
        }
      }
    }

    private void calls(int s, int o) {
      MPConstraint once = solver.makeConstraint(1, 1);
      double demand = instance.demand(o, s);
      for (int i = 0; i < offers; i++) {
        if (held[s][i] == null || !mayServe(o, i)) {
          continue;
        }
        MPVariable here = solver.makeVar(0, 1, shape.wholeShards(), "");
        served[s][o][i] = here;
        once.setCoefficient(here, 1);
        MPConstraint link = solver.makeConstraint(-MPSolver.infinity(), 0);
        link.setCoefficient(here, 1);
        link.setCoefficient(held[s][i], -1);
        objective.setCoefficient(here, demand * relaxation.routeUsd[o][i] / unit);
        service[i].setCoefficient(here, demand * relaxation.nodesPerCall[i]);
        for (Relaxation.LinkUse use : relaxation.linkUses(o, i)) {
          links[use.link()].setCoefficient(here, demand * use.share());
        }
      }
    }

    private @Nullable MPVariable server(int s, int o, int i) {
      return single[s] ? held[s][i] : served[s][o][i];
    }

    private void latency() {
      for (int o = 0; o < origins; o++) {
        if (Arrays.stream(relaxation.latencyShare[o]).allMatch(share -> share == 0)) {
          continue;
        }
        MPConstraint limit = solver.makeConstraint(-MPSolver.infinity(), 1);
        for (int l = 0; l < instance.layers(); l++) {
          layerLatency(o, l, limit);
        }
      }
    }

    private void layerLatency(int o, int l, MPConstraint limit) {
      double longest = 0;
      double probability = 0;
      for (int i = 0; i < offers; i++) {
        longest = Math.max(longest, relaxation.latencyShare[o][i]);
      }
      for (int s = instance.shard(l, 0); s < instance.shard(l + 1, 0); s++) {
        probability += instance.callProbability(o, s);
      }
      // Never more than the longest; twice that, as CP-SAT rounds limits down and rows up.
      MPVariable layer = solver.makeNumVar(0, 2 * longest, "");
      limit.setCoefficient(layer, 1);
      boolean canExceed = probability > 1;
      // 1: the longest round trip counts; 0: the sum does.
      MPVariable which = canExceed ? solver.makeVar(0, 1, integer, "") : null;
      MPConstraint sum = solver.makeConstraint(-MPSolver.infinity(), 0);
      sum.setCoefficient(layer, -1);
      MPConstraint below = solver.makeConstraint(-MPSolver.infinity(), 0);
      below.setCoefficient(layer, -Math.max(1, probability));
      if (which != null) {
        sum.setCoefficient(which, -probability * longest);
      }
      for (int s = instance.shard(l, 0); s < instance.shard(l + 1, 0); s++) {
        if (instance.demand(o, s) <= 0) {
          continue;
        }
        for (int i = 0; i < offers; i++) {
          MPVariable here = server(s, o, i);
          double share = relaxation.latencyShare[o][i];
          if (here == null || share == 0) {
            continue;
          }
          double part = instance.callProbability(o, s) * share;
          sum.setCoefficient(here, part);
          if (which != null) {
            below.setCoefficient(here, part);
            // layer >= share * (here - (1 - which))
            MPConstraint trip = solver.makeConstraint(-MPSolver.infinity(), share);
            trip.setCoefficient(here, share);
            trip.setCoefficient(which, share);
            trip.setCoefficient(layer, -1);
          }
        }
      }
    }

    @Nullable Outcome solve(Effort effort) {
      MPSolverParameters parameters = new MPSolverParameters();
      if (integer) {
        parameters.setDoubleParam(
            MPSolverParameters.DoubleParam.RELATIVE_MIP_GAP, effort.relativeGap());
        if (effort.nodesOfTree() > 0) {
          solver.setSolverSpecificParametersAsString(
              "numerics/feastol = 1e-9\nlimits/totalnodes = %d\n".formatted(effort.nodesOfTree())
                  + effort.parameters());
        } else if (!effort.parameters().isEmpty()) {
          solver.setSolverSpecificParametersAsString(effort.parameters());
        }
        hint(effort.start());
      }
      ResultStatus status = solver.solve(parameters);
      if (status == ResultStatus.INFEASIBLE) {
        return none(Double.POSITIVE_INFINITY, true);
      }
      boolean solved = status == ResultStatus.OPTIMAL || status == ResultStatus.FEASIBLE;
      if (!integer && status != ResultStatus.OPTIMAL) {
        return null;
      }
      double bound = (integer ? objective.bestBound() : objective.value()) * unit;
      bound -= SOLVER_TOLERANCE * Math.abs(bound);
      if (!Double.isFinite(bound)) {
        bound = Double.NEGATIVE_INFINITY;
      }
      if (!solved) {
        return status == ResultStatus.NOT_SOLVED ? none(bound, false) : null;
      }
      return new Outcome(
          bound,
          objective.value() * unit,
          status == ResultStatus.OPTIMAL,
          values(nodes),
          values(open),
          Arrays.stream(held).map(this::values).toArray(double[][]::new),
          integer ? null : decisions(bound),
          shape.wholeShards() ? plan() : null);
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

    private double[] values(@Nullable MPVariable[] variables) {
      return Arrays.stream(variables).mapToDouble(v -> v == null ? 0 : v.solutionValue()).toArray();
    }

    /** A decision costs its reduced cost more than the bound, at least. */
    private DecisionBounds decisions(double bound) {
      DecisionBounds decisions = DecisionBounds.none(instance.shards(), offers);
      for (int s = 0; s < held.length; s++) {
        for (int i = 0; i < offers; i++) {
          MPVariable here = held[s][i];
          decisions.held()[s][i] =
              here == null ? bound : bound + Math.max(0, here.reducedCost() * unit);
        }
      }
      for (int i = 0; i < offers; i++) {
        double opened = open[i].reducedCost() * unit;
        double node = nodes[i].reducedCost() * unit;
        boolean may = nodeProgram.most(i) > 0;
        decisions.leased()[i] = bound + Math.max(0, Math.max(opened, node));
        decisions.unleased()[i] = may ? bound + Math.max(0, -opened) : bound;
      }
      return decisions;
    }

    private void hint(@Nullable Assignment start) {
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
          if (held[s][i] != null) {
            variables.add(held[s][i]);
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
            if (served[s][o][i] != null) {
              variables.add(served[s][o][i]);
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
        variables.add(nodes[i]);
        values.add(count);
        variables.add(open[i]);
        values.add(count > 0 ? 1.0 : 0.0);
      }
      solver.setHint(
          variables.toArray(MPVariable[]::new),
          values.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private double fewest(int i) {
      return relaxation.tariff.offer(i).minNodes();
    }

    private Assignment plan() {
      List<Placement> placements = new ArrayList<>();
      for (int s = 0; s < instance.shards(); s++) {
        @Nullable MPVariable[] here = held[s];
        int[] servedBy = new int[origins];
        for (int o = 0; o < origins; o++) {
          servedBy[o] =
              instance.demand(o, s) > 0
                  ? argMax(single[s] ? here : served[s][o])
                  : Placement.NOBODY;
        }
        int[] replicas =
            IntStream.range(0, offers)
                .filter(
                    i -> isOn(here[i]) || Arrays.stream(servedBy).anyMatch(server -> server == i))
                .toArray();
        placements.add(new Placement(replicas, servedBy));
      }
      return new Assignment(placements);
    }

    private static boolean isOn(@Nullable MPVariable variable) {
      return variable != null && variable.solutionValue() > 0.5;
    }

    private static int argMax(@Nullable MPVariable[] variables) {
      int best = -1;
      double most = -1;
      for (int i = 0; i < variables.length; i++) {
        MPVariable variable = variables[i];
        if (variable != null && variable.solutionValue() > most) {
          most = variable.solutionValue();
          best = i;
        }
      }
      return best;
    }
  }
}
