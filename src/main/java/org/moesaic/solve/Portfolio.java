package org.moesaic.solve;

import ai.timefold.solver.core.api.score.HardSoftScore;
import ai.timefold.solver.core.impl.solver.DefaultSolver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.start.Rebuild;

/**
 * Searches with different seeds on several threads, each in rounds.
 *
 * <p>Idea: a round is a local search. The first goes on from the start; each further one begins at
 * the best that its thread has, or at a part of it built anew ({@link Rebuild}), and what it finds
 * replaces the best if it is better. No thread learns from another, so what each does depends on
 * its seed and its number of moves alone; the best of all is the result, the first thread's of
 * equals.
 */
final class Portfolio {
  /** Rounds without improvement after which a thread has seen enough. */
  private static final int PATIENCE = 100;

  private final Tariff tariff;
  private final Limits limits;
  private final Assignment start;
  private final Incumbents incumbents;
  private final Stop stop;

  /**
   * How long to search.
   *
   * @param threads that search
   * @param seed of the random numbers
   * @param moves most moves of each thread
   * @param deadlineNanos on the clock of {@link System#nanoTime}; null for none
   */
  record Limits(int threads, long seed, long moves, @Nullable Long deadlineNanos) {}

  Portfolio(Tariff tariff, Limits limits, Assignment start, Incumbents incumbents, Stop stop) {
    this.tariff = tariff;
    this.limits = limits;
    this.start = start;
    this.incumbents = incumbents;
    this.stop = stop;
  }

  /** The best assignment of all threads. */
  Assignment run() {
    List<Worker> workers = new ArrayList<>();
    for (int w = 0; w < limits.threads; w++) {
      workers.add(new Worker(w));
    }
    Runnable stopAll = () -> workers.forEach(Worker::stop);
    stop.onRequest(stopAll);
    try (ExecutorService threads =
        Executors.newFixedThreadPool(
            limits.threads, Thread.ofPlatform().daemon().name("moesaic-search-", 1).factory())) {
      List<Future<?>> running = new ArrayList<>();
      workers.forEach(worker -> running.add(threads.submit(worker)));
      for (Future<?> future : running) {
        future.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("A search failed.", e.getCause());
    } catch (InterruptedException e) {
      // Interrupting the caller is one way to say that the best so far will do.
      stopAll.run();
      Thread.currentThread().interrupt();
    } finally {
      stop.remove(stopAll);
    }
    Worker best = workers.getFirst();
    for (Worker worker : workers) {
      if (worker.bestScore.compareTo(best.bestScore) > 0) {
        best = worker;
      }
    }
    return best.best;
  }

  private final class Worker implements Runnable {
    private final int index;
    private final RandomGenerator random;
    private final Rebuild rebuild = new Rebuild(tariff);
    private final AtomicLong finishedMoves = new AtomicLong();
    private volatile @Nullable DefaultSolver<PlacementSolution> solver;
    private volatile boolean stopped;
    private volatile Assignment best = start;
    private volatile HardSoftScore bestScore = Ledger.of(tariff, start).score();

    Worker(int index) {
      this.index = index;
      random = new SplittableRandom(limits.seed * 1_000_003 + index);
      incumbents.countMoves(this::moves);
    }

    void stop() {
      stopped = true;
      DefaultSolver<PlacementSolution> running = solver;
      if (running != null) {
        running.terminateEarly();
      }
    }

    private long moves() {
      DefaultSolver<PlacementSolution> running = solver;
      return finishedMoves.get() + (running == null ? 0 : running.getMoveEvaluationCount());
    }

    @Override
    public void run() {
      long roundMoves = Math.max(5_000, 100L * tariff.instance().shards());
      int idle = 0;
      while (idle < PATIENCE) {
        long movesLeft = Math.min(roundMoves, limits.moves - finishedMoves.get());
        Duration timeLeft = timeLeft();
        if (stopped || movesLeft <= 0 || (timeLeft != null && !timeLeft.isPositive())) {
          return;
        }
        // What has just improved is not done yet; else something new, and now and then the best
        // once more.
        Assignment from = idle % 4 == 0 ? best : rebuild.of(best, random);
        idle = round(from, movesLeft, timeLeft) ? 0 : idle + 1;
      }
    }

    private boolean round(Assignment from, long moves, @Nullable Duration time) {
      DefaultSolver<PlacementSolution> current = Search.solver(random.nextLong(), moves, time);
      current.addEventListener(
          event -> {
            HardSoftScore score = event.getNewBestSolution().getScore();
            if (score != null) {
              incumbents.offer(event.getNewBestSolution(), score, "search-" + (index + 1));
            }
          });
      solver = current;
      if (stopped) {
        return false;
      }
      PlacementSolution found = current.solve(PlacementSolution.of(tariff, from));
      finishedMoves.addAndGet(current.getMoveEvaluationCount());
      solver = null;
      HardSoftScore score = found.getScore();
      if (score == null || score.compareTo(bestScore) <= 0) {
        return false;
      }
      best = found.toAssignment();
      bestScore = score;
      return true;
    }

    private @Nullable Duration timeLeft() {
      return limits.deadlineNanos == null
          ? null
          : Duration.ofNanos(limits.deadlineNanos - System.nanoTime());
    }
  }
}
