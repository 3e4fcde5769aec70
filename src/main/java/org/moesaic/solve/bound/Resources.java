package org.moesaic.solve.bound;

/**
 * What pieces share, each by its name and with a number of its own: memory, service and, where
 * layers are placed, network of an offer, limited directions between sites, latency of an origin.
 *
 * <p>Of what an offer has there is as much as an offer has nodes, and they are counted in nodes. Of
 * every other there is one: it is counted in shares of its limit.
 *
 * <p>The numbers run from 0 to {@link #count} - 1, and only this class knows how they are laid out.
 */
final class Resources {
  /** Stands for nodes where a resource has none. */
  static final int NO_OFFER = -1;

  private final int offers;
  private final int perOffer;
  private final int links;
  private final int origins;

  /**
   * @param network whether network is counted apart from compute
   */
  Resources(int offers, boolean network, int links, int origins) {
    this.offers = offers;
    perOffer = network ? 3 : 2;
    this.links = links;
    this.origins = origins;
  }

  /** How many there are. */
  int count() {
    return perOffer * offers + links + origins;
  }

  /** Number of offers. */
  int offers() {
    return offers;
  }

  /** Memory of an offer's nodes. */
  int memory(int offer) {
    return offer;
  }

  /** Compute of an offer's nodes; or network, where that is scarcer and not counted apart. */
  int service(int offer) {
    return offers + offer;
  }

  /** Network of an offer's nodes, where it is counted apart. */
  int network(int offer) {
    return 2 * offers + offer;
  }

  /** All that an offer's nodes have. */
  int[] of(int offer) {
    int[] all = new int[perOffer];
    for (int k = 0; k < perOffer; k++) {
      all[k] = k * offers + offer;
    }
    return all;
  }

  /** What a limited direction between two sites carries; they are numbered from 0. */
  int link(int link) {
    return perOffer * offers + link;
  }

  /** Latency that placement may add for an origin. */
  int latency(int origin) {
    return perOffer * offers + links + origin;
  }

  /** The offer whose nodes there are as much of it as; {@link #NO_OFFER} where there is one. */
  int offerOf(int resource) {
    return resource < perOffer * offers ? resource % offers : NO_OFFER;
  }

  /** Receives what holding and serving use. */
  interface Sink {
    /** Takes so much of a resource. */
    void use(int resource, double amount);

    /** Pays so much for traffic, USD per hour. */
    void pay(double usdPerHour);
  }
}
