package org.moesaic.solve.model;

import org.jspecify.annotations.Nullable;

/**
 * Keeps the best plan of all that it is offered, the first of equals.
 *
 * <p>What is better is a matter of who asks. A search goes by the score, in which plans that break
 * fewer rules are better too. What proofs compare with must keep the rules, and must not be rounded
 * as the money of a search is: they go by the bill, of the few plans that could be the best.
 *
 * <p>Not safe for use by several threads.
 */
public final class BestPlan {
  /** What the money of a search may be off by, so that a plan is worth a bill. */
  private static final double ROUNDING = 1e-6;

  private final boolean byBill;
  private @Nullable PricedPlan plan;

  private BestPlan(boolean byBill) {
    this.byBill = byBill;
  }

  /** Keeps the plan of the best score, whether it keeps the rules or not. */
  public static BestPlan byScore() {
    return new BestPlan(false);
  }

  /** Keeps the plan of the least bill among those that keep the rules. */
  public static BestPlan byBill() {
    return new BestPlan(true);
  }

  /** Takes a plan if it is better than all before; whether it is. */
  public boolean offer(PricedPlan offered) {
    if (!isBetter(offered)) {
      return false;
    }
    plan = offered;
    return true;
  }

  private boolean isBetter(PricedPlan offered) {
    if (byBill) {
      return usdPerHour(offered) < usdPerHour();
    }
    return plan == null || offered.score().compareTo(plan.score()) > 0;
  }

  /** The plan; null if there is none. */
  public @Nullable PricedPlan plan() {
    return plan;
  }

  /** Whether there is a plan that keeps the rules. */
  public boolean keepsRules() {
    return plan != null && plan.keepsRules();
  }

  /**
   * What the plan costs by its bill, USD per hour; infinite if it breaks rules or there is none.
   */
  public double usdPerHour() {
    return plan != null && plan.keepsRules() ? plan.usdPerHour() : Double.POSITIVE_INFINITY;
  }

  /**
   * What another plan costs, USD per hour; infinite if it breaks rules. Where that is clearly more
   * than the best plan does, it is the rounded money, which is had without a bill.
   */
  public double usdPerHour(PricedPlan other) {
    if (!other.keepsRules()) {
      return Double.POSITIVE_INFINITY;
    }
    double best = usdPerHour();
    if (other != plan && other.roundedUsdPerHour() > best + ROUNDING * Math.abs(best)) {
      return other.roundedUsdPerHour();
    }
    return other.bill().keepsRules() ? other.usdPerHour() : Double.POSITIVE_INFINITY;
  }
}
