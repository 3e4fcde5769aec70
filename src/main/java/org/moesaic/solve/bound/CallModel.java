package org.moesaic.solve.bound;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.solve.bound.LowerBound.Found;
import org.moesaic.solve.model.BestPlan;
import org.moesaic.solve.model.PricedPlan;

/**
 * The bound by offers for any number of replicas, step by step: first {@link CallBound} over all
 * numbers of nodes, then, where the problem is small enough, a {@link CallTree} over them.
 *
 * <p>Not safe for use by several threads.
 */
final class CallModel {
  /** More shards are too many for a tree: by then whole nodes by multipliers find more. */
  private static final int MOST_SHARDS_OF_TREE = 1_000;

  /** More pairs of calls and offers are too many for a tree. */
  private static final long MOST_FOR_TREE = 1_000_000;

  /** Pairs to look at in one step, about. */
  private static final long WORK_OF_STEP = 20_000_000;

  private final Relaxation relaxation;
  private final NodeProgram nodeProgram;
  private final Found found;
  private final BestPlan known;
  private final BooleanSupplier stop;
  private final long size;
  private final boolean grows;
  private @Nullable CallBound bound;
  private @Nullable CallTree tree;
  private boolean done;

  CallModel(
      Relaxation relaxation,
      NodeProgram nodeProgram,
      Found found,
      BestPlan known,
      BooleanSupplier stop) {
    this.relaxation = relaxation;
    this.nodeProgram = nodeProgram;
    this.found = found;
    this.known = known;
    this.stop = stop;
    size = CallBound.size(relaxation);
    grows = size <= MOST_FOR_TREE && relaxation.instance.shards() <= MOST_SHARDS_OF_TREE;
    done = size == 0 || size > CallBound.MOST_PAIRS;
  }

  /** Whether it goes on for long, and is worth every other turn. */
  boolean grows() {
    return grows;
  }

  /** Whether there is nothing more to do. */
  boolean done() {
    return done;
  }

  /** Does a bit of work, unless it is done. */
  void step() {
    if (done) {
      return;
    }
    CallBound current = bound;
    CallTree branches = tree;
    if (branches != null) {
      branches.know(known.usdPerHour());
      branches.dive();
      tell(branches.usdPerHour());
      done = !branches.open() && !stop.getAsBoolean();
    } else if (current != null && current.done() && grows) {
      branches =
          new CallTree(
              current,
              new CallPlacement(relaxation, current),
              nodeProgram,
              relaxation.offers(),
              this::price,
              stop,
              known.usdPerHour());
      tree = branches;
    } else {
      if (current == null) {
        current = new CallBound(relaxation, nodeProgram, stop);
        bound = current;
      }
      current.ascend((int) Math.clamp(WORK_OF_STEP / size, 5, 500));
      tell(current.usdPerHour());
      done = current.done() && !grows;
    }
  }

  private void tell(double usdPerHour) {
    if (usdPerHour > Double.NEGATIVE_INFINITY) {
      // Numbers of nodes that cost more than the best plan were left out.
      found.bound(Math.min(usdPerHour, known.usdPerHour()));
    }
  }

  private double price(Assignment plan) {
    PricedPlan priced = PricedPlan.of(relaxation.tariff, plan);
    found.plan(priced);
    known.offer(priced);
    nodeProgram.leaveOut(known.usdPerHour());
    return known.usdPerHour(priced);
  }
}
