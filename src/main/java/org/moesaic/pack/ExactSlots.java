package org.moesaic.pack;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Packs few experts optimally, and proves it.
 *
 * <p>Idea: look for a packing better than the best one known, depth first, through all counts of
 * replicas that leave none too large, and for each through all ways to place the replicas, the
 * largest first. Accelerators with equal loads and as many replicas stand for each other, and so do
 * experts of equal load. An accelerator is given up as soon as it would exceed the best, filled
 * with the smallest replicas. Of two slots each, the largest with the smallest is best, and nothing
 * has to be searched.
 *
 * <p>Complexity: exponential, ended by a number of steps. Guarantee: optimal if it was not ended.
 * Source: plain branch and bound; for two slots each, the exchange argument of Graham, "Bounds on
 * Multiprocessing Timing Anomalies", SIAM Journal on Applied Mathematics 17 (1969).
 */
final class ExactSlots {
  private final int accelerators;
  private final int each;
  private final int slots;

  /** Experts by load, the largest first, and their loads in that order. */
  private final int[] order;

  private final double[] loads;
  private final int[] counts;

  /** Replicas of the counts at hand, the largest first: which expert, and the load. */
  private final int[] pieceExpert;

  private final double[] piece;

  /** The least load that so many slots are filled with. */
  private final double[] fill;

  private final double[] load;
  private final int[] filled;
  private final int[] place;

  private double below;
  private long steps;
  private double bestMax;
  private int @Nullable [] best;

  private ExactSlots(double[] loads, int accelerators, int each, double max, long steps) {
    this.accelerators = accelerators;
    this.each = each;
    this.steps = steps;
    slots = accelerators * each;
    order =
        IntStream.range(0, loads.length)
            .boxed()
            .sorted((a, b) -> Double.compare(loads[b], loads[a]))
            .mapToInt(e -> e)
            .toArray();
    this.loads = IntStream.of(order).mapToDouble(e -> loads[e]).toArray();
    counts = new int[loads.length];
    pieceExpert = new int[slots];
    piece = new double[slots];
    fill = new double[each + 1];
    load = new double[accelerators];
    filled = new int[accelerators];
    place = new int[slots];
    improve(max);
  }

  /**
   * What was found.
   *
   * @param slots the expert in each slot of a packing better than the one known; null if none was
   *     found
   * @param max of the best packing known
   * @param proven whether no packing is better
   */
  record Result(int @Nullable [] slots, double max, boolean proven) {}

  /**
   * Looks for a better packing than one that is known.
   *
   * @param max of the one known
   * @param steps at most
   */
  static Result search(double[] loads, int accelerators, int each, double max, long steps) {
    var search = new ExactSlots(loads, accelerators, each, max, steps);
    search.count(0, search.slots);
    return new Result(search.best, search.bestMax, search.steps > 0);
  }

  private void improve(double max) {
    bestMax = max;
    below = max * (1 - LoadBound.ROUNDING);
  }

  /** Chooses the replicas of an expert and of those after it, which have some slots left. */
  private void count(int e, int left) {
    if (steps-- <= 0) {
      return;
    }
    int after = loads.length - 1 - e;
    if (after < 0) {
      if (left == 0) {
        place();
      }
      return;
    }
    // The smaller an expert, the fewer replicas the ones after it need, but at least one each.
    for (int r = least(e); r <= left - after && steps > 0; r++) {
      if (after == 0) {
        r = left;
      }
      if (e > 0 && loads[e] == loads[e - 1] && r > counts[e - 1]) {
        break;
      }
      counts[e] = r;
      if (needed(e + 1) <= left - r) {
        count(e + 1, left - r);
      }
    }
  }

  private int least(int e) {
    return loads[e] < below ? 1 : (int) Math.min(slots + 1.0, Math.floor(loads[e] / below) + 1);
  }

  private long needed(int from) {
    long needed = 0;
    for (int e = from; e < loads.length; e++) {
      int least = least(e);
      if (least == 1) {
        return needed + loads.length - e;
      }
      needed += least;
    }
    return needed;
  }

  private void place() {
    int next = 0;
    Integer[] experts = IntStream.range(0, loads.length).boxed().toArray(Integer[]::new);
    Arrays.sort(experts, (a, b) -> Double.compare(loads[b] / counts[b], loads[a] / counts[a]));
    for (int e : experts) {
      for (int r = 0; r < counts[e]; r++) {
        pieceExpert[next] = e;
        piece[next++] = loads[e] / counts[e];
      }
    }
    for (int i = 1; i <= each; i++) {
      fill[i] = fill[i - 1] + piece[slots - i];
    }
    if (piece[0] + fill[each - 1] >= below) {
      return;
    }
    if (each <= 2) {
      placeInOrder();
      return;
    }
    Arrays.fill(load, 0);
    Arrays.fill(filled, 0);
    place(0);
  }

  /** The largest with the smallest. */
  private void placeInOrder() {
    double max = 0;
    for (int j = 0; j < accelerators; j++) {
      place[j] = j;
      double sum = piece[j];
      if (each == 2) {
        place[slots - 1 - j] = j;
        sum += piece[slots - 1 - j];
      }
      max = Math.max(max, sum);
    }
    if (max < below) {
      found(max);
    }
  }

  private void place(int next) {
    if (next == slots) {
      double max = Arrays.stream(load).max().orElse(0);
      if (max < below) {
        found(max);
      }
      return;
    }
    if (steps-- <= 0) {
      return;
    }
    // Of equal replicas, the later one is on a later accelerator, or on the same.
    int first = next > 0 && pieceExpert[next] == pieceExpert[next - 1] ? place[next - 1] : 0;
    for (int a = first; a < accelerators; a++) {
      if (filled[a] == each
          || load[a] + piece[next] + fill[each - filled[a] - 1] >= below
          || standsForAnother(a, first)) {
        continue;
      }
      double was = load[a];
      load[a] += piece[next];
      filled[a]++;
      place[next] = a;
      place(next + 1);
      load[a] = was;
      filled[a]--;
      if (steps <= 0) {
        return;
      }
    }
  }

  private boolean standsForAnother(int a, int first) {
    for (int b = first; b < a; b++) {
      if (filled[b] == filled[a] && load[b] == load[a]) {
        return true;
      }
    }
    return false;
  }

  private void found(double max) {
    int[] slotExperts = new int[slots];
    int[] next = new int[accelerators];
    for (int i = 0; i < slots; i++) {
      slotExperts[place[i] * each + next[place[i]]++] = order[pieceExpert[i]];
    }
    for (int a = 0; a < accelerators; a++) {
      Arrays.sort(slotExperts, a * each, (a + 1) * each);
    }
    best = slotExperts;
    improve(max);
  }
}
