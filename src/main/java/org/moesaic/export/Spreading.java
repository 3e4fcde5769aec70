package org.moesaic.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.moesaic.pack.LayerPacking;

/**
 * Changes a packing so that no accelerator holds an expert twice, for formats that cannot say it.
 *
 * <p>Idea: slots of an expert beyond one per accelerator go to the experts with most load per slot;
 * then each repeated slot is exchanged with the slot of another accelerator that leaves the fuller
 * of the two least full, or, if none can be, all are dealt out in a round, expert by expert, which
 * always works; then exchanges relieve the fullest accelerator as long as one does. Within blocks
 * of accelerators, which are nodes where replicas have to stay within one.
 *
 * <p>Complexity: {@code O(slots * slotsPerAccelerator)} for each exchange. Guarantee: finds such a
 * packing whenever there is one with the same experts in each block; its balance is that of a local
 * optimum, and the bound of the packing holds for it too, since it is one of those bounded.
 */
final class Spreading {
  /** Exchanges that relieve the fullest accelerator; far more than were ever needed. */
  private static final int MAX_EXCHANGES = 10_000;

  /** What an exchange has to gain, as a share, to be one: otherwise rounding could go round. */
  private static final double GAIN = 1e-12;

  private final int[] slots;
  private final double[] loads;
  private final int[] counts;
  private final int each;

  private Spreading(LayerPacking layer, double[] loads, int accelerators) {
    this.slots = layer.slotExperts().stream().mapToInt(Integer::intValue).toArray();
    this.loads = loads;
    this.counts = new int[loads.length];
    this.each = slots.length / accelerators;
    for (int expert : slots) {
      counts[expert]++;
    }
  }

  /**
   * Spreads the slots of one layer.
   *
   * @param loads of every expert of the layer, by its number
   * @param blocks how many nodes replicas have to stay within; 1 if they need not
   * @return empty if some block has fewer experts than slots on an accelerator
   */
  static Optional<LayerPacking> spread(
      LayerPacking layer, double[] loads, int accelerators, int blocks) {
    var spreading = new Spreading(layer, loads, accelerators);
    for (int b = 0; b < blocks; b++) {
      int size = accelerators / blocks;
      if (!spreading.block(b * size, (b + 1) * size)) {
        return Optional.empty();
      }
    }
    double max = 0;
    for (int a = 0; a < accelerators; a++) {
      max = Math.max(max, spreading.load(a));
    }
    return Optional.of(
        new LayerPacking(
            layer.layer(),
            Arrays.stream(spreading.slots).boxed().toList(),
            max,
            Math.min(layer.meanLoad(), max),
            Math.min(layer.bound(), max)));
  }

  private boolean block(int begin, int end) {
    if (!limitCounts(begin, end)) {
      return false;
    }
    for (int a = begin; a < end; a++) {
      for (int slot = repeatOn(a); slot >= 0; slot = repeatOn(a)) {
        Exchange exchange = best(a, slot, slot + 1, begin, end, Double.POSITIVE_INFINITY);
        if (exchange == null) {
          deal(begin, end);
          break;
        }
        exchange.make(slots);
      }
    }
    relieve(begin, end);
    return true;
  }

  /** Leaves no expert more slots than there are accelerators in its block. */
  private boolean limitCounts(int begin, int end) {
    int most = end - begin;
    for (int slot = begin * each; slot < end * each; slot++) {
      if (counts[slots[slot]] > most) {
        int instead = -1;
        for (int s = begin * each; s < end * each; s++) {
          int e = slots[s];
          if (counts[e] < most
              && (instead < 0
                  || perSlot(e) > perSlot(instead)
                  || (perSlot(e) == perSlot(instead) && e < instead))) {
            instead = e;
          }
        }
        if (instead < 0) {
          return false;
        }
        counts[slots[slot]]--;
        counts[instead]++;
        slots[slot] = instead;
      }
    }
    return true;
  }

  private double perSlot(int expert) {
    return loads[expert] / counts[expert];
  }

  private double load(int accelerator) {
    double load = 0;
    for (int slot = accelerator * each; slot < (accelerator + 1) * each; slot++) {
      load += perSlot(slots[slot]);
    }
    return load;
  }

  private boolean holds(int accelerator, int expert) {
    for (int slot = accelerator * each; slot < (accelerator + 1) * each; slot++) {
      if (slots[slot] == expert) {
        return true;
      }
    }
    return false;
  }

  /** The first slot of an accelerator whose expert an earlier one has; -1 if there is none. */
  private int repeatOn(int accelerator) {
    for (int slot = accelerator * each; slot < (accelerator + 1) * each; slot++) {
      for (int earlier = accelerator * each; earlier < slot; earlier++) {
        if (slots[earlier] == slots[slot]) {
          return slot;
        }
      }
    }
    return -1;
  }

  /** Two slots that change their experts. */
  private record Exchange(int slot, int other) {
    void make(int[] slots) {
      int expert = slots[slot];
      slots[slot] = slots[other];
      slots[other] = expert;
    }
  }

  /**
   * The exchange of one of some slots of an accelerator with one of another accelerator that leaves
   * the fuller of the two least full, repeating nothing.
   *
   * @param below how full that may be
   * @return null if there is none
   */
  private @Nullable Exchange best(
      int accelerator, int from, int to, int begin, int end, double below) {
    Exchange best = null;
    double least = below;
    double load = load(accelerator);
    for (int b = begin; b < end; b++) {
      if (b == accelerator) {
        continue;
      }
      double other = load(b);
      for (int slot = from; slot < to; slot++) {
        if (holds(b, slots[slot])) {
          continue;
        }
        for (int s = b * each; s < (b + 1) * each; s++) {
          double moved = perSlot(slots[slot]) - perSlot(slots[s]);
          double fuller = Math.max(load - moved, other + moved);
          if (fuller < least && !holds(accelerator, slots[s])) {
            least = fuller;
            best = new Exchange(slot, s);
          }
        }
      }
    }
    return best;
  }

  /**
   * Deals out all slots of a block: an expert's go to as many accelerators, one after the other.
   */
  private void deal(int begin, int end) {
    List<Integer> experts = new ArrayList<>();
    for (int slot = begin * each; slot < end * each; slot++) {
      experts.add(slots[slot]);
    }
    experts.sort(
        Comparator.<Integer>comparingDouble(this::perSlot)
            .reversed()
            .thenComparing(Comparator.naturalOrder()));
    for (int i = 0; i < experts.size(); i++) {
      slots[(begin + i % (end - begin)) * each + i / (end - begin)] = experts.get(i);
    }
  }

  private void relieve(int begin, int end) {
    for (int i = 0; i < MAX_EXCHANGES; i++) {
      int fullest = begin;
      for (int a = begin + 1; a < end; a++) {
        if (load(a) > load(fullest)) {
          fullest = a;
        }
      }
      Exchange exchange =
          best(
              fullest,
              fullest * each,
              (fullest + 1) * each,
              begin,
              end,
              load(fullest) * (1 - GAIN));
      if (exchange == null) {
        return;
      }
      exchange.make(slots);
    }
  }
}
