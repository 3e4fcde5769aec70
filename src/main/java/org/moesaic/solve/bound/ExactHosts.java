package org.moesaic.solve.bound;

import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.solve.bound.HostProgram.Outcome;

/**
 * Closes small problems whose dense part is placed, by {@link HostProgram} with ever more effort.
 *
 * <p>Idea: each step solves the program anew with four times the tree; what it proves is a bound,
 * and its plan counts as what the bill says. Complexity: exponential at worst. Guarantee: every
 * bound is at most the lowest cost; where the program is exact, the plan is optimal in the end.
 * Source: Land and Doig, Econometrica 28 (1960), as SCIP has it.
 *
 * <p>Not safe for use by several threads.
 */
final class ExactHosts implements Phase {
  /** More variables take longer than paths of layers do. */
  static final double MOST_VARIABLES = 3_000;

  private static final double GAP = 1e-8;

  /** What rows give where a program without a solution is to be clear of tolerances. */
  private static final double CLEAR = 1e-6;

  /** Share of the time left that one step takes at most. */
  private static final double SHARE_OF_TIME = 0.4;

  private static final long FIRST_NODES = 300;
  private static final long MOST_NODES = 20_000;

  private final Blackboard board;
  private long nodesOfTree = FIRST_NODES;

  ExactHosts(Blackboard board) {
    this.board = board;
  }

  /** Whether a problem is small, and each part a single stream: then no plan is left out. */
  static boolean suits(Relaxation relaxation) {
    return relaxation.instance.hasBackbone()
        && !relaxation.tariff.divides()
        && HostProgram.variables(relaxation) <= MOST_VARIABLES;
  }

  @Override
  public Then step(@Nullable ExecutorService threads) {
    var program = new HostProgram(board.relaxation, board.nodeProgram, board.planUsd());
    Outcome outcome = solve(program, 0);
    if (outcome != null && outcome.boundUsdPerHour() == Double.POSITIVE_INFINITY) {
      // That there is nothing at all is a matter of tolerances, unless it is clear.
      Outcome clear = solve(program, CLEAR);
      if (clear == null || clear.boundUsdPerHour() < Double.POSITIVE_INFINITY) {
        return Then.NEXT;
      }
    }
    if (outcome == null) {
      return Then.NEXT;
    }
    double known = board.planUsd();
    Assignment plan = outcome.plan();
    if (plan != null) {
      board.price(plan);
    }
    // Nodes that cost more than the plan known before are left out.
    board.raise(Math.min(Math.min(known, board.planUsd()), outcome.boundUsdPerHour()));
    nodesOfTree *= 4;
    return outcome.closed() || nodesOfTree > MOST_NODES ? Then.NEXT : Then.MORE;
  }

  private @Nullable Outcome solve(HostProgram program, double slack) {
    return board.solvers.with(
        "SCIP", SHARE_OF_TIME, solver -> program.solve(solver, nodesOfTree, GAP, slack));
  }
}
