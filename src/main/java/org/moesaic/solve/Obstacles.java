package org.moesaic.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Unsupported;
import org.moesaic.json.Texts;
import org.moesaic.problem.AllowedOffers;
import org.moesaic.problem.Model;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Model.Sync;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Region;
import org.moesaic.solve.model.CostOverflowException;
import org.moesaic.solve.model.Tariff;

/**
 * Tells what stands in the way of any plan, as far as that is sure without a search.
 *
 * <p>Idea: each rule is looked at alone, in the best case that it allows: all calls at the nearest
 * offer, one node of the offer that draws least, the lease spread evenly over all providers.
 * Complexity: linear in shards times origins times offers. Guarantee: a problem with an obstacle
 * has no plan that keeps its rules, or none that can be planned; one without may still have none.
 */
public final class Obstacles {
  /** Rules forgive this much, as a share. */
  static final double TOLERANCE = 1e-9;

  private final Problem problem;
  private final Instance instance;
  private final AllowedOffers allowed;
  private final List<Obstacle> found = new ArrayList<>();

  private Obstacles(Problem problem, Instance instance) {
    this.problem = problem;
    this.instance = instance;
    this.allowed = new AllowedOffers(problem);
  }

  /**
   * All obstacles of a problem.
   *
   * @param problem a valid one, as the reader returns it
   * @return empty if none is known
   */
  public static List<Obstacle> of(Problem problem) {
    List<String> parts = Unsupported.in(problem);
    if (!parts.isEmpty()) {
      return parts.stream().map(Obstacles::unsupported).toList();
    }
    return ofRules(problem);
  }

  /** What stands in the way even of a program that could plan all of the problem. */
  static List<Obstacle> ofRules(Problem problem) {
    var obstacles = new Obstacles(problem, Instance.of(problem));
    obstacles.cost();
    obstacles.providerShare();
    obstacles.power();
    obstacles.find();
    return List.copyOf(obstacles.found);
  }

  private void find() {
    int[][] holders = new int[instance.holderGroups()][];
    for (int group = 0; group < holders.length; group++) {
      holders[group] = holdersOf(group);
    }
    new CapacityObstacles(instance, allowed, found).find();
    new LatencyObstacles(instance, allowed, holders, found).find();
  }

  /** A part that later versions will plan. */
  private static Obstacle unsupported(String part) {
    String field = part.replaceAll(":.*|\\[].*", ""); // of lists, the list
    return new Obstacle(
        "/" + field.replace('.', '/'),
        "The part %s can be read, but not be planned yet.".formatted(part),
        "Maybe leave it out, and what it costs out of account.");
  }

  private void cost() {
    try {
      var unused = new Tariff(instance);
    } catch (CostOverflowException e) {
      String[] lines = String.valueOf(e.getMessage()).split("\\R", 2);
      found.add(new Obstacle(largest(), lines[0], lines[1]));
    }
  }

  /** The field with the largest number that costs are made of. */
  private String largest() {
    var largest = new Largest();
    Model model = problem.model();
    largest.look(model.dispatchBytes(), "model", "dispatchBytes");
    largest.look(model.combineBytes(), "model", "combineBytes");
    Backbone backbone = model.backbone();
    if (backbone != null) {
      largest.look(backbone.activationBytes(), "model", "backbone", "activationBytes");
      largest.look(backbone.gradientBytes(), "model", "backbone", "gradientBytes");
    }
    Sync sync = model.sync();
    if (sync != null) {
      largest.look(sync.expertBytes(), "model", "sync", "expertBytes");
      largest.look(sync.backboneBytesPerLayer(), "model", "sync", "backboneBytesPerLayer");
      largest.look(sync.syncsPerHour(), "model", "sync", "syncsPerHour");
    }
    largest.look(problem.objective().bandwidthUsdPerGb(), "objective", "bandwidthUsdPerGb");
    for (int i = 0; i < problem.offers().size(); i++) {
      largest.look(problem.offers().get(i).usdPerNodeHour(), "offers", i, "usdPerNodeHour");
    }
    for (int i = 0; i < problem.origins().size(); i++) {
      largest.look(problem.origins().get(i).tokensPerSecond(), "origins", i, "tokensPerSecond");
      largest.look(problem.origins().get(i).accessBytes(), "origins", i, "accessBytes");
    }
    for (int i = 0; i < problem.links().size(); i++) {
      largest.look(problem.links().get(i).usdPerGb(), "links", i, "usdPerGb");
    }
    for (int i = 0; i < problem.providers().size(); i++) {
      var rates = problem.providers().get(i).egressUsdPerGb();
      largest.look(rates.intraContinent(), "providers", i, "egressUsdPerGb", "intraContinent");
      largest.look(rates.interContinent(), "providers", i, "egressUsdPerGb", "interContinent");
      largest.look(rates.otherProvider(), "providers", i, "egressUsdPerGb", "otherProvider");
    }
    return largest.pointer;
  }

  private static final class Largest {
    private double value = -1;
    private String pointer = "";

    void look(@Nullable Double candidate, Object... at) {
      if (candidate != null && candidate > value) {
        value = candidate;
        pointer = Texts.pointer(at);
      }
    }
  }

  /** Providers with an offer that may hold anything, or host it. */
  private void providerShare() {
    Double share = problem.policy().maxProviderShare();
    if (share == null) {
      return;
    }
    // Free leases have no shares.
    boolean free =
        IntStream.range(0, instance.offers())
            .anyMatch(i -> isOfUse(i) && instance.offer(i).usdPerNodeHour() == 0);
    long providers =
        IntStream.range(0, instance.offers())
            .filter(this::isOfUse)
            .mapToObj(i -> instance.offer(i).provider())
            .distinct()
            .count();
    if (!free && providers * share * (1 + TOLERANCE) < 1) {
      found.add(
          new Obstacle(
              "/policy/maxProviderShare",
              "The maxProviderShare (%s) of the policy must be at least 1/%d: the shares of %d providers have to add up to 1."
                  .formatted(Texts.number(share), providers, providers),
              "Maybe raise it, or add offers of other providers."));
    }
  }

  private boolean isOfUse(int offer) {
    return instance.available(offer)
        && IntStream.range(0, instance.holderGroups())
            .anyMatch(group -> Arrays.stream(holdersOf(group)).anyMatch(i -> i == offer));
  }

  private int[] holdersOf(int group) {
    if (holders.length == 0) {
      holders = new int[instance.holderGroups()][];
      for (int s = 0; s < instance.pieces(); s++) {
        holders[instance.holderGroup(s)] = instance.holders(s);
      }
    }
    return holders[group];
  }

  private int[][] holders = {};

  /** Shards all of whose offers draw more than their regions allow, with the fewest nodes. */
  private void power() {
    List<Region> regions = problem.regions();
    boolean[] fits = new boolean[instance.offers()];
    for (int i = 0; i < fits.length; i++) {
      Double capKw = regions.get(instance.regionOfSite(instance.siteOfOffer(i))).powerCapKw();
      Offer offer = instance.offer(i);
      double leastKw = offer.powerKwPerNode() * Math.max(1, offer.minNodes());
      fits[i] = capKw == null || leastKw <= capKw * (1 + TOLERANCE);
    }
    for (int group = 0; group < instance.holderGroups(); group++) {
      int[] here = holdersOf(group);
      if (here.length > 0 && Arrays.stream(here).noneMatch(i -> fits[i])) {
        int region = instance.regionOfSite(instance.siteOfOffer(here[0]));
        double leastKw =
            Arrays.stream(here)
                .filter(i -> instance.regionOfSite(instance.siteOfOffer(i)) == region)
                .mapToObj(instance::offer)
                .mapToDouble(o -> o.powerKwPerNode() * Math.max(1, o.minNodes()))
                .min()
                .orElse(0);
        found.add(
            new Obstacle(
                Texts.pointer("regions", region, "powerCapKw"),
                "The powerCapKw (%s) of region (%s) must be at least %s kW: the fewest nodes of any offer there draw that, and some expert can be nowhere else."
                    .formatted(
                        Texts.number(Objects.requireNonNull(regions.get(region).powerCapKw())),
                        Texts.shown(regions.get(region).id()),
                        Texts.number(leastKw)),
                "Maybe it is in MW instead of kW."));
        return;
      }
    }
  }
}
