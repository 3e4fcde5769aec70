package org.moesaic.pack;

import org.jspecify.annotations.Nullable;

/**
 * How the offers of a plan are packed.
 *
 * @param redundancy fewest slots of a layer beyond one per expert held; more where that makes slots
 *     equal on all accelerators
 * @param hierarchical whether all replicas of a shard have to lie within one node
 * @param uniform whether every layer of an offer has as many slots as the one that needs most, as
 *     engines want it that know one number of slots
 * @param acceleratorsPerNode of offers that do not say it themselves; null: they have to
 */
public record OfferPackOptions(
    int redundancy, boolean hierarchical, boolean uniform, @Nullable Integer acceleratorsPerNode) {
  /** The fewest slots that are equal on all accelerators, layer by layer, without nodes. */
  public static final OfferPackOptions DEFAULT = new OfferPackOptions(0, false, false, null);

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public OfferPackOptions {
    if (redundancy < 0) {
      throw new IllegalArgumentException(
          "The redundancy (%d) must be 0 or more.%nMaybe leave it out.".formatted(redundancy));
    }
    if (acceleratorsPerNode != null && acceleratorsPerNode < 1) {
      throw new IllegalArgumentException(
          "The accelerators per node (%d) must be 1 or more.%nMaybe 8 is meant."
              .formatted(acceleratorsPerNode));
    }
  }
}
