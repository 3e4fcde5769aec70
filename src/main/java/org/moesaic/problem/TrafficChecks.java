package org.moesaic.problem;

import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issues;
import org.moesaic.json.Texts;

/**
 * Checks that traffic has a price wherever it can flow, and a round-trip time wherever a latency
 * limit needs one. After {@value #MAX_WAYS} looks at pairs of sites the rest is left to pricing, so
 * that time stays bounded. Expects ids that are unique and names that mean something.
 */
final class TrafficChecks {
  private static final int MAX_WAYS = 1 << 24;

  private final Problem problem;
  private final Issues issues;
  private final Map<Way, Link> links = new HashMap<>();
  private final Map<String, Integer> regions = new HashMap<>();
  private final Map<String, Integer> providers = new HashMap<>();
  private final Set<Way> priced = new HashSet<>();
  private final Set<Way> timed = new HashSet<>();
  private int ways;

  private record Site(String provider, String region) {
    @Override
    public String toString() {
      return provider + "/" + region;
    }
  }

  private record Way(Site from, Site to) {
    Way back() {
      return new Way(to, from);
    }
  }

  TrafficChecks(Problem problem, Issues issues) {
    this.problem = problem;
    this.issues = issues;
    for (int i = 0; i < problem.regions().size(); i++) {
      regions.put(problem.regions().get(i).id(), i);
    }
    for (int i = 0; i < problem.providers().size(); i++) {
      providers.put(problem.providers().get(i).id(), i);
    }
    for (Link link : problem.links()) {
      var way = new Way(site(link.from()), site(link.to()));
      links.put(way, link);
      if (link.bidirectional()) {
        links.put(way.back(), link);
      }
    }
  }

  private static Site site(String name) {
    int slash = name.indexOf('/');
    return new Site(name.substring(0, slash), name.substring(slash + 1));
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
    Link link = links.get(way);
    if (link != null && link.usdPerGb() != null) {
      return;
    }
    int index = indexOf(providers, way.from.provider);
    var rates = problem.providers().get(index).egressUsdPerGb();
    if (!way.from.provider.equals(way.to.provider)) {
      requireRate(rates.otherProvider(), "otherProvider", index, way, why);
      return;
    }
    String from = continent(way.from, way, why);
    String to = continent(way.to, way, why);
    if (from != null && to != null) {
      boolean within = from.equals(to);
      requireRate(
          within ? rates.intraContinent() : rates.interContinent(),
          within ? "intraContinent" : "interContinent",
          index,
          way,
          why);
    }
  }

  private void requireRate(@Nullable Double rate, String field, int provider, Way way, String why) {
    if (rate == null) {
      issues.error(
          Texts.pointer("providers", provider, "egressUsdPerGb", field),
          null,
          "The rate %s of provider (%s) is missing, but %s can send traffic from %s to %s."
              .formatted(
                  field,
                  Texts.shown(way.from.provider),
                  why,
                  Texts.shown(way.from),
                  Texts.shown(way.to)),
          "Maybe add it, or a link between the two with a usdPerGb.");
    }
  }

  private @Nullable String continent(Site site, Way way, String why) {
    int index = indexOf(regions, site.region);
    String continent = problem.regions().get(index).continent();
    if (continent == null) {
      issues.error(
          Texts.pointer("regions", index, "continent"),
          null,
          "The continent of region (%s) is missing, but decides the price of traffic from %s to %s, which %s can send."
              .formatted(Texts.shown(site.region), Texts.shown(way.from), Texts.shown(way.to), why),
          "Maybe add it, or a link between the two with a usdPerGb.");
    }
    return continent;
  }

  private void requireRoundTrip(Way way, Origin origin) {
    if (!timed.add(way)
        || hasRtt(way)
        || hasRtt(way.back())
        || way.from.region.equals(way.to.region)) {
      return;
    }
    for (Site site : List.of(way.from, way.to)) {
      int index = indexOf(regions, site.region);
      if (problem.regions().get(index).latitude() == null) {
        issues.error(
            Texts.pointer("regions", index, "latitude"),
            null,
            "The latitude of region (%s) is missing, but the latency limit of origin (%s) needs the round trip between %s and %s."
                .formatted(
                    Texts.shown(site.region),
                    Texts.shown(origin.id()),
                    Texts.shown(way.from),
                    Texts.shown(way.to)),
            "Maybe add latitude and longitude, or a link between the two with an rttMs.");
      }
    }
  }

  private boolean hasRtt(Way way) {
    Link link = links.get(way);
    return link != null && link.rttMs() != null;
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
