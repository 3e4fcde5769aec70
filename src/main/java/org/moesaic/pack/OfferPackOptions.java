package org.moesaic.pack;

/**
 * How the offers of a plan are packed.
 *
 * @param redundancy fewest slots of a layer beyond one per expert held; more where that makes slots
 *     equal on all accelerators
 * @param hierarchical whether all replicas of a shard have to lie within one node
 * @param uniform whether every layer of an offer has as many slots as the one that needs most, as
 *     engines want it that know one number of slots
 */
public record OfferPackOptions(int redundancy, boolean hierarchical, boolean uniform) {
  /** The fewest slots that are equal on all accelerators, layer by layer, without nodes. */
  public static final OfferPackOptions DEFAULT = new OfferPackOptions(0, false, false);

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if the redundancy is below 0
   */
  public OfferPackOptions {
    if (redundancy < 0) {
      throw new IllegalArgumentException(
          "The redundancy (%d) must be 0 or more.%nMaybe leave it out.".formatted(redundancy));
    }
  }
}
