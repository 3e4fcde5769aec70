package org.moesaic.export;

import org.jspecify.annotations.Nullable;

/**
 * How a plan is exported.
 *
 * @param format what its files are for
 * @param denseLayers which layers of the model have no experts
 * @param redundancy fewest slots of a layer beyond one per expert held; more where that makes slots
 *     equal on all accelerators
 * @param hierarchical whether all replicas of a shard have to lie within one node
 * @param allowPartial whether files may leave out experts that their offer does not hold, where the
 *     format can say so
 * @param acceleratorsPerNode of offers that do not say it themselves; null: they have to
 */
public record ExportOptions(
    ExportFormat format,
    DenseLayers denseLayers,
    int redundancy,
    boolean hierarchical,
    boolean allowPartial,
    @Nullable Integer acceleratorsPerNode) {

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if a number is out of its range
   */
  public ExportOptions {
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

  /** One replica of each expert, complete layers, dense layers as given. */
  public static ExportOptions of(ExportFormat format, DenseLayers denseLayers) {
    return new ExportOptions(format, denseLayers, 0, false, false, null);
  }

  /** The same, where files may leave out what their offer does not hold. */
  public ExportOptions partial() {
    return new ExportOptions(
        format, denseLayers, redundancy, hierarchical, true, acceleratorsPerNode);
  }
}
