package org.moesaic.solve.bound;

import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.Tariff;

/**
 * The best plan that is known to keep the rules, at the prices that its bill will have: what proofs
 * compare with must not be rounded as the money of a search is.
 *
 * <p>Not safe for use by several threads.
 */
final class BestPlan {
  /** What the money of a search may be off by, so that a plan is worth a bill. */
  private static final double ROUNDING = 1e-6;

  private final Tariff tariff;
  private @Nullable Assignment plan;
  private @Nullable Assignment offeredLast;
  private double usdPerHour = Double.POSITIVE_INFINITY;

  BestPlan(Tariff tariff) {
    this.tariff = tariff;
  }

  /** Takes a plan if it is the best; what it costs, infinite if it breaks rules. */
  double offer(@Nullable Assignment offered) {
    if (offered == null) {
      return Double.POSITIVE_INFINITY;
    } else if (offered == offeredLast && offered == plan) {
      return usdPerHour;
    }
    offeredLast = offered;
    Ledger ledger = Ledger.of(tariff, offered);
    if (!ledger.score().isFeasible()) {
      return Double.POSITIVE_INFINITY;
    }
    double about = ledger.usdPerHour();
    if (about > usdPerHour + ROUNDING * Math.abs(usdPerHour)) {
      return about;
    }
    Bill bill = Pricing.price(tariff.instance(), offered);
    if (!bill.keepsRules()) {
      return Double.POSITIVE_INFINITY;
    }
    if (bill.usdPerHour() < usdPerHour) {
      usdPerHour = bill.usdPerHour();
      plan = offered;
    }
    return bill.usdPerHour();
  }

  /** The plan; null if none is known. */
  @Nullable Assignment plan() {
    return plan;
  }

  /** What it costs, USD per hour; infinite if none is known. */
  double usdPerHour() {
    return usdPerHour;
  }
}
