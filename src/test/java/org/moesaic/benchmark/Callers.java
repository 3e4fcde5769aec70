package org.moesaic.benchmark;

import java.util.SplittableRandom;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.problem.Problem;

/**
 * Problems of few shards that many origins call, such as whole layers or whole models: what is
 * saved of traffic by another replica is about what its nodes cost.
 */
public final class Callers {
  /** How nodes bind. */
  public enum Kind {
    /** A node holds all shards and serves all calls. */
    OPENING,
    /** A node holds one shard. */
    MEMORY,
    /** All calls need some ten nodes. */
    SERVICE,
    /** Both, with at least two nodes of an offer. */
    BOTH
  }

  private Callers() {}

  /**
   * A random problem: sites at random in a square, traffic in proportion to distance.
   *
   * @param usdPerNodeHour about what a node costs, where all traffic to a random place is 100
   */
  public static Problem random(
      long seed, Kind kind, int offers, int origins, int shards, double usdPerNodeHour) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] at =
        random
            .doubles(2L * (offers + origins))
            .boxed()
            .collect(
                java.util.stream.Collectors.collectingAndThen(
                    java.util.stream.Collectors.toList(),
                    list -> {
                      double[][] points = new double[offers + origins][];
                      for (int i = 0; i < points.length; i++) {
                        points[i] = new double[] {list.get(2 * i), list.get(2 * i + 1)};
                      }
                      return points;
                    }));
    boolean memory = kind == Kind.MEMORY || kind == Kind.BOTH;
    boolean service = kind == Kind.SERVICE || kind == Kind.BOTH;
    ProblemBuilder problem =
        new ProblemBuilder()
            .model(1, shards, 1)
            .expertBytes(1L << 30)
            .expertFlopsPerToken(1e12)
            .callBytes(1e6, 0)
            .freeProvider("x");
    double all = 0;
    double[] calls = new double[origins];
    for (int o = 0; o < origins; o++) {
      calls[o] = random.nextDouble(5, 100);
      all += calls[o];
    }
    for (int i = 0; i < offers; i++) {
      problem.region("f" + i, region -> {});
    }
    for (int o = 0; o < origins; o++) {
      problem.region("c" + o, region -> {}).origin("c" + o, "x/c" + o, calls[o]);
      double[] weights = new double[shards];
      for (int s = 0; s < shards; s++) {
        weights[s] = random.nextDouble(0.1, 1);
      }
      problem.load("c" + o, weights);
      for (int i = 0; i < offers; i++) {
        double distance = Math.hypot(at[i][0] - at[offers + o][0], at[i][1] - at[offers + o][1]);
        // Half a side is the mean distance; all calls over it cost 100 an hour.
        problem.oneWayLink("x/c" + o, "x/f" + i, 200 * distance / (3.6 * all), 1.0, null);
      }
    }
    double total = all;
    for (int i = 0; i < offers; i++) {
      double price = usdPerNodeHour * random.nextDouble(0.7, 1.3);
      problem.offer(
          "f" + i,
          "x/f" + i,
          offer -> {
            offer.memoryGib = memory ? 1.0 : 2.0 * shards;
            offer.tflops = service ? total / 10 : 10 * total;
            offer.usdPerNodeHour = memory || service ? price / 4 : price;
            offer.minNodes = kind == Kind.BOTH ? 2 : 0;
          });
    }
    return problem.build();
  }
}
