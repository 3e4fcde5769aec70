package org.moesaic.solve;

import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.heuristic.selector.move.factory.MoveIteratorFactoryConfig;
import ai.timefold.solver.core.config.localsearch.LocalSearchPhaseConfig;
import ai.timefold.solver.core.config.localsearch.decider.acceptor.LocalSearchAcceptorConfig;
import ai.timefold.solver.core.config.localsearch.decider.forager.LocalSearchForagerConfig;
import ai.timefold.solver.core.config.score.director.ScoreDirectorFactoryConfig;
import ai.timefold.solver.core.config.solver.EnvironmentMode;
import ai.timefold.solver.core.config.solver.SolverConfig;
import ai.timefold.solver.core.config.solver.monitoring.MonitoringConfig;
import ai.timefold.solver.core.config.solver.termination.TerminationConfig;
import ai.timefold.solver.core.impl.solver.DefaultSolver;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.solve.model.LedgerScoreCalculator;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.ShardAssignment;
import org.moesaic.solve.move.PlacementMoveFactory;

/** Timefold's local search on placements, configured. */
final class Search {
  /**
   * How far back a move is compared. Short, because a start is near a local optimum: a long memory
   * lets the search wander off for as many accepted moves as it is long.
   */
  private static final int LATE_ACCEPTANCE_SIZE = 100;

  private Search() {}

  /**
   * A solver that improves a complete solution.
   *
   * @param moves most moves to try
   * @param time most time to take; null for no limit
   */
  static DefaultSolver<PlacementSolution> solver(long seed, long moves, @Nullable Duration time) {
    // Only the default solver tells how many moves it has tried so far.
    return (DefaultSolver<PlacementSolution>)
        SolverFactory.<PlacementSolution>create(config(seed, moves, time)).buildSolver();
  }

  /** The configuration of {@link #solver}. */
  static SolverConfig config(long seed, long moves, @Nullable Duration time) {
    TerminationConfig termination = new TerminationConfig().withMoveCountLimit(moves);
    if (time != null) {
      termination.withMillisecondsSpentLimit(Math.max(1, time.toMillis()));
    }
    LocalSearchPhaseConfig localSearch =
        new LocalSearchPhaseConfig()
            .withMoveSelectorConfig(
                new MoveIteratorFactoryConfig()
                    .withMoveIteratorFactoryClass(PlacementMoveFactory.class))
            .withAcceptorConfig(
                new LocalSearchAcceptorConfig().withLateAcceptanceSize(LATE_ACCEPTANCE_SIZE))
            .withForagerConfig(new LocalSearchForagerConfig().withAcceptedCountLimit(1));
    return new SolverConfig()
        .withSolutionClass(PlacementSolution.class)
        .withEntityClasses(ShardAssignment.class)
        .withScoreDirectorFactory(
            new ScoreDirectorFactoryConfig()
                .withIncrementalScoreCalculatorClass(LedgerScoreCalculator.class))
        .withEnvironmentMode(EnvironmentMode.NO_ASSERT)
        .withRandomSeed(seed)
        .withTerminationConfig(termination)
        // Gauges of solvers that follow each other would be registered twice, with a warning.
        .withMonitoringConfig(new MonitoringConfig().withSolverMetricList(List.of()))
        .withPhases(localSearch);
  }
}
