package org.moesaic.solve.model;

import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.problem.SampledTokens;

/**
 * How many tokens of an origin have an expert among some shards of a layer: so many copies go where
 * those are served. And how many that is at least for each call to them.
 *
 * <p>Idea: without recorded tokens, the logarithms of how unlikely it is to miss each shard are
 * summed as whole numbers; with them, it is counted how many of its experts each token has there.
 * So neither the order of shards nor what came and went leaves a trace.
 *
 * <p>At least: if tokens choose experts independently, one more expert adds to the copies a smaller
 * part of its calls the more are there already, so copies per call are fewest for all of a layer.
 * Of recorded tokens each has {@code topK} experts, so that shards which have some of them cause at
 * least that part of a copy. Both are linear functions below a submodular one that meet it at the
 * whole layer: Edmonds, <em>Submodular functions, matroids, and certain polyhedra</em> (1970).
 *
 * <p>Immutable, shared by all threads.
 */
final class SharedCopies {
  /** To miss is so unlikely, as a logarithm, that not to is certain. */
  private static final double CERTAIN = 64;

  /** Binary digits of the sum of a layer's logarithms. */
  private static final int DIGITS = 62;

  /** The part of the fewest copies that rounding cannot make more. */
  private static final double NEARLY_ALL = 1 - 1e-12;

  private final Instance instance;
  private final double logScale;
  private final double[] fewestPerCall;
  private final double[] usualPerCall;

  SharedCopies(Instance instance) {
    this.instance = instance;
    int digitsOfCount = Integer.SIZE - Integer.numberOfLeadingZeros(instance.shardsPerLayer());
    logScale = Math.scalb(1.0, DIGITS - digitsOfCount) / CERTAIN;
    fewestPerCall = new double[instance.origins()];
    usualPerCall = new double[instance.origins()];
    for (int o = 0; o < instance.origins(); o++) {
      copiesPerCall(o);
    }
  }

  private void copiesPerCall(int origin) {
    double tokensPerSecond = instance.origin(origin).tokensPerSecond();
    double fewest = 1;
    double copies = 0;
    double calls = 0;
    for (int l = 0; l < instance.layers(); l++) {
      double perChosen = copiesPerChosen(origin, l);
      for (int s = instance.shard(l, 0); s < instance.shard(l + 1, 0); s++) {
        if (instance.isServed(origin, s)) {
          double least = tokensPerSecond * chosen(origin, s) * perChosen;
          fewest = Math.min(fewest, least / instance.demand(origin, s));
          copies += least;
          calls += instance.demand(origin, s);
        }
      }
    }
    fewestPerCall[origin] = fewest * NEARLY_ALL;
    usualPerCall[origin] = calls > 0 ? Math.min(1, copies / calls) : 1;
  }

  /** What part of a copy each expert that a token chooses causes at least. */
  private double copiesPerChosen(int origin, int layer) {
    SampledTokens sample = instance.sample(origin);
    if (sample != null) {
      return 1.0 / sample.topK();
    }
    double missed = 0;
    double chosen = 0;
    for (int s = instance.shard(layer, 0); s < instance.shard(layer + 1, 0); s++) {
      missed += instance.logMiss(origin, s);
      chosen += instance.callProbability(origin, s);
    }
    return -Math.expm1(missed) / chosen;
  }

  /**
   * The share of an origin's tokens that a shard it calls is the cause of at least, whatever else
   * is served there: of any shards of a layer the sum of these is at most the share of tokens with
   * an expert among them.
   */
  double fewest(int origin, int shard) {
    double chosen = chosen(origin, shard);
    return chosen == 0 ? 0 : chosen * copiesPerChosen(origin, instance.layerOf(shard));
  }

  /**
   * By how much the share of tokens with an expert among some shards grows as they come one by one:
   * a vertex of the polytope of all linear functions that are below that share, and meet it at the
   * whole. So is, below it, any mean of such vertices. Complexity: O(tokens that chose one of
   * them).
   *
   * @param order shards of one layer, each once
   * @param growth receives, by position in the order, what is added; the sum is the share
   */
  void grow(int origin, int[] order, double[] growth) {
    SampledTokens sample = instance.sample(origin);
    if (sample == null) {
      double missed = 0;
      for (int k = 0; k < order.length; k++) {
        double miss = instance.logMiss(origin, order[k]);
        growth[k] = -Math.exp(missed) * Math.expm1(miss);
        missed += miss;
      }
      return;
    }
    boolean[] seen = new boolean[sample.tokens()];
    for (int k = 0; k < order.length; k++) {
      int added = 0;
      int first = instance.firstExpertOf(order[k]);
      for (int e = first; e < first + instance.sizeOf(order[k]); e++) {
        for (int token : sample.choosers(instance.layerOf(order[k]), e)) {
          added += seen[token] ? 0 : 1;
          seen[token] = true;
        }
      }
      growth[k] = (double) added / sample.tokens();
    }
  }

  /** How many experts of a shard a token chooses, on average. */
  private double chosen(int origin, int shard) {
    SampledTokens sample = instance.sample(origin);
    if (sample == null) {
      return instance.callProbability(origin, shard);
    }
    double choices = 0;
    int first = instance.firstExpertOf(shard);
    for (int e = first; e < first + instance.sizeOf(shard); e++) {
      choices += sample.choosers(instance.layerOf(shard), e).length;
    }
    return choices / sample.tokens();
  }

  /** Copies that a call of an origin causes at least, 0 to 1, whatever else is served there. */
  double fewestPerCall(int origin) {
    return fewestPerCall[origin];
  }

  /** Copies for each call of an origin where all of a layer is at one place, 0 to 1. */
  double usualPerCall(int origin) {
    return usualPerCall[origin];
  }

  /** A tally of an origin and no shards. */
  Tally tally(int origin) {
    SampledTokens sample = instance.sample(origin);
    return sample == null ? new Expected(origin) : new Counted(sample);
  }

  /** How many tokens have an expert among some shards of one layer. Not safe for threads. */
  interface Tally {
    /**
     * A shard that the origin calls comes or goes.
     *
     * @param sign 1 or -1
     */
    void change(int shard, int sign);

    /** Their share, 0 to 1; the same for the same shards. */
    double share();
  }

  /** As if each expert were chosen by itself. */
  private final class Expected implements Tally {
    private final int origin;
    private long missed;

    Expected(int origin) {
      this.origin = origin;
    }

    @Override
    public void change(int shard, int sign) {
      double unlikely = Math.min(CERTAIN, -instance.logMiss(origin, shard));
      // Never nothing: ways may be closed to the least of bytes.
      missed += sign * Math.max(1, Math.round(unlikely * logScale));
    }

    @Override
    public double share() {
      return -Math.expm1(-missed / logScale);
    }
  }

  /** Of recorded tokens. */
  private final class Counted implements Tally {
    private final SampledTokens sample;

    /** By token: how many of its experts are there, at most {@code topK}. Made when one is. */
    private short @Nullable [] experts;

    private int tokens;

    Counted(SampledTokens sample) {
      this.sample = sample;
    }

    @Override
    public void change(int shard, int sign) {
      short[] counts = experts == null ? new short[sample.tokens()] : experts;
      int first = instance.firstExpertOf(shard);
      for (int e = first; e < first + instance.sizeOf(shard); e++) {
        for (int token : sample.choosers(instance.layerOf(shard), e)) {
          int before = counts[token];
          counts[token] += (short) sign;
          tokens += before == 0 ? 1 : counts[token] == 0 ? -1 : 0;
        }
      }
      experts = tokens == 0 ? null : counts;
    }

    @Override
    public double share() {
      return (double) tokens / sample.tokens();
    }
  }
}
