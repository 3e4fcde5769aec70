package org.moesaic.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issues;

/** Reads what {@link OmniInferFormat} writes. */
final class OmniInferReader implements OfferReader {
  @Override
  public SortedMap<Integer, List<Integer>> read(Path file, OfferShape shape, Issues issues) {
    SortedMap<Integer, List<Integer>> read = new TreeMap<>();
    int layers = shape.layers().moeLayers().size();
    @Nullable NpyPattern pattern =
        NpyPattern.read(file, shape.accelerators(), layers, shape.experts(), issues);
    if (pattern == null) {
      return read;
    }
    for (int l = 0; l < layers; l++) {
      List<Integer> slots = new ArrayList<>();
      int each = -1;
      for (int a = 0; a < shape.accelerators(); a++) {
        int before = slots.size();
        for (int e : IntStream.range(0, shape.experts()).toArray()) {
          if (pattern.get(a, l, e)) {
            slots.add(e);
          }
        }
        int held = slots.size() - before;
        if (each < 0) {
          each = held;
        } else if (held != each) {
          issues.errorAt(
              file,
              0,
              held,
              "The device %d must hold as many experts of layer %d as the first, %d, but holds %d."
                  .formatted(a, l, each, held),
              "Maybe the pattern was edited.");
          return read;
        }
      }
      if (!slots.isEmpty()) {
        read.put(l, slots);
      }
    }
    return read;
  }
}
