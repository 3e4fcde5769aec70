package org.moesaic.solve;

import java.time.Duration;

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
   * @param by what found it: {@code start}, or {@code search-N} for a thread of the search
   */
  record Improved(Duration elapsed, double usdPerHour, boolean keepsRules, long nodes, String by)
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
}
