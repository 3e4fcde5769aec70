package org.moesaic.solve.bound;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The multipliers that make the bound greatest while nodes may be divided.
 *
 * <p>Idea: the next multipliers are those at which the best mix of the placements found so far is
 * the best, within a box around the best multipliers so far ({@link ColumnProgram}). They become
 * the center where enough of what the mix promises comes true; the box grows where it was in the
 * way, and shrinks where promises fail. Complexity: a few dozen evaluations, each linear in the
 * shards. Guarantee: at the end the bound is that of divided nodes but for a tolerance, unless it
 * was slow. Source: Marsten, Hogan and Blankenship, "The boxstep method", Operations Research 23
 * (1975).
 */
final class Root implements Phase {
  /** Relative difference between promise and value at which it is done. */
  static final double TOLERANCE = 1e-5;

  private static final int MOST_EVALUATIONS = 300;

  private static final int MOST_NULL_STEPS = 40;

  private static final int SLOW_EVALUATIONS = 10;

  /** Share of the bound that so many evaluations have to gain. */
  private static final double SLOW_GAIN = 2e-3;

  /** Share of the promise that has to come true for the center to move. */
  private static final double SERIOUS = 0.1;

  private static final double FIRST_RADIUS = 0.25;

  private final Blackboard board;
  private final Evaluations evaluations;
  private double centerUsd = Double.NEGATIVE_INFINITY;
  private double radius = FIRST_RADIUS;
  private double usdBefore = Double.NEGATIVE_INFINITY;
  private int nullSteps;

  Root(Blackboard board, Evaluations evaluations) {
    this.board = board;
    this.evaluations = evaluations;
  }

  @Override
  public Then step(@Nullable ExecutorService threads) {
    if (evaluations.count() == 0) {
      return first(threads);
    }
    ColumnProgram.Mix mix = best();
    if (mix == null) {
      return end();
    }
    double promise = mix.usdPerHour() - centerUsd;
    if (promise <= TOLERANCE * Math.abs(centerUsd)) {
      if (mix.inside() || radius > 16) {
        return end();
      }
      radius *= 4;
      return Then.MORE;
    }
    if (!evaluations.evaluate(mix.at(), null, threads)) {
      return Then.END;
    }
    double usd = divided(List.of(evaluations.cuts().getLast()));
    board.raise(usd);
    double gain = usd - centerUsd;
    if (gain > SERIOUS * promise) {
      evaluations.center(mix.at().copy());
      centerUsd = usd;
      if (!mix.inside() && gain > promise / 2) {
        radius *= 2;
      }
      nullSteps = 0;
    } else {
      // What a search had to leave open can keep a promise from ever coming true.
      if (gain < 0 || nullSteps % 3 == 2) {
        radius /= 2;
      }
      if (nullSteps++ >= MOST_NULL_STEPS) {
        return end();
      }
    }
    if (Integer.bitCount(evaluations.count()) == 1 && !plan(mix)) {
      return Then.END;
    }
    return evaluations.count() < MOST_EVALUATIONS && !slow() ? Then.MORE : end();
  }

  private Then first(@Nullable ExecutorService threads) {
    if (board.nodeProgram.provesNothingKeepsRules()) {
      board.tellNoPlan();
      return Then.END;
    }
    if (!evaluations.evaluate(Multipliers.of(evaluations.center()), null, threads)) {
      return Then.END;
    }
    centerUsd = divided(evaluations.cuts());
    board.raise(centerUsd);
    ColumnProgram.Mix mix = best();
    return mix != null && plan(mix) ? Then.MORE : Then.END;
  }

  private Then end() {
    board.raise(divided(evaluations.cuts()));
    board.guideBy(evaluations.center());
    return Then.NEXT;
  }

  private ColumnProgram.@Nullable Mix best() {
    return evaluations.columns().best(evaluations.center(), radius, null);
  }

  /**
   * Whether evaluations are so long, and of late have brought so little, that looking at whole
   * nodes, which brings evaluations too, is better.
   */
  private boolean slow() {
    if (evaluations.count() % SLOW_EVALUATIONS != 0) {
      return false;
    }
    double before = usdBefore;
    usdBefore = board.boundUsd();
    return evaluations.takeLong()
        && evaluations.count() > SLOW_EVALUATIONS
        && usdBefore - before < SLOW_GAIN * Math.abs(usdBefore);
  }

  /** The bound with nodes that may be divided; minus infinity if the solver failed. */
  private double divided(List<Cut> by) {
    NodeProgram.Choice choice = board.nodeProgram.lowest(by, false, 0);
    return choice == null ? Double.NEGATIVE_INFINITY : choice.usdPerHour();
  }

  /** Rounds a mix; false if it was stopped. */
  private boolean plan(ColumnProgram.Mix mix) {
    double[] nodes = Arrays.stream(mix.nodes()).map(n -> Math.ceil(n - 1e-6)).toArray();
    return evaluations.round(mix, nodes, false);
  }
}
