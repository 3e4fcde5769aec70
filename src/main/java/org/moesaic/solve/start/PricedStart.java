package org.moesaic.solve.start;

import ai.timefold.solver.core.api.score.HardSoftScore;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Offer;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.Load;
import org.moesaic.solve.model.OfferTerms;
import org.moesaic.solve.model.Tariff;

/**
 * Places each shard at its cheapest at prices for shared resources, and corrects the prices by what
 * that used.
 *
 * <p>Idea: a node's price is paid once, by whichever of memory and service fills it. It is shared
 * out between the two, and the share moves towards the one that was used more, until both fill the
 * nodes together; resources that were overused get dearer. Shards with much demand choose first,
 * and an offer that is full takes no more. Each round's assignment is scored as a plan would be,
 * and the best is kept. Complexity: rounds * shards * offers^2 * origins at most, see {@link
 * ShardChoice}. No guarantee. Source: Lagrangian heuristics for capacitated facility location, e.g.
 * Beasley, "Lagrangean heuristics for location problems", EJOR 65 (1993).
 */
public final class PricedStart implements Construction {
  private static final int ROUNDS = 16;

  /** Use of a link from which on it takes no more. */
  private static final double FULL_LINK = 0.98;

  private final BooleanSupplier stop;

  /**
   * With a way to stop, at the next shard of any round but the first, which is always finished, but
   * in a hurry.
   */
  public PricedStart(BooleanSupplier stop) {
    this.stop = stop;
  }

  @Override
  public Assignment construct(Tariff tariff) {
    return new Rounds(tariff).run();
  }

  private final class Rounds {
    private final Tariff tariff;
    private final Instance instance;
    private final Prices prices;
    private final double[] memoryShare;
    private final double[] scarcity;
    private final Map<String, Double> providerDominance = new HashMap<>();
    private final double[] usdPerKw;
    private final double typicalUsdPerKw;
    private final double typicalUsdPerCall;
    private final int[] order;

    Rounds(Tariff tariff) {
      this.tariff = tariff;
      instance = tariff.instance();
      prices = new Prices(tariff);
      memoryShare = new double[instance.offers()];
      Arrays.fill(memoryShare, 0.5);
      scarcity = new double[instance.offers()];
      usdPerKw = new double[instance.problem().regions().size()];
      typicalUsdPerKw =
          instance.problem().offers().stream()
              .filter(offer -> offer.powerKwPerNode() > 0)
              .mapToDouble(offer -> offer.usdPerNodeHour() / offer.powerKwPerNode())
              .average()
              .orElse(0);
      typicalUsdPerCall =
          IntStream.range(0, instance.offers())
              .mapToDouble(i -> instance.offer(i).usdPerNodeHour() * tariff.offer(i).nodesPerCall())
              .filter(Double::isFinite)
              .average()
              .orElse(0);
      order =
          IntStream.range(0, instance.shards())
              .boxed()
              .sorted(Comparator.comparingDouble(s -> -totalDemand(s)))
              .mapToInt(s -> s)
              .toArray();
    }

    private double totalDemand(int shard) {
      double sum = 0;
      for (int o = 0; o < instance.origins(); o++) {
        sum += instance.demand(o, shard);
      }
      return sum;
    }

    Assignment run() {
      Ledger ledger = new Ledger(tariff);
      Assignment best = Objects.requireNonNull(assign(ledger, true));
      HardSoftScore bestScore = ledger.score();
      for (int round = 1; round < ROUNDS; round++) {
        correct(ledger, 1.0 / (1 + round / 4.0));
        ledger = new Ledger(tariff);
        Assignment assigned = assign(ledger, false);
        if (assigned == null) {
          break;
        }
        if (ledger.score().compareTo(bestScore) > 0) {
          best = assigned;
          bestScore = ledger.score();
        }
      }
      return best;
    }

    /**
     * The price of a node, with what its part of the limits on offers, regions and providers is
     * worth.
     */
    private double usdPerNode(int i) {
      Offer offer = instance.offer(i);
      Double maxShare = instance.problem().policy().maxProviderShare();
      double factor = 1 + scarcity[i];
      if (maxShare != null) {
        // Each USD leased of a provider counts against its limit, and each USD leased at all raises
        // the limit.
        for (Map.Entry<String, Double> dominance : providerDominance.entrySet()) {
          boolean own = dominance.getKey().equals(offer.provider());
          factor += dominance.getValue() * ((own ? 1 : 0) - maxShare);
        }
      }
      int region = instance.regionOfSite(instance.siteOfOffer(i));
      return Math.max(0.05, factor) * offer.usdPerNodeHour()
          + usdPerKw[region] * offer.powerKwPerNode();
    }

    /**
     * Places every shard at the prices of this round; null if it was stopped.
     *
     * @param first whether there has to be a result even then
     */
    private @Nullable Assignment assign(Ledger ledger, boolean first) {
      for (int i = 0; i < instance.offers(); i++) {
        prices.share(i, memoryShare[i], usdPerNode(i));
      }
      ShardChoice choice = new ShardChoice(tariff, prices);
      Placement[] placements = new Placement[instance.shards()];
      boolean[] full = new boolean[instance.offers()];
      for (boolean[] routes : prices.full) {
        Arrays.fill(routes, false);
      }
      for (int s : order) {
        if (stop.getAsBoolean()) {
          if (!first) {
            return null;
          }
          choice.hurry();
        }
        Placement placement = choice.best(s, full);
        placements[s] = placement;
        ledger.put(s, placement);
        for (int replica : placement.replicas()) {
          full[replica] = isFull(ledger, replica);
        }
        for (int o = 0; o < instance.origins(); o++) {
          int server = placement.servedBy()[o];
          if (server >= 0) {
            prices.full[o][server] = linkUse(ledger, o, server) > FULL_LINK;
          }
        }
      }
      return new Assignment(Arrays.asList(placements));
    }

    private boolean isFull(Ledger ledger, int i) {
      OfferTerms offer = tariff.offer(i);
      Offer written = instance.offer(i);
      Double capKw =
          instance
              .problem()
              .regions()
              .get(instance.regionOfSite(instance.siteOfOffer(i)))
              .powerCapKw();
      double most = offer.maxNodes();
      if (capKw != null && written.powerKwPerNode() > 0) {
        most = Math.min(most, Math.floor(capKw / written.powerKwPerNode()));
      }
      // One more expert, with the calls that come with it on average.
      Load load = ledger.load(i);
      long experts = load.memory();
      long more = load.calls() / Math.max(1, experts);
      return offer.need(load.plus(new Load(1, 1, more, 0))) > most;
    }

    private void correct(Ledger ledger, double step) {
      for (int i = 0; i < instance.offers(); i++) {
        OfferTerms offer = tariff.offer(i);
        double memory = offer.memoryNeed(ledger.load(i));
        double service = offer.serviceNeed(ledger.load(i));
        double most = Math.max(memory, service);
        if (most > 0 && Double.isFinite(most)) {
          memoryShare[i] =
              Math.clamp(memoryShare[i] + 0.3 * step * (memory - service) / most, 0.02, 0.98);
        }
        double over = most / Math.max(1, offer.maxNodes()) - 1;
        scarcity[i] = Math.max(0, scarcity[i] + step * Math.clamp(over, -0.1, 1));
      }
      correctProviders(ledger, step);
      correctRegions(ledger, step);
      correctLatency(ledger, step);
      correctLinks(ledger, step);
    }

    private void correctProviders(Ledger ledger, double step) {
      Double maxShare = instance.problem().policy().maxProviderShare();
      if (maxShare == null) {
        return;
      }
      for (int i = 0; i < instance.offers(); i++) {
        if (firstOfProvider(i)) {
          double over = ledger.providerShare(i) - maxShare;
          providerDominance.merge(
              instance.offer(i).provider(), step * over, (old, more) -> Math.max(0, old + more));
        }
      }
    }

    private boolean firstOfProvider(int i) {
      for (int j = 0; j < i; j++) {
        if (instance.offer(j).provider().equals(instance.offer(i).provider())) {
          return false;
        }
      }
      return true;
    }

    private void correctRegions(Ledger ledger, double step) {
      for (int r = 0; r < usdPerKw.length; r++) {
        double over = ledger.powerUse(r) - 1;
        usdPerKw[r] = Math.max(0, usdPerKw[r] + step * typicalUsdPerKw * Math.clamp(over, -0.2, 1));
      }
    }

    private void correctLatency(Ledger ledger, double step) {
      for (int o = 0; o < instance.origins(); o++) {
        if (tariff.latencyLimited(o)) {
          double limitMs = Math.max(1e-3, instance.maxAddedLatencyMs(o));
          double over = ledger.latencyMs(o) / limitMs - 1;
          double unit = ledger.usdPerHour() / limitMs / instance.origins();
          prices.usdPerLatencyMs[o] =
              Math.max(0, prices.usdPerLatencyMs[o] + step * unit * Math.clamp(over, -0.5, 2));
        }
      }
    }

    /** How full the fuller direction of the way between an origin and an offer is. */
    private double linkUse(Ledger ledger, int origin, int offer) {
      int from = instance.siteOfOrigin(origin);
      int to = instance.siteOfOffer(offer);
      return Math.max(ledger.linkUse(from, to), ledger.linkUse(to, from));
    }

    private void correctLinks(Ledger ledger, double step) {
      for (int o = 0; o < instance.origins(); o++) {
        for (int i = 0; i < instance.offers(); i++) {
          double use = linkUse(ledger, o, i);
          if (use > 0) {
            double routeUsd = prices.routeUsd(o, i);
            double unit = Math.max(routeUsd, typicalUsdPerCall);
            prices.usdPerRemoteCall[o][i] =
                Math.max(
                    routeUsd,
                    prices.usdPerRemoteCall[o][i] + step * unit * Math.clamp(use - 1, -0.2, 2));
          }
        }
      }
    }
  }
}
