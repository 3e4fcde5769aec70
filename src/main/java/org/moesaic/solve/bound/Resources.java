package org.moesaic.solve.bound;

/**
 * What shards share, each by its name and with a number of its own: memory and service of an offer,
 * limited directions between sites, latency of an origin.
 *
 * <p>Of memory and service there is as much as an offer has nodes, and they are counted in nodes.
 * Of every other there is one: it is counted in shares of its limit.
 *
 * <p>The numbers run from 0 to {@link #count} - 1, and only this class knows how they are laid out.
 */
final class Resources {
  /** Stands for nodes where a resource has none. */
  static final int NO_OFFER = -1;

  private final int offers;
  private final int links;
  private final int origins;

  Resources(int offers, int links, int origins) {
    this.offers = offers;
    this.links = links;
    this.origins = origins;
  }

  /** How many there are. */
  int count() {
    return 2 * offers + links + origins;
  }

  /** Number of offers. */
  int offers() {
    return offers;
  }

  /** Memory of an offer's nodes. */
  int memory(int offer) {
    return offer;
  }

  /** Compute or network of an offer's nodes, whichever is scarcer. */
  int service(int offer) {
    return offers + offer;
  }

  /** What a limited direction between two sites carries; they are numbered from 0. */
  int link(int link) {
    return 2 * offers + link;
  }

  /** Latency that placement may add for an origin. */
  int latency(int origin) {
    return 2 * offers + links + origin;
  }

  /** The offer whose nodes there are as much of it as; {@link #NO_OFFER} where there is one. */
  int offerOf(int resource) {
    return resource < 2 * offers ? resource % offers : NO_OFFER;
  }

  /** Receives what holding and serving use. */
  interface Sink {
    /** Takes so much of a resource. */
    void use(int resource, double amount);

    /** Pays so much for traffic, USD per hour. */
    void pay(double usdPerHour);
  }
}
