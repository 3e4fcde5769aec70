package org.moesaic.pack;

import java.util.List;

/**
 * The packing of one offer of a plan.
 *
 * @param offer id of an offer that holds something
 * @param nodes leased by the plan
 * @param acceleratorsPerNode of the offer; accelerators of a node follow each other
 * @param packing over {@code nodes * acceleratorsPerNode} accelerators; loads in calls per second
 * @param layersAcrossNodes those that were to keep to nodes, but of which the offer holds fewer
 *     shards than it has nodes; they are packed without regard to nodes
 * @param slotBytesPerAccelerator memory that the slots of all layers take on each accelerator
 * @param usableBytesPerAccelerator memory that experts can use there; infinite without a limit
 */
public record OfferPacking(
    String offer,
    int nodes,
    int acceleratorsPerNode,
    Packing packing,
    List<Integer> layersAcrossNodes,
    double slotBytesPerAccelerator,
    double usableBytesPerAccelerator) {
  public OfferPacking {
    layersAcrossNodes = List.copyOf(layersAcrossNodes);
  }

  /** Whether the slots fit into the memory of the accelerators; forgives a relative 1e-9. */
  public boolean fits() {
    return slotBytesPerAccelerator <= usableBytesPerAccelerator * (1 + 1e-9);
  }
}
