package org.moesaic.solve.bound;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.solve.bound.PlacementProgram.Core;
import org.moesaic.solve.bound.PlacementProgram.Effort;
import org.moesaic.solve.bound.PlacementProgram.Outcome;
import org.moesaic.solve.bound.PlacementProgram.Shape;
import org.moesaic.solve.model.Tariff;

/**
 * The exact model as a whole in a general solver, as somebody would use it who has nothing else.
 *
 * <p>Idea: {@link PlacementProgram} with whole nodes, whole shards, every combination and the rows
 * that make its linear relaxation tight; one solve. Guarantee: a plan that the solver has proven is
 * optimal, where no provider's share is limited, to the solver's tolerance. Complexity: exponential
 * at worst, and memory for every combination of shard, origin and offer. A baseline. Source: the
 * solvers are SCIP and CP-SAT, as OR-Tools comes with them.
 */
public final class ExactBaseline {
  private static final double GAP = 1e-8;

  private ExactBaseline() {}

  /** A general solver. */
  public enum Kind {
    /** Branch and cut, on one thread: with two, OR-Tools' SCIP gives up at the root node. */
    SCIP("SCIP", "numerics/feastol = 1e-9\n"),

    /**
     * Clause learning on integers, on two threads. It takes continuous variables for integers; what
     * is continuous here is latency in shares of its limit, so it counts in millionths.
     */
    CP_SAT("SAT", "num_workers:2 mip_var_scaling:1e6 mip_wanted_precision:1e-9");

    private final String name;
    private final String parameters;

    Kind(String name, String parameters) {
      this.name = name;
      this.parameters = parameters;
    }
  }

  /**
   * What came out.
   *
   * @param plan the solver's best; null if it has none
   * @param proven whether the solver is through: the plan is optimal, or there is none
   */
  public record Result(@Nullable Assignment plan, boolean proven) {}

  /**
   * Builds the model and solves it.
   *
   * @param start a plan to begin with; null for none
   * @param time for both; native code may take longer, and what it has then counts
   */
  public static Result solve(Tariff tariff, Kind kind, @Nullable Assignment start, Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    Relaxation relaxation = new Relaxation(tariff);
    NodeProgram nodeProgram =
        new NodeProgram(relaxation, new Solvers(() -> Double.POSITIVE_INFINITY));
    Core all = Core.whole(tariff.instance().shards(), relaxation.offers(), true);
    Effort effort = new Effort(0, GAP, start, kind.parameters);
    Solvers solvers = new Solvers(() -> (deadline - System.nanoTime()) / 1e9);
    ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());
    try {
      // The solver's own limit counts from when the model is built. And a solver that is just
      // beginning forgets that it was told to end.
      var unused =
          clock.scheduleAtFixedRate(
              solvers::interrupt, time.toMillis(), 200, TimeUnit.MILLISECONDS);
      Outcome outcome =
          solvers.with(
              kind.name,
              solver -> {
                return new PlacementProgram(relaxation, nodeProgram)
                    .solve(solver, new Shape(true, true, null, all), effort);
              });
      return outcome == null
          ? new Result(null, false)
          : new Result(outcome.plan(), outcome.closed());
    } finally {
      clock.shutdownNow();
    }
  }
}
