package org.moesaic.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Pattern;
import org.moesaic.json.Range;

/**
 * A stream of tokens that starts at its site: a serving front end, or one data-parallel training
 * pod.
 */
public record Origin(
    @Doc("unique among origins") @Pattern(value = Names.PLAIN, says = Names.PLAIN_SAYS) String id,
    @Doc("id of the provider of its site") String provider,
    @Doc("id of the region of its site") String region,
    @Doc("tokens per second") @Range(min = 0) double tokensPerSecond,
    @Doc("where its calls may be served; absent: anywhere") @Nullable ServableIn servableIn,
    @Doc("most latency that placement may add, ms; absent: the policy's") @Range(min = 0)
        @Nullable Double maxAddedLatencyMs) {

  /** Places where an origin may be served: a region that any of the three lists names. */
  public record ServableIn(
      @Doc("region ids") @Default("[]") List<String> regions,
      @Doc("countries of regions") @Default("[]") List<String> countries,
      @Doc("continents of regions") @Default("[]") List<String> continents) {
    public ServableIn {
      regions = List.copyOf(regions);
      countries = List.copyOf(countries);
      continents = List.copyOf(continents);
    }
  }
}
