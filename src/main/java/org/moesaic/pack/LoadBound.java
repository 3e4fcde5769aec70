package org.moesaic.pack;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A lower bound on the load of the fullest accelerator, whatever the packing.
 *
 * <p>Idea: find the largest load T that can be shown to be too small for the fullest accelerator.
 * It is if the mean is larger; if experts need more slots than there are when no replica may have
 * more than T leaves it beside the least that the other slots of its accelerator hold; or if, for
 * some j, more than (j - 1) replicas per accelerator are so large that j of them and the least of
 * the rest exceed T; or if there are not enough small replicas to lie beside the hot ones. Counts
 * of replicas are not known here, so each of these grants them whatever suits it best: further
 * slots go where they get most large replicas out of the way, and fractions of them count.
 *
 * <p>Complexity O(n (log n + slots each)) for each of some 50 values of T. Guarantee: no packing by
 * the rules has a smaller maximum; rounding is allowed for by a share of {@value #ROUNDING}.
 * Source: the bounds L2 and L3 for the number of items per bin in Dell'Amico and Martello, "Bounds
 * for the cardinality constrained P||Cmax problem", Journal of Scheduling 4 (2001), here for items
 * that can be cut.
 */
final class LoadBound {
  /** By how large a share a bound stays below what was computed. */
  static final double ROUNDING = 1e-12;

  /**
   * How closely, as a share, the bound by hot replicas is looked for where there are many slots.
   */
  private static final double COARSE = 1e-5;

  /** Sizes from half the load up, beyond which a replica is looked at as hot. */
  private static final int SHARES_OF_HOT = 24;

  private final double[] loads;
  private final int accelerators;
  private final int each;
  private final int slots;
  private final double sum;

  /** Least replicas per expert, for the T at hand. */
  private final int[] least;

  /** The least load of so many replicas, for the T at hand. */
  private final double[] fill;

  private LoadBound(double[] loads, int accelerators, int each) {
    this.loads = loads;
    this.accelerators = accelerators;
    this.each = each;
    slots = accelerators * each;
    sum = Arrays.stream(loads).sum();
    least = new int[loads.length];
    fill = new double[each + 1];
  }

  /**
   * Bounds the fullest accelerator's load from below.
   *
   * @param loads of at least one expert, and of no more than there are slots
   * @param upper a load that can be reached
   * @return at most {@code upper}
   */
  static double of(double[] loads, int accelerators, int each, double upper) {
    return new LoadBound(loads, accelerators, each).below(upper);
  }

  private double below(double upper) {
    double low = sum / accelerators;
    double high = upper;
    // Mostly nothing but the mean can be shown, which is not worth looking closely.
    if (accelerators == 1 || !tooSmall(low + (high - low) / 64, true)) {
      return Math.min(upper, low * (1 - ROUNDING));
    }
    low = halve(low, high, slots <= LayerPacker.FEW_SLOTS ? ROUNDING / 4 : COARSE, true);
    // What single experts need can often be reached, and is then worth a proof.
    low = halve(low, high, ROUNDING / 4, false);
    return Math.min(upper, low * (1 - ROUNDING));
  }

  /** The largest load that is shown to be too small, from one that is to one that may not be. */
  private double halve(double from, double to, double share, boolean hotToo) {
    double low = from;
    double high = to;
    while (high - low > share * high) {
      double middle = low + (high - low) / 2;
      if (middle <= low || middle >= high) {
        break;
      }
      if (tooSmall(middle, hotToo)) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private boolean tooSmall(double load, boolean hotToo) {
    Arrays.fill(fill, 0);
    Arrays.fill(least, 1);
    // The least that slots hold grows with the replicas that are needed, and the other way round.
    for (int round = 0; round < 4; round++) {
      double room = load - fill[each - 1];
      long needed = 0;
      for (int e = 0; e < loads.length; e++) {
        if (loads[e] > 0) {
          double replicas = room <= 0 ? slots + 1.0 : Math.ceil(loads[e] / room * (1 - ROUNDING));
          least[e] = (int) Math.max(1, Math.min(replicas, slots + 1.0));
        }
        needed += least[e];
      }
      if (needed > slots) {
        return true;
      }
      double before = fill[each - 1];
      fill((int) (slots - needed));
      if (fill[each - 1] <= before) {
        break;
      }
    }
    int spare = slots - Arrays.stream(least).sum();
    for (int j = 2; j <= each; j++) {
      if (tooManyLarge((load - fill[each - j]) / j, spare, (j - 1L) * accelerators)) {
        return true;
      }
    }
    for (int i = 0; i < SHARES_OF_HOT && each > 1 && hotToo; i++) {
      if (tooManyHot(load, load * (0.5 + 0.5 * i / SHARES_OF_HOT), spare)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether there are not enough small replicas to lie beside the hot ones. Beside a replica larger
   * than half the load there is room for small ones only, in all other slots of its accelerator. So
   * {@code each * hot + middling <= slots}, where middling replicas are neither. Counts make a
   * replica hot, middling or small; the further an expert is cut, the more slots that takes.
   *
   * @param hot a replica is if it is larger
   */
  private boolean tooManyHot(double load, double hot, int spare) {
    double above = hot * (1 + ROUNDING);
    double small = (load - hot - fill[each - 2]) * (1 + ROUNDING);
    double cost = 0;
    int steps = 0;
    double[] gain = new double[2 * loads.length];
    double[] slotsOf = new double[2 * loads.length];
    for (int e = 0; e < loads.length; e++) {
      double now = loads[e] / least[e];
      if (now <= small) {
        continue;
      }
      double costNow = now > above ? (double) each * least[e] : least[e];
      cost += costNow;
      double toMiddling = now > above ? Math.max(1, Math.floor(loads[e] / above) - least[e]) : 0;
      double costThen = now > above ? least[e] + toMiddling : costNow;
      double toSmall =
          small <= 0
              ? Double.POSITIVE_INFINITY
              : Math.max(Math.max(1, toMiddling), Math.floor(loads[e] / small) - least[e]);
      // Steps are taken by what they gain for a slot; two of which the second gains more are one.
      boolean two =
          toMiddling > 0
              && toMiddling < toSmall
              && (costNow - costThen) * (toSmall - toMiddling) > costThen * toMiddling;
      if (two) {
        gain[steps] = costNow - costThen;
        slotsOf[steps++] = toMiddling;
        gain[steps] = costThen;
        slotsOf[steps++] = toSmall - toMiddling;
      } else {
        gain[steps] = costNow;
        slotsOf[steps++] = toSmall;
      }
    }
    if (cost <= slots) {
      return false;
    }
    int[] order =
        IntStream.range(0, steps)
            .boxed()
            .sorted((a, b) -> Double.compare(gain[b] / slotsOf[b], gain[a] / slotsOf[a]))
            .mapToInt(i -> i)
            .toArray();
    double left = spare;
    for (int i : order) {
      if (gain[i] > 0 && left > 0) {
        cost -= Math.min(1, left / slotsOf[i]) * gain[i];
        left -= Math.min(left, slotsOf[i]);
      }
    }
    return cost > slots + 1e-6;
  }

  /** Computes the least loads of few replicas, where an expert may have all spare slots. */
  private void fill(int spare) {
    double[] smallest = new double[each];
    int known = 0;
    for (int e = 0; e < loads.length; e++) {
      double one = loads[e] / (least[e] + spare);
      for (int r = Math.min(each, least[e] + spare); r > 0; r--) {
        if (known == each && one >= smallest[each - 1]) {
          break;
        }
        int at = known < each ? known++ : each - 1;
        while (at > 0 && smallest[at - 1] > one) {
          smallest[at] = smallest[at - 1];
          at--;
        }
        smallest[at] = one;
      }
    }
    for (int i = 0; i < each; i++) {
      fill[i + 1] = fill[i] + smallest[i];
    }
  }

  /** Whether more replicas than allowed are larger than a size, wherever spare slots go. */
  private boolean tooManyLarge(double size, int spare, long allowed) {
    double above = Math.max(0, size) * (1 + ROUNDING);
    long large = 0;
    int experts = 0;
    long[] cost = new long[loads.length];
    int[] gain = new int[loads.length];
    for (int e = 0; e < loads.length; e++) {
      if (loads[e] / least[e] > above) {
        large += least[e];
        double wanted = above == 0 ? slots + 1.0 : Math.min(slots + 1.0, loads[e] / above);
        cost[experts] = Math.max(1, (long) Math.floor(wanted) - least[e]);
        gain[experts++] = least[e];
      }
    }
    if (large <= allowed) {
      return false;
    }
    int[] order =
        IntStream.range(0, experts)
            .boxed()
            .sorted(
                (a, b) -> Double.compare((double) cost[a] / gain[a], (double) cost[b] / gain[b]))
            .mapToInt(i -> i)
            .toArray();
    double left = spare;
    double away = 0;
    for (int i : order) {
      double share = Math.min(1, left / cost[i]);
      away += share * gain[i];
      left -= share * cost[i];
    }
    return large - Math.floor(away + 1e-6) > allowed;
  }
}
