package org.moesaic.problem;

import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.moesaic.json.Issues;
import org.moesaic.json.Texts;
import org.moesaic.problem.SitePairs.Price;

/**
 * Checks that traffic has a price wherever it can flow, and a round-trip time wherever a latency
 * limit needs one. After {@value #MAX_WAYS} looks at pairs of sites the rest is left to pricing, so
 * that time stays bounded. Expects ids that are unique and names that mean something.
 */
final class TrafficChecks {
  private static final int MAX_WAYS = 1 << 24;

  private final Problem problem;
  private final Issues issues;
  private final SitePairs pairs;
  private final Set<Way> priced = new HashSet<>();
  private final Set<Way> timed = new HashSet<>();
  private int ways;

  private record Way(Site from, Site to) {
    Way back() {
      return new Way(to, from);
    }
  }

  TrafficChecks(Problem problem, Issues issues) {
    this.problem = problem;
    this.issues = issues;
    pairs = new SitePairs(problem);
  }

  /**
   * Checks all ways that traffic can take.
   *
   * @param holders offers that may hold a replica of some shard
   */
  void check(BitSet holders) {
    var servable = new ServableOffers(problem);
    for (Origin origin : problem.origins()) {
      if (origin.tokensPerSecond() > 0 && ways < MAX_WAYS) {
        BitSet servers = servable.of(origin);
        servers.and(holders);
        checkCalls(origin, sites(servers));
      }
    }
    Model model = problem.model();
    Integer maxReplicas = problem.policy().maxReplicas();
    if (model.sync() != null && (maxReplicas == null || maxReplicas > 1)) {
      checkSync(sites(holders));
    }
  }

  private Set<Site> sites(BitSet offers) {
    var sites = new LinkedHashSet<Site>();
    offers.stream()
        .mapToObj(problem.offers()::get)
        .forEach(offer -> sites.add(new Site(offer.provider(), offer.region())));
    return sites;
  }

  private void checkCalls(Origin origin, Set<Site> servers) {
    Model model = problem.model();
    Model.Backbone backbone = model.backbone();
    boolean limited =
        origin.maxAddedLatencyMs() != null || problem.policy().maxAddedLatencyMs() != null;
    String why = "calls of origin (%s)".formatted(Texts.shown(origin.id()));
    Set<Site> hosts =
        backbone == null ? Set.of(new Site(origin.provider(), origin.region())) : servers;
    for (Site host : hosts) {
      if (ways >= MAX_WAYS) {
        return;
      }
      for (Site server : servers) {
        if (host.equals(server)) {
          continue;
        }
        ways++;
        var way = new Way(host, server);
        boolean cuts = backbone != null && backbone.activationBytes() > 0 && model.moeLayers() > 1;
        if (model.dispatchBytes() > 0 || cuts) {
          requirePrice(way, why);
        }
        if (model.combineBytes() > 0 || cuts) {
          requirePrice(way.back(), why);
        }
        if (limited) {
          requireRoundTrip(way, origin);
        }
      }
    }
  }

  private void checkSync(Set<Site> holders) {
    for (Site a : holders) {
      for (Site b : holders) {
        if (!a.equals(b)) {
          requirePrice(new Way(a, b), "the synchronisation of replicas");
        }
      }
    }
  }

  private void requirePrice(Way way, String why) {
    if (!priced.add(way)) {
      return;
    }
    switch (pairs.price(way.from, way.to)) {
      case Price.Known known -> {}
      case Price.NoRate missing ->
          issues.error(
              Texts.pointer("providers", missing.provider(), "egressUsdPerGb", missing.rate()),
              null,
              "The rate %s of provider (%s) is missing, but %s can send traffic from %s to %s."
                  .formatted(
                      missing.rate(),
                      Texts.shown(way.from.provider()),
                      why,
                      Texts.shown(way.from),
                      Texts.shown(way.to)),
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

  private void requireRoundTrip(Way way, Origin origin) {
    if (!timed.add(way) || pairs.roundTrip(way.from, way.to).known()) {
      return;
    }
    for (Site site : List.of(way.from, way.to)) {
      int index = pairs.regionOf(site);
      if (problem.regions().get(index).latitude() == null) {
        issues.error(
            Texts.pointer("regions", index, "latitude"),
            null,
            "The latitude of region (%s) is missing, but the latency limit of origin (%s) needs the round trip between %s and %s."
                .formatted(
                    Texts.shown(site.region()),
                    Texts.shown(origin.id()),
                    Texts.shown(way.from),
                    Texts.shown(way.to)),
            "Maybe add latitude and longitude, or a link between the two with an rttMs.");
      }
    }
  }
}
