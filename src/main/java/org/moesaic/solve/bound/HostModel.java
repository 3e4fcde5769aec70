package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The bound over paths of layers, step by step: {@link HostBound} at multipliers that suit it.
 *
 * <p>Idea: it begins at the multipliers of the root, and does what the root does, with paths in
 * place of placements of shards, and with limited ways among what they use. In turns, steps improve
 * the shares at the best multipliers so far, and a mix of paths at these shares gives the next
 * multipliers ({@link ColumnProgram}), while nodes may be divided. Then, as {@link WholeNodes} does
 * from below, the cuts choose whole nodes, and evaluations at multipliers that suit these make more
 * cuts. Offers without nodes keep the multipliers of divided ones, lest a single node make a cut
 * worthless. Complexity: a few hundred evaluations. Guarantee: whenever it ends, that of {@link
 * HostBound} and {@link Cut}. Source: Marsten, Hogan and Blankenship, "The boxstep method",
 * Operations Research 23 (1975); Geoffrion, "Generalized Benders decomposition" (1972).
 */
final class HostModel implements Phase {
  /** Steps of shares at the same multipliers. */
  private static final int SHARE_STEPS = 10;

  /** Evaluations for better multipliers before shares have another turn. */
  private static final int EVALUATIONS_OF_TURN = 100;

  private static final int MOST_EVALUATIONS = 400;

  /** Relative gain of a turn below which whole nodes have theirs. */
  private static final double LEAST_GAIN = 2e-5;

  /** Share of the promise that has to come true for the center to move. */
  private static final double SERIOUS = 0.1;

  private static final int MOST_NULL_STEPS = 40;

  /** Steps in vain after which the box is halved: paths of few sites promise much at first. */
  private static final int NULL_STEPS_IN_BOX = 4;

  private static final double FIRST_RADIUS = 0.25;

  private static final double MOST_RADIUS = 16;

  private static final double FIRST_RADIUS_AT_NODES = 0.1;

  private static final int EVALUATIONS_AT_NODES = 8;

  /** Times that nodes may be chosen without a gain. */
  private static final int PATIENCE = 6;

  private static final int MOST_COLUMNS = 200;

  /** Shares and ways to look at before the others have their turn, about; and evaluations. */
  private static final long WORK_OF_STEP = 500_000_000;

  private static final int EVALUATIONS_OF_STEP = 20;

  private static final long NODES_OF_TREE = 2_000;

  /** What a plan may cost more than the bound while none is known. */
  private static final double UNKNOWN = 1.2;

  private final Blackboard board;
  private final Evaluations evaluations;
  private @Nullable Work work;

  HostModel(Blackboard board, Evaluations evaluations) {
    this.board = board;
    this.evaluations = evaluations;
  }

  @Override
  public Then step(@Nullable ExecutorService threads) {
    Work current = work;
    if (current == null) {
      current = new Work();
      work = current;
    }
    Then then = Then.MORE;
    long done = 0;
    for (int n = 0; n < EVALUATIONS_OF_STEP && done < WORK_OF_STEP && then == Then.MORE; n++) {
      then = current.step();
      done += current.bound.work();
    }
    if (then != Then.MORE) {
      work = null;
    }
    return then;
  }

  private enum Turn {
    /** Better shares at the center. */
    SHARES,
    /** A better center at the shares. */
    MULTIPLIERS,
    /** Multipliers that suit whole nodes. */
    NODES
  }

  /** A cut, and the multipliers that it was found at. */
  private record Told(Cut cut, Multipliers at) {}

  /** What is kept from step to step. */
  private final class Work {
    private final HostBound bound = new HostBound(board.relaxation, board.stop);
    private final Resources resources = bound.resources();
    private final NodeProgram nodeProgram = board.nodeProgram;
    private final double[] scale = evaluations.scale().clone();
    private final List<Told> told = new ArrayList<>();
    private ColumnProgram columns = newColumns();
    private Turn turn = Turn.SHARES;
    private boolean sharesChanged;
    private int count;
    private int stepsOfTurn;
    private int nullSteps;
    private double turnUsd = Double.NEGATIVE_INFINITY;

    private double[] center = evaluations.center().clone();
    private double centerUsd = Double.NEGATIVE_INFINITY;
    private double bestUsd = Double.NEGATIVE_INFINITY;
    private double radius = FIRST_RADIUS;

    private double[] nodes = {};
    private double[] near = {};
    private double nearUsd;
    private double reach;
    private int inVain;

    private ColumnProgram newColumns() {
      return new ColumnProgram(board.relaxation, board.nodeProgram, board.solvers, scale);
    }

    Then step() {
      if (count >= MOST_EVALUATIONS) {
        return Then.NEXT;
      }
      return switch (turn) {
        case SHARES -> shares();
        case MULTIPLIERS -> multipliers();
        case NODES -> atNodes();
      };
    }

    /** Evaluates, and keeps the cut; null if there is none. */
    private @Nullable Cut evaluate(Multipliers at) {
      Evaluation evaluation = bound.evaluate(at);
      if (evaluation == null || !Double.isFinite(evaluation.value())) {
        return null;
      }
      count++;
      columns.add(evaluation);
      columns.trim(MOST_COLUMNS);
      Cut cut = Cut.of(resources, evaluation, bound.values()).onAllTraffic();
      evaluations.keep(cut);
      told.add(new Told(cut, at));
      if (told.size() > MOST_COLUMNS) {
        told.removeFirst();
      }
      return cut;
    }

    private static Then end(Blackboard board) {
      return board.stop.getAsBoolean() ? Then.END : Then.NEXT;
    }

    private Then shares() {
      if (sharesChanged) {
        // What paths use of memory was at other shares.
        columns = newColumns();
        sharesChanged = false;
      }
      Cut cut = evaluate(Multipliers.of(center));
      if (cut == null) {
        return end(board);
      }
      centerUsd = raise(cut);
      if (++stepsOfTurn < SHARE_STEPS) {
        sharesChanged = bound.improve(centerUsd, target() - centerUsd);
      }
      if (!sharesChanged) {
        turn = Turn.MULTIPLIERS;
        stepsOfTurn = 0;
        nullSteps = 0;
      }
      return Then.MORE;
    }

    /** What a plan may cost. */
    private double target() {
      return Double.isFinite(board.planUsd())
          ? board.planUsd()
          : UNKNOWN * Math.max(1, board.boundUsd());
    }

    /** The bound of a cut with nodes that may be divided; minus infinity if the solver failed. */
    private double raise(Cut cut) {
      NodeProgram.Choice choice = nodeProgram.lowest(List.of(cut), false, 0);
      if (choice == null) {
        return Double.NEGATIVE_INFINITY;
      }
      board.raise(choice.usdPerHour());
      bestUsd = Math.max(bestUsd, choice.usdPerHour());
      return choice.usdPerHour();
    }

    private Then multipliers() {
      ColumnProgram.Mix mix = columns.best(center, radius, null);
      if (mix == null) {
        return toNodes();
      }
      double promise = mix.usdPerHour() - centerUsd;
      if (promise <= Root.TOLERANCE * Math.abs(centerUsd)) {
        if (mix.inside() || radius > MOST_RADIUS) {
          return endOfTurn();
        }
        radius *= 4;
        return Then.MORE;
      }
      Cut cut = evaluate(mix.at());
      if (cut == null) {
        return end(board);
      }
      double usd = raise(cut);
      double gain = usd - centerUsd;
      if (gain > SERIOUS * promise) {
        center = mix.at().copy();
        centerUsd = usd;
        if (!mix.inside() && gain > promise / 2) {
          radius *= 2;
        }
        nullSteps = 0;
      } else if (++nullSteps % NULL_STEPS_IN_BOX == 0) {
        radius /= 2;
      }
      return nullSteps < MOST_NULL_STEPS && ++stepsOfTurn < EVALUATIONS_OF_TURN
          ? Then.MORE
          : endOfTurn();
    }

    private Then endOfTurn() {
      double gain = bestUsd - turnUsd;
      turnUsd = bestUsd;
      if (!(gain > LEAST_GAIN * Math.abs(bestUsd))) {
        return toNodes();
      }
      turn = Turn.SHARES;
      stepsOfTurn = 0;
      bound.begin();
      return Then.MORE;
    }

    private Then toNodes() {
      turn = Turn.NODES;
      return choose();
    }

    /** Chooses whole nodes by the cuts. */
    private Then choose() {
      NodeProgram.Choice choice = nodeProgram.lowest(evaluations.cuts(), true, NODES_OF_TREE);
      if (choice == null) {
        return Then.NEXT;
      }
      double before = board.boundUsd();
      board.raise(choice.usdPerHour());
      inVain = board.boundUsd() > before + 1e-6 * Math.abs(before) ? 0 : inVain + 1;
      if (inVain > PATIENCE || board.proved()) {
        return Then.NEXT;
      }
      stepsOfTurn = 0;
      if (!Arrays.equals(nodes, choice.nodes())) {
        nodes = choice.nodes();
        begin();
      }
      return Then.MORE;
    }

    /** Begins at the multipliers that are the best so far at the nodes. */
    private void begin() {
      near = center;
      nearUsd = Double.NEGATIVE_INFINITY;
      for (Told each : told) {
        double usd = usdAtNodes(each.cut);
        if (usd > nearUsd) {
          nearUsd = usd;
          near = each.at.copy();
        }
      }
      reach = FIRST_RADIUS_AT_NODES;
      for (int i = 0; i < nodes.length; i++) {
        for (int resource : resources.of(i)) {
          boolean closed = nodes[i] == 0;
          near[resource] = closed ? center[resource] : near[resource];
          scale[resource] = closed ? 0 : evaluations.scale()[resource];
        }
      }
    }

    private double usdAtNodes(Cut cut) {
      return cut.at(nodes, nodes) + nodeProgram.leaseUsd(nodes);
    }

    private Then atNodes() {
      ColumnProgram.Mix mix = columns.best(near, reach, nodes);
      if (mix == null) {
        return Then.NEXT;
      }
      if (mix.usdPerHour() - nearUsd <= Root.TOLERANCE * Math.abs(nearUsd)) {
        if (mix.inside() || reach > MOST_RADIUS) {
          // No multipliers raise what these nodes cost.
          inVain = stepsOfTurn == 0 ? PATIENCE : inVain;
          return choose();
        }
        reach *= 4;
        return Then.MORE;
      }
      Cut cut = evaluate(mix.at());
      if (cut == null) {
        return end(board);
      }
      double usd = usdAtNodes(cut);
      if (usd > nearUsd) {
        nearUsd = usd;
        near = mix.at().copy();
        reach *= 2;
      } else {
        reach /= 2;
      }
      return ++stepsOfTurn >= EVALUATIONS_AT_NODES || nearUsd >= board.planUsd()
          ? choose()
          : Then.MORE;
    }
  }
}
