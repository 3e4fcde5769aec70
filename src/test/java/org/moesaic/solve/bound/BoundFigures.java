package org.moesaic.solve.bound;

import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.moesaic.solve.model.Tariff;

/** Times of parts of the bound that only benchmarks want. */
public final class BoundFigures {
  private BoundFigures() {}

  /**
   * Seconds of each of some evaluations, at multipliers that differ a little.
   *
   * @param threads to share an evaluation out to
   */
  public static double[] evaluations(Tariff tariff, int threads, int times) {
    var relaxation = new Relaxation(tariff);
    var evaluator = new Evaluator(relaxation, Evaluations.GROUPS, () -> false);
    double[] seconds = new double[times];
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int k = 0; k < times; k++) {
        double[] at = new double[relaxation.resources().count()];
        for (int i = 0; i < relaxation.offers(); i++) {
          double usd = tariff.offer(i).usdPerNodeHour() / 2 * (1 + 0.01 * k);
          at[relaxation.resources().memory(i)] = usd;
          at[relaxation.resources().service(i)] = usd;
        }
        long began = System.nanoTime();
        evaluator.evaluate(Multipliers.of(at), null, pool);
        seconds[k] = (System.nanoTime() - began) / 1e9;
      }
    }
    return seconds;
  }

  /** Seconds of each of some evaluations over paths, on one thread, shares improved between. */
  public static double[] paths(Tariff tariff, int times) {
    var relaxation = new Relaxation(tariff);
    var bound = new HostBound(relaxation, () -> false);
    double[] seconds = new double[times];
    double[] at = new double[relaxation.resources().count()];
    for (int i = 0; i < relaxation.offers(); i++) {
      for (int resource : relaxation.resources().of(i)) {
        at[resource] = tariff.offer(i).usdPerNodeHour() / 3;
      }
    }
    bound.begin();
    for (int k = 0; k < times; k++) {
      long began = System.nanoTime();
      Evaluation evaluation = bound.evaluate(Multipliers.of(at));
      seconds[k] = (System.nanoTime() - began) / 1e9;
      double value = Objects.requireNonNull(evaluation).value();
      bound.improve(value, 0.01 * value);
    }
    return seconds;
  }
}
