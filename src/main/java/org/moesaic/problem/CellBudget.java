package org.moesaic.problem;

import org.moesaic.json.Limits;

/** How many weights may still be read from files, so that no set of files can fill the memory. */
final class CellBudget {
  private long left = Limits.CELLS;

  /** Takes some, if there are as many left. */
  boolean take(long cells) {
    if (cells > left) {
      return false;
    }
    left -= cells;
    return true;
  }
}
