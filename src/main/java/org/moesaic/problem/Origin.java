package org.moesaic.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Limits;
import org.moesaic.json.Pattern;
import org.moesaic.json.Range;

/**
 * A source of tokens at its site: a serving front end, or the data of data-parallel training pods.
 * It is so many equal streams, which may be hosted and served each in its own way.
 */
public record Origin(
    @Doc("unique among origins") @Pattern(value = Names.PLAIN, says = Names.PLAIN_SAYS) String id,
    @Doc("id of the provider of its site") String provider,
    @Doc("id of the region of its site") String region,
    @Doc("tokens per second, of all its streams together") @Range(min = 0) double tokensPerSecond,
    @Doc("equal streams that it consists of") @Default("1") @Range(min = 1, max = Limits.STREAMS)
        int streams,
    @Doc(
            "bytes of each token between its site and those that host its first and its last layer,"
                + " each way")
        @Default("0")
        @Range(min = 0)
        double accessBytes,
    @Doc("where its calls may be served; absent: anywhere") @Nullable ServableIn servableIn,
    @Doc("most latency that placement may add, ms; absent: the policy's") @Range(min = 0)
        @Nullable Double maxAddedLatencyMs,
    @Doc("longest round trip to the site that hosts its first layer, ms; absent: the policy's")
        @Range(min = 0)
        @Nullable Double maxAccessMs) {

  /** One stream without access of its own. */
  public Origin(
      String id,
      String provider,
      String region,
      double tokensPerSecond,
      @Nullable ServableIn servableIn,
      @Nullable Double maxAddedLatencyMs) {
    this(id, provider, region, tokensPerSecond, 1, 0, servableIn, maxAddedLatencyMs, null);
  }

  /**
   * Some of its streams as an origin of one stream, with their share of the tokens.
   *
   * @param id what it is called
   * @param count how many of the streams
   */
  public Origin part(String id, int count) {
    return new Origin(
        id,
        provider,
        region,
        tokensPerSecond * ((double) count / streams),
        1,
        accessBytes,
        servableIn,
        maxAddedLatencyMs,
        maxAccessMs);
  }

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
