package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.bound.Evaluation.Part;
import org.moesaic.solve.model.Pieces;

/**
 * Adds up what shards cost at given multipliers, block by block.
 *
 * <p>Idea: a block of shards takes the multipliers and gives one {@link Part}; blocks know nothing
 * of each other, so any number of threads, or machines, may share them. They are added up in their
 * order, so that the sum is the same however many there were. Complexity: that of {@link
 * ShardBound} times the shards.
 */
final class Evaluator {
  private static final int SHARDS_PER_BLOCK = 512;

  private final Relaxation relaxation;
  private final int groups;
  private final int blocksPerGroup;
  private final BooleanSupplier stop;

  /**
   * @param groups of shards whose parts are kept apart
   * @param stop ends an evaluation that is under way, which gives none then
   */
  Evaluator(Relaxation relaxation, int groups, BooleanSupplier stop) {
    this.relaxation = relaxation;
    this.groups = Math.min(groups, relaxation.instance.pieces());
    this.stop = stop;
    int shardsPerGroup = relaxation.instance.pieces() / this.groups;
    blocksPerGroup = Math.max(1, shardsPerGroup / SHARDS_PER_BLOCK);
  }

  int groups() {
    return groups;
  }

  /**
   * Evaluates.
   *
   * @param open share by which each offer is open; null if all are
   * @param threads to share the work out to; null to do it here
   * @return null if it was stopped
   */
  @Nullable Evaluation evaluate(
      Multipliers at, double @Nullable [] open, @Nullable ExecutorService threads) {
    var prices = new ShardBound.Prices(relaxation, at);
    int blocks = groups * blocksPerGroup;
    List<Callable<@Nullable Part>> tasks = new ArrayList<>();
    for (int b = 0; b < blocks; b++) {
      int from = first(b, blocks);
      int to = first(b + 1, blocks);
      tasks.add(() -> evaluate(prices, open, from, to));
    }
    List<@Nullable Part> results = threads == null ? inline(tasks) : shared(tasks, threads);
    List<Part> parts = new ArrayList<>();
    for (int g = 0; g < groups; g++) {
      List<Part> group = new ArrayList<>();
      for (Part part : results.subList(g * blocksPerGroup, (g + 1) * blocksPerGroup)) {
        if (part == null) {
          return null;
        }
        group.add(part);
      }
      parts.add(
          group.size() == 1
              ? group.getFirst()
              : Part.sum(relaxation.offers(), relaxation.resources().count(), group));
    }
    return new Evaluation(at, parts, null);
  }

  private int first(int block, int blocks) {
    return (int) ((long) block * relaxation.instance.pieces() / blocks);
  }

  private static List<@Nullable Part> inline(List<Callable<@Nullable Part>> tasks) {
    List<@Nullable Part> results = new ArrayList<>();
    try {
      for (Callable<@Nullable Part> task : tasks) {
        results.add(task.call());
      }
    } catch (Exception e) {
      throw new IllegalStateException("An evaluation of the bound failed.", e);
    }
    return results;
  }

  private static List<@Nullable Part> shared(
      List<Callable<@Nullable Part>> tasks, ExecutorService threads) {
    List<Future<@Nullable Part>> futures = new ArrayList<>();
    for (Callable<@Nullable Part> task : tasks) {
      futures.add(threads.submit(task));
    }
    List<@Nullable Part> results = new ArrayList<>();
    boolean interrupted = false;
    try {
      for (Future<@Nullable Part> future : futures) {
        while (true) {
          try {
            results.add(future.get());
            break;
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("An evaluation of the bound failed.", e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return results;
  }

  /**
   * A plan as a column.
   *
   * @param at multipliers to go by where a mix has no others
   */
  Evaluation of(Assignment plan, Multipliers at) {
    List<Part> parts = new ArrayList<>();
    List<Placement> placements = Pieces.of(relaxation.instance, plan);
    for (int g = 0; g < groups; g++) {
      var sum = new Sum(relaxation.resources());
      int end = first((g + 1) * blocksPerGroup, groups * blocksPerGroup);
      for (int s = first(g * blocksPerGroup, groups * blocksPerGroup); s < end; s++) {
        Placement placement = placements.get(s);
        for (int replica : placement.replicas()) {
          relaxation.hold(s, replica, sum);
        }
        for (int o = 0; o < relaxation.origins(); o++) {
          if (placement.servedBy()[o] >= 0) {
            relaxation.serve(s, o, placement.servedBy()[o], sum);
          }
        }
      }
      parts.add(new Part(sum.trafficUsd, new double[relaxation.offers()], sum.trafficUsd, sum.use));
    }
    return new Evaluation(at, parts, plan);
  }

  private @Nullable Part evaluate(
      ShardBound.Prices prices, double @Nullable [] open, int from, int to) {
    Instance instance = relaxation.instance;
    var shardBound = new ShardBound(relaxation);
    shardBound.price(prices, open);
    double value = 0;
    double[] opening = new double[relaxation.offers()];
    var sum = new Sum(relaxation.resources());
    for (int s = from; s < to; s++) {
      if (stop.getAsBoolean()) {
        return null;
      }
      value += shardBound.solve(s);
      if (value == Double.POSITIVE_INFINITY) {
        return new Part(value, opening, 0, sum.use);
      }
      if (open != null) {
        for (int i : instance.holders(s)) {
          opening[i] += shardBound.opening(i);
        }
      }
      for (int r = 0; r < shardBound.size(); r++) {
        relaxation.hold(s, shardBound.member(r), sum);
      }
      for (int o = 0; o < relaxation.origins(); o++) {
        if (instance.isServed(o, s)) {
          relaxation.serve(s, o, shardBound.server(s, o), sum);
        }
      }
    }
    return new Part(value, opening, sum.trafficUsd, sum.use);
  }

  /** What placements use, added up. */
  static final class Sum implements Resources.Sink {
    final double[] use;
    double trafficUsd;

    Sum(Resources resources) {
      use = new double[resources.count()];
    }

    @Override
    public void use(int resource, double amount) {
      use[resource] += amount;
    }

    @Override
    public void pay(double usdPerHour) {
      trafficUsd += usdPerHour;
    }
  }
}
