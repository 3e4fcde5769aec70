package org.moesaic.generate;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.moesaic.problem.Model;
import org.moesaic.problem.SampledTokens;
import org.moesaic.problem.Weights;

/**
 * Draws how often an origin calls each expert.
 *
 * <p>In each layer the calls fall off with the rank of an expert as {@code 1 / rank^skew} (Zipf's
 * law). Two rankings are drawn for each layer: one that all origins share, and one of the origin's
 * own. The weight of expert e is
 *
 * <pre>  w(e) = (1 - specialisation) * zipf(sharedRank(e)) + specialisation * zipf(ownRank(e))
 * </pre>
 *
 * <p>so that a specialisation of 0 makes all origins alike, and of 1 makes them unrelated. Weights
 * are written as calls in a million, rounded, at least 1. How skewed real models are: in counts of
 * DeepSeek-R1 that a maintainer attached to issue 6017 of sgl-project/sglang the busiest of 256
 * experts has 5.6 to 8.1 times the mean load, averaged over layers; a skew of 0.5 gives 8.4 with no
 * specialisation.
 *
 * <p>The rankings of an origin depend on the seed and its id alone, so that more origins leave
 * those before as they are.
 */
final class RoutingWeights {
  /** Fixed by name, so that the same seed gives the same problem everywhere. */
  private static final String ALGORITHM = "L64X128MixRandom";

  private static final double CALLS = 1e6;
  private static final String SHARED = "";
  private static final String TOPIC = "topic of ";
  private static final int TOPICS = 16;

  /** How fast the choices of a topic fall with the rank of an expert. */
  private static final double TOPIC_SKEW = 1;

  private final ModelShape model;
  private final double[] zipf;
  private final double[] topicZipf;
  private final double specialisation;
  private final long seed;

  RoutingWeights(ModelShape model, double skew, double specialisation, long seed) {
    this.model = model;
    this.zipf = zipf(model.expertsPerLayer(), skew);
    this.topicZipf = zipf(model.expertsPerLayer(), TOPIC_SKEW);
    this.specialisation = specialisation;
    this.seed = seed;
  }

  /** Shares of ranks 0, 1, ..., falling, summing to 1. */
  static double[] zipf(int ranks, double skew) {
    double[] shares = new double[ranks];
    double sum = 0;
    for (int r = 0; r < ranks; r++) {
      // StrictMath: the same bits on every machine.
      shares[r] = StrictMath.pow(r + 1, -skew);
      sum += shares[r];
    }
    double total = sum;
    return Arrays.stream(shares).map(share -> share / total).toArray();
  }

  /** The weights of one origin. */
  Weights of(String origin) {
    RandomGenerator shared = stream(SHARED);
    RandomGenerator own = stream(origin);
    double[][] rows = new double[model.moeLayers()][model.expertsPerLayer()];
    for (double[] row : rows) {
      int[] sharedRank = permutation(row.length, shared);
      int[] ownRank = permutation(row.length, own);
      for (int e = 0; e < row.length; e++) {
        double share =
            (1 - specialisation) * zipf[sharedRank[e]] + specialisation * zipf[ownRank[e]];
        row[e] = Math.max(1, Math.rint(share * CALLS));
      }
    }
    return Weights.of(rows);
  }

  /**
   * Tokens of one origin that choose experts together: each belongs to one of {@value #TOPICS}
   * topics, and in each layer chooses {@code topK} experts without repetition by
   *
   * <pre>  p(e) = (1 - coactivation) * w(e) + coactivation * zipf(rank of e in the topic)
   * </pre>
   *
   * <p>where w are the weights of the origin, and the rankings of topics are those of the seed and
   * the same for all origins.
   */
  SampledTokens sample(String origin, int tokens, double coactivation, Model of) {
    Weights weights = of(origin);
    int experts = model.expertsPerLayer();
    double[][][] cumulated = new double[TOPICS][model.moeLayers()][experts];
    RandomGenerator topics = stream(TOPIC);
    for (double[][] topic : cumulated) {
      for (int l = 0; l < model.moeLayers(); l++) {
        int[] rank = permutation(experts, topics);
        double all = 0;
        for (int e = 0; e < experts; e++) {
          all += weights.get(l, e);
        }
        double sum = 0;
        for (int e = 0; e < experts; e++) {
          sum += (1 - coactivation) * weights.get(l, e) / all + coactivation * topicZipf[rank[e]];
          topic[l][e] = sum;
        }
      }
    }
    RandomGenerator draw = stream(TOPIC + origin);
    int[][][] choices = new int[tokens][model.moeLayers()][model.topK()];
    for (int[][] layers : choices) {
      double[][] topic = cumulated[draw.nextInt(TOPICS)];
      for (int l = 0; l < layers.length; l++) {
        choose(topic[l], draw, layers[l]);
      }
    }
    return SampledTokens.of(choices, of);
  }

  private static void choose(double[] cumulated, RandomGenerator draw, int[] chosen) {
    for (int k = 0; k < chosen.length; k++) {
      boolean again = true;
      while (again) {
        int at =
            Arrays.binarySearch(cumulated, draw.nextDouble() * cumulated[cumulated.length - 1]);
        int expert = Math.min(at < 0 ? -at - 1 : at, cumulated.length - 1);
        again = Arrays.stream(chosen, 0, k).anyMatch(e -> e == expert);
        chosen[k] = expert;
      }
    }
  }

  private RandomGenerator stream(String name) {
    return RandomGeneratorFactory.of(ALGORITHM).create(seed ^ ((long) name.hashCode() << 32));
  }

  /** Fisher and Yates. */
  private static int[] permutation(int n, RandomGenerator random) {
    int[] permutation = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      permutation[i] = permutation[j];
      permutation[j] = i;
    }
    return permutation;
  }
}
