package org.moesaic.solve.bound;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The bound by kinds of streams, step by step: {@link StreamProgram} with one more tree of sync at
 * a time.
 *
 * <p>Idea: a solution has whole streams in some clusters, and knows only of a lower bound on what
 * joins them. Their cheapest tree is one more row, until no solution asks for a new one. The best
 * cuts of other bounds hold beside. Complexity: a few integer programs. Guarantee: that of {@link
 * StreamProgram}. Source: Codato and Fischetti, "Combinatorial Benders' cuts", Operations Research
 * 54 (2006).
 */
final class StreamModel implements Phase {
  private static final long NODES_OF_TREE = 2_000;

  /** Cuts of other bounds that are taken along. */
  private static final int MOST_CUTS = 24;

  /** Programs before others have their turn. */
  private static final int MOST_STEPS = 12;

  private final Blackboard board;
  private final Evaluations evaluations;
  private @Nullable StreamProgram program;
  private int steps;

  StreamModel(Blackboard board, Evaluations evaluations) {
    this.board = board;
    this.evaluations = evaluations;
  }

  @Override
  public Then step(@Nullable ExecutorService threads) {
    StreamProgram current = program;
    if (current == null) {
      current = new StreamProgram(board.relaxation, board.nodeProgram, board.solvers);
      program = current;
    }
    StreamProgram.Choice choice = current.lowest(cuts(), board.planUsd(), NODES_OF_TREE);
    if (choice != null) {
      board.raise(choice.usdPerHour());
    }
    if (choice != null && ++steps < MOST_STEPS && current.join(choice.members())) {
      return Then.MORE;
    }
    steps = 0;
    return board.stop.getAsBoolean() ? Then.END : Then.NEXT;
  }

  /** Those that say most at the nodes that cost least while they may be divided. */
  private List<Cut> cuts() {
    NodeProgram.Choice divided = board.nodeProgram.lowest(evaluations.cuts(), false, 0);
    if (divided == null) {
      return List.of();
    }
    return evaluations.cuts().stream()
        .filter(board.nodeProgram::isUseful)
        .sorted(Comparator.comparingDouble((Cut cut) -> -cut.at(divided.nodes(), divided.open())))
        .limit(MOST_CUTS)
        .toList();
  }
}
