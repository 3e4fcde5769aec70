package org.moesaic.solve;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.solve.model.BestPlan;
import org.moesaic.solve.model.PricedPlan;

/** The best plan of all threads as the search goes on, and who wants to hear of it. */
final class Incumbents {
  /** Improvements come by the thousand at first; a person reads no more than this. */
  private static final long QUIET_NANOS = Duration.ofMillis(250).toNanos();

  private final long beganNanos;
  private final Consumer<Progress> listener;
  private final List<LongSupplier> counters = new ArrayList<>();

  private final BestPlan best = BestPlan.byScore();
  private String bestBy = "";
  private @Nullable Double boundUsdPerHour;
  private boolean noPlan;
  private @Nullable Throwable listenerFailure;
  private Runnable onListenerFailure = () -> {};
  private boolean told = true;
  private long toldNanos;

  Incumbents(long beganNanos, Consumer<Progress> listener) {
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

  synchronized void offer(PricedPlan plan, String by) {
    if (!best.offer(plan)) {
      return;
    }
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
    noPlan = !best.keepsRules();
  }

  /** The best plan so far; null if there is none that keeps the rules. */
  synchronized @Nullable PricedPlan bestKeepingRules() {
    return best.keepsRules() ? best.plan() : null;
  }

  /** Whether it is proven that no plan keeps all rules. */
  synchronized boolean noPlan() {
    return noPlan && !best.keepsRules();
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
    if (boundUsdPerHour == null || !best.keepsRules()) {
      return null;
    }
    double usdPerHour = best.usdPerHour();
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
    PricedPlan plan = best.plan();
    if (plan != null) {
      tell(
          new Progress.RoundEnded(
              elapsed(),
              plan.roundedUsdPerHour(),
              plan.keepsRules(),
              nodes(plan),
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
    PricedPlan plan = best.plan();
    if (!told && plan != null) {
      told = true;
      toldNanos = System.nanoTime();
      tell(
          new Progress.Improved(
              elapsed(), plan.roundedUsdPerHour(), plan.keepsRules(), nodes(plan), bestBy));
    }
  }

  /** Tells that the search goes on. */
  synchronized void tellWorking() {
    PricedPlan plan = best.plan();
    if (plan != null) {
      tellImproved();
      tell(
          new Progress.Working(
              elapsed(),
              plan.roundedUsdPerHour(),
              plan.keepsRules(),
              nodes(plan),
              movesPerSecond()));
    }
  }

  private static long nodes(PricedPlan plan) {
    return Arrays.stream(plan.nodes()).sum();
  }

  synchronized double movesPerSecond() {
    long moves = counters.stream().mapToLong(LongSupplier::getAsLong).sum();
    return moves / Math.max(1e-9, elapsed().toNanos() / 1e9);
  }

  synchronized void countMoves(LongSupplier counter) {
    counters.add(counter);
  }
}
