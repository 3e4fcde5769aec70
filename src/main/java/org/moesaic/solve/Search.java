package org.moesaic.solve;

import ai.timefold.solver.core.api.score.HardSoftScore;
import ai.timefold.solver.core.api.solver.Solver;
import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.heuristic.selector.move.factory.MoveIteratorFactoryConfig;
import ai.timefold.solver.core.config.localsearch.LocalSearchPhaseConfig;
import ai.timefold.solver.core.config.localsearch.decider.acceptor.LocalSearchAcceptorConfig;
import ai.timefold.solver.core.config.localsearch.decider.forager.LocalSearchForagerConfig;
import ai.timefold.solver.core.config.score.director.ScoreDirectorFactoryConfig;
import ai.timefold.solver.core.config.solver.EnvironmentMode;
import ai.timefold.solver.core.config.solver.SolverConfig;
import ai.timefold.solver.core.config.solver.termination.TerminationConfig;
import java.time.Duration;
import org.moesaic.solve.model.LedgerScoreCalculator;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.ShardAssignment;
import org.moesaic.solve.move.PlacementMoveFactory;

/** Timefold's local search on a placement, configured. */
final class Search {
  private Search() {}

  /**
   * A solver that improves a complete solution.
   *
   * @param moves most moves to try
   * @param idleMoves moves without improvement after which it gives up
   */
  static Solver<PlacementSolution> solver(
      long seed, long moves, Duration time, int lateAcceptanceSize) {
    TerminationConfig termination =
        new TerminationConfig().withMoveCountLimit(moves).withSpentLimit(time);
    LocalSearchPhaseConfig localSearch =
        new LocalSearchPhaseConfig()
            .withMoveSelectorConfig(
                new MoveIteratorFactoryConfig()
                    .withMoveIteratorFactoryClass(PlacementMoveFactory.class))
            .withAcceptorConfig(
                new LocalSearchAcceptorConfig().withLateAcceptanceSize(lateAcceptanceSize))
            .withForagerConfig(new LocalSearchForagerConfig().withAcceptedCountLimit(1));
    SolverConfig config =
        new SolverConfig()
            .withSolutionClass(PlacementSolution.class)
            .withEntityClasses(ShardAssignment.class)
            .withScoreDirectorFactory(
                new ScoreDirectorFactoryConfig()
                    .withIncrementalScoreCalculatorClass(LedgerScoreCalculator.class))
            .withEnvironmentMode(EnvironmentMode.NO_ASSERT)
            .withRandomSeed(seed)
            .withTerminationConfig(termination)
            .withPhases(localSearch);
    return SolverFactory.<PlacementSolution>create(config).buildSolver();
  }

  static boolean better(HardSoftScore a, HardSoftScore b) {
    return a.compareTo(b) > 0;
  }
}
