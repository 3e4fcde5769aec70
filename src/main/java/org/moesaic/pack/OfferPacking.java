package org.moesaic.pack;

/**
 * The packing of one offer of a plan.
 *
 * @param offer id of an offer that holds something
 * @param nodes leased by the plan
 * @param acceleratorsPerNode of the offer; accelerators of a node follow each other
 * @param packing over {@code nodes * acceleratorsPerNode} accelerators; loads in calls per second
 * @param slotBytesPerAccelerator memory that the slots of all layers take on each accelerator
 * @param usableBytesPerAccelerator memory that experts can use there; infinite without a limit
 */
public record OfferPacking(
    String offer,
    int nodes,
    int acceleratorsPerNode,
    Packing packing,
    double slotBytesPerAccelerator,
    double usableBytesPerAccelerator) {

  /** Whether the slots fit into the memory of the accelerators; forgives a relative 1e-9. */
  public boolean fits() {
    return slotBytesPerAccelerator <= usableBytesPerAccelerator * (1 + 1e-9);
  }
}
