package org.moesaic.pricing;

import org.moesaic.instance.Site;

/**
 * Traffic flows from a site to another, and neither a link nor the provider's rates give its price.
 */
public final class UnpricedTrafficException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  UnpricedTrafficException(Site from, Site to) {
    super(
        """
        The traffic from site (%s) to site (%s) has no price.
        Maybe give a link between them usdPerGb, or the provider (%s) the missing rate in egressUsdPerGb.\
        """
            .formatted(from, to, from.provider()));
  }
}
