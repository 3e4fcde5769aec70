package org.moesaic.solve.bound;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.moesaic.solve.model.PricedPlan;

/**
 * Bounds and plans with whole nodes, by multipliers: in turns from above, near the best plan, and
 * from below.
 *
 * <p>Idea: at given nodes, a few evaluations find the multipliers that suit them, and a mix of
 * placements to round ({@link Rounding}).
 *
 * <ul>
 *   <li><em>From above</em>: the mix that is best within whole nodes says which to lease.
 *   <li><em>Near the best plan</em>: what a search found is one more placement to mix, and its
 *       nodes with one more, one fewer or some traded are tried where the cuts leave hope ({@link
 *       NodeTrades}).
 *   <li><em>From below</em>: every evaluation is a cut on the cost as a function of the nodes; the
 *       lowest cost over whole nodes that keep the rules on nodes is the bound ({@link
 *       NodeProgram}). Evaluating at the nodes where it is lowest raises it.
 * </ul>
 *
 * <p>Complexity: a few evaluations and one program of nodes in each turn. Guarantee: after the last
 * step the bound is that of the relaxation with whole nodes, and shards that may be divided between
 * placements, unless patience ended it. Source: Geoffrion, "Generalized Benders decomposition"
 * (1972); Beasley, "Lagrangean heuristics for location problems", EJOR 65 (1993).
 */
final class WholeNodes implements Phase {
  private static final double DIVE_RADIUS = 30;
  private static final double FIRST_RADIUS_AT_NODES = 0.1;

  /**
   * Most evaluations at given nodes before the nodes are chosen anew; more while a better plan is
   * in sight.
   */
  private static final int EVALUATIONS_AT_NODES = 6;

  private static final int MOST_EVALUATIONS_AT_NODES = 12;

  /** Relative distance below the best plan from which on it is in sight. */
  private static final double IN_SIGHT = 1e-4;

  private static final double TOLERANCE_AT_NODES = 2e-4;

  private static final int NODES_OF_TREE = 2_000;

  /** Steps without any gain after which this has done what it can. */
  private static final int PATIENCE = 40;

  /** The same where an integer program waits for its turn. */
  private static final int PATIENCE_BEFORE_PROGRAM = 8;

  private final Blackboard board;
  private final Evaluations evaluations;
  private final ColumnProgram columns;
  private final NodeProgram nodeProgram;
  private final NodeTrades trades;
  private final int offers;
  private final Set<List<Double>> tried = new HashSet<>();
  private Turn turn = Turn.ABOVE;
  private boolean nothingNearby;

  /** What the plan costs that is a column. */
  private double columnUsd = Double.POSITIVE_INFINITY;

  private double[] lastNodes = {};

  private enum Turn {
    ABOVE,
    NEARBY,
    BELOW
  }

  WholeNodes(Blackboard board, Evaluations evaluations) {
    this.board = board;
    this.evaluations = evaluations;
    columns = evaluations.columns();
    nodeProgram = board.nodeProgram;
    offers = board.relaxation.offers();
    trades = new NodeTrades(nodeProgram, offers, board.stop);
  }

  @Override
  public Then step(@Nullable ExecutorService threads) {
    evaluations.trim();
    boolean more =
        switch (turn) {
          case ABOVE -> fromAbove(threads);
          case NEARBY -> nearby(threads);
          case BELOW -> fromBelow(threads);
        };
    return more ? Then.MORE : Then.NEXT;
  }

  private boolean fromAbove(@Nullable ExecutorService threads) {
    turn = Turn.NEARBY;
    ColumnProgram.Mix whole = evaluations.takeLong() ? null : columns.whole(NODES_OF_TREE);
    if (whole == null) {
      // So far out that nobody does without nodes.
      whole = columns.dive(evaluations.center(), DIVE_RADIUS);
    }
    if (whole == null) {
      return board.idle(patience());
    }
    if (Arrays.equals(whole.nodes(), lastNodes)) {
      board.idle();
    }
    lastNodes = whole.nodes();
    return plan(whole.nodes(), threads);
  }

  private boolean nearby(@Nullable ExecutorService threads) {
    turn = Turn.BELOW;
    double[] nodes = nodesNearby();
    nothingNearby = nodes == null;
    return nodes == null ? fromBelow(threads) : plan(nodes, threads);
  }

  /** The nodes of the best plan, or some close to them, to try next; null if none has hope. */
  private double @Nullable [] nodesNearby() {
    PricedPlan best = board.plan();
    if (best == null) {
      return null;
    }
    double[] nodes = nodesOf(best);
    if (board.planUsd() < columnUsd) {
      columnUsd = board.planUsd();
      evaluations.mix(best.assignment());
    }
    return isNew(nodes)
        ? nodes
        : trades.best(nodes, evaluations.cuts(), board.planUsd(), this::isNew);
  }

  private boolean fromBelow(@Nullable ExecutorService threads) {
    turn = Turn.ABOVE;
    NodeProgram.Choice choice = nodeProgram.lowest(evaluations.cuts(), true, NODES_OF_TREE);
    if (choice == null) {
      return board.idle(patience());
    }
    board.raise(choice.usdPerHour());
    if (board.boundUsd() >= board.planUsd()) {
      return false;
    }
    AtNodes at = atNodes(choice.nodes(), true, threads);
    if (at == null) {
      return false;
    }
    if (at.mix != null
        && at.mix.usdPerHour() < board.planUsd()
        && !evaluations.round(at.mix, choice.nodes(), true)) {
      return false;
    }
    // Where these nodes cost no more than the cuts said, no cut raises the bound any further.
    boolean tight =
        at.mix != null
            && at.mix.inside()
            && at.mix.usdPerHour() <= choice.usdPerHour() * (1 + Root.TOLERANCE);
    boolean end = tight && (nothingNearby || board.programWaits());
    return !end && board.idle(patience());
  }

  private int patience() {
    return board.programWaits() ? PATIENCE_BEFORE_PROGRAM : PATIENCE;
  }

  private boolean isNew(double[] nodes) {
    return !tried.contains(Arrays.stream(nodes).boxed().toList());
  }

  private static double[] nodesOf(PricedPlan plan) {
    return Arrays.stream(plan.nodes()).asDoubleStream().toArray();
  }

  /** Makes a plan at given nodes, if there may be a better one; false if it was stopped. */
  private boolean plan(double[] wanted, @Nullable ExecutorService threads) {
    // A solver's -0 is not equal to 0.
    double[] nodes = Arrays.stream(wanted).map(n -> n + 0.0).toArray();
    tried.add(Arrays.stream(nodes).boxed().toList());
    AtNodes at = atNodes(nodes, false, threads);
    if (at == null) {
      return false;
    }
    if (at.mix == null) {
      return true;
    }
    double before = board.planUsd();
    PricedPlan best = board.plan();
    if (!evaluations.round(at.mix, nodes, true)) {
      return false;
    }
    if (board.planUsd() < before || best == null || Arrays.equals(nodes, nodesOf(best))) {
      board.guideBy(at.multipliers);
    }
    return true;
  }

  /**
   * What was found at given nodes.
   *
   * @param mix null if no plan there is better than the best one, or the solver failed
   * @param multipliers the best ones
   */
  private record AtNodes(ColumnProgram.@Nullable Mix mix, double[] multipliers) {}

  /**
   * Evaluates at multipliers that suit given nodes.
   *
   * @param closing whether offers without nodes get prices on opening instead of ever higher
   *     multipliers
   * @return null if it was stopped
   */
  private @Nullable AtNodes atNodes(
      double[] nodes, boolean closing, @Nullable ExecutorService threads) {
    double[] open = Arrays.stream(nodes).map(n -> n > 0 ? 1 : 0).toArray();
    boolean allOpen = Arrays.stream(nodes).allMatch(n -> n > 0);
    double lease = nodeProgram.leaseUsd(nodes);
    double[] near = evaluations.center();
    double reach = FIRST_RADIUS_AT_NODES;
    double best = Double.NEGATIVE_INFINITY;
    ColumnProgram.Mix mix = null;
    for (int k = 0; k < MOST_EVALUATIONS_AT_NODES; k++) {
      if (k >= EVALUATIONS_AT_NODES && (closing || !inSight(best))) {
        break;
      }
      mix = columns.best(near, reach, nodes);
      if (mix == null) {
        break;
      }
      if (k > 0 && mix.usdPerHour() - best <= TOLERANCE_AT_NODES * Math.abs(best) && mix.inside()) {
        break;
      }
      double[] at = mix.at().copy();
      if (closing) {
        forgetClosed(at, nodes);
      }
      if (!evaluations.evaluate(Multipliers.of(at), closing && !allOpen ? open : null, threads)) {
        return null;
      }
      double usd = evaluations.cuts().getLast().at(nodes, open) + lease;
      if (usd > best) {
        best = usd;
        near = at;
        reach *= 2;
      } else {
        reach /= 2;
      }
      if (best >= board.planUsd()) {
        // No plan at these nodes is better than what there is.
        break;
      }
    }
    return new AtNodes(best >= board.planUsd() ? null : mix, near);
  }

  /** Gives offers without nodes the multipliers of the center. */
  private void forgetClosed(double[] at, double[] nodes) {
    Resources resources = board.relaxation.resources();
    double[] center = evaluations.center();
    for (int i = 0; i < offers; i++) {
      if (nodes[i] == 0) {
        for (int resource : resources.of(i)) {
          at[resource] = center[resource];
        }
      }
    }
  }

  private boolean inSight(double usdPerHour) {
    double best = board.planUsd();
    return Double.isFinite(best) && usdPerHour < best * (1 - IN_SIGHT);
  }
}
