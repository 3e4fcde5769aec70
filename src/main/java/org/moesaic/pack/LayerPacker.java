package org.moesaic.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Packs one layer. */
final class LayerPacker {
  private LayerPacker() {}

  static LayerPacking pack(int layer, double[] loads, int[] ids, int accelerators, int slots) {
    int[] counts = new int[loads.length];
    Arrays.fill(counts, 1);
    for (int used = loads.length; used < slots; used++) {
      int hottest = 0;
      for (int e = 1; e < loads.length; e++) {
        if (loads[e] / counts[e] > loads[hottest] / counts[hottest]) {
          hottest = e;
        }
      }
      counts[hottest]++;
    }
    List<Integer> pieces = new ArrayList<>();
    for (int e = 0; e < loads.length; e++) {
      for (int r = 0; r < counts[e]; r++) {
        pieces.add(e);
      }
    }
    pieces.sort(Comparator.comparingDouble(e -> -loads[e] / counts[e]));
    double[] load = new double[accelerators];
    int[] filled = new int[accelerators];
    int each = slots / accelerators;
    Integer[] slotExperts = new Integer[slots];
    for (int e : pieces) {
      int best = -1;
      for (int a = 0; a < accelerators; a++) {
        if (filled[a] < each && (best < 0 || load[a] < load[best])) {
          best = a;
        }
      }
      slotExperts[best * each + filled[best]++] = ids[e];
      load[best] += loads[e] / counts[e];
    }
    double max = Arrays.stream(load).max().orElse(0);
    double mean = Arrays.stream(loads).sum() / accelerators;
    return new LayerPacking(
        layer,
        Arrays.asList(slotExperts),
        max,
        Math.min(max, mean),
        Math.min(max, mean * (1 - 1e-12)));
  }

  static int[] range(int n) {
    return IntStream.range(0, n).toArray();
  }
}
