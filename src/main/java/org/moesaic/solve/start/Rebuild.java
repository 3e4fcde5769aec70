package org.moesaic.solve.start;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.Load;
import org.moesaic.solve.model.OfferTerms;
import org.moesaic.solve.model.Tariff;

/**
 * Takes part of an assignment down and builds it up again at other prices: a new place to search
 * from.
 *
 * <p>Idea: a local search settles into a set of offers, because opening or leaving one pays only
 * after many shards have moved. So some offers are closed, the prices of all are distorted, and a
 * random part of the shards, with all those on the closed offers, choose anew. Complexity as one
 * round of {@link PricedStart}. No guarantee. Source: ruin and recreate, Schrimpf et al., J.
 * Comput. Phys. 159 (2000); noising of data, Charon and Hudry (1993).
 */
public final class Rebuild {
  private static final Load ONE_EXPERT = new Load(1, 1, 0, 0);

  private final Tariff tariff;
  private final Instance instance;
  private final BooleanSupplier stop;

  /** For assignments of one instance. */
  public Rebuild(Tariff tariff) {
    this(tariff, () -> false);
  }

  /** With a way to stop before it is done, which gives the old assignment back. */
  public Rebuild(Tariff tariff, BooleanSupplier stop) {
    this.tariff = tariff;
    this.stop = stop;
    instance = tariff.instance();
  }

  /** Another assignment; of the old one, between none and nearly all is kept. */
  public Assignment of(Assignment old, RandomGenerator random) {
    Prices prices = new Prices(tariff);
    double noise = random.nextDouble() * 1.5;
    for (int i = 0; i < instance.offers(); i++) {
      double usd = tariff.offer(i).usdPerNodeHour() * Math.exp(noise * random.nextGaussian());
      prices.share(i, random.nextDouble(), usd);
    }
    boolean[] closed = new boolean[instance.offers()];
    double closing = random.nextInt(3) == 0 ? random.nextDouble() : 1.0 / instance.offers();
    for (int i = 0; i < closed.length; i++) {
      closed[i] = random.nextDouble() < closing;
    }
    double rebuilt = random.nextInt(4) == 0 ? 1 : Math.pow(random.nextDouble(), 2);

    Placement[] placements = old.placements().toArray(Placement[]::new);
    boolean[] rebuild = new boolean[instance.shards()];
    Ledger ledger = new Ledger(tariff);
    for (int s = 0; s < instance.shards(); s++) {
      Placement placement = placements[s];
      rebuild[s] =
          random.nextDouble() < rebuilt
              || Arrays.stream(placement.replicas()).anyMatch(i -> closed[i]);
      if (!rebuild[s]) {
        ledger.put(s, placement);
      }
    }
    ShardChoice choice = new ShardChoice(tariff, prices);
    boolean[] full = closed.clone();
    int offset = random.nextInt(instance.shards());
    for (int n = 0; n < instance.shards(); n++) {
      int s = (n + offset) % instance.shards();
      if (rebuild[s]) {
        if (stop.getAsBoolean()) {
          return old;
        }
        placements[s] = choice.best(s, full);
        ledger.put(s, placements[s]);
        for (int replica : placements[s].replicas()) {
          OfferTerms offer = tariff.offer(replica);
          full[replica] |= offer.need(ledger.load(replica).plus(ONE_EXPERT)) > offer.maxNodes();
        }
      }
    }
    return new Assignment(Arrays.asList(placements));
  }
}
