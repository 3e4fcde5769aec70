package org.moesaic.benchmark;

import java.util.Locale;
import org.moesaic.instance.Assignment;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.solve.model.Tariff;

/** What stands in a table's cell. */
final class Cells {
  static final String USD = "%,.2f";

  private Cells() {}

  /** Cost of a plan, and whether it breaks rules, by the reference prices. */
  static String cost(Tariff tariff, Assignment plan) {
    Bill bill = Pricing.price(tariff.instance(), plan);
    String usd = String.format(Locale.ROOT, USD, bill.usdPerHour());
    return bill.keepsRules() ? usd : usd + " (breaks rules)";
  }
}
