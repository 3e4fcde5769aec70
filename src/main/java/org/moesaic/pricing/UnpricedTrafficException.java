package org.moesaic.pricing;

import org.moesaic.problem.Site;

/**
 * Traffic flows from a site to another, and neither a link nor the provider's rates give its price.
 */
public final class UnpricedTrafficException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String problem;
  private final String hint;

  UnpricedTrafficException(Site from, Site to) {
    this(
        "The traffic from site (%s) to site (%s) has no price.".formatted(from, to),
        ("Maybe give a link between them usdPerGb, or the provider (%s) the missing rate in"
                + " egressUsdPerGb.")
            .formatted(from.provider()));
  }

  private UnpricedTrafficException(String problem, String hint) {
    super(problem + "\n" + hint);
    this.problem = problem;
    this.hint = hint;
  }

  /** What is wrong, in one sentence. */
  public String problem() {
    return problem;
  }

  /** The way out, in one sentence that begins with "Maybe". */
  public String hint() {
    return hint;
  }
}
