package org.moesaic.problem;

import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Pattern;
import org.moesaic.json.Range;

/** A cloud. */
public record Provider(
    @Doc("unique among providers") @Pattern(value = Names.SEGMENT, says = Names.SEGMENT_SAYS)
        String id,
    @Doc(
            "what it charges for traffic that leaves a site, USD per 10^9 bytes, where no link says"
                + " otherwise")
        @Default("{}")
        EgressRates egressUsdPerGb) {

  /**
   * USD per GB (10^9 bytes) that leaves; an absent rate is an error as soon as such a pair can
   * carry traffic.
   */
  public record EgressRates(
      @Doc("to another site of the same provider on the same continent") @Range(min = 0)
          @Nullable Double intraContinent,
      @Doc("to a site of the same provider on another continent") @Range(min = 0)
          @Nullable Double interContinent,
      @Doc("to another provider's site") @Range(min = 0) @Nullable Double otherProvider) {

    /** No rates at all: every pair needs a link with a price. */
    public static final EgressRates NONE = new EgressRates(null, null, null);
  }
}
