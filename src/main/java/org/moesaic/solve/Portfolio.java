package org.moesaic.solve;

import ai.timefold.solver.core.impl.solver.DefaultSolver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.solve.Progress.Ending;
import org.moesaic.solve.model.BestPlan;
import org.moesaic.solve.model.Guide;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.PricedPlan;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.start.PricedStart;
import org.moesaic.solve.start.Rebuild;

/**
 * Searches with different seeds on several threads, in rounds.
 *
 * <p>Idea: the bound finds the first plans, with all threads. Then, in a round, each thread does a
 * local search of the same number of moves. All begin at the best so far while that brings
 * something; after a round in vain most begin at a part of it built anew ({@link Rebuild}). Beside
 * them the bound goes on for some steps. Between rounds the threads wait for each other and share
 * the best, the first thread's of equals. So the result depends on the seed, the number of threads
 * and the number of moves alone, as long as time does not end a round.
 */
final class Portfolio {
  /** Rounds without improvement after which the search has seen enough. */
  private static final int PATIENCE = 100;

  /** Moves per shard in a round; fewer while the bound gives better plans than a search does. */
  private static final long MOVES_PER_SHARD = 100;

  private static final long MOVES_PER_SHARD_BESIDE_BOUND = 40;

  private static final long LEAST_MOVES = 5_000;

  /** Steps of the bound in a round. */
  private static final int BOUND_STEPS = 2;

  /** Steps of the bound after its root, with all threads, for a plan to start from. */
  private static final int FIRST_BOUND_STEPS = 3;

  /** Work of a start by prices, in offers tried, from which on the bound's plans have to do. */
  private static final double QUICK_START = 2e7;

  private final Tariff tariff;
  private final @Nullable Assignment given;
  private final Limits limits;
  private final Incumbents incumbents;
  private final Stop stop;
  private final Prover prover;
  private final List<Worker> workers = new ArrayList<>();

  private final BestPlan best = BestPlan.byScore();
  private String bestBy = "";
  private @Nullable Future<?> proving;
  private @Nullable Guide guide;
  private int searchers;
  private volatile boolean interrupted;

  /**
   * How long to search.
   *
   * @param threads that search
   * @param seed of the random numbers
   * @param moves most moves of each thread
   * @param deadlineNanos on the clock of {@link System#nanoTime}; null for none
   * @param gap at which the plan is good enough
   */
  record Limits(int threads, long seed, long moves, @Nullable Long deadlineNanos, double gap) {}

  /**
   * @param given a plan to start from; null for none, which only dense parts that stay at home
   *     allow
   */
  Portfolio(
      Tariff tariff, @Nullable Assignment given, Limits limits, Incumbents incumbents, Stop stop) {
    this.tariff = tariff;
    this.given = given;
    this.limits = limits;
    this.incumbents = incumbents;
    this.stop = stop;
    prover = new Prover(tariff, limits.seed, incumbents, this::mustEnd, this::secondsLeft);
    for (int w = 0; w < limits.threads; w++) {
      workers.add(new Worker(w));
    }
  }

  /** The best plan of all threads. */
  PricedPlan run() {
    Runnable stopAll = this::stopAll;
    stop.onRequest(stopAll);
    incumbents.onListenerFailure(stopAll);
    try (ExecutorService threads =
        Executors.newFixedThreadPool(
            limits.threads, Thread.ofPlatform().daemon().name("moesaic-search-", 1).factory())) {
      start(threads);
      Ending ending = rounds(threads);
      endProof();
      incumbents.tellEnded(ending);
      return Objects.requireNonNull(best.plan());
    } catch (ExecutionException e) {
      throw new IllegalStateException("A search failed.", e.getCause());
    } finally {
      stop.remove(stopAll);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void stopAll() {
    prover.interrupt();
    workers.forEach(Worker::stop);
  }

  /** A first plan, and the part of the bound that is quickly had. */
  private void start(ExecutorService threads) {
    boolean hosts = tariff.instance().hasBackbone();
    boolean quick = hosts || priceWork() <= QUICK_START;
    if (given != null) {
      startWith(given);
    }
    if (quick && !hosts) {
      startByPrices();
    }
    while (prover.atRoot() && !mustEnd() && !goodEnough() && !incumbents.noPlan()) {
      prover.step(threads, best.plan());
      take(prover.takePlan(), "bound");
      incumbents.tellRoundEnded(bestBy);
    }
    for (int step = 0;
        step < FIRST_BOUND_STEPS && !quick && !best.keepsRules() && !mustEnd();
        step++) {
      prover.step(threads, best.plan());
      take(prover.takePlan(), "bound");
    }
    if (!quick && !best.keepsRules()) {
      startByPrices();
    }
  }

  private double priceWork() {
    Instance instance = tariff.instance();
    double offers = instance.offers();
    return instance.shards() * offers * offers * instance.origins();
  }

  private void startByPrices() {
    startWith(new PricedStart(this::mustEnd).construct(tariff));
  }

  private void startWith(Assignment assignment) {
    PricedPlan start = PricedPlan.of(tariff, assignment);
    incumbents.offer(start, "start");
    take(start, "start");
  }

  /** Takes a plan if it is the best so far; whether it is. */
  private boolean take(@Nullable PricedPlan plan, String by) {
    if (plan == null || !best.offer(plan)) {
      return false;
    }
    bestBy = by;
    return true;
  }

  /** Judged between rounds, where all runs are alike. */
  private boolean goodEnough() {
    Double gap = incumbents.gap();
    return gap != null && gap <= limits.gap;
  }

  private boolean mustEnd() {
    return stopped() || !hasTime();
  }

  private boolean stopped() {
    return stop.requested() || interrupted || incumbents.listenerFailed();
  }

  private double secondsLeft() {
    return limits.deadlineNanos == null
        ? Double.POSITIVE_INFINITY
        : (limits.deadlineNanos - System.nanoTime()) / 1e9;
  }

  private Ending rounds(ExecutorService threads) throws ExecutionException {
    long movesLeft = limits.moves;
    int idle = 0;
    while (true) {
      // Once the time is up, nobody waits for a bill.
      if (hasTime() && goodEnough()) {
        return Ending.GAP;
      } else if (incumbents.noPlan()) {
        return Ending.NO_PLAN;
      } else if (stopped()) {
        return Ending.STOPPED;
      } else if (!hasTime()) {
        return Ending.TIME;
      } else if (movesLeft <= 0) {
        return Ending.STEPS;
      } else if (prover.done() && workers.stream().allMatch(worker -> worker.failed)) {
        return Ending.FAILED;
      } else if (idle >= PATIENCE && prover.done()) {
        return Ending.PATIENCE;
      }
      long perShard = prover.done() ? MOVES_PER_SHARD : MOVES_PER_SHARD_BESIDE_BOUND;
      long moves =
          Math.min(Math.max(LEAST_MOVES, perShard * tariff.instance().pieces()), movesLeft);
      movesLeft -= moves;
      idle = round(threads, moves, idle) ? 0 : idle + 1;
      incumbents.tellRoundEnded(bestBy);
    }
  }

  /** One round of all threads; whether it improved the best. */
  private boolean round(ExecutorService threads, long moves, int idle) throws ExecutionException {
    PricedPlan from = Objects.requireNonNull(best.plan());
    Future<?> proof = proving;
    if (proof == null) {
      // A bound that finds plans better has a thread of its own. Asked while it rests.
      guide = prover.guide();
      searchers = prover.findsPlans() ? Math.max(1, workers.size() - 1) : workers.size();
      proof =
          threads.submit(
              () -> {
                for (int step = 0; step < BOUND_STEPS && !mustEnd(); step++) {
                  prover.step(null, from);
                }
              });
      proving = proof;
    }
    Guide by = guide;
    List<Future<@Nullable PricedPlan>> round = new ArrayList<>();
    List<Worker> searching =
        workers.stream().filter(worker -> !worker.failed).limit(searchers).toList();
    for (Worker worker : searching) {
      // What has just improved is not done yet; else something new, and now and then the best
      // once more.
      boolean goOn = idle == 0 || (idle + worker.index) % 4 == 0;
      round.add(threads.submit(() -> worker.search(from.assignment(), by, goOn, moves)));
    }
    boolean improved = false;
    for (int w = 0; w < searching.size(); w++) {
      improved |= take(found(searching.get(w), round.get(w)), searching.get(w).name());
    }
    if (proof.isDone() || !ahead()) {
      await(proof);
      proving = null;
      improved |= take(prover.takePlan(), "bound");
    }
    return improved;
  }

  /**
   * Whether searches go on while the bound takes long. Where only the clock ends them, no two runs
   * are alike anyway.
   */
  private boolean ahead() {
    return limits.deadlineNanos != null && limits.moves == Long.MAX_VALUE;
  }

  /** Ends what the bound is doing, and takes what it found. */
  private void endProof() throws ExecutionException {
    Future<?> proof = proving;
    if (proof != null) {
      prover.interrupt();
      await(proof);
      proving = null;
      take(prover.takePlan(), "bound");
    }
  }

  /** What a worker found; null if it failed, which costs no plan that was found before. */
  private @Nullable PricedPlan found(Worker worker, Future<@Nullable PricedPlan> future) {
    try {
      return await(future);
    } catch (ExecutionException e) {
      worker.failed = true;
      incumbents.note(worker.name() + " failed, the rest goes on: " + e.getCause());
      return null;
    }
  }

  private <T extends @Nullable Object> T await(Future<T> future) throws ExecutionException {
    while (true) {
      try {
        return future.get();
      } catch (InterruptedException e) {
        // Interrupting the caller is one way to say that the best so far will do.
        interrupted = true;
        stopAll();
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
    private boolean failed;

    /** The last improvement of a round. */
    private @Nullable PricedPlan improved;

    Worker(int index) {
      this.index = index;
      random = new SplittableRandom(limits.seed * 1_000_003 + index);
      rebuild = new Rebuild(tariff, () -> stopped || !hasTime());
      incumbents.countMoves(this::moves);
    }

    String name() {
      return "search-" + (index + 1);
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

    /** The best plan of a round; null if there was no time for one. */
    @Nullable PricedPlan search(Assignment from, @Nullable Guide by, boolean goOn, long moves) {
      // Where layers are placed, there is no building a part of it anew.
      boolean asItIs = goOn || tariff.instance().hasBackbone();
      Assignment beginning = asItIs ? from : rebuild.of(from, random);
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
            PricedPlan plan = PricedPlan.of(event.getNewBestSolution());
            improved = plan;
            incumbents.offer(plan, name());
          });
      improved = null;
      solver = current;
      // Whoever stopped before the line above did not see this solver.
      if (stopped) {
        return null;
      }
      PlacementSolution found = current.solve(PlacementSolution.of(tariff, beginning, by));
      solver = null;
      finishedMoves.addAndGet(current.getMoveEvaluationCount());
      // The same object as others have heard of, so that it is priced once.
      return improved == null ? PricedPlan.of(found) : improved;
    }
  }
}
