package org.moesaic.problem;

import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Range;

/** Prices beyond the bill. */
public record Objective(
    @Doc("a price on traffic between regions, USD per 10^9 bytes; 0 turns it off")
        @Default("0")
        @Range(min = 0)
        double bandwidthUsdPerGb) {
  /** Only the bill counts. */
  public static final Objective BILL = new Objective(0);
}
