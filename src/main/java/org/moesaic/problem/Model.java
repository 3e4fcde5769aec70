package org.moesaic.problem;

import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Limits;
import org.moesaic.json.Range;
import org.moesaic.json.WarnIfAbsent;

/** The mixture-of-experts model. */
public record Model(
    @Doc("the model's published name") String name,
    @Doc("layers that have experts") @Range(min = 1, max = Limits.LAYERS) int moeLayers,
    @Doc("routed experts of each such layer") @Range(min = 1, max = Limits.EXPERTS_PER_LAYER)
        int expertsPerLayer,
    @Doc("experts that a token chooses in each layer, at most expertsPerLayer") @Range(min = 1)
        int topK,
    @Doc("memory that one replica of one expert takes, bytes") @Range(min = 0) long expertBytes,
    @Doc("floating-point operations of one call of one expert") @Range(min = 0)
        double expertFlopsPerToken,
    @Doc("bytes sent to an expert with one call")
        @Default("0")
        @WarnIfAbsent("calls send nothing and their traffic is free")
        @Range(min = 0)
        double dispatchBytes,
    @Doc("bytes that come back from one call")
        @Default("0")
        @WarnIfAbsent("calls return nothing and that traffic is free")
        @Range(min = 0)
        double combineBytes,
    @Doc("experts that are placed together") @Default("1") @Range(min = 1) int expertsPerShard,
    @Doc("what crosses to a site that serves several experts of one token")
        @Default("\"perExpert\"")
        Copies copies,
    @Doc("the dense part, where it is placed too; absent: it runs at each origin's own site")
        @Nullable Backbone backbone,
    @Doc("the synchronisation of training replicas, if there is one") @Nullable Sync sync) {

  /** What crosses to another site when several experts of one token are served there. */
  public enum Copies {
    /** Every call ships a copy of its own. */
    PER_EXPERT,
    /** A token goes once to each site, and one combined result comes back. */
    PER_SITE
  }

  /** The dense part of each layer: attention, router and shared experts. */
  public record Backbone(
      @Doc("memory of one layer, bytes") @Range(min = 0) double bytesPerLayer,
      @Doc("floating-point operations of one token in one layer") @Range(min = 0)
          double flopsPerTokenPerLayer,
      @Doc("bytes that cross from layer to layer with each token") @Range(min = 0)
          double activationBytes,
      @Doc("bytes that cross back with each token in training, the gradient of the activation")
          @Default("0")
          @Range(min = 0)
          double gradientBytes) {

    /** Without gradients that flow back. */
    public Backbone(double bytesPerLayer, double flopsPerTokenPerLayer, double activationBytes) {
      this(bytesPerLayer, flopsPerTokenPerLayer, activationBytes, 0);
    }
  }

  /** Synchronisation between replicas in training. */
  public record Sync(
      @Doc("bytes that one expert exchanges in one sync, each way") @Range(min = 0)
          double expertBytes,
      @Doc("bytes that one layer's backbone exchanges in one sync, each way") @Range(min = 0)
          double backboneBytesPerLayer,
      @Doc("syncs per hour") @Range(min = 0) double syncsPerHour,
      @Doc("share of the time between two syncs in which one has to be through")
          @Default("1")
          @Range(above = 0, max = 1)
          double window) {

    /** With all the time between two syncs for one. */
    public Sync(double expertBytes, double backboneBytesPerLayer, double syncsPerHour) {
      this(expertBytes, backboneBytesPerLayer, syncsPerHour, 1);
    }
  }

  /** Shards of one layer: {@code ceil(expertsPerLayer / expertsPerShard)}. */
  public int shardsPerLayer() {
    return Math.ceilDiv(expertsPerLayer, expertsPerShard);
  }
}
