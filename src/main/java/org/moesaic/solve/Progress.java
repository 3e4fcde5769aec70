package org.moesaic.solve;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a planner tells while it works; told from the planner's threads, one at a time. */
public sealed interface Progress {
  /** Time since the planner began. */
  Duration elapsed();

  /** The problem is lowered, the search begins. */
  record Started(Duration elapsed, int shards, int offers, int sites, int origins)
      implements Progress {}

  /**
   * A better plan was found.
   *
   * @param usdPerHour its cost
   * @param keepsRules whether it keeps all rules
   * @param nodes leased in all
   * @param by what found it: {@code start}, {@code bound}, or {@code search-N} for a thread of the
   *     search
   */
  record Improved(Duration elapsed, double usdPerHour, boolean keepsRules, long nodes, String by)
      implements Progress {}

  /**
   * A greater lower bound was proven.
   *
   * @param usdPerHour no plan that keeps the rules costs less
   * @param gap (cost of the best plan - bound) / cost; null while no plan keeps the rules
   * @param by what proved it
   */
  record Bounded(Duration elapsed, double usdPerHour, @Nullable Double gap, String by)
      implements Progress {}

  /**
   * About once a second.
   *
   * @param usdPerHour cost of the best plan
   * @param keepsRules whether it keeps all rules
   * @param nodes leased in all
   * @param movesPerSecond of all threads, since the search began
   */
  record Working(
      Duration elapsed, double usdPerHour, boolean keepsRules, long nodes, double movesPerSecond)
      implements Progress {}

  /**
   * The threads have met. What the planner knows now, it knew at the same point of every run with
   * the same problem, seed, steps and threads.
   *
   * @param usdPerHour cost of the best plan
   * @param keepsRules whether it keeps all rules
   * @param nodes leased in all
   * @param boundUsdPerHour the greatest lower bound; null if there is none
   * @param gap between the two; null without a bound, or while no plan keeps the rules
   * @param by what found the best plan
   */
  record RoundEnded(
      Duration elapsed,
      double usdPerHour,
      boolean keepsRules,
      long nodes,
      @Nullable Double boundUsdPerHour,
      @Nullable Double gap,
      String by)
      implements Progress {}

  /** Something that the user should know, in a sentence. */
  record Note(Duration elapsed, String text) implements Progress {}

  /** The planner is done. */
  record Ended(Duration elapsed, Ending ending) implements Progress {}

  /** Why a planner ended. */
  enum Ending {
    /** The gap between plan and bound is as small as was asked for. */
    GAP,
    /** It is proven that no plan keeps all rules. */
    NO_PLAN,
    /** The time was up. */
    TIME,
    /** All steps were done. */
    STEPS,
    /** It was told to stop, or interrupted. */
    STOPPED,
    /** Many rounds in vain: there seems to be nothing better. */
    PATIENCE,
    /** All threads of the search failed; notes say why. */
    FAILED
  }
}
