package org.moesaic.export;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;

/** The experts that an offer does not hold. */
final class Gaps {
  /** How many layers, and ranges of experts in each, a message lists. */
  private static final int SHOWN = 5;

  private final int experts;
  private final SortedMap<Integer, BitSet> missing = new TreeMap<>();

  private Gaps(int experts) {
    this.experts = experts;
  }

  static Gaps of(OfferPacking packing, int moeLayers) {
    int experts = packing.packing().experts();
    var gaps = new Gaps(experts);
    for (int l = 0; l < moeLayers; l++) {
      BitSet all = new BitSet();
      all.set(0, experts);
      gaps.missing.put(l, all);
    }
    for (LayerPacking layer : packing.packing().layers()) {
      BitSet missing = new BitSet();
      missing.set(0, experts);
      layer.slotExperts().forEach(missing::clear);
      if (missing.isEmpty()) {
        gaps.missing.remove(layer.layer());
      } else {
        gaps.missing.put(layer.layer(), missing);
      }
    }
    return gaps;
  }

  boolean isEmpty() {
    return missing.isEmpty();
  }

  /** How many experts of all layers are missing. */
  long count() {
    return missing.values().stream().mapToLong(BitSet::cardinality).sum();
  }

  /** The first few of them, e.g. {@code layer 0: 3-5, 7; layer 2: all 8; 4 more layers}. */
  String describe() {
    List<String> parts = new ArrayList<>();
    for (var entry : missing.entrySet()) {
      if (parts.size() == SHOWN) {
        int more = missing.size() - SHOWN;
        parts.add("%d more layer%s".formatted(more, more == 1 ? "" : "s"));
        break;
      }
      BitSet of = entry.getValue();
      parts.add(
          "layer %d: %s"
              .formatted(
                  entry.getKey(),
                  of.cardinality() == experts ? "all %d".formatted(experts) : ranges(of)));
    }
    return String.join("; ", parts);
  }

  private static String ranges(BitSet of) {
    List<String> ranges = new ArrayList<>();
    int shown = 0;
    for (int from = of.nextSetBit(0); from >= 0; ) {
      int end = of.nextClearBit(from);
      if (ranges.size() == SHOWN) {
        ranges.add("%d more".formatted(of.cardinality() - shown));
        break;
      }
      ranges.add(end - from == 1 ? Integer.toString(from) : from + "-" + (end - 1));
      shown += end - from;
      from = of.nextSetBit(end);
    }
    return String.join(", ", ranges);
  }
}
