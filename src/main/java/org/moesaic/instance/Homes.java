package org.moesaic.instance;

import java.util.Arrays;

/**
 * Where the dense part of each layer runs for each part of an origin: at the origin's own site, or
 * on an offer, where problems have it placed. Calls go out from there. Immutable.
 */
public final class Homes {
  /** Stands for an offer where a layer is at home at its origin's own site. */
  public static final int OWN_SITE = -1;

  /** All layers are at home at their origins' own sites. */
  public static final Homes OWN = new Homes(new int[0][]);

  private final int[][] offers;

  private Homes(int[][] offers) {
    this.offers = offers;
  }

  /**
   * Homes of which some may lie elsewhere.
   *
   * @param offers by part and layer the index of an offer, or {@link #OWN_SITE}; copied
   */
  public static Homes of(int[][] offers) {
    return new Homes(Arrays.stream(offers).map(int[]::clone).toArray(int[][]::new));
  }

  /** The offer that a part's layer is at home on; {@link #OWN_SITE} for none. */
  public int offer(int part, int layer) {
    return offers.length == 0 ? OWN_SITE : offers[part][layer];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Homes that && Arrays.deepEquals(offers, that.offers);
  }

  @Override
  public int hashCode() {
    return Arrays.deepHashCode(offers);
  }

  @Override
  public String toString() {
    return offers.length == 0 ? "own sites" : Arrays.deepToString(offers);
  }
}
