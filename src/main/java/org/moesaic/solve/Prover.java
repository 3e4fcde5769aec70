package org.moesaic.solve;

import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.solve.bound.LowerBound;
import org.moesaic.solve.bound.Natives;
import org.moesaic.solve.model.BestPlan;
import org.moesaic.solve.model.Guide;
import org.moesaic.solve.model.PricedPlan;
import org.moesaic.solve.model.Tariff;

/**
 * Works on the lower bound, beside the search, and keeps the best plan that comes out of it. What
 * it is told of the search it is told between rounds, so that its work depends on the number of its
 * steps alone.
 */
final class Prover implements LowerBound.Found {
  private final Incumbents incumbents;
  private @Nullable LowerBound bound;
  private volatile boolean done;

  /** Of the plans that came out of the bound since one was taken. */
  private BestPlan best = BestPlan.byScore();

  private @Nullable Guide guide;

  /**
   * @param stop ends what is under way
   * @param secondsLeft until everything has to end; infinite without a limit
   */
  Prover(
      Tariff tariff,
      long seed,
      Incumbents incumbents,
      BooleanSupplier stop,
      DoubleSupplier secondsLeft) {
    this.incumbents = incumbents;
    if (!Natives.available()) {
      incumbents.note("No lower bound is computed. " + Natives.failure());
      done = true;
      return;
    }
    bound = new LowerBound(tariff, seed, this, stop, secondsLeft, BestPlan.byBill());
  }

  /** Whether there is nothing more to do. */
  boolean done() {
    return done;
  }

  /** Whether steps are as yet short, and gain so much that nothing else should be done. */
  boolean atRoot() {
    LowerBound current = bound;
    return !done && current != null && current.atRoot();
  }

  /** Whether the bound is about to find better plans than a search does. */
  boolean findsPlans() {
    LowerBound current = bound;
    return !done && current != null && current.findsPlans();
  }

  /** Ends what is under way. By any thread. */
  void interrupt() {
    LowerBound current = bound;
    if (current != null) {
      current.interrupt();
    }
  }

  /**
   * Does a bit of work.
   *
   * @param threads to share it out to; null for none
   * @param incumbent the best plan so far; null if there is none
   */
  void step(@Nullable ExecutorService threads, @Nullable PricedPlan incumbent) {
    LowerBound current = bound;
    if (done || current == null) {
      return;
    }
    try {
      done = !current.step(threads, incumbent);
      // With all threads at hand there is no search to guide yet.
      Guide next = threads == null ? current.guide() : null;
      guide = next == null ? guide : next;
    } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
      // Bounds told so far stay valid; a plan is worth more than a better one.
      done = true;
      bound = null;
      incumbents.note("The lower bound is not improved any further: " + e);
    }
  }

  /** The best plan since this was asked last; null if there is none. */
  @Nullable PricedPlan takePlan() {
    PricedPlan taken = best.plan();
    best = BestPlan.byScore();
    return taken;
  }

  /** What moves can go by at present; null if nothing is known. */
  @Nullable Guide guide() {
    return guide;
  }

  @Override
  public void bound(double usdPerHour) {
    incumbents.offerBound(usdPerHour, "bound");
  }

  @Override
  public void noPlan() {
    incumbents.proveNoPlan();
  }

  @Override
  public void note(String text) {
    incumbents.note(text);
  }

  @Override
  public void plan(PricedPlan plan) {
    if (best.offer(plan)) {
      incumbents.offer(plan, "bound");
    }
  }
}
