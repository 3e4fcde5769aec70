package org.moesaic.problem;

import org.jspecify.annotations.Nullable;

/**
 * A cloud.
 *
 * @param id unique among providers
 * @param egressUsdPerGb what it charges for traffic that leaves a site, where no link says
 *     otherwise
 */
public record Provider(String id, EgressRates egressUsdPerGb) {

  /**
   * USD per GB (10^9 bytes) that leaves; an absent rate is an error as soon as such a pair can
   * carry traffic.
   *
   * @param intraContinent to another site of the same provider on the same continent
   * @param interContinent to a site of the same provider on another continent
   * @param otherProvider to another provider's site
   */
  public record EgressRates(
      @Nullable Double intraContinent,
      @Nullable Double interContinent,
      @Nullable Double otherProvider) {

    /** No rates at all: every pair needs a link with a price. */
    public static final EgressRates NONE = new EgressRates(null, null, null);
  }
}
