package org.moesaic.solve.bound;

import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The bound over paths of layers, step by step: {@link HostBound} at the multipliers of the root,
 * and its best value as one more cut for whole nodes.
 */
final class HostModel implements Phase {
  /** Steps before whole nodes by multipliers go on. */
  private static final int STEPS = 80;

  /** Shares to look at before the others have their turn, about. */
  private static final long WORK_OF_STEP = 50_000_000;

  private static final long NODES_OF_TREE = 2_000;

  /** What a plan may cost more than the bound while none is known. */
  private static final double UNKNOWN = 1.2;

  private final Blackboard board;
  private final Evaluations evaluations;
  private @Nullable HostBound bound;
  private double told = Double.NEGATIVE_INFINITY;
  private int steps;

  HostModel(Blackboard board, Evaluations evaluations) {
    this.board = board;
    this.evaluations = evaluations;
  }

  @Override
  public Then step(@Nullable ExecutorService threads) {
    HostBound current = bound;
    if (current == null) {
      current = new HostBound(board.relaxation, Multipliers.of(evaluations.center()), board.stop);
      bound = current;
    }
    for (long done = 0; done < WORK_OF_STEP && steps < STEPS; done += current.work()) {
      double value = current.step(target());
      if (!Double.isFinite(value)) {
        return value > 0 ? Then.NEXT : Then.END;
      }
      steps++;
    }
    if (current.bestValue() > told) {
      told = current.bestValue();
      evaluations.keep(current.cut(told));
      NodeProgram.Choice choice = board.nodeProgram.lowest(evaluations.cuts(), true, NODES_OF_TREE);
      if (choice != null) {
        board.raise(choice.usdPerHour());
      }
    }
    return steps < STEPS ? Then.MORE : Then.NEXT;
  }

  private double target() {
    return Double.isFinite(board.planUsd())
        ? board.planUsd()
        : UNKNOWN * Math.max(1, board.boundUsd());
  }
}
