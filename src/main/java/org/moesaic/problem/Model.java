package org.moesaic.problem;

import org.jspecify.annotations.Nullable;

/**
 * The mixture-of-experts model.
 *
 * @param name the model's published name
 * @param moeLayers layers that have experts, &gt;= 1
 * @param expertsPerLayer routed experts of each such layer, &gt;= 1
 * @param topK experts that a token chooses in each layer, 1 to {@code expertsPerLayer}
 * @param expertBytes memory that one replica of one expert takes, bytes
 * @param expertFlopsPerToken floating-point operations of one call of one expert
 * @param dispatchBytes bytes sent to an expert with one call; 0 if absent
 * @param combineBytes bytes that come back from one call; 0 if absent
 * @param expertsPerShard experts that are placed together, &gt;= 1
 * @param copies what crosses to a site that serves several experts of one token
 * @param backbone the dense part, where it is placed too; otherwise it runs at each origin's own
 *     site
 * @param sync the synchronisation of training replicas, if there is one
 */
public record Model(
    String name,
    int moeLayers,
    int expertsPerLayer,
    int topK,
    long expertBytes,
    double expertFlopsPerToken,
    double dispatchBytes,
    double combineBytes,
    int expertsPerShard,
    Copies copies,
    @Nullable Backbone backbone,
    @Nullable Sync sync) {

  /** What crosses to another site when several experts of one token are served there. */
  public enum Copies {
    /** Every call ships a copy of its own. */
    PER_EXPERT,
    /** A token goes once to each site, and one combined result comes back. */
    PER_SITE
  }

  /**
   * The dense part of each layer: attention, router and shared experts.
   *
   * @param bytesPerLayer memory of one layer, bytes
   * @param flopsPerTokenPerLayer floating-point operations of one token in one layer
   * @param activationBytes bytes that cross from layer to layer with each token
   */
  public record Backbone(
      double bytesPerLayer, double flopsPerTokenPerLayer, double activationBytes) {}

  /**
   * Synchronisation between replicas in training.
   *
   * @param expertBytes bytes that one expert exchanges in one sync, each way
   * @param backboneBytesPerLayer bytes that one layer's backbone exchanges in one sync, each way
   * @param syncsPerHour how often, per hour
   */
  public record Sync(double expertBytes, double backboneBytesPerLayer, double syncsPerHour) {}

  /** Shards of one layer: {@code ceil(expertsPerLayer / expertsPerShard)}. */
  public int shardsPerLayer() {
    return Math.ceilDiv(expertsPerLayer, expertsPerShard);
  }
}
