package org.moesaic.solve;

import ai.timefold.solver.core.api.score.HardSoftScore;
import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.score.director.ScoreDirectorFactoryConfig;
import ai.timefold.solver.core.config.solver.EnvironmentMode;
import ai.timefold.solver.core.config.solver.SolverConfig;
import ai.timefold.solver.core.config.solver.monitoring.MonitoringConfig;
import ai.timefold.solver.core.config.solver.termination.TerminationConfig;
import ai.timefold.solver.core.impl.solver.DefaultSolver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.problem.Problem;
import org.moesaic.solve.bound.LowerBound;
import org.moesaic.solve.model.BestPlan;
import org.moesaic.solve.model.Guide;
import org.moesaic.solve.model.LedgerScoreCalculator;
import org.moesaic.solve.model.PlacementConstraintProvider;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.PricedPlan;
import org.moesaic.solve.model.ShardAssignment;
import org.moesaic.solve.model.Tariff;

/**
 * Runs of the solver that only benchmarks want: our search on either calculator, and Timefold as it
 * comes.
 */
public final class SearchFigures {
  private SearchFigures() {}

  /** How fast a score is calculated. */
  public enum Calculator {
    /** The ledger. */
    INCREMENTAL,
    /** The constraint streams. */
    STREAMS
  }

  /**
   * What a run did.
   *
   * @param best its best solution
   * @param moves tried
   * @param improvements times that a new best was found, and cloned
   * @param seconds of wall time
   */
  public record Run(PlacementSolution best, long moves, int improvements, double seconds) {
    /** Moves per second of wall time. */
    public double movesPerSecond() {
      return moves / seconds;
    }
  }

  /** Our local search on one thread. */
  public static Run localSearch(
      Tariff tariff, Assignment start, Calculator calculator, long seed, Duration time) {
    return run(
        Search.config(seed, Long.MAX_VALUE, time).withScoreDirectorFactory(factory(calculator)),
        PlacementSolution.of(tariff, start));
  }

  /** Our local search on one thread, by a guide if there is one, for so many moves. */
  public static Run localSearch(
      Tariff tariff, Assignment start, @Nullable Guide guide, long seed, long moves) {
    return run(
        Search.config(seed, moves, null).withScoreDirectorFactory(factory(Calculator.INCREMENTAL)),
        PlacementSolution.of(tariff, start, guide));
  }

  /**
   * A plan of the bound, and what it lets a search go by.
   *
   * @param usdPerHour cost of the plan
   * @param boundUsdPerHour proven so far
   */
  public record Guided(Assignment start, Guide guide, double usdPerHour, double boundUsdPerHour) {}

  /** A first plan where the dense part is placed, on the problem in its parts. */
  public record Started(Tariff tariff, Assignment assignment) {}

  /** The first plan of a problem whose dense part is placed. */
  public static Started copies(Problem problem) {
    var start = new CopiesStart(Instance.of(problem), () -> false, () -> Double.POSITIVE_INFINITY);
    start.run();
    return new Started(start.tariff(), start.assignment());
  }

  /** The plan that the bound makes first at whole nodes, on one thread. */
  public static Guided guided(Tariff tariff, long seed) {
    var plans = new ArrayList<PricedPlan>();
    var bounds = new ArrayList<Double>();
    LowerBound.Found found =
        new LowerBound.Found() {
          @Override
          public void bound(double usdPerHour) {
            bounds.add(usdPerHour);
          }

          @Override
          public void plan(PricedPlan plan) {
            plans.add(plan);
          }

          @Override
          public void noPlan() {
            throw new IllegalStateException("There are plans.");
          }

          @Override
          public void note(String text) {
            throw new IllegalStateException(text);
          }
        };
    var bound =
        new LowerBound(
            tariff, seed, found, () -> false, () -> Double.POSITIVE_INFINITY, BestPlan.byBill(), 0);
    while (bound.atRoot()) {
      bound.step(null, null);
    }
    int before = plans.size();
    while (plans.size() == before && bound.step(null, null)) {}
    PricedPlan start = plans.getLast();
    return new Guided(
        start.assignment(),
        Objects.requireNonNull(bound.guide()),
        start.roundedUsdPerHour(),
        bounds.getLast());
  }

  /** Timefold's default construction heuristic and local search, on one thread, from nothing. */
  public static Run outOfTheBox(Tariff tariff, Calculator calculator, long seed, Duration time) {
    return run(
        new SolverConfig()
            .withSolutionClass(PlacementSolution.class)
            .withEntityClasses(ShardAssignment.class)
            .withScoreDirectorFactory(factory(calculator))
            .withEnvironmentMode(EnvironmentMode.NO_ASSERT)
            .withRandomSeed(seed)
            .withMonitoringConfig(new MonitoringConfig().withSolverMetricList(List.of()))
            .withTerminationConfig(
                new TerminationConfig().withMillisecondsSpentLimit(time.toMillis())),
        PlacementSolution.unplaced(tariff));
  }

  private static ScoreDirectorFactoryConfig factory(Calculator calculator) {
    return switch (calculator) {
      case INCREMENTAL ->
          new ScoreDirectorFactoryConfig()
              .withIncrementalScoreCalculatorClass(LedgerScoreCalculator.class);
      case STREAMS ->
          new ScoreDirectorFactoryConfig()
              .withConstraintProviderClass(PlacementConstraintProvider.class);
    };
  }

  private static Run run(SolverConfig config, PlacementSolution from) {
    var solver =
        (DefaultSolver<PlacementSolution>)
            SolverFactory.<PlacementSolution>create(config).buildSolver();
    AtomicInteger improvements = new AtomicInteger();
    solver.addEventListener(event -> improvements.incrementAndGet());
    long began = System.nanoTime();
    PlacementSolution best = solver.solve(from);
    return new Run(
        best,
        solver.getMoveEvaluationCount(),
        improvements.get(),
        (System.nanoTime() - began) / 1e9);
  }

  /** Whether a solution keeps all rules. */
  public static boolean keepsRules(PlacementSolution solution) {
    HardSoftScore score = solution.getScore();
    return score != null && score.isFeasible();
  }
}
