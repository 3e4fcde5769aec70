package org.moesaic.problem;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.moesaic.problem.Provider.EgressRates;

/**
 * What a problem says of the way from one site to another: its link, which price applies, and
 * whether its round trip is known. Immutable. Expects names that mean something.
 */
public final class SitePairs {
  /** Mean radius of the Earth, as the model page has it. */
  private static final double EARTH_RADIUS_KM = 6371;

  /** RTT of no distance, ms. */
  private static final double RTT_BASE_MS = 1.5;

  /**
   * 4.9 us/km in fibre, there and back, times a median stretch of 1.8 over 6,880 measured region
   * pairs.
   */
  private static final double RTT_MS_PER_KM = 0.0176;

  private final Problem problem;
  private final Map<String, Integer> regions = new HashMap<>();
  private final Map<String, Integer> providers = new HashMap<>();
  private final Map<Pair, Link> links = new HashMap<>();

  private record Pair(String from, String to) {}

  /** Egress from one site to another. */
  public sealed interface Price {
    /** It has a price, USD per 10^9 bytes. */
    record Known(double usdPerGb) implements Price {}

    /**
     * The rate that applies is missing.
     *
     * @param provider its index
     * @param rate the name of its field
     */
    record NoRate(int provider, String rate) implements Price {}

    /**
     * Which rate applies is not known.
     *
     * @param regions indices of those without a continent, that of the sender first
     */
    record NoContinent(List<Integer> regions) implements Price {}
  }

  /**
   * A round trip.
   *
   * @param ms NaN if neither a link nor coordinates tell it
   * @param estimated whether it follows from the distance
   */
  public record RoundTrip(double ms, boolean estimated) {
    /** Whether there is a figure for it. */
    public boolean known() {
      return !Double.isNaN(ms);
    }
  }

  /** Prepares a problem. */
  public SitePairs(Problem problem) {
    this.problem = problem;
    for (int i = 0; i < problem.regions().size(); i++) {
      regions.put(problem.regions().get(i).id(), i);
    }
    for (int i = 0; i < problem.providers().size(); i++) {
      providers.put(problem.providers().get(i).id(), i);
    }
    for (Link link : problem.links()) {
      links.put(new Pair(link.from(), link.to()), link);
      if (link.bidirectional()) {
        links.put(new Pair(link.to(), link.from()), link);
      }
    }
  }

  /** What was said of this direction itself; null if nothing was. */
  public @Nullable Link link(Site from, Site to) {
    return links.get(new Pair(from.toString(), to.toString()));
  }

  /** The price of traffic: that of the link, else the rate of the provider that sends. */
  public Price price(Site from, Site to) {
    Link link = link(from, to);
    if (link != null && link.usdPerGb() != null) {
      return new Price.Known(link.usdPerGb());
    }
    int provider = indexOf(providers, from.provider());
    EgressRates rates = problem.providers().get(provider).egressUsdPerGb();
    if (!from.provider().equals(to.provider())) {
      return rate(rates.otherProvider(), provider, "otherProvider");
    }
    List<Integer> unknown = new ArrayList<>();
    for (Site site : List.of(from, to)) {
      if (region(site).continent() == null) {
        unknown.add(regionOf(site));
      }
    }
    if (!unknown.isEmpty()) {
      return new Price.NoContinent(List.copyOf(unknown));
    }
    return Objects.equals(region(from).continent(), region(to).continent())
        ? rate(rates.intraContinent(), provider, "intraContinent")
        : rate(rates.interContinent(), provider, "interContinent");
  }

  private static Price rate(@Nullable Double usdPerGb, int provider, String name) {
    return usdPerGb == null ? new Price.NoRate(provider, name) : new Price.Known(usdPerGb);
  }

  /**
   * The round trip between two sites: that of a link in either direction, else 1.5 ms + 0.0176 ms
   * per km of great circle (haversine). Within a region there is no distance.
   */
  public RoundTrip roundTrip(Site from, Site to) {
    Link link = link(from, to);
    if (link != null && link.rttMs() != null) {
      return new RoundTrip(link.rttMs(), false);
    }
    Link back = link(to, from);
    if (back != null && back.rttMs() != null) {
      return new RoundTrip(back.rttMs(), false);
    }
    return new RoundTrip(estimateMs(region(from), region(to)), true);
  }

  private static double estimateMs(Region a, Region b) {
    if (a.id().equals(b.id())) {
      return RTT_BASE_MS;
    }
    if (a.latitude() == null
        || a.longitude() == null
        || b.latitude() == null
        || b.longitude() == null) {
      return Double.NaN;
    }
    double phiA = Math.toRadians(a.latitude());
    double phiB = Math.toRadians(b.latitude());
    double sinLat = Math.sin((phiB - phiA) / 2);
    double sinLon = Math.sin(Math.toRadians(b.longitude() - a.longitude()) / 2);
    double h = sinLat * sinLat + Math.cos(phiA) * Math.cos(phiB) * sinLon * sinLon;
    double km = 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(h)));
    return RTT_BASE_MS + RTT_MS_PER_KM * km;
  }

  /** The region of a site, as an index. */
  public int regionOf(Site site) {
    return indexOf(regions, site.region());
  }

  private Region region(Site site) {
    return problem.regions().get(regionOf(site));
  }

  private static int indexOf(Map<String, Integer> indices, String id) {
    Integer index = indices.get(id);
    if (index == null) {
      throw new IllegalStateException(
          "The name (%s) should have been checked before.".formatted(id));
    }
    return index;
  }
}
