package org.moesaic.solve;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.json.Texts;
import org.moesaic.problem.AllowedOffers;
import org.moesaic.problem.Model;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Problem;
import org.moesaic.problem.ServableOffers;

/**
 * Memory and compute that all nodes of all offers together lack, and single layers of the dense
 * part that no offer has room for.
 *
 * <p>Counts the fewest replicas of each shard, one copy of each layer's dense part, and all tokens;
 * as if nodes could be divided at will. Guarantee: each lack leaves no plan.
 */
final class CapacityObstacles {
  private static final double BYTES_PER_GIB = 1L << 30;

  /** A ceiling forgives as much as a rule, and sums are rounded. */
  private static final double FORGIVEN = 1 + 3 * Obstacles.TOLERANCE;

  private final Problem problem;
  private final Instance instance;
  private final AllowedOffers allowed;
  private final List<Obstacle> found;

  CapacityObstacles(Instance instance, AllowedOffers allowed, List<Obstacle> found) {
    this.problem = instance.problem();
    this.instance = instance;
    this.allowed = allowed;
    this.found = found;
  }

  void find() {
    memory();
    compute();
    if (problem.model().backbone() != null) {
      hosts(problem.model().backbone());
    }
  }

  private void memory() {
    Model model = problem.model();
    Backbone backbone = model.backbone();
    int replicas =
        Math.max(problem.policy().minReplicas(), problem.policy().survive().isEmpty() ? 1 : 2);
    double experts = (double) model.moeLayers() * model.expertsPerLayer() * model.expertBytes();
    boolean hosted = problem.origins().stream().anyMatch(o -> o.tokensPerSecond() > 0);
    double dense = backbone == null || !hosted ? 0 : model.moeLayers() * backbone.bytesPerLayer();
    double neededGib = (replicas * experts + dense) / BYTES_PER_GIB;
    double gib = sum(true);
    if (neededGib > gib * FORGIVEN) {
      found.add(
          new Obstacle(
              "/offers",
              "All offers together must have at least %s GiB of usable memory for %s, but have %s."
                  .formatted(
                      rounded(neededGib),
                      backbone == null ? "the experts" : "experts and backbone",
                      rounded(gib)),
              "Maybe add offers or nodes, or ask for fewer replicas."));
    }
  }

  private void compute() {
    Model model = problem.model();
    Backbone backbone = model.backbone();
    double perTokenAndLayer =
        model.topK() * model.expertFlopsPerToken()
            + (backbone == null ? 0 : backbone.flopsPerTokenPerLayer());
    double tokens = problem.origins().stream().mapToDouble(Origin::tokensPerSecond).sum();
    double needed = tokens * model.moeLayers() * perTokenAndLayer / 1e12;
    double tflops = sum(false);
    if (needed > tflops * FORGIVEN) {
      found.add(
          new Obstacle(
              "/offers",
              "All offers together must have at least %s usable TFLOPS for the tokens of all origins, but have %s."
                  .formatted(rounded(needed), rounded(tflops)),
              "Maybe add offers or nodes; or usable.compute is too small."));
    }
  }

  /** What all offers that may be of use have together. */
  private double sum(boolean memory) {
    var useful = new BitSet();
    for (int l = 0; l < instance.layers(); l++) {
      useful.or(allowed.hosts(l)); // or hold: no shard may be where its layer may not
    }
    return useful.stream()
        .mapToDouble(i -> memory ? usableGib(instance.offer(i)) : usableTflops(instance.offer(i)))
        .sum();
  }

  private double usableGib(Offer offer) {
    return ofAllNodes(offer, offer.memoryGibPerNode(), problem.usable().memory());
  }

  private double usableTflops(Offer offer) {
    return ofAllNodes(offer, offer.tflopsPerNode(), problem.usable().compute());
  }

  private static double ofAllNodes(Offer offer, @Nullable Double ofNode, double usable) {
    Integer maxNodes = offer.maxNodes();
    return ofNode == null || maxNodes == null
        ? Double.POSITIVE_INFINITY
        : maxNodes * ofNode * usable;
  }

  /**
   * Each layer of each origin needs an offer with room for one stream, the least that is hosted.
   */
  private void hosts(Backbone backbone) {
    var servable = new ServableOffers(problem);
    double gib = backbone.bytesPerLayer() / BYTES_PER_GIB;
    for (int o = 0; o < instance.origins(); o++) {
      Origin origin = instance.origin(o);
      if (origin.tokensPerSecond() == 0) {
        continue;
      }
      double tflops =
          origin.tokensPerSecond() / origin.streams() * backbone.flopsPerTokenPerLayer() / 1e12;
      BitSet here = servable.of(origin);
      var seen = new HashSet<BitSet>();
      for (int l = 0; l < instance.layers(); l++) {
        BitSet hosts = (BitSet) here.clone();
        hosts.and(allowed.hosts(l));
        if (hosts.isEmpty() || !seen.add(hosts)) {
          continue;
        }
        if (hosts.stream().noneMatch(i -> fits(gib, usableGib(instance.offer(i))))) {
          found.add(
              new Obstacle(
                  "/model/backbone/bytesPerLayer",
                  "The backbone of one layer, %s GiB, must fit an offer that may host layer (%d) of origin (%s)."
                      .formatted(rounded(gib), l, Texts.shown(origin.id())),
                  "Maybe it is that of the whole model; or an offer needs more nodes."));
          return;
        }
        if (hosts.stream()
            .mapToObj(instance::offer)
            .noneMatch(i -> fits(gib, usableGib(i)) && fits(tflops, usableTflops(i)))) {
          found.add(
              new Obstacle(
                  Texts.pointer("origins", o, "tokensPerSecond"),
                  "One stream of origin (%s) must fit an offer that may host layer (%d): it takes %s usable TFLOPS there."
                      .formatted(Texts.shown(origin.id()), l, rounded(tflops)),
                  "Maybe it is of more streams, or an offer needs more nodes."));
          break;
        }
      }
    }
  }

  private static boolean fits(double needed, double there) {
    return needed <= there * FORGIVEN;
  }

  /** Four digits are enough to see what is meant. */
  private static String rounded(double value) {
    return Texts.number(
        new BigDecimal(value).round(new MathContext(4, RoundingMode.HALF_UP)).doubleValue());
  }
}
