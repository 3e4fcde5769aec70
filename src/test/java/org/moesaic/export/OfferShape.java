package org.moesaic.export;

/**
 * What a file of an engine does not say of itself, or not alone.
 *
 * @param offer whose file it is
 * @param nodes leased
 * @param acceleratorsPerNode of the offer
 * @param experts of each MoE layer of the model
 * @param layers where the MoE layers stand among all
 */
public record OfferShape(
    String offer, int nodes, int acceleratorsPerNode, int experts, ModelLayers layers) {
  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is below 1
   */
  public OfferShape {
    if (nodes < 1 || acceleratorsPerNode < 1 || experts < 1) {
      throw new IllegalArgumentException(
          "The nodes (%d), accelerators of each (%d) and experts (%d) must be 1 or more."
              .formatted(nodes, acceleratorsPerNode, experts));
    }
    Math.multiplyExact(nodes, acceleratorsPerNode);
  }

  /** Number of accelerators. */
  public int accelerators() {
    return nodes * acceleratorsPerNode;
  }
}
