package org.moesaic.solve;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.json.Texts;
import org.moesaic.problem.AllowedOffers;
import org.moesaic.problem.Problem;
import org.moesaic.problem.ServableOffers;

/**
 * Limits of latency that no plan can keep, since not even the nearest offers do.
 *
 * <p>Where the dense part is placed, each layer may be at home at any site that is allowed to it,
 * each apart from the others: what steps from layer to layer take is left out. Guarantee: no plan
 * has less than the figures told. Complexity: for each origin, sites of hosts times groups of
 * holders, up to {@value #MOST_PAIRS}; beyond, nothing is told of that origin.
 */
final class LatencyObstacles {
  private static final int MOST_PAIRS = 1 << 20;

  private final Problem problem;
  private final Instance instance;
  private final AllowedOffers allowed;
  private final int[][] holders;
  private final List<Obstacle> found;

  /**
   * Prepares a problem.
   *
   * @param holders by group of shards, the offers that may hold them
   * @param found gets what is found
   */
  LatencyObstacles(
      Instance instance, AllowedOffers allowed, int[][] holders, List<Obstacle> found) {
    this.problem = instance.problem();
    this.instance = instance;
    this.allowed = allowed;
    this.holders = holders;
    this.found = found;
  }

  void find() {
    var servable = new ServableOffers(problem);
    for (int o = 0; o < instance.origins(); o++) {
      BitSet here = servable.of(instance.origin(o));
      latency(o, here);
      access(o, here);
    }
  }

  private void latency(int origin, BitSet servable) {
    Double own = instance.origin(origin).maxAddedLatencyMs();
    Double ofPolicy = problem.policy().maxAddedLatencyMs();
    if (own != null || ofPolicy != null) {
      compare(
          "maxAddedLatencyMs",
          origin,
          own,
          ofPolicy,
          leastLatencyMs(origin, servable),
          "no allowed offer is nearer to origin (%s)");
    }
  }

  /** Whether the nearest offer that may host the first layer is near enough. */
  private void access(int origin, BitSet servable) {
    Double own = instance.origin(origin).maxAccessMs();
    Double ofPolicy = problem.policy().maxAccessMs();
    boolean placed =
        problem.model().backbone() != null && instance.origin(origin).tokensPerSecond() > 0;
    if (placed && (own != null || ofPolicy != null)) {
      int from = instance.siteOfOrigin(origin);
      double leastMs =
          Arrays.stream(hostSites(servable, 0))
              .mapToDouble(site -> roundTripMs(from, site))
              .min()
              .orElse(0);
      compare(
          "maxAccessMs",
          origin,
          own,
          ofPolicy,
          leastMs,
          "no offer that may host its first layer is nearer to origin (%s)");
    }
  }

  private void compare(
      String field,
      int origin,
      @Nullable Double own,
      @Nullable Double ofPolicy,
      double leastMs,
      String why) {
    double limitMs = own != null ? own : ofPolicy != null ? ofPolicy : Double.POSITIVE_INFINITY;
    if (leastMs <= limitMs * (1 + Obstacles.TOLERANCE)) {
      return;
    }
    String id = Texts.shown(instance.origin(origin).id());
    found.add(
        new Obstacle(
            own != null ? Texts.pointer("origins", origin, field) : Texts.pointer("policy", field),
            "The %s (%s) of %s must be at least %s ms: %s."
                .formatted(
                    field,
                    Texts.number(limitMs),
                    own != null ? "origin (%s)".formatted(id) : "the policy",
                    String.format(Locale.ROOT, "%.3f", Math.ceil(leastMs * 1000) / 1000),
                    why.formatted(id)),
            "Maybe add an offer nearer to it, or raise the limit."));
  }

  /**
   * At most what any plan adds: a layer's latency is the lesser of the longest round trip and the
   * sum over its experts of probability times round trip, so at least that sum divided by the
   * greater of 1 and the sum of the probabilities.
   */
  private double leastLatencyMs(int origin, BitSet servable) {
    boolean placed = problem.model().backbone() != null;
    int[] own = {instance.siteOfOrigin(origin)};
    double[][] nearest = new double[instance.sites().size()][];
    int pairs = 0;
    double sum = 0;
    for (int l = 0; l < instance.layers(); l++) {
      double[] called = new double[holders.length]; // probabilities by group
      double probabilities = 0;
      for (int k = 0; k < instance.shardsPerLayer(); k++) {
        int s = instance.shard(l, k);
        if (instance.demand(origin, s) > 0) {
          double probability = instance.callProbability(origin, s);
          probabilities += probability;
          called[instance.holderGroup(s)] += probability;
        }
      }
      double leastMs = Double.POSITIVE_INFINITY;
      for (int home : placed ? hostSites(servable, l) : own) {
        double[] fromHome = nearest[home];
        if (fromHome == null) {
          pairs += holders.length;
          if (placed && pairs > MOST_PAIRS) {
            return 0;
          }
          fromHome = nearestMs(home, servable);
          nearest[home] = fromHome;
        }
        double weighted = 0;
        for (int group = 0; group < called.length; group++) {
          weighted += called[group] * fromHome[group];
        }
        leastMs = Math.min(leastMs, weighted / Math.max(1, probabilities));
      }
      sum += leastMs < Double.POSITIVE_INFINITY ? leastMs : 0;
    }
    return sum;
  }

  /** By group of shards, the round trip to the nearest offer that may serve them. */
  private double[] nearestMs(int from, BitSet servable) {
    return Arrays.stream(holders)
        .mapToDouble(
            group ->
                Arrays.stream(group)
                    .filter(servable::get)
                    .mapToDouble(i -> roundTripMs(from, instance.siteOfOffer(i)))
                    .min()
                    .orElse(0))
        .toArray();
  }

  private int[] hostSites(BitSet servable, int layer) {
    BitSet hosts = (BitSet) servable.clone();
    hosts.and(allowed.hosts(layer));
    return hosts.stream().map(instance::siteOfOffer).distinct().toArray();
  }

  /** What is not known may be nothing. */
  private double roundTripMs(int from, int to) {
    double ms = from == to ? 0 : instance.rttMs(from, to);
    return ms > 0 ? ms : 0;
  }
}
