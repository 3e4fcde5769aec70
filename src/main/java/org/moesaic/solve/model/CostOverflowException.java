package org.moesaic.solve.model;

/** Plans of a problem can cost more than can be summed exactly, some 10^18 USD per hour. */
public final class CostOverflowException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  CostOverflowException(double usdPerHour) {
    super(
        "Plans of this problem can cost %.3g USD per hour, more than can be summed exactly.%nMaybe a price or a rate is in the wrong unit."
            .formatted(usdPerHour));
  }
}
