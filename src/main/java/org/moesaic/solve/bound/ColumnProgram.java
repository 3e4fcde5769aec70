package org.moesaic.solve.bound;

import com.google.ortools.linearsolver.MPConstraint;
import com.google.ortools.linearsolver.MPObjective;
import com.google.ortools.linearsolver.MPSolver;
import com.google.ortools.linearsolver.MPSolver.ResultStatus;
import com.google.ortools.linearsolver.MPSolverParameters;
import com.google.ortools.linearsolver.MPVariable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.solve.bound.Evaluation.Part;

/**
 * The best mix of the placements that past evaluations found.
 *
 * <p>Idea: each evaluation gives one placement of each group of shards, with its traffic and its
 * use of resources. A linear program mixes them within the nodes; its dual values are the prices at
 * which that mix is the best, and the multipliers to evaluate next. They may only move within a box
 * around the best so far, which is what an offer of more of each resource at a high price, and of
 * less at a low one, comes to. With whole nodes, the program says which nodes to lease. Complexity:
 * one row per resource and group, one column per evaluation and group. Source: Dantzig and Wolfe
 * (1960); the boxstep method of Marsten, Hogan and Blankenship, Operations Research 23 (1975).
 */
final class ColumnProgram {
  /** Relative gap at which nodes are good enough: others follow. */
  private static final double WHOLE_GAP = 5e-4;

  /** Share of the time left that choosing nodes may take. */
  private static final double SHARE_OF_TIME = 0.05;

  private final Relaxation relaxation;
  private final NodeProgram nodeProgram;
  private final Solvers solvers;
  private final double[] scale;
  private final List<Evaluation> evaluations = new ArrayList<>();

  /**
   * A fractional plan.
   *
   * @param at multipliers at which it is the best
   * @param usdPerHour its cost
   * @param weights per evaluation and group, how much of the mix it is
   * @param nodes per offer
   * @param inside whether no multiplier is at an end of its box
   */
  record Mix(
      Multipliers at, double usdPerHour, double[][] weights, double[] nodes, boolean inside) {}

  ColumnProgram(Relaxation relaxation, NodeProgram nodeProgram, Solvers solvers, double[] scale) {
    this.relaxation = relaxation;
    this.nodeProgram = nodeProgram;
    this.solvers = solvers;
    this.scale = scale;
  }

  /** Adds a column; of plans, the last one stays. */
  void add(Evaluation evaluation) {
    if (evaluation.plan() != null) {
      evaluations.removeIf(old -> old.plan() != null);
    }
    evaluations.add(evaluation);
  }

  /** Forgets the oldest, but for a plan, where there are more; no mix may be in use. */
  void trim(int most) {
    while (evaluations.size() > most) {
      evaluations.remove(evaluations.getFirst().plan() == null ? 0 : 1);
    }
  }

  List<Evaluation> evaluations() {
    return evaluations;
  }

  /**
   * The best mix, and the multipliers that follow from it.
   *
   * @param center of the box, by the numbers of {@link Resources}
   * @param radius of the box, in units of each multiplier's scale; those of scale 0 stay
   * @param fixed number of nodes of each offer; null to choose them, in fractions
   * @return null if the solver found none
   */
  @Nullable Mix best(double[] center, double radius, double @Nullable [] fixed) {
    return solvers.with("GLOP", solver -> new Model(solver, fixed).best(center, radius));
  }

  /**
   * The best mix within whole nodes, as far as the placements found so far can tell; its
   * multipliers are those of the last evaluation.
   *
   * @param nodesOfTree most nodes of the search tree
   * @return null if the solver found none
   */
  @Nullable Mix whole(long nodesOfTree) {
    return solvers.with(
        "SCIP", SHARE_OF_TIME, solver -> new Model(solver, null).whole(nodesOfTree));
  }

  /**
   * A good mix within whole nodes, where there are too many of them for {@link #whole}: again and
   * again, the half of the numbers of nodes that are closest to whole ones are made whole.
   *
   * @param center as for {@link #best}
   * @param radius as there
   * @return null if the solver found none
   */
  @Nullable Mix dive(double[] center, double radius) {
    return solvers.with("GLOP", solver -> new Model(solver, null).dive(center, radius));
  }

  /** The rows and columns in a solver. */
  private final class Model {
    private final MPSolver solver;
    private final MPObjective objective;
    private final double @Nullable [] fixed;
    private final double unit;
    private final int offers = relaxation.offers();
    private final MPConstraint[] rows = new MPConstraint[relaxation.resources().count()];
    private final boolean[] used = new boolean[rows.length];
    private final MPVariable[][] weights;

    Model(MPSolver solver, double @Nullable [] fixed) {
      this.solver = solver;
      this.fixed = fixed;
      objective = solver.objective();
      objective.setMinimization();
      unit = unit();
      for (int d = 0; d < rows.length; d++) {
        int offer = relaxation.resources().offerOf(d);
        double supply = offer == Resources.NO_OFFER ? 1 : fixed == null ? 0 : fixed[offer];
        rows[d] = solver.makeConstraint(-supply, MPSolver.infinity());
      }
      weights = columns();
    }

    /** Money in units that make the traffic of a mix about 1000, if it is not next to nothing. */
    private double unit() {
      double traffic = nodeProgram.smallUsd();
      Evaluation last = evaluations.getLast();
      // Values of plans lack what they pay for nodes.
      Evaluation valued = last.plan() == null ? last : evaluations.get(evaluations.size() - 2);
      for (Part part : valued.parts()) {
        traffic += Math.abs(part.value());
      }
      return Math.max(1e-6, traffic / 1000);
    }

    private MPVariable[][] columns() {
      int groups = evaluations.getFirst().parts().size();
      MPVariable[][] columns = new MPVariable[evaluations.size()][groups];
      for (int g = 0; g < groups; g++) {
        MPConstraint one = solver.makeConstraint(1, 1);
        for (int e = 0; e < columns.length; e++) {
          Part part = evaluations.get(e).parts().get(g);
          MPVariable weight = solver.makeNumVar(0, MPSolver.infinity(), "");
          columns[e][g] = weight;
          one.setCoefficient(weight, 1);
          objective.setCoefficient(weight, part.trafficUsd() / unit);
          for (int d = 0; d < rows.length; d++) {
            if (part.use()[d] != 0) {
              rows[d].setCoefficient(weight, -part.use()[d]);
              used[d] = true;
            }
          }
        }
      }
      return columns;
    }

    private MPVariable[] nodes(boolean integer) {
      MPVariable[] nodes = new MPVariable[offers];
      for (int i = 0; i < offers; i++) {
        nodes[i] = solver.makeVar(0, nodeProgram.most(i), integer, "");
        objective.setCoefficient(nodes[i], nodeProgram.usdPerNode(i) / unit);
        for (int resource : relaxation.resources().of(i)) {
          rows[resource].setCoefficient(nodes[i], 1);
        }
      }
      nodeProgram.addRules(solver, nodes);
      return nodes;
    }

    /**
     * Where layers are placed, only paths use the ways between them: unused ones are worth nothing.
     */
    private boolean mayBeUnused(int resource) {
      return relaxation.instance.hasBackbone()
          && relaxation.resources().offerOf(resource) == Resources.NO_OFFER;
    }

    /** What keeps multipliers within a box. */
    private void box(double[] center, double radius) {
      for (int d = 0; d < rows.length; d++) {
        if (center[d] == 0 && !used[d] && mayBeUnused(d)) {
          continue;
        }
        MPVariable more = solver.makeNumVar(0, MPSolver.infinity(), "");
        rows[d].setCoefficient(more, 1);
        objective.setCoefficient(more, (center[d] + radius * scale[d]) / unit);
        double low = center[d] - radius * scale[d];
        if (low > 0) {
          MPVariable less = solver.makeNumVar(0, MPSolver.infinity(), "");
          rows[d].setCoefficient(less, -1);
          objective.setCoefficient(less, -low / unit);
        }
      }
    }

    @Nullable Mix dive(double[] center, double radius) {
      MPVariable[] nodes = nodes(false);
      box(center, radius);
      boolean[] decided = new boolean[offers];
      while (solver.solve() == ResultStatus.OPTIMAL) {
        // Once the model is changed, its solution is gone.
        double[] now = values(nodes, false);
        int[] left =
            IntStream.range(0, offers)
                .filter(i -> !decided[i])
                .boxed()
                .sorted(Comparator.comparingDouble(i -> fromWhole(now[i])))
                .mapToInt(i -> i)
                .toArray();
        if (left.length == 0) {
          return mix(evaluations.getLast().at(), 0, values(nodes, true), true);
        }
        for (int k = 0; k < (left.length + 1) / 2; k++) {
          int i = left[k];
          double whole = Math.rint(now[i]);
          whole = whole == 0 ? 0 : Math.max(whole, nodeProgram.fewest(i));
          nodes[i].setBounds(whole, whole);
          decided[i] = true;
        }
      }
      return null;
    }

    private static double fromWhole(double nodes) {
      return Math.abs(nodes - Math.rint(nodes));
    }

    @Nullable Mix best(double[] center, double radius) {
      double fixedUsd = 0;
      MPVariable[] nodes = null;
      if (fixed == null) {
        nodes = nodes(false);
      } else {
        for (int i = 0; i < offers; i++) {
          fixedUsd += fixed[i] * nodeProgram.usdPerNode(i);
        }
      }
      box(center, radius);
      if (solver.solve() != ResultStatus.OPTIMAL) {
        return null;
      }
      double[] flat = new double[rows.length];
      boolean inside = true;
      for (int d = 0; d < flat.length; d++) {
        flat[d] = Math.max(0, rows[d].dualValue() * unit);
        double step = radius * scale[d] * (1 - 1e-6);
        inside &=
            step == 0
                || (flat[d] < center[d] + step && (flat[d] == 0 || flat[d] > center[d] - step));
      }
      return mix(
          Multipliers.of(flat), fixedUsd, fixed == null ? values(nodes, false) : fixed, inside);
    }

    @Nullable Mix whole(long nodesOfTree) {
      MPVariable[] nodes = nodes(true);
      for (int i = 0; i < offers; i++) {
        nodeProgram.addFewest(solver, i, nodes[i]);
      }
      MPSolverParameters parameters = new MPSolverParameters();
      parameters.setDoubleParam(MPSolverParameters.DoubleParam.RELATIVE_MIP_GAP, WHOLE_GAP);
      solver.setSolverSpecificParametersAsString("limits/totalnodes = " + nodesOfTree + "\n");
      ResultStatus status = solver.solve(parameters);
      if (status != ResultStatus.OPTIMAL && status != ResultStatus.FEASIBLE) {
        return null;
      }
      return mix(evaluations.getLast().at(), 0, values(nodes, true), true);
    }

    private double[] values(MPVariable @Nullable [] nodes, boolean integer) {
      double[] values = new double[offers];
      for (int i = 0; i < offers && nodes != null; i++) {
        double value = nodes[i].solutionValue();
        values[i] = integer ? Math.rint(value) : value;
      }
      return values;
    }

    private Mix mix(Multipliers at, double fixedUsd, double[] nodes, boolean inside) {
      double[][] shares = new double[weights.length][];
      for (int e = 0; e < shares.length; e++) {
        shares[e] = new double[weights[e].length];
        for (int g = 0; g < shares[e].length; g++) {
          shares[e][g] = weights[e][g].solutionValue();
        }
      }
      return new Mix(at, objective.value() * unit + fixedUsd, shares, nodes, inside);
    }
  }
}
