package org.moesaic.testing;

import org.jspecify.annotations.Nullable;
import org.moesaic.problem.Model;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Model.Sync;
import org.moesaic.problem.Offer;

/** Parts of problems that differ from others in what tests change. */
public final class Changed {
  private Changed() {}

  /** An offer at another price, and of other most nodes. */
  public static Offer offer(Offer o, double usdPerNodeHour, @Nullable Integer maxNodes) {
    return new Offer(
        o.id(),
        o.provider(),
        o.region(),
        o.accelerator(),
        o.acceleratorsPerNode(),
        o.memoryGibPerNode(),
        o.tflopsPerNode(),
        o.networkGbpsPerNode(),
        o.fabric(),
        o.powerKwPerNode(),
        o.tenure(),
        usdPerNodeHour,
        o.minNodes(),
        maxNodes,
        o.availableFrom());
  }

  /** A model whose calls, dense part and sync are others. */
  public static Model model(
      Model m, Copies copies, @Nullable Backbone backbone, @Nullable Sync sync) {
    return new Model(
        m.name(),
        m.moeLayers(),
        m.expertsPerLayer(),
        m.topK(),
        m.expertBytes(),
        m.expertFlopsPerToken(),
        m.dispatchBytes(),
        m.combineBytes(),
        m.expertsPerShard(),
        copies,
        backbone,
        sync);
  }
}
