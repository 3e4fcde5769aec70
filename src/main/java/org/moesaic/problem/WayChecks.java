package org.moesaic.problem;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.moesaic.json.Issues;
import org.moesaic.json.Texts;
import org.moesaic.problem.SitePairs.Price;

/**
 * Checks that single ways between sites have a price or a round-trip time, each way once. After
 * {@value #MAX_WAYS} looks the rest is left to pricing, so that time stays bounded.
 */
final class WayChecks {
  private static final int MAX_WAYS = 1 << 24;

  private final Problem problem;
  private final Issues issues;
  private final SitePairs pairs;
  private final Set<Way> priced = new HashSet<>();
  private final Set<Way> timed = new HashSet<>();
  private int ways;

  private record Way(Site from, Site to) {}

  WayChecks(Problem problem, Issues issues) {
    this.problem = problem;
    this.issues = issues;
    pairs = new SitePairs(problem);
  }

  /** Whether a way between two sites is to be looked at; within a site, none is. */
  boolean looksAt(Site from, Site to) {
    return !from.equals(to) && ways++ < MAX_WAYS;
  }

  /** Whether no further way is looked at. */
  boolean areExhausted() {
    return ways >= MAX_WAYS;
  }

  /**
   * Reports a price that is missing.
   *
   * @param why what can send traffic, e.g. {@code "calls of origin (a)"}
   */
  void requirePrice(Site from, Site to, String why) {
    var way = new Way(from, to);
    if (!priced.add(way)) {
      return;
    }
    switch (pairs.price(from, to)) {
      case Price.Known known -> {}
      case Price.NoRate missing ->
          issues.error(
              Texts.pointer("providers", missing.provider(), "egressUsdPerGb", missing.rate()),
              null,
              "The rate %s of provider (%s) is missing, but %s can send traffic from %s to %s."
                  .formatted(
                      missing.rate(),
                      Texts.shown(from.provider()),
                      why,
                      Texts.shown(from),
                      Texts.shown(to)),
              "Maybe add it, or a link between the two with a usdPerGb.");
      case Price.NoContinent missing ->
          missing.regions().forEach(region -> reportContinent(region, way, why));
    }
  }

  private void reportContinent(int region, Way way, String why) {
    issues.error(
        Texts.pointer("regions", region, "continent"),
        null,
        "The continent of region (%s) is missing, but decides the price of traffic from %s to %s, which %s can send."
            .formatted(
                Texts.shown(problem.regions().get(region).id()),
                Texts.shown(way.from),
                Texts.shown(way.to),
                why),
        "Maybe add it, or a link between the two with a usdPerGb.");
  }

  /**
   * Reports the coordinates that are missing for a round trip.
   *
   * @param limit which one needs it, e.g. {@code "latency limit of origin (a)"}
   */
  void requireRoundTrip(Site from, Site to, String limit) {
    if (!timed.add(new Way(from, to)) || pairs.roundTrip(from, to).known()) {
      return;
    }
    for (Site site : List.of(from, to)) {
      int index = pairs.regionOf(site);
      if (problem.regions().get(index).latitude() == null) {
        issues.error(
            Texts.pointer("regions", index, "latitude"),
            null,
            "The latitude of region (%s) is missing, but the %s needs the round trip between %s and %s."
                .formatted(Texts.shown(site.region()), limit, Texts.shown(from), Texts.shown(to)),
            "Maybe add latitude and longitude, or a link between the two with an rttMs.");
      }
    }
  }
}
