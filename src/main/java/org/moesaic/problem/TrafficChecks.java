package org.moesaic.problem;

import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.moesaic.json.Issues;
import org.moesaic.json.Texts;
import org.moesaic.problem.Model.Backbone;

/**
 * Checks that traffic has a price wherever it can flow, and a round-trip time wherever a limit
 * needs one: calls from where a layer is at home, steps from layer to layer, access, and sync.
 * Layers whose offers are the same are checked together. Expects ids that are unique and names that
 * mean something.
 */
final class TrafficChecks {
  private final Problem problem;
  private final AllowedOffers allowed;
  private final WayChecks ways;

  TrafficChecks(Problem problem, AllowedOffers allowed, Issues issues) {
    this.problem = problem;
    this.allowed = allowed;
    ways = new WayChecks(problem, issues);
  }

  /** Checks all ways that traffic can take. */
  void check() {
    var servable = new ServableOffers(problem);
    Backbone backbone = problem.model().backbone();
    BitSet holders = backbone == null ? allowed.anywhere() : new BitSet();
    PlacedLayers layers = backbone == null ? null : PlacedLayers.of(problem.model(), allowed);
    for (Origin origin : problem.origins()) {
      if (origin.tokensPerSecond() == 0 || ways.areExhausted()) {
        continue;
      }
      BitSet servers = servable.of(origin);
      if (backbone == null || layers == null) {
        servers.and(holders);
        checkCalls(origin, Set.of(siteOf(origin)), sites(servers));
      } else {
        checkPlaced(origin, servers, backbone, layers);
      }
    }
    if (problem.model().sync() != null) {
      checkSync();
    }
  }

  /**
   * The offers that may host and hold each layer, where the dense part is placed.
   *
   * @param layers all that differ
   * @param cuts hosts of one layer and of the next, all that differ
   * @param first hosts of the first layer
   * @param last hosts of the last layer
   */
  private record PlacedLayers(Set<Layer> layers, Set<Cut> cuts, BitSet first, BitSet last) {
    record Layer(BitSet hosts, BitSet holders) {}

    record Cut(BitSet from, BitSet to) {}

    static PlacedLayers of(Model model, AllowedOffers allowed) {
      var layers = new LinkedHashSet<Layer>();
      var cuts = new LinkedHashSet<Cut>();
      int last = model.moeLayers() - 1;
      for (int l = 0; l <= last; l++) {
        layers.add(new Layer(allowed.hosts(l), allowed.holders(l)));
        if (l < last) {
          cuts.add(new Cut(allowed.hosts(l), allowed.hosts(l + 1)));
        }
      }
      return new PlacedLayers(layers, cuts, allowed.hosts(0), allowed.hosts(last));
    }
  }

  private void checkPlaced(Origin origin, BitSet servable, Backbone backbone, PlacedLayers placed) {
    for (var layer : placed.layers) {
      checkCalls(origin, sites(servable, layer.hosts), sites(servable, layer.holders));
    }
    for (var cut : placed.cuts) {
      checkCuts(origin, sites(servable, cut.from), sites(servable, cut.to), backbone);
    }
    if (hasLatencyLimit(origin)) {
      Set<Site> first = sites(servable, placed.first);
      for (Site from : sites(servable, placed.last)) {
        for (Site to : first) {
          requireRoundTrip(origin, from, to);
        }
      }
    }
    checkAccess(origin, sites(servable, placed.first), sites(servable, placed.last));
  }

  private Set<Site> sites(BitSet servable, BitSet offers) {
    BitSet both = (BitSet) servable.clone();
    both.and(offers);
    return sites(both);
  }

  private Set<Site> sites(BitSet offers) {
    var sites = new LinkedHashSet<Site>();
    offers.stream()
        .mapToObj(problem.offers()::get)
        .forEach(offer -> sites.add(new Site(offer.provider(), offer.region())));
    return sites;
  }

  private static Site siteOf(Origin origin) {
    return new Site(origin.provider(), origin.region());
  }

  private void checkCalls(Origin origin, Set<Site> hosts, Set<Site> servers) {
    Model model = problem.model();
    boolean limited = hasLatencyLimit(origin);
    String why = "calls of origin (%s)".formatted(Texts.shown(origin.id()));
    for (Site host : hosts) {
      for (Site server : servers) {
        if (!ways.looksAt(host, server)) {
          continue;
        }
        if (model.dispatchBytes() > 0) {
          ways.requirePrice(host, server, why);
        }
        if (model.combineBytes() > 0) {
          ways.requirePrice(server, host, why);
        }
        if (limited) {
          requireRoundTrip(origin, host, server);
        }
      }
    }
  }

  private void checkCuts(Origin origin, Set<Site> from, Set<Site> to, Backbone backbone) {
    boolean limited = hasLatencyLimit(origin);
    String why = "steps from layer to layer of origin (%s)".formatted(Texts.shown(origin.id()));
    for (Site before : from) {
      for (Site after : to) {
        if (!ways.looksAt(before, after)) {
          continue;
        }
        if (backbone.activationBytes() > 0) {
          ways.requirePrice(before, after, why);
        }
        if (backbone.gradientBytes() > 0) {
          ways.requirePrice(after, before, why);
        }
        if (limited) {
          requireRoundTrip(origin, before, after);
        }
      }
    }
  }

  private void checkAccess(Origin origin, Set<Site> first, Set<Site> last) {
    Site site = siteOf(origin);
    String id = Texts.shown(origin.id());
    boolean limited = origin.maxAccessMs() != null || problem.policy().maxAccessMs() != null;
    String why = "access of origin (%s)".formatted(id);
    for (Site host : first) {
      if (ways.looksAt(site, host)) {
        if (origin.accessBytes() > 0) {
          ways.requirePrice(site, host, why);
        }
        if (limited) {
          ways.requireRoundTrip(site, host, "access limit of origin (%s)".formatted(id));
        }
      }
    }
    for (Site host : last) {
      if (origin.accessBytes() > 0 && ways.looksAt(host, site)) {
        ways.requirePrice(host, site, why);
      }
    }
  }

  /** All sites of offers, whether anything may be there or not: the format says so. */
  private void checkSync() {
    var all = new BitSet();
    all.set(0, problem.offers().size());
    Set<Site> sites = sites(all);
    for (Site a : sites) {
      for (Site b : sites) {
        if (ways.looksAt(a, b)) {
          ways.requirePrice(a, b, "the synchronisation of replicas");
        }
      }
    }
  }

  private boolean hasLatencyLimit(Origin origin) {
    return origin.maxAddedLatencyMs() != null || problem.policy().maxAddedLatencyMs() != null;
  }

  private void requireRoundTrip(Origin origin, Site from, Site to) {
    if (!from.equals(to)) {
      ways.requireRoundTrip(
          from, to, "latency limit of origin (%s)".formatted(Texts.shown(origin.id())));
    }
  }
}
