package org.moesaic.solve.start;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.HomeSites;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.Load;
import org.moesaic.solve.model.OfferTerms;
import org.moesaic.solve.model.Serving;
import org.moesaic.solve.model.Tariff;

/**
 * Fills the offers in the order of their price per unit of work, looking at the lease alone: what a
 * buyer does who compares list prices of nodes.
 *
 * <p>Complexity O(shards * (offers + origins)); no guarantee. A baseline.
 */
public final class CheapestFirst implements Construction {
  @Override
  public Assignment construct(Tariff tariff) {
    Instance instance = tariff.instance();
    Integer[] order = IntStream.range(0, instance.offers()).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> usdForEverything(tariff, i)));
    Ledger ledger = new Ledger(tariff);
    List<Placement> placements = new ArrayList<>(instance.shards());
    int copies = instance.problem().policy().minReplicas();
    for (int s = 0; s < instance.shards(); s++) {
      int[] holders = tariff.holders(s);
      int[] chosen = new int[Math.min(copies, holders.length)];
      int count = 0;
      for (int full = 0; full < 2 && count < chosen.length; full++) {
        for (int i : order) {
          boolean fits = full == 1 || hasRoom(tariff, ledger, i, s);
          boolean taken = Arrays.stream(chosen, 0, count).anyMatch(c -> c == i);
          boolean may = Arrays.binarySearch(holders, i) >= 0;
          if (count < chosen.length && fits && !taken && may) {
            chosen[count++] = i;
          }
        }
      }
      Arrays.sort(chosen);
      Placement placement = Serving.cheapest(tariff, HomeSites.own(instance), s, chosen);
      ledger.put(s, placement);
      placements.add(placement);
    }
    return new Assignment(placements);
  }

  private static double usdForEverything(Tariff tariff, int i) {
    Instance instance = tariff.instance();
    OfferTerms offer = tariff.offer(i);
    Load everything = Load.NONE;
    for (int s = 0; s < instance.shards(); s++) {
      everything = everything.plus(tariff.load(s, allCalls(tariff, s)));
    }
    return offer.need(everything) * offer.usdPerNodeHour();
  }

  private static boolean hasRoom(Tariff tariff, Ledger ledger, int i, int shard) {
    OfferTerms offer = tariff.offer(i);
    Load more = tariff.load(shard, allCalls(tariff, shard));
    return offer.nodes(ledger.load(i).plus(more)) <= offer.maxNodes();
  }

  private static long allCalls(Tariff tariff, int shard) {
    long calls = 0;
    for (int o = 0; o < tariff.instance().origins(); o++) {
      calls += tariff.calls(o, shard);
    }
    return calls;
  }
}
