package org.moesaic.problem;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issues;
import org.moesaic.json.Texts;
import org.moesaic.problem.Policy.DomainKind;

/**
 * Checks that each shard has offers that may hold it, enough of them, spread widely enough to
 * survive what it has to, and for each origin one that may serve it and, where the dense part is
 * placed, one that may host each layer. What depends on prices and capacities is for the solver to
 * find.
 *
 * <p>Shards with the same allowed offers are checked together. After {@value #MAX_SETS} different
 * sets of offers or {@value #MAX_REPORTS} reports the rest is left to the solver too, so that time
 * stays bounded.
 */
final class ShardChecks {
  private static final int MAX_SETS = 1 << 14;
  private static final int MAX_REPORTS = 20;

  private final Problem problem;
  private final AllowedOffers allowed;
  private final Issues issues;

  /** Origins by the offers that may serve them. */
  private final Map<BitSet, List<Integer>> originsByServers = new HashMap<>();

  private final OriginWeights weights;
  private final IdentityHashMap<Weights, BitSet> layersWithoutWeight = new IdentityHashMap<>();
  private final Set<Integer> reportedOrigins = new HashSet<>();
  private int reports;

  ShardChecks(Problem problem, AllowedOffers allowed, Issues issues) {
    this.problem = problem;
    this.allowed = allowed;
    this.issues = issues;
    this.weights = new OriginWeights(problem);
  }

  void check() {
    if (allowed.available().isEmpty()) {
      report(
          "/offers",
          "At least one offer must be available by the day it is needed, with maxNodes above 0.",
          "Maybe move neededBy, or add offers.");
      return;
    }
    groupOrigins();
    checkHosts();
    var blocked = new HashMap<BitSet, List<Integer>>();
    int columns = problem.model().shardsPerLayer();
    for (int l = 0; l < problem.model().moeLayers(); l++) {
      for (int k = 0; k < columns; k++) {
        BitSet offers = allowed.of(l, k);
        List<Integer> origins = blocked.get(offers);
        if (origins == null) {
          checkReplicas(offers, l, k);
          origins = blockedOrigins(offers);
          blocked.put(offers, origins);
        }
        reportBlocked(origins, l, k);
        if (reports >= MAX_REPORTS || blocked.size() >= MAX_SETS) {
          return;
        }
      }
    }
  }

  private void groupOrigins() {
    var servable = new ServableOffers(problem);
    for (int o = 0; o < problem.origins().size(); o++) {
      Origin origin = problem.origins().get(o);
      if (origin.tokensPerSecond() == 0) {
        continue;
      }
      BitSet servers = servable.of(origin);
      servers.and(allowed.available());
      if (servers.isEmpty()) {
        reportedOrigins.add(o);
        report(
            Texts.pointer("origins", o, "servableIn"),
            "The servableIn of origin (%s) must allow an offer that is available."
                .formatted(Texts.shown(origin.id())),
            "Maybe a region lacks its country or continent, or an offer is missing there.");
      } else {
        originsByServers.computeIfAbsent(servers, unused -> new ArrayList<>()).add(o);
      }
    }
  }

  /** Each origin has to be at home somewhere with every layer, where the dense part is placed. */
  private void checkHosts() {
    if (problem.model().backbone() == null) {
      return;
    }
    var seen = new HashSet<BitSet>();
    for (int l = 0; l < problem.model().moeLayers() && reports < MAX_REPORTS; l++) {
      BitSet hosts = allowed.hosts(l);
      if (hosts.isEmpty() || !seen.add(hosts)) {
        continue; // of none, pins and bans leave nowhere to shards either
      }
      for (int o : blockedOrigins(hosts)) {
        if (reportedOrigins.add(o)) {
          report(
              Texts.pointer("origins", o, "servableIn"),
              "The servableIn of origin (%s) must allow an offer that may host layer (%d)."
                  .formatted(Texts.shown(problem.origins().get(o).id()), l),
              "Maybe a pin or ban without an expert keeps that layer away from where the origin may"
                  + " be served.");
        }
      }
    }
  }

  private void checkReplicas(BitSet offers, int layer, int column) {
    Policy policy = problem.policy();
    if (offers.isEmpty()) {
      report(
          allowed.culprit(layer, column),
          "The pins and bans must leave an offer for %s.".formatted(shard(layer, column)),
          "Maybe another pin or ban already excludes what this one leaves.");
      return;
    }
    if (offers.cardinality() < policy.minReplicas()) {
      report(
          "/policy/minReplicas",
          "The minReplicas (%d) of the policy must be at most the offers (%d) that may hold %s."
              .formatted(policy.minReplicas(), offers.cardinality(), shard(layer, column)),
          "Maybe add offers, or pin and ban less.");
    }
    for (DomainKind kind : DomainKind.values()) {
      if (policy.survive().contains(kind) && domains(offers, kind) == 1) {
        report(
            "/policy/survive",
            "The offers that may hold %s must lie in more than one %s."
                .formatted(shard(layer, column), name(kind)),
            "Maybe add offers elsewhere, or pin and ban less.");
      }
    }
  }

  private static String name(DomainKind kind) {
    return switch (kind) {
      case REGION -> "region";
      case PROVIDER -> "provider";
      case POWER_DOMAIN -> "power domain";
    };
  }

  private long domains(BitSet offers, DomainKind kind) {
    return offers.stream()
        .mapToObj(i -> domain(problem.offers().get(i), kind))
        .distinct()
        .limit(2)
        .count();
  }

  private record Domain(String region, @Nullable String grid) {}

  private final Map<String, Domain> gridByRegion = new HashMap<>();

  private Object domain(Offer offer, DomainKind kind) {
    return switch (kind) {
      case REGION -> offer.region();
      case PROVIDER -> offer.provider();
      case POWER_DOMAIN -> gridByRegion.computeIfAbsent(offer.region(), this::grid);
    };
  }

  private Domain grid(String id) {
    return problem.regions().stream()
        .filter(region -> region.id().equals(id) && region.powerDomain() != null)
        .map(region -> new Domain("", region.powerDomain()))
        .findFirst()
        .orElse(new Domain(id, null));
  }

  private List<Integer> blockedOrigins(BitSet offers) {
    var blocked = new ArrayList<Integer>();
    if (!offers.isEmpty()) {
      originsByServers.forEach(
          (servers, origins) -> {
            if (!servers.intersects(offers)) {
              blocked.addAll(origins);
            }
          });
    }
    return blocked;
  }

  private void reportBlocked(List<Integer> origins, int layer, int column) {
    for (int o : origins) {
      if (!reportedOrigins.contains(o) && calls(o, layer, column)) {
        reportedOrigins.add(o);
        report(
            Texts.pointer("origins", o, "servableIn"),
            "The servableIn of origin (%s) must allow an offer that may hold %s."
                .formatted(Texts.shown(problem.origins().get(o).id()), shard(layer, column)),
            "Maybe a pin or ban keeps that shard away from where the origin may be served.");
      }
    }
  }

  private boolean calls(int origin, int layer, int column) {
    Weights weights = this.weights.of(problem.origins().get(origin).id());
    if (weights == null) {
      return true;
    }
    int shardSize = problem.model().expertsPerShard();
    long end = Math.min((column + 1L) * shardSize, weights.experts());
    return layersWithoutWeight.computeIfAbsent(weights, ShardChecks::withoutWeight).get(layer)
        || IntStream.range(column * shardSize, (int) end).anyMatch(e -> weights.get(layer, e) > 0);
  }

  private static BitSet withoutWeight(Weights weights) {
    var layers = new BitSet();
    for (int l = 0; l < weights.layers(); l++) {
      int layer = l;
      layers.set(
          l, IntStream.range(0, weights.experts()).allMatch(e -> weights.get(layer, e) == 0));
    }
    return layers;
  }

  private String shard(int layer, int column) {
    Model model = problem.model();
    long first = (long) column * model.expertsPerShard();
    long last = Math.min(first + model.expertsPerShard(), model.expertsPerLayer()) - 1;
    return first == last
        ? "expert (%d) of layer (%d)".formatted(first, layer)
        : "experts (%d to %d) of layer (%d)".formatted(first, last, layer);
  }

  private void report(String pointer, String message, String hint) {
    reports++;
    issues.error(pointer, null, message, hint);
  }
}
