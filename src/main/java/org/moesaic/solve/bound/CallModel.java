package org.moesaic.solve.bound;

import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;

/**
 * The bound by offers for any number of replicas, step by step: first {@link CallBound} over all
 * numbers of nodes, then, where the problem is small enough, a {@link CallTree} over them.
 *
 * <p>Not safe for use by several threads.
 */
final class CallModel implements Phase {
  /** More shards are too many for a tree: by then whole nodes by multipliers find more. */
  private static final int MOST_SHARDS_OF_TREE = 1_000;

  /** More pairs of calls and offers are too many for a tree. */
  private static final long MOST_FOR_TREE = 1_000_000;

  /** Pairs to look at in one step, about. */
  private static final long WORK_OF_STEP = 20_000_000;

  private final Blackboard board;
  private final long size;
  private final boolean grows;
  private @Nullable CallBound bound;
  private @Nullable CallTree tree;

  CallModel(Blackboard board) {
    this.board = board;
    size = CallBound.size(board.relaxation);
    grows = size <= MOST_FOR_TREE && board.relaxation.instance.shards() <= MOST_SHARDS_OF_TREE;
  }

  /**
   * Whether a problem is small enough, places shards alone, and is not one for {@link OfferBound}.
   */
  static boolean suits(Relaxation relaxation) {
    if (PlacementProgram.isSingle(relaxation) || relaxation.instance.hasBackbone()) {
      return false;
    }
    long size = CallBound.size(relaxation);
    return size > 0 && size <= CallBound.MOST_PAIRS;
  }

  /** Whether it goes on for long, and is worth every other turn. */
  boolean grows() {
    return grows;
  }

  @Override
  public Then step(@Nullable ExecutorService threads) {
    CallBound current = bound;
    CallTree branches = tree;
    if (branches != null) {
      branches.know(board.planUsd());
      branches.dive();
      tell(branches.usdPerHour());
      return branches.open() || board.stop.getAsBoolean() ? Then.MORE : Then.NEXT;
    }
    if (current != null && current.done()) {
      tree =
          new CallTree(
              current,
              new CallPlacement(board.relaxation, current),
              board.nodeProgram,
              board.relaxation.offers(),
              this::price,
              board.stop,
              board.planUsd());
      return Then.MORE;
    }
    if (current == null) {
      current = new CallBound(board.relaxation, board.nodeProgram, board.stop);
      bound = current;
    }
    current.ascend((int) Math.clamp(WORK_OF_STEP / size, 5, 500));
    tell(current.usdPerHour());
    return grows || !current.done() ? Then.MORE : Then.NEXT;
  }

  private void tell(double usdPerHour) {
    if (usdPerHour > Double.NEGATIVE_INFINITY) {
      // Numbers of nodes that cost more than the best plan were left out.
      board.raise(Math.min(usdPerHour, board.planUsd()));
    }
  }

  private double price(Assignment plan) {
    double usd = board.price(plan);
    board.nodeProgram.leaveOut(board.planUsd());
    return usd;
  }
}
