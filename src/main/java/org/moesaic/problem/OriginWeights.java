package org.moesaic.problem;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Routing.Sample;

/**
 * Which weights an origin's calls follow: its own load, else the load of every origin, else how
 * often its sampled tokens chose each expert, else none, which is uniform. Not thread-safe.
 */
public final class OriginWeights {
  private final int experts;
  private final Map<String, Weights> ofOrigin = new HashMap<>();
  private final Map<String, SampledTokens> samples = new HashMap<>();
  private @Nullable Weights ofAll;

  /** Prepares a problem whose files are read. */
  public OriginWeights(Problem problem) {
    experts = problem.model().expertsPerLayer();
    for (Load load : problem.routing().loads()) {
      if (load.origin() == null) {
        ofAll = load.weights();
      } else {
        ofOrigin.put(load.origin(), load.weights());
      }
    }
    for (Sample sample : problem.routing().samples()) {
      SampledTokens choices = sample.choices();
      if (choices != null) {
        samples.put(sample.origin(), choices);
      }
    }
  }

  /**
   * The weights of an origin, not yet normalised; null if all experts are called equally often.
   *
   * @param origin its id
   */
  public @Nullable Weights of(String origin) {
    Weights own = ofOrigin.get(origin);
    if (own != null) {
      return own;
    }
    if (ofAll != null) {
      return ofAll;
    }
    SampledTokens choices = samples.get(origin);
    if (choices == null) {
      return null;
    }
    Weights counts = choices.counts(experts);
    ofOrigin.put(origin, counts); // counting takes long
    return counts;
  }
}
