package org.moesaic.solve.bound;

import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.solve.bound.LowerBound.Found;
import org.moesaic.solve.model.BestPlan;
import org.moesaic.solve.model.PricedPlan;

/**
 * What the phases of a bound have found so far, and what all of them work with. A phase reads what
 * others have written, and knows nothing else of them; what evaluations have told is apart, in
 * {@link Evaluations}.
 *
 * <p>Not safe for use by several threads.
 */
final class Blackboard {
  /** Share of the gap that is a gain while an integer program waits. */
  private static final double SHARE_OF_GAP = 0.01;

  /** Bounds above a plan by more than this, as a share, contradict it. */
  private static final double CONTRADICTION = 1e-9;

  final Relaxation relaxation;
  final NodeProgram nodeProgram;
  final Solvers solvers;
  final SplittableRandom random;

  /** Ends what is under way soon after it turns true. */
  final BooleanSupplier stop;

  private final Found found;
  private final BestPlan best;
  private double boundUsd = Double.NEGATIVE_INFINITY;
  private boolean noPlan;
  private boolean contradicted;

  /** Steps since the last gain. */
  private int inVain;

  private boolean programWaits;
  private double[] guiding = {};
  private boolean guideIsNew;

  Blackboard(
      Relaxation relaxation,
      Solvers solvers,
      SplittableRandom random,
      BooleanSupplier stop,
      Found found,
      BestPlan best) {
    this.relaxation = relaxation;
    this.solvers = solvers;
    this.random = random;
    this.stop = stop;
    this.found = found;
    this.best = best;
    nodeProgram = new NodeProgram(relaxation, solvers);
  }

  /** The best plan of all that keep the rules; null if none is known. */
  @Nullable PricedPlan plan() {
    return best.plan();
  }

  /** What it costs, USD per hour; infinite if none is known. */
  double planUsd() {
    return best.usdPerHour();
  }

  /** The greatest bound so far, USD per hour; minus infinity if there is none. */
  double boundUsd() {
    return boundUsd;
  }

  /** Whether nothing is left to prove: no plan is better, or there is none. */
  boolean proved() {
    return noPlan || boundUsd >= planUsd();
  }

  /** Takes note of a plan found elsewhere, and leaves out nodes that cost more than the best. */
  void know(@Nullable PricedPlan plan) {
    if (plan != null) {
      best.offer(plan);
    }
    nodeProgram.leaveOut(planUsd());
  }

  /** Takes a plan, and tells of it; what it costs, about, and infinite if it breaks rules. */
  double price(Assignment assignment) {
    PricedPlan plan = PricedPlan.of(relaxation.tariff, assignment);
    tell(plan);
    return best.usdPerHour(plan);
  }

  /** Takes a plan, and tells of it; one that is the best is a gain. */
  void take(Assignment assignment) {
    if (tell(PricedPlan.of(relaxation.tariff, assignment))) {
      inVain = 0;
    }
  }

  private boolean tell(PricedPlan plan) {
    boolean better = best.offer(plan);
    found.plan(plan);
    return better;
  }

  /** Takes what no plan costs less than, USD per hour, and tells of it if it is the most so far. */
  void raise(double proven) {
    double planUsd = planUsd();
    if (plan() == null && proven > nodeProgram.mostUsdPerHour()) {
      tellNoPlan();
      return;
    }
    if (proven > planUsd * (1 + CONTRADICTION) + Double.MIN_NORMAL) {
      // Better none than a false one.
      if (!contradicted) {
        found.note(
            "A bound of %s USD/h is not used: there is a plan of %s.".formatted(proven, planUsd));
      }
      contradicted = true;
      return;
    }
    double usd = Math.min(proven, planUsd);
    if (Double.isFinite(usd) && usd > boundUsd) {
      double gain = 1e-6 * Math.abs(boundUsd);
      if (programWaits && Double.isFinite(planUsd)) {
        gain = Math.max(gain, SHARE_OF_GAP * (planUsd - boundUsd));
      }
      if (usd > boundUsd + gain) {
        inVain = 0;
      }
      boundUsd = usd;
      found.bound(usd);
    }
  }

  /** Tells that no plan keeps all rules, unless one is known that does. */
  void tellNoPlan() {
    if (!noPlan && plan() == null) {
      noPlan = true;
      found.noPlan();
    }
  }

  /** Takes note of a step in vain. */
  void idle() {
    inVain++;
  }

  /** Takes note of a step in vain; whether there were fewer than so many since the last gain. */
  boolean idle(int patience) {
    return inVain++ < patience;
  }

  /** Whether an integer program waits for its turn: others should not take long for little. */
  boolean programWaits() {
    return programWaits;
  }

  void programWaits(boolean waits) {
    programWaits = waits;
  }

  /**
   * Gives multipliers for moves to go by.
   *
   * @param usd as they will be when they are asked for
   */
  void guideBy(double[] usd) {
    guiding = usd;
    guideIsNew = true;
  }

  /** Multipliers for moves to go by; null if there were no others since this was asked last. */
  @Nullable Multipliers takeGuide() {
    if (!guideIsNew) {
      return null;
    }
    guideIsNew = false;
    return Multipliers.of(guiding);
  }
}
