package org.moesaic.solve.bound;

import com.google.ortools.linearsolver.MPConstraint;
import com.google.ortools.linearsolver.MPObjective;
import com.google.ortools.linearsolver.MPSolver;
import com.google.ortools.linearsolver.MPSolver.ResultStatus;
import com.google.ortools.linearsolver.MPSolverParameters;
import com.google.ortools.linearsolver.MPVariable;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A linear or integer program, kept apart from the solver that solves it, so that what the solver
 * says can be checked.
 *
 * <p>Idea: of a linear program, nothing but the multipliers of its rows is taken from the solver.
 * Any multipliers prove a bound: the rows' sides at these prices, and of each variable whatever its
 * reduced cost makes of its limits at worst. A solver's tolerances make that bound a little lower,
 * never false. An integer program has no such multipliers; it is given to the solver such that its
 * tolerances cannot hurt: in numbers of like size, with what is too small to be seen left out on
 * the side that makes the cost lower. Complexity: linear in the numbers of the program. Guarantee:
 * {@link #prove} is at most the lowest cost of the program, whatever the multipliers, with all
 * rounding errors paid for. Source: Neumaier and Shcherbina, "Safe bounds in linear and
 * mixed-integer linear programming", Mathematical Programming 99 (2004).
 *
 * <p>Variables have a lower limit that is not negative. Not safe for use by several threads.
 */
final class LinearProgram {
  /** Coefficients smaller than this, as a share of a row's largest, are none to a solver. */
  private static final double SMALLEST = 2e-9;

  /**
   * SCIP's tolerance of rows: finer than as it comes, so that fewer plans break rules, but far from
   * what it takes for equal (1e-9). At 1e-8 and below, its presolver cut optima off.
   */
  private static final String TOLERANCE = "numerics/feastol = 1e-7\n";

  /** Variables that may be larger are not whole to a solver. */
  private static final double MOST_WHOLE = 20_000;

  /** Costs and sides of rows are no larger: to a solver they would be infinite. */
  private static final double LARGEST = 1e15;

  /** Rows whose largest coefficient is further from 1 than this, as a power of two, are scaled. */
  private static final int MOST_EXPONENT = 10;

  /**
   * What a tree of SCIP may be off by, relative to the cost, in units that make it 1 at least: its
   * linear programs are optimal within 1e-7, and of 20,000 problems with figures of all sizes one
   * was off by 1.1e-7.
   */
  private static final double SOLVER_TOLERANCE = 4e-7;

  /** What a solution is off by in a row at most, as a share of its terms. */
  private static final double ALLOWED = 1e-6;

  private double[] least = new double[64];
  private double[] most = new double[64];
  private double[] cost = new double[64];
  private boolean[] whole = new boolean[64];
  private int variables;

  private double[] low = new double[64];
  private double[] high = new double[64];

  private int rows;

  /** Per term. */
  private int[] rowOf = new int[256];

  private int terms;
  private int[] column = new int[256];
  private double[] coefficient = new double[256];

  /** Adds a variable that costs nothing yet; its number. */
  int variable(double least, double most, boolean whole) {
    if (!(least >= 0 && most >= least)) {
      throw new IllegalArgumentException("A variable between %s and %s.".formatted(least, most));
    }
    int v = variables++;
    if (v == cost.length) {
      this.least = Arrays.copyOf(this.least, 2 * v);
      this.most = Arrays.copyOf(this.most, 2 * v);
      this.cost = Arrays.copyOf(cost, 2 * v);
      this.whole = Arrays.copyOf(this.whole, 2 * v);
    }
    this.least[v] = least;
    this.most[v] = most;
    this.whole[v] = whole;
    cost[v] = 0;
    return v;
  }

  /** Number of variables. */
  int variables() {
    return variables;
  }

  /** Number of rows. */
  int rows() {
    return rows;
  }

  /** What one of a variable costs. */
  void cost(int variable, double cost) {
    this.cost[variable] = cost;
  }

  /**
   * Adds a row; its coefficients follow.
   *
   * @param low limit of the sum; minus infinity for none
   * @param high limit of the sum; infinity for none
   */
  int row(double low, double high) {
    int r = rows++;
    if (r == this.low.length) {
      this.low = Arrays.copyOf(this.low, 2 * r);
      this.high = Arrays.copyOf(this.high, 2 * r);
    }
    this.low[r] = low;
    this.high[r] = high;
    return r;
  }

  /** Sets a coefficient, which has not been set before. */
  void term(int row, int variable, double coefficient) {
    if (coefficient == 0) {
      return;
    }
    int t = terms++;
    if (t == column.length) {
      rowOf = Arrays.copyOf(rowOf, 2 * t);
      column = Arrays.copyOf(column, 2 * t);
      this.coefficient = Arrays.copyOf(this.coefficient, 2 * t);
    }
    rowOf[t] = row;
    column[t] = variable;
    this.coefficient[t] = coefficient;
  }

  /**
   * What multipliers prove.
   *
   * @param usd that the program costs at least, in its own unit; minus infinity if nothing
   * @param reducedAtLeast per variable: at most the exact reduced cost
   * @param reducedAtMost per variable: at least the exact reduced cost
   */
  record Proof(double usd, double[] reducedAtLeast, double[] reducedAtMost) {}

  /**
   * The bound that multipliers of the rows prove. Those of the wrong sign are taken as 0.
   *
   * @param multipliers per row
   */
  Proof prove(double[] multipliers) {
    return prove(multipliers, true);
  }

  /** Whether multipliers prove that nothing keeps the rows: then even no cost at all is bounded. */
  boolean proveEmpty(double[] multipliers) {
    return prove(multipliers, false).usd > 0;
  }

  private Proof prove(double[] multipliers, boolean costly) {
    SafeSum[] reduced = new SafeSum[variables];
    for (int v = 0; v < variables; v++) {
      reduced[v] = new SafeSum();
      if (costly) {
        reduced[v].add(cost[v]);
      }
    }
    var sum = new SafeSum();
    double[] valid = new double[rows];
    for (int r = 0; r < rows; r++) {
      valid[r] = multiplier(r, multipliers[r]);
      if (valid[r] != 0) {
        sum.add(valid[r] > 0 ? low[r] : high[r], valid[r]);
      }
    }
    for (int t = 0; t < terms; t++) {
      reduced[column[t]].add(-valid[rowOf[t]], coefficient[t]);
    }
    double[] atLeast = new double[variables];
    double[] atMost = new double[variables];
    for (int v = 0; v < variables; v++) {
      atLeast[v] = reduced[v].down();
      atMost[v] = reduced[v].up();
      sum.add(atLeast[v], atLeast[v] >= 0 ? least[v] : most[v]);
    }
    return new Proof(sum.down(), atLeast, atMost);
  }

  /** A multiplier as far as the row has a side for it. */
  private double multiplier(int row, double value) {
    if (value > 0) {
      return low[row] > Double.NEGATIVE_INFINITY && value < Double.MAX_VALUE ? value : 0;
    }
    return value < 0 && high[row] < Double.POSITIVE_INFINITY && value > -Double.MAX_VALUE
        ? value
        : 0;
  }

  /**
   * The program in a solver.
   *
   * @param variables in their order
   * @param rows in their order
   * @param scales of the rows: what they were multiplied by
   * @param units of the variables: what one of the solver's stands for
   * @param offset that the cost of the solver lacks
   */
  record Loaded(
      MPVariable[] variables, MPConstraint[] rows, double[] scales, double[] units, double offset) {
    /** What the solver has found for a variable. */
    double value(int variable) {
      return variables[variable].solutionValue() * units[variable];
    }

    /** The multipliers of a linear program that the solver has solved. */
    double[] multipliers() {
      double[] multipliers = new double[rows.length];
      for (int r = 0; r < rows.length; r++) {
        multipliers[r] = rows[r].dualValue() * scales[r];
      }
      return multipliers;
    }
  }

  /** Puts the program into an empty solver, to be solved for its multipliers. */
  Loaded load(MPSolver solver) {
    double[] units = new double[variables];
    Arrays.fill(units, 1);
    MPVariable[] loaded = variables(solver, units);
    MPObjective objective = objective(solver);
    for (int v = 0; v < variables; v++) {
      if (cost[v] != 0) {
        objective.setCoefficient(loaded[v], cost[v]);
      }
    }
    double[] scales = scales(largest(units));
    MPConstraint[] constraints = new MPConstraint[rows];
    for (int r = 0; r < rows; r++) {
      constraints[r] = solver.makeConstraint(side(low[r] * scales[r]), side(high[r] * scales[r]));
    }
    for (int t = 0; t < terms; t++) {
      int r = rowOf[t];
      constraints[r].setCoefficient(loaded[column[t]], coefficient[t] * scales[r]);
    }
    return new Loaded(loaded, constraints, scales, units, 0);
  }

  /**
   * Puts the program into an empty solver, such that its tolerances do no harm: the cost there is
   * at most that of the program, and no number is too small to be seen.
   *
   * @param slack what every row gives besides, as a share of the largest number in it
   */
  Loaded loadRelaxed(MPSolver solver, double slack) {
    double[] units = units();
    MPVariable[] loaded = variables(solver, units);
    MPObjective objective = objective(solver);
    var offset = new SafeSum();
    double dearest = 0;
    for (int v = 0; v < variables; v++) {
      dearest = Math.max(dearest, Math.abs(cost[v] * units[v]));
    }
    for (int v = 0; v < variables; v++) {
      double usd = cost[v] * units[v];
      if (Math.abs(usd) >= SMALLEST * Math.min(dearest, LARGEST) && usd != 0) {
        objective.setCoefficient(loaded[v], Math.min(usd, LARGEST));
      } else {
        offset.add(cost[v], cost[v] > 0 ? least[v] : most[v]);
      }
    }
    double[] largest = largest(units);
    double[] scales = scales(largest);
    @Nullable SafeSum[] unseenAtMost = new SafeSum[rows];
    @Nullable SafeSum[] unseenAtLeast = new SafeSum[rows];
    boolean[] seen = new boolean[terms];
    for (int t = 0; t < terms; t++) {
      int r = rowOf[t];
      int v = column[t];
      double a = coefficient[t];
      seen[t] =
          Math.abs(a * units[v]) >= SMALLEST * largest[r] || most[v] == Double.POSITIVE_INFINITY;
      if (!seen[t]) {
        unseenAtMost[r] = with(unseenAtMost[r], a, a > 0 ? most[v] : least[v]);
        unseenAtLeast[r] = with(unseenAtLeast[r], a, a > 0 ? least[v] : most[v]);
      }
    }
    MPConstraint[] constraints = new MPConstraint[rows];
    for (int r = 0; r < rows; r++) {
      SafeSum atMost = unseenAtMost[r];
      SafeSum atLeast = unseenAtLeast[r];
      double lowest = atMost == null ? low[r] : low[r] - atMost.up();
      double highest = atLeast == null ? high[r] : high[r] - atLeast.down();
      if (slack > 0) {
        lowest -= slack * Math.max(largest[r], Math.abs(lowest));
        highest += slack * Math.max(largest[r], Math.abs(highest));
      }
      constraints[r] = solver.makeConstraint(side(lowest * scales[r]), side(highest * scales[r]));
    }
    for (int t = 0; t < terms; t++) {
      if (seen[t]) {
        int r = rowOf[t];
        double inUnits = coefficient[t] * units[column[t]];
        constraints[r].setCoefficient(loaded[column[t]], inUnits * scales[r]);
      }
    }
    return new Loaded(loaded, constraints, scales, units, offset.down());
  }

  /**
   * Puts the rows into an empty solver without any cost but that of breaking them; what is optimal
   * then tells by its multipliers whether they can be kept.
   */
  Loaded loadElastic(MPSolver solver) {
    Loaded loaded = load(solver);
    MPObjective objective = solver.objective();
    objective.clear();
    objective.setMinimization();
    for (MPConstraint row : loaded.rows()) {
      if (row.lb() > -MPSolver.infinity()) {
        elastic(solver, row, objective, 1);
      }
      if (row.ub() < MPSolver.infinity()) {
        elastic(solver, row, objective, -1);
      }
    }
    return loaded;
  }

  private static void elastic(
      MPSolver solver, MPConstraint row, MPObjective objective, double coefficient) {
    MPVariable broken = solver.makeNumVar(0, MPSolver.infinity(), "");
    row.setCoefficient(broken, coefficient);
    objective.setCoefficient(broken, 1);
  }

  /**
   * Solves an integer program that was loaded with {@link #loadRelaxed}, by SCIP.
   *
   * @param nodesOfTree most nodes of the search tree; 0 for no limit
   * @param relativeGap at which a solution is good enough
   * @param parameters of the solver, in its own language
   */
  Whole solveWhole(
      MPSolver solver, Loaded loaded, long nodesOfTree, double relativeGap, String parameters) {
    var common = new MPSolverParameters();
    common.setDoubleParam(MPSolverParameters.DoubleParam.RELATIVE_MIP_GAP, relativeGap);
    if (nodesOfTree > 0) {
      solver.setSolverSpecificParametersAsString(
          String.format(
              Locale.ROOT, TOLERANCE + "limits/totalnodes = %d\n%s", nodesOfTree, parameters));
    } else if (!parameters.isEmpty()) {
      solver.setSolverSpecificParametersAsString(parameters);
    }
    ResultStatus status = solver.solve(common);
    boolean solved = status == ResultStatus.OPTIMAL || status == ResultStatus.FEASIBLE;
    return new Whole(
        status,
        status == ResultStatus.INFEASIBLE
            ? Double.POSITIVE_INFINITY
            : solved
                ? bound(solver, loaded)
                : status == ResultStatus.NOT_SOLVED
                    ? told(solver, loaded)
                    : Double.NEGATIVE_INFINITY);
  }

  /**
   * What came out of an integer program.
   *
   * @param status that the solver says
   * @param usd that the program costs at least, within the solver's tolerances; minus infinity if
   *     nothing is known, as where its solution does not keep the rows
   */
  record Whole(ResultStatus status, double usd) {
    boolean solved() {
      return status == ResultStatus.OPTIMAL || status == ResultStatus.FEASIBLE;
    }
  }

  private static double told(MPSolver solver, Loaded loaded) {
    double bound = solver.objective().bestBound() + loaded.offset();
    bound -= SOLVER_TOLERANCE * (1 + Math.abs(bound));
    return Double.isFinite(bound) ? bound : Double.NEGATIVE_INFINITY;
  }

  /** The lower bound of a solver that has a solution, if that solution is one. */
  private double bound(MPSolver solver, Loaded loaded) {
    double bound = told(solver, loaded);
    double[] values = new double[variables];
    for (int v = 0; v < variables; v++) {
      double value = loaded.value(v);
      values[v] = whole[v] && loaded.units()[v] == 1 ? Math.rint(value) : value;
    }
    // A solver that is wrong about what it has found may be wrong about what there is.
    return allows(values, ALLOWED) && bound <= cost(values) ? bound : Double.NEGATIVE_INFINITY;
  }

  private MPVariable[] variables(MPSolver solver, double[] units) {
    MPVariable[] loaded = new MPVariable[variables];
    for (int v = 0; v < variables; v++) {
      loaded[v] =
          solver.makeVar(
              least[v] / units[v], side(most[v] / units[v]), whole[v] && units[v] == 1, "");
    }
    return loaded;
  }

  /**
   * Powers of two, 1 for most variables: numbers that may be so large that a whole one more is
   * hardly to be seen are divided, in units of about their most.
   */
  private double[] units() {
    double[] units = new double[variables];
    for (int v = 0; v < variables; v++) {
      boolean large = whole[v] && most[v] > MOST_WHOLE && most[v] < Double.POSITIVE_INFINITY;
      units[v] = large ? Math.scalb(1.0, Math.getExponent(most[v])) : 1;
    }
    return units;
  }

  private static MPObjective objective(MPSolver solver) {
    MPObjective objective = solver.objective();
    objective.setMinimization();
    return objective;
  }

  private static SafeSum with(@Nullable SafeSum sum, double factor, double other) {
    SafeSum with = sum == null ? new SafeSum() : sum;
    with.add(factor, other);
    return with;
  }

  /** The largest coefficient of each row, of variables in units. */
  private double[] largest(double[] units) {
    double[] largest = new double[rows];
    for (int t = 0; t < terms; t++) {
      largest[rowOf[t]] = Math.max(largest[rowOf[t]], Math.abs(coefficient[t] * units[column[t]]));
    }
    return largest;
  }

  /** Powers of two that bring the largest coefficients near 1 that are far from it. */
  private static double[] scales(double[] largest) {
    double[] scales = new double[largest.length];
    for (int r = 0; r < scales.length; r++) {
      int exponent = largest[r] == 0 ? 0 : Math.getExponent(largest[r]);
      scales[r] =
          Math.abs(exponent) > MOST_EXPONENT
              ? Math.scalb(1.0, Math.clamp(-exponent, -1000, 1000))
              : 1;
    }
    return scales;
  }

  /** What a solver means by a value that has to be whole: enough, where it did not look for it. */
  static double whole(double value) {
    return value <= MOST_WHOLE ? Math.rint(value) : Math.ceil(value * (1 - 1e-12));
  }

  /** The power of two next to a size, as a unit of money; 1 for nothing. */
  static double unit(double size) {
    return size > 0 && size < Double.POSITIVE_INFINITY
        ? Math.scalb(1.0, Math.max(Math.getExponent(size), -900))
        : 1;
  }

  private static double side(double value) {
    return value == Double.POSITIVE_INFINITY
        ? MPSolver.infinity()
        : value == Double.NEGATIVE_INFINITY ? -MPSolver.infinity() : value;
  }

  /** What values of the variables cost, up to rounding. */
  double cost(double[] values) {
    var sum = new SafeSum();
    for (int v = 0; v < variables; v++) {
      sum.add(cost[v], values[v]);
    }
    return sum.up();
  }

  /**
   * Whether values keep all rows and limits.
   *
   * @param tolerance of each, as a share of the sum of its absolute terms
   */
  boolean allows(double[] values, double tolerance) {
    for (int v = 0; v < variables; v++) {
      if (!(values[v] >= least[v] - tolerance * Math.max(1, least[v])
          && values[v] <= most[v] + tolerance * Math.max(1, most[v]))) {
        return false;
      }
    }
    double[] sum = new double[rows];
    double[] size = new double[rows];
    for (int t = 0; t < terms; t++) {
      double term = coefficient[t] * values[column[t]];
      sum[rowOf[t]] += term;
      size[rowOf[t]] += Math.abs(term);
    }
    for (int r = 0; r < rows; r++) {
      if (!(sum[r] >= low[r] - tolerance * Math.max(size[r], Math.abs(low[r]))
          && sum[r] <= high[r] + tolerance * Math.max(size[r], Math.abs(high[r])))) {
        return false;
      }
    }
    return true;
  }
}
