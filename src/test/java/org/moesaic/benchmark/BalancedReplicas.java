package org.moesaic.benchmark;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The two greedy steps of EPLB's global policy for one layer: how many replicas each expert gets,
 * and which bin each replica goes into. A bin is a GPU or anything else that works.
 *
 * <p>Complexity O(slots * (experts + bins)); no guarantee. Source: EPLB, <a
 * href="https://github.com/deepseek-ai/EPLB">github.com/deepseek-ai/EPLB</a>.
 */
final class BalancedReplicas {
  /** The misfit of a bin that must not get the replica at all. */
  static final long NEVER = Long.MAX_VALUE;

  private BalancedReplicas() {}

  /** What decides between bins before their load does. */
  interface Bins {
    /**
     * How badly a further replica of an expert fits into a bin.
     *
     * @param placed the bins of the expert's replicas so far
     * @return bins of the least number are preferred; {@link #NEVER} rules a bin out
     */
    long misfit(int expert, int[] placed, int bin);

    /** Says that a bin got a replica. */
    void put(int expert, int bin);
  }

  /**
   * Gives each further slot to the expert whose replicas have the highest load.
   *
   * @param weights load per expert
   * @param least replicas per expert, to begin with
   * @param most replicas per expert
   * @return replicas per expert, {@code slots} in all unless {@code least} are more or {@code most}
   *     are fewer
   */
  static int[] count(double[] weights, long slots, int[] least, int[] most) {
    int[] counts = least.clone();
    for (long used = Arrays.stream(least).asLongStream().sum(); used < slots; used++) {
      int hottest = -1;
      for (int e = 0; e < weights.length; e++) {
        if (counts[e] < most[e]
            && (hottest < 0 || weights[e] / counts[e] > weights[hottest] / counts[hottest])) {
          hottest = e;
        }
      }
      if (hottest < 0) {
        break;
      }
      counts[hottest]++;
    }
    return counts;
  }

  /**
   * Puts the heaviest replica first, each into the bin that has least to do for its capacity, among
   * the bins that fit best.
   *
   * @param weights load per expert, shared evenly by its replicas
   * @param counts replicas per expert
   * @param load per bin, from what is there already; added to
   * @param capacity per bin, in any unit of load
   * @return the bins of each expert's replicas; fewer than counted where every bin is ruled out
   */
  static int[][] pack(double[] weights, int[] counts, double[] load, double[] capacity, Bins bins) {
    int[][] placed = new int[weights.length][0];
    Integer[] order = IntStream.range(0, weights.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(e -> -weights[e] / counts[e]));
    for (int e : order) {
      double each = weights[e] / counts[e];
      for (int r = 0; r < counts[e]; r++) {
        int best = -1;
        long bestMisfit = NEVER;
        double bestUse = 0;
        for (int b = 0; b < load.length; b++) {
          long misfit = bins.misfit(e, placed[e], b);
          double use = (load[b] + each) / capacity[b];
          if (misfit < bestMisfit || (misfit == bestMisfit && best >= 0 && use < bestUse)) {
            best = b;
            bestMisfit = misfit;
            bestUse = use;
          }
        }
        if (best < 0) {
          break;
        }
        placed[e] = Arrays.copyOf(placed[e], r + 1);
        placed[e][r] = best;
        load[best] += each;
        bins.put(e, best);
      }
    }
    return placed;
  }

  /**
   * EPLB's global policy itself: equal GPUs, each with the same number of slots, and nothing
   * against two replicas of an expert on one GPU.
   *
   * @param weights load per expert
   * @param slots a multiple of {@code gpus}, no fewer than experts
   * @return the load of each GPU
   */
  static double[] gpuLoads(double[] weights, int slots, int gpus) {
    int[] least = new int[weights.length];
    Arrays.fill(least, 1);
    int[] most = new int[weights.length];
    Arrays.fill(most, slots);
    double[] load = new double[gpus];
    double[] capacity = new double[gpus];
    Arrays.fill(capacity, 1);
    int[] room = new int[gpus];
    Arrays.fill(room, slots / gpus);
    pack(
        weights,
        count(weights, slots, least, most),
        load,
        capacity,
        new Bins() {
          @Override
          public long misfit(int expert, int[] placed, int gpu) {
            return room[gpu] > 0 ? 0 : NEVER;
          }

          @Override
          public void put(int expert, int gpu) {
            room[gpu]--;
          }
        });
    return load;
  }
}
