package org.moesaic.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stream of tokens that starts at its site: a serving front end, or one data-parallel training
 * pod.
 *
 * @param id unique among origins
 * @param provider of its site
 * @param region of its site
 * @param tokensPerSecond &gt;= 0
 * @param servableIn where its calls may be served; absent: anywhere
 * @param maxAddedLatencyMs most latency that placement may add, ms; absent: the policy's
 */
public record Origin(
    String id,
    String provider,
    String region,
    double tokensPerSecond,
    @Nullable ServableIn servableIn,
    @Nullable Double maxAddedLatencyMs) {

  /**
   * Places where an origin may be served: a region that any of the three lists names.
   *
   * @param regions region ids
   * @param countries countries of regions
   * @param continents continents of regions
   */
  public record ServableIn(List<String> regions, List<String> countries, List<String> continents) {
    public ServableIn {
      regions = List.copyOf(regions);
      countries = List.copyOf(countries);
      continents = List.copyOf(continents);
    }

    /** Whether a region is one of those listed. */
    public boolean allows(Region region) {
      return regions.contains(region.id())
          || (region.country() != null && countries.contains(region.country()))
          || (region.continent() != null && continents.contains(region.continent()));
    }
  }
}
