package org.moesaic.routing;

import java.nio.ByteBuffer;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Limits;

/** Adds rows of binary counts, one per expert. */
final class CountRows {
  private CountRows() {}

  /** Makes the fault of one expert's count, with where it lies. */
  interface Faults {
    /**
     * Makes it.
     *
     * @param message a sentence without its full stop
     */
    InvalidInputException of(int expert, String message, String hint);
  }

  /** Adds the whole of a buffer to a layer. */
  static void add(
      OriginTally tally, WholeNumbers numbers, ByteBuffer row, int layer, Faults faults) {
    int experts = row.capacity() / numbers.bytes();
    for (int expert = 0; expert < experts; expert++) {
      long count = numbers.at(row, expert * numbers.bytes());
      if (count < 0 || count > Limits.WHOLE_NUMBER) {
        throw faults.of(
            expert,
            "The count (%d) of expert %d in layer %d must be from 0 to 2^53"
                .formatted(count, expert, layer),
            "Maybe this is no array of counts, or its numbers overflowed.");
      }
      if (!tally.add(layer, expert, count)) {
        throw faults.of(
            expert,
            "The sum of the counts of expert %d in layer %d must not be over 2^53"
                .formatted(expert, layer),
            "Maybe profile the files one by one.");
      }
    }
  }
}
