package org.moesaic.pack;

import java.util.List;

/**
 * How the experts of one layer lie on accelerators. Every accelerator has as many slots, and every
 * expert's load is shared evenly by its slots.
 *
 * @param layer counted from 0, as the loads have it
 * @param slotExperts the expert in each slot; slot j is on accelerator {@code j / (slots /
 *     accelerators)}
 * @param maxLoad load of the accelerator that has most to do, in the unit of the loads
 * @param meanLoad load of all experts by the number of accelerators
 * @param bound no packing by the same rules has a smaller {@code maxLoad}; at most {@code maxLoad}
 */
public record LayerPacking(
    int layer, List<Integer> slotExperts, double maxLoad, double meanLoad, double bound) {
  public LayerPacking {
    slotExperts = List.copyOf(slotExperts);
  }

  /** Number of slots on all accelerators together. */
  public int slots() {
    return slotExperts.size();
  }

  /** How much more than the mean the fullest accelerator has to do: 1 for an even packing. */
  public double imbalance() {
    return meanLoad == 0 ? 1 : maxLoad / meanLoad;
  }

  /** Whether no packing by the same rules is better, but for a share of 1e-9. */
  public boolean optimal() {
    return maxLoad - bound <= 1e-9 * maxLoad;
  }
}
