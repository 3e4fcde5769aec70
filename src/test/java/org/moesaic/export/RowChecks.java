package org.moesaic.export;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks rows of experts that were read from a file. */
final class RowChecks {
  private RowChecks() {}

  /** Receives what is wrong with a row. */
  @FunctionalInterface
  interface Objection {
    void add(@Nullable Object value, String message, String hint);
  }

  /** Objects to a row whose slots are not equal on all accelerators, or that names no expert. */
  static void check(String what, List<Integer> row, OfferShape shape, Objection objection) {
    if (row.size() % shape.accelerators() != 0) {
      objection.add(
          row.size(),
          "The %s must have a multiple of %d slots, the same on each accelerator, but has %d."
              .formatted(what, shape.accelerators(), row.size()),
          "Maybe the file belongs to another offer, or leases.csv was edited.");
      return;
    }
    for (int j = 0; j < row.size(); j++) {
      int expert = row.get(j);
      if (expert < 0 || expert >= shape.experts()) {
        objection.add(
            expert,
            "The expert (%d) in slot %d of the %s must be one of %d, counted from 0."
                .formatted(expert, j, what, shape.experts()),
            expert == shape.experts()
                ? "Maybe experts are counted from 1."
                : "Maybe the file is of another model.");
        return;
      }
    }
  }
}
