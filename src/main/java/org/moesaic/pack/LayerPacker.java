package org.moesaic.pack;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.moesaic.json.Limits;

/**
 * Packs one layer, with or without nodes: searches, bounds, and where it is small, proves.
 *
 * <p>Deterministic: what it does depends on its arguments alone, never on the clock.
 */
final class LayerPacker {
  /** Exchanges that a search looks at; each takes about a nanosecond. */
  private static final long SEARCH = 4_000_000;

  /** Steps of the exact search. */
  private static final long STEPS = 400_000;

  /** More slots than these are too many to prove anything by trying all packings. */
  static final int FEW_SLOTS = 64;

  /** How far above the bound, as a share, the search of a large packing goes no further. */
  private static final double GOOD = 1e-5;

  /** Accelerators of one packing. */
  private static final int MOST_ACCELERATORS = 1 << 16;

  /** Slots of one layer. */
  private static final long MOST_SLOTS = 1 << 20;

  private LayerPacker() {}

  /** The most accelerators that layers are packed onto; no deployment comes near it. */
  static long mostAccelerators(int layers) {
    // So that one slot each beyond those that experts need is never too many.
    return Math.min(MOST_ACCELERATORS, Limits.CELLS / Math.max(1, layers) / 2);
  }

  /**
   * The most slots that a layer is packed into, a multiple of the accelerators. More on an
   * accelerator than there are experts cannot help: each accelerator can then have them all.
   *
   * @param layers that are packed alike
   * @param experts of the layer
   * @param accelerators not too many
   */
  static long mostSlots(int layers, int experts, long accelerators) {
    long most = Math.min(MOST_SLOTS, Limits.CELLS / Math.max(1, layers));
    return Math.min(Math.max(experts, FEW_SLOTS), most / accelerators) * accelerators;
  }

  /**
   * Experts in slots.
   *
   * @param slots the expert in each, as an index into the loads
   * @param max load of the fullest accelerator
   * @param bound no packing has less; not above {@code max}
   */
  record Packed(int[] slots, double max, double bound) {
    Packed times(double unit) {
      return new Packed(slots, max * unit, bound * unit);
    }
  }

  /** Packs experts without regard to nodes. */
  static LayerPacking pack(int layer, double[] loads, int[] ids, int accelerators, int slots) {
    return packing(
        layer, loads, ids, accelerators, pack(loads, accelerators, slots / accelerators, 0, 1));
  }

  /**
   * Packs groups of experts, all replicas of a group within one node.
   *
   * @param groups the experts of each, as indices into the loads
   * @param equal whether every node has to have as many groups
   */
  static LayerPacking pack(
      int layer,
      double[] loads,
      int[] ids,
      int accelerators,
      int slots,
      int[][] groups,
      int nodes,
      boolean equal) {
    double unit = unit(loads);
    Packed packed =
        NodePacker.pack(
            scaled(loads, unit), groups, nodes, accelerators / nodes, slots / accelerators, equal);
    return packing(layer, loads, ids, accelerators, packed.times(unit));
  }

  /** Puts what was packed in terms of the layer. */
  private static LayerPacking packing(
      int layer, double[] loads, int[] ids, int accelerators, Packed packed) {
    int each = packed.slots.length / accelerators;
    int[] counts = new int[loads.length];
    for (int e : packed.slots) {
      counts[e]++;
    }
    double max = 0;
    for (int a = 0; a < accelerators; a++) {
      double load = 0;
      for (int j = a * each; j < (a + 1) * each; j++) {
        load += loads[packed.slots[j]] / counts[packed.slots[j]];
      }
      max = Math.max(max, load);
    }
    double mean = Arrays.stream(loads).sum() / accelerators;
    List<Integer> experts = IntStream.of(packed.slots).mapToObj(e -> ids[e]).toList();
    return new LayerPacking(layer, experts, max, Math.min(mean, max), Math.min(packed.bound, max));
  }

  /**
   * Packs experts onto accelerators.
   *
   * @param goodEnough a load of the fullest accelerator at which to look no further; 0 for the
   *     least
   * @param parts that the layer is packed in, which share the exchanges that are looked at
   */
  static Packed pack(double[] loads, int accelerators, int each, double goodEnough, int parts) {
    double unit = unit(loads);
    return packScaled(scaled(loads, unit), accelerators, each, goodEnough / unit, SEARCH / parts)
        .times(unit);
  }

  /** A bound without much of a search. */
  static double bound(double[] loads, int accelerators, int each) {
    double unit = unit(loads);
    double[] scaled = scaled(loads, unit);
    double upper = new SlotSearch(scaled, accelerators, each).max();
    return LoadBound.of(scaled, accelerators, each, upper) * unit;
  }

  /**
   * A power of two near the largest load: with it as the unit, sums do not run over in single
   * precision either, and nothing is rounded differently.
   */
  private static double unit(double[] loads) {
    double most = Arrays.stream(loads).max().orElse(0);
    return most > 0 ? Math.scalb(1.0, Math.max(Math.getExponent(most), -1000)) : 1;
  }

  private static double[] scaled(double[] loads, double unit) {
    return Arrays.stream(loads).map(load -> load / unit).toArray();
  }

  private static Packed packScaled(
      double[] loads, int accelerators, int each, double goodEnough, long most) {
    var search = new SlotSearch(loads, accelerators, each);
    double bound = LoadBound.of(loads, accelerators, each, search.max());
    boolean few = accelerators * each <= FEW_SLOTS;
    double target = bound * (1 + (few ? 2 * LoadBound.ROUNDING : GOOD));
    double enough = Math.max(target, goodEnough);
    // What is good enough is still evened out as far as that is quick.
    search.search(target, 0, 0);
    if (search.max() > enough && few) {
      // Of very few slots, trying all packings takes no longer.
      var quick = ExactSlots.search(loads, accelerators, each, search.max(), STEPS / 16);
      if (quick.proven()) {
        return packed(search, quick, bound);
      }
    }
    search.search(enough, few ? most / 4 : most, 0);
    return search.max() > enough && few
        ? packed(search, ExactSlots.search(loads, accelerators, each, search.max(), STEPS), bound)
        : new Packed(search.slots(), search.max(), bound);
  }

  private static Packed packed(SlotSearch search, ExactSlots.Result exact, double bound) {
    return new Packed(
        exact.slots() == null ? search.slots() : exact.slots(),
        exact.max(),
        exact.proven() ? exact.max() * (1 - LoadBound.ROUNDING) : bound);
  }
}
