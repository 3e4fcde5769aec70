package org.moesaic.benchmark;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * EPLB's two policies for one layer, to compare with: in single precision, and with ties broken as
 * there, so that the same slots come out. {@link BalancedReplicas} is the same idea on bins that
 * differ.
 *
 * <p>Global: each further slot goes to the expert whose replicas have the highest load; the
 * heaviest replica is placed first, on the GPU that has least to do and a slot left. Hierarchical:
 * groups of experts are placed on nodes in that way, and then each node by itself.
 *
 * <p>Complexity O(slots * (experts + GPUs)); no guarantee. Source: EPLB, <a
 * href="https://github.com/deepseek-ai/EPLB">github.com/deepseek-ai/EPLB</a>.
 */
public final class Eplb {
  private Eplb() {}

  /**
   * The expert in each slot; slot j is on GPU {@code j / (slots / gpus)}. Where nodes do not divide
   * groups, both are not looked at.
   */
  public static int[] slotExperts(double[] loads, int slots, int groups, int nodes, int gpus) {
    return groups % nodes == 0
        ? hierarchical(loads, slots, groups, nodes, gpus)
        : hierarchical(loads, slots, 1, 1, gpus);
  }

  /** The load of the fullest GPU, in double precision. */
  public static double maxLoad(double[] loads, int[] slotExperts, int gpus) {
    int[] counts = new int[loads.length];
    IntStream.of(slotExperts).forEach(e -> counts[e]++);
    double[] load = new double[gpus];
    for (int j = 0; j < slotExperts.length; j++) {
      int e = slotExperts[j];
      load[j / (slotExperts.length / gpus)] += loads[e] / counts[e];
    }
    return Arrays.stream(load).max().orElse(0);
  }

  private static int[] hierarchical(double[] loads, int slots, int groups, int nodes, int gpus) {
    int size = loads.length / groups;
    float[] sums = new float[groups];
    for (int e = 0; e < loads.length; e++) {
      sums[e / size] += (float) loads[e];
    }
    int[] groupsByNode = pack(sums, nodes);
    int perNode = loads.length / nodes;
    int[] result = new int[slots];
    for (int n = 0; n < nodes; n++) {
      int[] experts = new int[perNode];
      for (int i = 0; i < perNode; i++) {
        experts[i] = groupsByNode[n * (groups / nodes) + i / size] * size + i % size;
      }
      int[] replicas = replicate(experts, loads, slots / nodes);
      float[] each = new float[replicas.length];
      for (int j = 0; j < replicas.length; j++) {
        int expert = replicas[j];
        long count = IntStream.of(replicas).filter(r -> r == expert).count();
        each[j] = (float) loads[experts[expert]] / count;
      }
      int[] order = pack(each, gpus / nodes);
      for (int j = 0; j < order.length; j++) {
        result[n * order.length + j] = experts[replicas[order[j]]];
      }
    }
    return result;
  }

  /** Which of the experts each slot has: all of them once, then the hottest of each moment. */
  private static int[] replicate(int[] experts, double[] loads, int slots) {
    int[] replicas = IntStream.range(0, slots).toArray();
    int[] counts = new int[experts.length];
    Arrays.fill(counts, 1);
    for (int j = experts.length; j < slots; j++) {
      int hottest = 0;
      for (int i = 1; i < experts.length; i++) {
        if ((float) loads[experts[i]] / counts[i]
            > (float) loads[experts[hottest]] / counts[hottest]) {
          hottest = i;
        }
      }
      replicas[j] = hottest;
      counts[hottest]++;
    }
    return replicas;
  }

  /** Items in the order of packs, all of which have as many. */
  private static int[] pack(float[] weights, int packs) {
    int each = weights.length / packs;
    if (each == 1) {
      return IntStream.range(0, packs).toArray();
    }
    int[] result = new int[weights.length];
    float[] sum = new float[packs];
    int[] filled = new int[packs];
    IntStream.range(0, weights.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -weights[i]))
        .forEach(
            i -> {
              int emptiest = -1;
              for (int p = 0; p < packs; p++) {
                if (filled[p] < each && (emptiest < 0 || sum[p] < sum[emptiest])) {
                  emptiest = p;
                }
              }
              result[emptiest * each + filled[emptiest]++] = i;
              sum[emptiest] += weights[i];
            });
    return result;
  }
}
