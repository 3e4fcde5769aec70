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
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.start.Rebuild;

/**
 * Searches with different seeds on several threads, in rounds.
 *
 * <p>Idea: in a round each thread does a local search of the same number of moves. All begin at the
 * best so far while that brings something; after a round in vain most begin at a part of it built
 * anew ({@link Rebuild}). Between rounds the threads wait for each other and share the best, the
 * first thread's of equals. So the result depends on the seed, the number of threads and the number
 * of moves alone, as long as time does not end a round.
 */
final class Portfolio {
  /** Rounds without improvement after which the search has seen enough. */
  private static final int PATIENCE = 100;

  private final Tariff tariff;
  private final Limits limits;
  private final Incumbents incumbents;
  private final Stop stop;
  private final List<Worker> workers = new ArrayList<>();

  private Assignment best;
  private HardSoftScore bestScore;
  private boolean interrupted;

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
    this.incumbents = incumbents;
    this.stop = stop;
    best = start;
    bestScore = Ledger.of(tariff, start).score();
    for (int w = 0; w < limits.threads; w++) {
      workers.add(new Worker(w));
    }
  }

  /** The best assignment of all threads. */
  Assignment run() {
    Runnable stopAll = () -> workers.forEach(Worker::stop);
    stop.onRequest(stopAll);
    try (ExecutorService threads =
        Executors.newFixedThreadPool(
            limits.threads, Thread.ofPlatform().daemon().name("moesaic-search-", 1).factory())) {
      rounds(threads);
    } catch (ExecutionException e) {
      throw new IllegalStateException("A search failed.", e.getCause());
    } finally {
      stop.remove(stopAll);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    return best;
  }

  private void rounds(ExecutorService threads) throws ExecutionException {
    long roundMoves = Math.max(5_000, 100L * tariff.instance().shards());
    long movesLeft = limits.moves;
    int idle = 0;
    while (idle < PATIENCE && movesLeft > 0 && !stop.requested() && !interrupted && hasTime()) {
      long moves = Math.min(roundMoves, movesLeft);
      movesLeft -= moves;
      List<Future<@Nullable PlacementSolution>> round = new ArrayList<>();
      for (Worker worker : workers) {
        // What has just improved is not done yet; else something new, and now and then the best
        // once more.
        boolean goOn = idle == 0 || (idle + worker.index) % 4 == 0;
        round.add(threads.submit(() -> worker.search(best, goOn, moves)));
      }
      List<PlacementSolution> found = new ArrayList<>();
      for (Future<@Nullable PlacementSolution> future : round) {
        PlacementSolution solution = await(future);
        if (solution != null) {
          found.add(solution);
        }
      }
      boolean improved = false;
      for (PlacementSolution solution : found) {
        HardSoftScore score = solution.getScore();
        if (score != null && score.compareTo(bestScore) > 0) {
          best = solution.toAssignment();
          bestScore = score;
          improved = true;
        }
      }
      idle = improved ? 0 : idle + 1;
    }
  }

  private @Nullable PlacementSolution await(Future<@Nullable PlacementSolution> future)
      throws ExecutionException {
    while (true) {
      try {
        return future.get();
      } catch (InterruptedException e) {
        // Interrupting the caller is one way to say that the best so far will do.
        interrupted = true;
        workers.forEach(Worker::stop);
      }
    }
  }

  private boolean hasTime() {
    return limits.deadlineNanos == null || limits.deadlineNanos - System.nanoTime() > 0;
  }

  private final class Worker {
    private final int index;
    private final SplittableRandom random;
    private final Rebuild rebuild;
    private final AtomicLong finishedMoves = new AtomicLong();
    private volatile @Nullable DefaultSolver<PlacementSolution> solver;
    private volatile boolean stopped;

    Worker(int index) {
      this.index = index;
      random = new SplittableRandom(limits.seed * 1_000_003 + index);
      rebuild = new Rebuild(tariff, () -> stopped || !hasTime());
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

    /** The best solution of a round; null if there was no time for one. */
    @Nullable PlacementSolution search(Assignment from, boolean goOn, long moves) {
      Assignment beginning = goOn ? from : rebuild.of(from, random);
      Duration timeLeft =
          limits.deadlineNanos == null
              ? null
              : Duration.ofNanos(limits.deadlineNanos - System.nanoTime());
      if (timeLeft != null && !timeLeft.isPositive()) {
        return null;
      }
      DefaultSolver<PlacementSolution> current = Search.solver(random.nextLong(), moves, timeLeft);
      current.addEventListener(
          event -> {
            // A solver that is just beginning forgets that it was told to end.
            if (stopped) {
              current.terminateEarly();
            }
            HardSoftScore score = event.getNewBestSolution().getScore();
            if (score != null) {
              incumbents.offer(event.getNewBestSolution(), score, "search-" + (index + 1));
            }
          });
      solver = current;
      // Whoever stopped before the line above did not see this solver.
      if (stopped) {
        return null;
      }
      PlacementSolution found = current.solve(PlacementSolution.of(tariff, beginning));
      solver = null;
      finishedMoves.addAndGet(current.getMoveEvaluationCount());
      return found;
    }
  }
}
