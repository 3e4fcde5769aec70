package org.moesaic.solve.bound;

/**
 * Prices of what shards share, none negative. With them the shards no longer depend on each other.
 * The arrays are not written to once this is made.
 *
 * @param memory per offer, USD per hour of the memory of one node
 * @param service per offer, USD per hour of the compute or network, whichever is scarcer, of one
 *     node
 * @param link per limited direction between sites, as {@link Relaxation} numbers them, USD per hour
 *     of all it carries
 * @param latency per origin, USD per hour of all the latency it may have; 0 without a limit
 */
record Multipliers(double[] memory, double[] service, double[] link, double[] latency) {
  /** All of them by the numbers of {@link Resources}. */
  double[] flat() {
    double[] flat = new double[memory.length + service.length + link.length + latency.length];
    int at = 0;
    for (double[] part : new double[][] {memory, service, link, latency}) {
      System.arraycopy(part, 0, flat, at, part.length);
      at += part.length;
    }
    return flat;
  }

  /** The other way round of {@link #flat}. */
  static Multipliers of(Relaxation relaxation, double[] flat) {
    Resources resources = relaxation.resources();
    double[] memory = new double[resources.offers()];
    double[] service = new double[resources.offers()];
    double[] link = new double[resources.links()];
    double[] latency = new double[resources.origins()];
    int at = 0;
    for (double[] part : new double[][] {memory, service, link, latency}) {
      for (int i = 0; i < part.length; i++) {
        part[i] = Math.max(0, flat[at++]);
      }
    }
    return new Multipliers(memory, service, link, latency);
  }
}
