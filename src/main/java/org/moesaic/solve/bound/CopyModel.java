package org.moesaic.solve.bound;

import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The bound where copies are shared, step by step: {@link CopyBound} from the multipliers of the
 * root, its best value as one more cut for whole nodes, and now and then a plan of {@link
 * LayerColumns} at its prices.
 */
final class CopyModel implements Phase {
  /** Work before the others have their turn, about. */
  private static final long WORK_OF_STEP = 400_000_000;

  /** Step of the bound after which there is a second plan; later ones at twice as many. */
  private static final int SECOND_PLAN = 100;

  private static final long NODES_OF_TREE = 2_000;

  private final Blackboard board;
  private final Evaluations evaluations;
  private @Nullable CopyBound bound;
  private @Nullable LayerColumns columns;
  private double told = Double.NEGATIVE_INFINITY;
  private int steps;
  private int nextPlan = 1;

  CopyModel(Blackboard board, Evaluations evaluations) {
    this.board = board;
    this.evaluations = evaluations;
  }

  @Override
  public boolean findsPlans() {
    return true;
  }

  @Override
  public Then step(@Nullable ExecutorService threads) {
    CopyBound current = bound;
    LayerColumns plans = columns;
    if (current == null || plans == null) {
      current =
          new CopyBound(board.relaxation, board.nodeProgram, evaluations.center(), board.stop);
      bound = current;
      plans = new LayerColumns(board.relaxation, board.nodeProgram, board.solvers, board.stop);
      columns = plans;
    }
    for (long done = 0; done < WORK_OF_STEP && !current.done(); done += current.work()) {
      double value = current.step();
      if (!Double.isFinite(value)) {
        return value > 0 ? Then.NEXT : Then.END;
      }
      if (++steps == nextPlan || current.done()) {
        tell(current);
        plan(plans, current);
        nextPlan = Math.max(SECOND_PLAN, 2 * nextPlan);
      }
    }
    tell(current);
    return current.done() ? Then.NEXT : Then.MORE;
  }

  private void plan(LayerColumns plans, CopyBound current) {
    plans.add(current);
    var plan = plans.best();
    if (plan != null) {
      board.take(plan);
    }
  }

  private void tell(CopyBound current) {
    Cut cut = current.cut();
    if (cut == null || current.bestValue() <= told) {
      return;
    }
    told = current.bestValue();
    evaluations.keep(cut);
    NodeProgram.Choice choice = board.nodeProgram.lowest(evaluations.cuts(), true, NODES_OF_TREE);
    if (choice != null) {
      board.raise(choice.usdPerHour());
    }
  }
}
