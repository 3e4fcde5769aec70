package org.moesaic.solve;

import ai.timefold.solver.core.api.score.HardSoftScore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.pricing.Pricing;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.Tariff;

/** The best plan of all threads as the search goes on, and who wants to hear of it. */
final class Incumbents {
  /** Improvements come by the thousand at first; a person reads no more than this. */
  private static final long QUIET_NANOS = Duration.ofMillis(250).toNanos();

  private final Tariff tariff;
  private final long beganNanos;
  private final Consumer<Progress> listener;
  private final List<LongSupplier> counters = new ArrayList<>();

  private @Nullable PlacementSolution best;
  private @Nullable HardSoftScore bestScore;
  private String bestBy = "";

  /** The plan whose bill was looked at last. */
  private @Nullable PlacementSolution billed;

  private double billedUsdPerHour;
  private @Nullable Double boundUsdPerHour;
  private boolean noPlan;
  private @Nullable Throwable listenerFailure;
  private Runnable onListenerFailure = () -> {};
  private boolean told = true;
  private long toldNanos;

  Incumbents(Tariff tariff, long beganNanos, Consumer<Progress> listener) {
    this.tariff = tariff;
    this.beganNanos = beganNanos;
    this.listener = listener;
    toldNanos = beganNanos - QUIET_NANOS;
  }

  /** Tells the listener; one that fails hears no more, and ends the search. */
  private void tell(Progress progress) {
    if (listenerFailure != null) {
      return;
    }
    try {
      listener.accept(progress);
    } catch (RuntimeException | Error e) {
      listenerFailure = e;
      onListenerFailure.run();
    }
  }

  synchronized void onListenerFailure(Runnable action) {
    onListenerFailure = action;
  }

  synchronized boolean listenerFailed() {
    return listenerFailure != null;
  }

  /** Fails as the listener did, if it did. */
  synchronized void throwListenerFailure() {
    if (listenerFailure != null) {
      throw new IllegalStateException("The listener of the progress failed.", listenerFailure);
    }
  }

  synchronized void tellStarted(int shards, int offers, int sites, int origins) {
    tell(new Progress.Started(elapsed(), shards, offers, sites, origins));
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - beganNanos);
  }

  synchronized void offer(PlacementSolution solution, HardSoftScore score, String by) {
    if (bestScore != null && score.compareTo(bestScore) <= 0) {
      return;
    }
    best = solution;
    bestScore = score;
    bestBy = by;
    told = false;
    if (System.nanoTime() - toldNanos >= QUIET_NANOS) {
      tellImproved();
    }
  }

  /** Takes note of a proven lower bound, and tells of it if it is greater than those before. */
  synchronized void offerBound(double usdPerHour, String by) {
    if (boundUsdPerHour == null || usdPerHour > boundUsdPerHour) {
      boundUsdPerHour = usdPerHour;
      tellImproved();
      tell(new Progress.Bounded(elapsed(), usdPerHour, gap(), by));
    }
  }

  /** Takes note of a proof that no plan keeps all rules; none of a plan that does is one. */
  synchronized void proveNoPlan() {
    noPlan = bestScore == null || !bestScore.isFeasible();
  }

  /** The best plan so far; null if there is none that keeps the rules. */
  synchronized @Nullable Assignment bestKeepingRules() {
    return best != null && bestScore != null && bestScore.isFeasible() ? best.toAssignment() : null;
  }

  /** Whether it is proven that no plan keeps all rules. */
  synchronized boolean noPlan() {
    return noPlan && (bestScore == null || !bestScore.isFeasible());
  }

  /** The greatest lower bound; null if there is none. */
  synchronized @Nullable Double boundUsdPerHour() {
    return boundUsdPerHour;
  }

  /**
   * How much less a plan could cost, as a share of the best one's cost; null if that breaks rules,
   * or without a bound.
   */
  synchronized @Nullable Double gap() {
    if (boundUsdPerHour == null || bestScore == null || !bestScore.isFeasible()) {
      return null;
    }
    double usdPerHour = billedUsdPerHour();
    return usdPerHour <= 0 ? 0 : Math.max(0, (usdPerHour - boundUsdPerHour) / usdPerHour);
  }

  /** Tells something that the user should know. */
  synchronized void note(String text) {
    tell(new Progress.Note(elapsed(), text));
  }

  /**
   * Tells that the threads have met.
   *
   * @param by what found the best plan, as far as runs are alike
   */
  synchronized void tellRoundEnded(String by) {
    tellImproved();
    if (bestScore != null) {
      tell(
          new Progress.RoundEnded(
              elapsed(),
              usdPerHour(),
              bestScore.isFeasible(),
              nodes(),
              boundUsdPerHour,
              gap(),
              by));
    }
  }

  /** Tells why the planner ends. */
  synchronized void tellEnded(Progress.Ending ending) {
    tellImproved();
    tell(new Progress.Ended(elapsed(), ending));
  }

  /** Tells of the last improvement, if nobody has heard of it. */
  synchronized void tellImproved() {
    if (!told && best != null && bestScore != null) {
      told = true;
      toldNanos = System.nanoTime();
      tell(new Progress.Improved(elapsed(), usdPerHour(), bestScore.isFeasible(), nodes(), bestBy));
    }
  }

  /** Tells that the search goes on. */
  synchronized void tellWorking() {
    if (best != null && bestScore != null) {
      tellImproved();
      tell(
          new Progress.Working(
              elapsed(), usdPerHour(), bestScore.isFeasible(), nodes(), movesPerSecond()));
    }
  }

  /** What the bill of the best plan comes to, at the prices that proofs go by. */
  private double billedUsdPerHour() {
    if (billed != best && best != null) {
      billed = best;
      billedUsdPerHour = Pricing.price(tariff.instance(), best.toAssignment()).usdPerHour();
    }
    return billedUsdPerHour;
  }

  private double usdPerHour() {
    return bestScore == null ? Double.NaN : tariff.toUsdPerHour(-bestScore.softScore());
  }

  private long nodes() {
    if (best == null) {
      return 0;
    }
    Ledger ledger = Ledger.of(tariff, best.toAssignment());
    long nodes = 0;
    for (int i = 0; i < tariff.instance().offers(); i++) {
      nodes += ledger.nodes(i);
    }
    return nodes;
  }

  synchronized double movesPerSecond() {
    long moves = counters.stream().mapToLong(LongSupplier::getAsLong).sum();
    return moves / Math.max(1e-9, elapsed().toNanos() / 1e9);
  }

  synchronized void countMoves(LongSupplier counter) {
    counters.add(counter);
  }
}
