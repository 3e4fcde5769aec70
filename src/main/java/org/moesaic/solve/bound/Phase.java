package org.moesaic.solve.bound;

import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** One way to work on a bound, step by step; what it finds is told on the {@link Blackboard}. */
interface Phase {
  /** What comes after a step. */
  enum Then {
    /** More steps of the same phase. */
    MORE,
    /** The next phase: this one has done what it can. */
    NEXT,
    /** No other phase: it was stopped, or what the others need cannot be had. */
    END
  }

  /**
   * Does a bit of work.
   *
   * @param threads to share it out to; null for none
   */
  Then step(@Nullable ExecutorService threads);

  /** Whether plans come out of it that a local search hardly improves. */
  default boolean findsPlans() {
    return false;
  }
}
