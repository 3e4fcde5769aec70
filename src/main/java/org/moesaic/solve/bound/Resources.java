package org.moesaic.solve.bound;

/**
 * What shards share, by name: each resource has a number, and a multiplier, a use and a scale of
 * that number. All are counted in shares of what there is.
 *
 * @param offers that have memory and service, in nodes
 * @param links limited directions between sites, in shares of their capacity
 * @param origins that have limits of latency, in shares of those
 */
record Resources(int offers, int links, int origins) {
  /** Who hears of what is used. */
  interface Sink {
    /**
     * A resource is used.
     *
     * @param resource its number
     * @param amount in its own unit
     */
    void use(int resource, double amount);

    /** Traffic costs something besides, USD per hour. */
    void pay(double usdPerHour);
  }

  /** Number of resources. */
  int size() {
    return 2 * offers + links + origins;
  }

  /** Memory of an offer. */
  int memory(int offer) {
    return offer;
  }

  /** Compute or network of an offer, whichever is scarcer. */
  int service(int offer) {
    return offers + offer;
  }

  /** A limited direction between two sites. */
  int link(int link) {
    return 2 * offers + link;
  }

  /** Latency of an origin. */
  int latency(int origin) {
    return 2 * offers + links + origin;
  }

  /** Whether a resource comes with nodes; there is one of each other. */
  boolean isOfNodes(int resource) {
    return resource < 2 * offers;
  }

  /** The offer whose nodes a resource comes with. */
  int offerOf(int resource) {
    return resource % offers;
  }
}
