package org.moesaic.problem;

/**
 * Prices beyond the bill.
 *
 * @param bandwidthUsdPerGb a price on traffic between regions, USD per 10^9 bytes; 0 turns it off
 */
public record Objective(double bandwidthUsdPerGb) {
  /** Only the bill counts. */
  public static final Objective BILL = new Objective(0);
}
