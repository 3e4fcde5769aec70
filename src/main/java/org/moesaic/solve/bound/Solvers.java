package org.moesaic.solve.bound;

import com.google.ortools.linearsolver.MPSolver;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Lends out native solvers, one at a time, which another thread can interrupt. */
final class Solvers {
  private final DoubleSupplier secondsLeft;
  private @Nullable MPSolver running;
  private volatile boolean interrupted;

  /**
   * @param secondsLeft until every solver has to end; infinite without a limit
   */
  Solvers(DoubleSupplier secondsLeft) {
    this.secondsLeft = secondsLeft;
  }

  /** Lends out a solver; null if there is none, or if it is too late. */
  <T> @Nullable T with(String name, Function<MPSolver, @Nullable T> use) {
    return with(name, 1, use);
  }

  /** Lends out a solver for a share of the time left; null if there is none, or it is too late. */
  <T> @Nullable T with(String name, double shareOfTime, Function<MPSolver, @Nullable T> use) {
    double seconds = secondsLeft.getAsDouble() * shareOfTime;
    if (seconds <= 0) {
      return null;
    }
    MPSolver solver = MPSolver.createSolver(name);
    if (solver == null) {
      return null;
    }
    try {
      synchronized (this) {
        if (interrupted) {
          return null;
        }
        running = solver;
      }
      if (seconds < 1e6) {
        solver.setTimeLimit(Math.max(1, (long) (seconds * 1000)));
      }
      if (name.equals("GLOP")) {
        // Numbers out of all proportion can keep it going for ever.
        solver.setSolverSpecificParametersAsString("max_number_of_iterations: 100000");
      }
      return use.apply(solver);
    } finally {
      synchronized (this) {
        running = null;
        solver.delete();
      }
    }
  }

  boolean interrupted() {
    return interrupted;
  }

  /** Ends the solver that is lent out, and all to come. */
  synchronized void interrupt() {
    interrupted = true;
    if (running != null) {
      running.interruptSolve();
    }
  }
}
