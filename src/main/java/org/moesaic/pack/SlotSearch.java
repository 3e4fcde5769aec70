package org.moesaic.pack;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Packs experts onto equal accelerators with equal slots: how many replicas each expert has, and
 * which accelerator each lies on, so that the fullest accelerator has least to do.
 *
 * <p>Idea: begin with EPLB's two greedy steps. Then relieve the fullest accelerator, again and
 * again: of all exchanges of one replica for one or two for two with any other accelerator, make
 * the one after which the fuller of the two has least to do. Where none helps, disturb: exchange a
 * replica of the fullest accelerator at random, or move a slot from one expert to another, whose
 * replicas then all change; relieve again, and keep what is no worse. It ends at a target, or after
 * so many exchanges looked at, never by the clock.
 *
 * <p>Complexity: a relief is O(accelerators * slots each^2). Guarantee: never worse than EPLB.
 * Sources: the start is that of EPLB, <a
 * href="https://github.com/deepseek-ai/EPLB">github.com/deepseek-ai/EPLB</a>; longest processing
 * time first under a limit of items: Dell'Amico and Martello, "Bounds for the cardinality
 * constrained P||Cmax problem", Journal of Scheduling 4 (2001); disturb, descend, keep: Lourenço,
 * Martin and Stützle, "Iterated Local Search" (2003).
 */
final class SlotSearch {
  /** By how large a share a change has to be better to count as one. */
  private static final double BETTER = 1e-13;

  private final double[] loads;
  private final int experts;
  private final int accelerators;
  private final int each;
  private final int pairs;
  private final boolean countsFixed;

  /** Replicas per expert, and the load of each. */
  private final int[] counts;

  private final double[] piece;

  /** The expert in each slot, and what each accelerator has to do. */
  private final int[] slots;

  private final double[] load;

  /** The load of what is in each slot. */
  private final double[] slotLoad;

  /** For each accelerator the loads of pairs of its replicas, ascending, and which those are. */
  private final double[] pairLoad;

  private final int[] pairCode;
  private final boolean[] pairsKnown;

  private final int[] bestCounts;
  private final int[] bestSlots;
  private double bestMax;

  /** The accelerators that differ from the best packing, and the load that they have there. */
  private final int[] changed;

  private final boolean[] isChanged;
  private final double[] bestLoad;
  private int changes;

  /** The experts to which the greedy gives slots beyond one each, and experts by load. */
  private final int[] further;

  private final int[] lightest;

  private final long workPerAccelerator;
  private long work;

  /**
   * Takes the loads of at least one expert; there are no more of them than slots.
   *
   * @param each slots per accelerator
   */
  SlotSearch(double[] loads, int accelerators, int each) {
    this.loads = loads;
    this.experts = loads.length;
    this.accelerators = accelerators;
    this.each = each;
    pairs = each * (each - 1) / 2;
    countsFixed = experts == accelerators * each;
    counts = new int[experts];
    piece = new double[experts];
    slots = new int[accelerators * each];
    load = new double[accelerators];
    slotLoad = new double[slots.length];
    boolean usesPairs = each > 2 && each <= MOST_FOR_PAIRS;
    pairLoad = new double[usesPairs ? accelerators * pairs : 0];
    pairCode = new int[pairLoad.length];
    pairsKnown = new boolean[accelerators];
    workPerAccelerator = (long) each * each + (usesPairs ? 3L * pairs : 0);
    bestCounts = new int[experts];
    bestSlots = new int[slots.length];
    bestLoad = new double[accelerators];
    changed = new int[accelerators];
    isChanged = new boolean[accelerators];
    further = new int[slots.length - experts];
    lightest =
        IntStream.range(0, experts)
            .boxed()
            .sorted((a, b) -> Double.compare(loads[a], loads[b]))
            .mapToInt(e -> e)
            .toArray();
    start();
    keep();
  }

  /** Numbers of hot replicas to look at, and to go on from. */
  private static final int MOST_COUNTS = 32;

  private static final int BEST_COUNTS = 3;

  /** Beyond so many slots per accelerator, exchanges of one replica are many enough. */
  private static final int MOST_FOR_PAIRS = 16;

  /** The load of the fullest accelerator, as of the best packing so far. */
  double max() {
    return bestMax;
  }

  /** The expert in each slot of the best packing so far; those of an accelerator ascending. */
  int[] slots() {
    int[] result = bestSlots.clone();
    for (int a = 0; a < accelerators; a++) {
      Arrays.sort(result, a * each, (a + 1) * each);
    }
    return result;
  }

  /** EPLB's greedy steps, in single precision as there, so that nothing it finds is missed. */
  private void start() {
    float[] of = new float[experts];
    float[] share = new float[experts];
    for (int e = 0; e < experts; e++) {
      of[e] = (float) loads[e];
      share[e] = of[e];
    }
    Arrays.fill(counts, 1);
    double[] coolness = new double[experts];
    Arrays.setAll(coolness, e -> -share[e]);
    int[] hottestFirst = heap(coolness);
    for (int used = experts; used < slots.length; used++) {
      int hottest = hottestFirst[0];
      counts[hottest]++;
      further[used - experts] = hottest;
      share[hottest] = of[hottest] / counts[hottest];
      coolness[hottest] = -share[hottest];
      sift(hottestFirst, experts, 0, coolness);
    }
    deal(share, true);
    refresh();
  }

  /**
   * Puts replicas into slots, the heaviest first, each on the accelerator that has least to do of
   * those with a free slot.
   *
   * @param single whether loads are added up in single precision
   */
  private void deal(float[] share, boolean single) {
    int[] filled = new int[accelerators];
    Arrays.fill(load, 0);
    int[] emptiestFirst = heap(load);
    int open = accelerators;
    for (long key : heaviestFirst(share)) {
      int e = (int) key;
      int emptiest = emptiestFirst[0];
      slots[emptiest * each + filled[emptiest]++] = e;
      load[emptiest] = single ? (float) load[emptiest] + share[e] : load[emptiest] + share[e];
      if (filled[emptiest] == each) {
        emptiestFirst[0] = emptiestFirst[--open];
      }
      sift(emptiestFirst, open, 0, load);
    }
  }

  /** A binary heap of all indices, that of the least key first, of equal ones the least index. */
  private static int[] heap(double[] keys) {
    int[] heap = IntStream.range(0, keys.length).toArray();
    for (int at = keys.length / 2 - 1; at >= 0; at--) {
      sift(heap, keys.length, at, keys);
    }
    return heap;
  }

  /** Moves an index of a heap down to where its key, which was raised, has it. */
  private static void sift(int[] heap, int size, int from, double[] keys) {
    int moved = heap[from];
    int at = from;
    for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && before(heap[child + 1], heap[child], keys)) {
        child++;
      }
      if (!before(heap[child], moved, keys)) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = moved;
  }

  private static boolean before(int a, int b, double[] keys) {
    return keys[a] < keys[b] || (keys[a] == keys[b] && a < b);
  }

  /** All replicas, the lower half of each number being the expert. */
  private long[] heaviestFirst(float[] share) {
    long[] order = new long[slots.length];
    int next = 0;
    for (int e = 0; e < experts; e++) {
      // Floats that are not negative are ordered as their bits; ties go to the first.
      long key = (long) (Integer.MAX_VALUE - Float.floatToIntBits(share[e])) << 32 | e;
      for (int r = 0; r < counts[e]; r++) {
        order[next++] = key;
      }
    }
    Arrays.sort(order);
    return order;
  }

  /**
   * Packs with fewer replicas of hot experts: where there are somewhat more hot replicas than
   * accelerators, it is better to have as many, and to waste slots on experts that do not matter.
   *
   * @param hot how many of the greedy's further slots are left as they are; the others go to the
   *     lightest experts
   */
  private void startWith(int hot) {
    Arrays.fill(counts, 1);
    for (int i = 0; i < hot; i++) {
      counts[further[i]]++;
    }
    for (int i = hot; i < further.length; i++) {
      counts[lightest[(i - hot) % experts]]++;
    }
    float[] share = new float[experts];
    for (int e = 0; e < experts; e++) {
      share[e] = (float) (loads[e] / counts[e]);
    }
    deal(share, false);
    refresh();
    work += (long) slots.length * accelerators; // as if accelerators had been looked through
  }

  /** Tries other counts, and goes on from those that look best. */
  private void tryCounts(double target) {
    int most = further.length;
    int tries = Math.min(most, MOST_COUNTS);
    double[] max = new double[tries];
    for (int i = 0; i < tries; i++) {
      startWith(hot(i, tries));
      max[i] = load[fullest()];
      if (max[i] < bestMax) {
        keep();
      }
    }
    for (int round = 0; round < Math.min(tries, BEST_COUNTS) && bestMax > target; round++) {
      int least = 0;
      for (int i = 1; i < tries; i++) {
        least = max[i] < max[least] ? i : least;
      }
      startWith(hot(least, tries));
      max[least] = Double.POSITIVE_INFINITY;
      relieve(target);
      if (load[fullest()] < bestMax) {
        keep();
      }
    }
    restore();
  }

  private int hot(int i, int tries) {
    return (int) ((long) i * further.length / tries);
  }

  /** Computes anew whatever follows from counts and slots. */
  private void refresh() {
    for (int e = 0; e < experts; e++) {
      piece[e] = loads[e] / counts[e];
    }
    for (int a = 0; a < accelerators; a++) {
      refresh(a);
    }
  }

  private void refresh(int a) {
    double sum = 0;
    for (int j = a * each; j < (a + 1) * each; j++) {
      slotLoad[j] = piece[slots[j]];
      sum += slotLoad[j];
    }
    load[a] = sum;
    pairsKnown[a] = false;
    if (!isChanged[a]) {
      isChanged[a] = true;
      changed[changes++] = a;
    }
  }

  private int fullest() {
    int fullest = 0;
    for (int a = 1; a < accelerators; a++) {
      if (load[a] > load[fullest]) {
        fullest = a;
      }
    }
    return fullest;
  }

  /** Makes the packing the best so far. */
  private void keep() {
    while (changes > 0) {
      int a = changed[--changes];
      isChanged[a] = false;
      System.arraycopy(slots, a * each, bestSlots, a * each, each);
      bestLoad[a] = load[a];
    }
    System.arraycopy(counts, 0, bestCounts, 0, experts);
    bestMax = load[fullest()];
  }

  /** Returns to the best packing so far. */
  private void restore() {
    if (!countsFixed) {
      for (int e = 0; e < experts; e++) {
        if (counts[e] != bestCounts[e]) {
          counts[e] = bestCounts[e];
          piece[e] = loads[e] / counts[e];
        }
      }
    }
    while (changes > 0) {
      int a = changed[--changes];
      isChanged[a] = false;
      System.arraycopy(bestSlots, a * each, slots, a * each, each);
      load[a] = bestLoad[a];
      for (int j = a * each; j < (a + 1) * each; j++) {
        slotLoad[j] = piece[slots[j]];
      }
      pairsKnown[a] = false;
    }
  }

  /**
   * Searches on from the best packing so far.
   *
   * @param target at or below which the fullest accelerator is good enough
   * @param most exchanges that are looked at, about; so many take nanoseconds
   * @param seed chooses the random numbers
   */
  void search(double target, long most, long seed) {
    if (accelerators == 1 || bestMax <= target) {
      return;
    }
    work = 0;
    relieve(target);
    if (load[fullest()] <= bestMax) {
      keep();
    } else {
      restore();
    }
    if (most > 0 && !countsFixed && bestMax > target) {
      tryCounts(target);
    }
    var random = new SplittableRandom(seed);
    while (bestMax > target && work < most) {
      work += slots.length;
      if (!countsFixed && (each <= 2 || random.nextInt(4) == 0)) {
        moveSlot(random);
      } else {
        exchange(random);
      }
      relieve(target);
      if (load[fullest()] <= bestMax) {
        keep();
      } else {
        restore();
      }
    }
  }

  /** Relieves the fullest accelerator until that fails. */
  private void relieve(double target) {
    for (int a = fullest(); load[a] > target && relieve(a); ) {
      a = fullest();
    }
  }

  /** Makes the exchange with another accelerator that helps one most. */
  private boolean relieve(int a) {
    double most = load[a] * (1 - BETTER);
    int other = -1;
    int give = 0;
    int take = 0;
    boolean two = false;
    if (pairLoad.length > 0) {
      knowPairs(a);
    }
    for (int b = 0; b < accelerators; b++) {
      if (b == a || (load[a] + load[b]) / 2 >= most) {
        continue;
      }
      work += workPerAccelerator;
      for (int i = a * each; i < (a + 1) * each; i++) {
        double given = slotLoad[i];
        for (int j = b * each; j < (b + 1) * each; j++) {
          double less = given - slotLoad[j];
          double then = Math.max(load[a] - less, load[b] + less);
          if (then < most) {
            most = then;
            other = b;
            give = i;
            take = j;
            two = false;
          }
        }
      }
      if (pairLoad.length > 0) {
        knowPairs(b);
        // Both lists ascend: for each pair of a, the pair of b that evens them out.
        double half = (load[a] - load[b]) / 2;
        int j = b * pairs;
        int end = j + pairs;
        for (int i = a * pairs; i < (a + 1) * pairs; i++) {
          while (j < end && pairLoad[i] - pairLoad[j] > half) {
            j++;
          }
          for (int at = Math.max(j - 1, b * pairs); at <= j && at < end; at++) {
            double less = pairLoad[i] - pairLoad[at];
            double then = Math.max(load[a] - less, load[b] + less);
            if (then < most) {
              most = then;
              other = b;
              give = i;
              take = at;
              two = true;
            }
          }
        }
      }
    }
    if (other < 0) {
      return false;
    }
    if (two) {
      int given = pairCode[give];
      int taken = pairCode[take];
      swap(a * each + given / each, other * each + taken / each);
      swap(a * each + given % each, other * each + taken % each);
    } else {
      swap(give, take);
    }
    refresh(a);
    refresh(other);
    return true;
  }

  private void knowPairs(int a) {
    if (pairsKnown[a]) {
      return;
    }
    pairsKnown[a] = true;
    int end = a * pairs;
    for (int i = 1; i < each; i++) {
      for (int j = 0; j < i; j++) {
        double sum = slotLoad[a * each + i] + slotLoad[a * each + j];
        int at = end++;
        while (at > a * pairs && pairLoad[at - 1] > sum) {
          pairLoad[at] = pairLoad[at - 1];
          pairCode[at] = pairCode[at - 1];
          at--;
        }
        pairLoad[at] = sum;
        pairCode[at] = i * each + j;
      }
    }
  }

  private void swap(int i, int j) {
    int expert = slots[i];
    slots[i] = slots[j];
    slots[j] = expert;
  }

  /** Exchanges a replica of the fullest accelerator and one of another. */
  private void exchange(SplittableRandom random) {
    int a = fullest();
    int b = random.nextInt(accelerators - 1);
    b += b >= a ? 1 : 0;
    swap(a * each + random.nextInt(each), b * each + random.nextInt(each));
    refresh(a);
    refresh(b);
  }

  /**
   * Gives a slot of an expert that has several to another expert: half of the time to one that the
   * fullest accelerator holds, which gets smaller there.
   */
  private void moveSlot(SplittableRandom random) {
    int first = random.nextInt(slots.length);
    for (int i = 0; i < slots.length; i++) {
      int j = first + i < slots.length ? first + i : first + i - slots.length;
      int from = slots[j];
      if (counts[from] > 1) {
        int to =
            random.nextBoolean()
                ? slots[fullest() * each + random.nextInt(each)]
                : random.nextInt(experts);
        if (to != from) {
          counts[from]--;
          counts[to]++;
          slots[j] = to;
          piece[from] = loads[from] / counts[from];
          piece[to] = loads[to] / counts[to];
          for (int at = 0; at < slots.length; at++) {
            if (slots[at] == from || slots[at] == to) {
              refresh(at / each);
            }
          }
          refresh(j / each);
        }
        return;
      }
    }
  }
}
