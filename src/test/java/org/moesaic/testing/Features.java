package org.moesaic.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.moesaic.problem.Model;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Model.Sync;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Policy;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Routing;
import org.moesaic.problem.Routing.Sample;
import org.moesaic.problem.SampledTokens;
import org.moesaic.testing.RandomProblems.Feature;

/**
 * Adds what {@link Feature}s name to a problem, in amounts like those of {@link RandomProblems}.
 */
final class Features {
  private final Set<Feature> features;
  private final SplittableRandom random;

  private Features(long seed, Set<Feature> features) {
    this.features = features;
    // Of its own, so that the rest of the problem is the same with and without.
    random = new SplittableRandom(~seed);
  }

  /** The same problem with all of the features. */
  static Problem add(long seed, Problem problem, Set<Feature> features) {
    return new Features(seed, features).to(problem);
  }

  private boolean chance(double p) {
    return random.nextDouble() < p;
  }

  private double between(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  private Problem to(Problem problem) {
    Model model = model(problem.model());
    List<Origin> origins = problem.origins().stream().map(this::origin).toList();
    return problem.toBuilder()
        .model(model)
        .origins(origins)
        .routing(new Routing(problem.routing().loads(), samples(origins, model)))
        .policy(policy(problem.policy()))
        .build();
  }

  private Model model(Model m) {
    return Changed.model(
        m,
        features.contains(Feature.SHARED_COPIES) ? Copies.PER_SITE : m.copies(),
        features.contains(Feature.HOSTS) ? backbone() : m.backbone(),
        features.contains(Feature.SYNC) ? sync() : m.sync());
  }

  private Backbone backbone() {
    return new Backbone(
        chance(0.9) ? between(0.1, 1) * (1L << 30) : 0,
        chance(0.9) ? between(1e8, 2e9) : 0,
        chance(0.9) ? between(1000, 20_000) : 0,
        chance(0.4) ? between(1000, 20_000) : 0);
  }

  /** Some megabytes per second, as calls have them. */
  private Sync sync() {
    return new Sync(
        chance(0.9) ? between(1e8, 2e9) : 0,
        chance(0.9) ? between(1e8, 2e9) : 0,
        between(5, 50),
        chance(0.7) ? between(0.1, 1) : 1);
  }

  private Origin origin(Origin o) {
    boolean access = features.contains(Feature.ACCESS);
    return new Origin(
        o.id(),
        o.provider(),
        o.region(),
        o.tokensPerSecond(),
        features.contains(Feature.PARTS) ? 1 + random.nextInt(4) : o.streams(),
        access && chance(0.8) ? between(100, 10_000) : o.accessBytes(),
        o.servableIn(),
        o.maxAddedLatencyMs(),
        access && chance(0.2) ? Double.valueOf(between(1, 250)) : o.maxAccessMs());
  }

  private Policy policy(Policy p) {
    return features.contains(Feature.ACCESS) && chance(0.2)
        ? new Policy(
            p.neededBy(),
            p.minReplicas(),
            p.maxReplicas(),
            p.survive(),
            p.maxProviderShare(),
            p.maxAddedLatencyMs(),
            between(1, 250),
            p.pins(),
            p.bans())
        : p;
  }

  private List<Sample> samples(List<Origin> origins, Model model) {
    List<Sample> samples = new ArrayList<>();
    for (Origin origin : origins) {
      if (features.contains(Feature.SAMPLES) && chance(0.6)) {
        SampledTokens tokens = tokens(model);
        samples.add(new Sample(origin.id(), origin.id() + ".gz", tokens.tokens(), tokens));
      }
    }
    return samples;
  }

  private SampledTokens tokens(Model model) {
    int[][][] choices = new int[1 + random.nextInt(30)][model.moeLayers()][];
    for (int[][] token : choices) {
      for (int l = 0; l < token.length; l++) {
        token[l] = random.ints(0, model.expertsPerLayer()).distinct().limit(model.topK()).toArray();
      }
    }
    return SampledTokens.of(choices, model);
  }
}
