package org.moesaic.solve.bound;

/**
 * Prices of what shards share, none negative. With them the shards no longer depend on each other.
 * Of memory and service they are USD per hour of one node's, of a link and of latency USD per hour
 * of all there may be. The array is not written to once this is made.
 *
 * @param usd by the numbers of {@link Resources}
 */
record Multipliers(double[] usd) {
  /** Copies prices, those below nothing as nothing. */
  static Multipliers of(double[] usd) {
    double[] copy = new double[usd.length];
    for (int r = 0; r < copy.length; r++) {
      copy[r] = Math.max(0, usd[r]);
    }
    return new Multipliers(copy);
  }

  /** Price of a resource. */
  double usd(int resource) {
    return usd[resource];
  }

  /** A copy to change. */
  double[] copy() {
    return usd.clone();
  }

  /** What is used, added up at the prices. */
  final class Price implements Resources.Sink {
    private double sum;

    @Override
    public void use(int resource, double amount) {
      sum += usd[resource] * amount;
    }

    @Override
    public void pay(double usdPerHour) {
      sum += usdPerHour;
    }

    /** The sum so far, USD per hour; the next begins at 0. */
    double take() {
      double taken = sum;
      sum = 0;
      return taken;
    }
  }
}
