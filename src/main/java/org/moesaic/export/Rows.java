package org.moesaic.export;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Looks at rows of experts, one for each slot of a layer. */
final class Rows {
  private Rows() {}

  /** The first accelerator that holds an expert twice; null if none does. */
  static @Nullable Repeat repeat(List<Integer> row, int accelerators) {
    int each = row.size() / accelerators;
    for (int a = 0; a < accelerators; a++) {
      Map<Integer, Integer> seen = new HashMap<>();
      for (int j = a * each; j < (a + 1) * each; j++) {
        if (seen.putIfAbsent(row.get(j), j) != null) {
          return new Repeat(a, row.get(j));
        }
      }
    }
    return null;
  }

  /** An expert that an accelerator holds twice. */
  record Repeat(int accelerator, int expert) {}
}
