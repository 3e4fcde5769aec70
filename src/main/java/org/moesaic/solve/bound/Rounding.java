package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.bound.ShardBound.Prices;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.Load;
import org.moesaic.solve.model.OfferTerms;
import org.moesaic.solve.model.Pieces;

/**
 * Makes an assignment of a fractional plan.
 *
 * <p>Idea: the fractional plan is a mix of the placements found at some past multipliers. Each
 * shard takes its placement at one of them, drawn by their weights with equal steps, so that the
 * sums come out nearly as in the mix; no placement has to be kept, only multipliers. Offers that
 * then need more nodes than the plan leases pass shards on to offers with room, those first for
 * which that costs least per node freed. Complexity: that of one or two evaluations. No guarantee.
 */
final class Rounding {
  /**
   * So many times the shards that have to leave an offer are asked what that costs, and so many at
   * least: to ask all of 100,000 takes longer than the bound.
   */
  private static final int MORE_ASKED = 3;

  private static final int LEAST_ASKED = 1000;

  private final Relaxation relaxation;
  private final Instance instance;
  private final BooleanSupplier stop;

  Rounding(Relaxation relaxation, BooleanSupplier stop) {
    this.relaxation = relaxation;
    this.stop = stop;
    instance = relaxation.instance;
  }

  /**
   * The assignment.
   *
   * @param evaluations that the mix weighs
   * @param nodes of each offer, which the assignment may only exceed where it must
   * @param repaired whether shards leave offers that need more nodes than that
   * @return null if it was stopped
   */
  @Nullable Assignment round(
      List<Evaluation> evaluations,
      ColumnProgram.Mix mix,
      double[] nodes,
      boolean repaired,
      RandomGenerator random) {
    int shards = instance.pieces();
    int groups = evaluations.getFirst().parts().size();
    int[] evaluationOf = new int[shards];
    double draw = random.nextDouble();
    double step = 0.6180339887498949;
    for (int s = 0; s < shards; s++) {
      int group = (int) Math.min(groups - 1, (long) s * groups / shards);
      draw += step;
      draw -= Math.floor(draw);
      double left = draw;
      int chosen = -1;
      for (int e = 0; e < mix.weights().length; e++) {
        double weight = mix.weights()[e][group];
        if (weight > 1e-9) {
          chosen = e;
          left -= weight;
          if (left < 0) {
            break;
          }
        }
      }
      evaluationOf[s] = Math.max(chosen, 0);
    }
    Placement[] placements = new Placement[shards];
    boolean[] closed = new boolean[instance.offers()];
    for (int i = 0; i < closed.length; i++) {
      closed[i] = nodes[i] < 0.5;
    }
    var shardBound = new ShardBound(relaxation);
    for (int e = 0; e < evaluations.size(); e++) {
      boolean priced = false;
      Assignment plan = evaluations.get(e).plan();
      List<Placement> planned = plan == null ? List.of() : Pieces.of(instance, plan);
      for (int s = 0; s < shards; s++) {
        if (evaluationOf[s] == e) {
          if (stop.getAsBoolean()) {
            return null;
          }
          if (plan != null && isWithin(planned.get(s), closed)) {
            placements[s] = planned.get(s);
            continue;
          }
          if (!priced) {
            shardBound.price(new Prices(relaxation, evaluations.get(e).at()), null);
            priced = true;
          }
          placements[s] = placement(shardBound, s, closed);
        }
      }
    }
    if (!repaired) {
      return Pieces.assignment(instance, Arrays.asList(placements));
    }
    shardBound.price(new Prices(relaxation, mix.at()), null);
    return repair(shardBound, placements, nodes);
  }

  private static boolean isWithin(Placement placement, boolean[] closed) {
    return Arrays.stream(placement.replicas()).noneMatch(i -> closed[i]);
  }

  private Placement placement(ShardBound shardBound, int shard, boolean @Nullable [] closed) {
    shardBound.close(closed);
    if (shardBound.solve(shard) == Double.POSITIVE_INFINITY) {
      shardBound.close(null);
      shardBound.solve(shard);
    }
    return shardBound.placement(shard);
  }

  /** A shard that could leave an offer. */
  private record Leaver(int shard, double usdPerNode) {}

  private @Nullable Assignment repair(
      ShardBound shardBound, Placement[] placements, double[] nodes) {
    Ledger ledger = new Ledger(relaxation.tariff);
    for (int s = 0; s < placements.length; s++) {
      ledger.put(s, placements[s]);
    }
    for (int pass = 0; pass < 3; pass++) {
      boolean over = false;
      for (int i = 0; i < nodes.length; i++) {
        if (need(ledger, i) > nodes[i] && nodes[i] >= 0.5) {
          over = true;
          if (!relieve(shardBound, placements, ledger, nodes, i)) {
            return null;
          }
        }
      }
      if (!over) {
        break;
      }
    }
    return Pieces.assignment(instance, Arrays.asList(placements));
  }

  private double need(Ledger ledger, int i) {
    return relaxation.tariff.offer(i).need(ledger.load(i)) * (1 - 1e-9);
  }

  private boolean relieve(
      ShardBound shardBound, Placement[] placements, Ledger ledger, double[] nodes, int offer) {
    OfferTerms terms = relaxation.tariff.offer(offer);
    boolean[] closed = new boolean[nodes.length];
    for (int i = 0; i < nodes.length; i++) {
      closed[i] = i == offer || need(ledger, i) >= nodes[i];
    }
    Load carried = ledger.load(offer);
    boolean memoryBinds = terms.memoryNeed(carried) > terms.serviceNeed(carried);
    int held = 0;
    for (Placement placement : placements) {
      held += placement.holds(offer) ? 1 : 0;
    }
    double leaving = held * (1 - nodes[offer] / need(ledger, offer));
    double asked = Math.max(LEAST_ASKED, MORE_ASKED * leaving);
    double draw = 0;
    List<Leaver> leavers = new ArrayList<>();
    for (int s = 0; s < placements.length; s++) {
      if (placements[s].holds(offer)) {
        draw += asked / held;
        if (draw < 1) {
          continue;
        }
        draw = Math.min(1, draw - 1);
        if (stop.getAsBoolean()) {
          return false;
        }
        shardBound.close(null);
        double now = cost(s, placements[s], shardBound);
        shardBound.close(closed);
        double then = shardBound.solve(s);
        Load load = relaxation.tariff.load(s, placements[s], offer);
        double freed = memoryBinds ? terms.memoryNeed(load) : terms.serviceNeed(load);
        if (Double.isFinite(then) && freed > 0) {
          leavers.add(new Leaver(s, (then - now) / freed));
        }
      }
    }
    leavers.sort(Comparator.comparingDouble(Leaver::usdPerNode).thenComparingInt(Leaver::shard));
    for (Leaver leaver : leavers) {
      if (need(ledger, offer) <= nodes[offer]) {
        break;
      }
      int s = leaver.shard();
      Load goes = relaxation.tariff.load(s, placements[s], offer);
      for (int i = 0; i < nodes.length; i++) {
        closed[i] =
            i == offer
                || (!placements[s].holds(i)
                    && relaxation.tariff.offer(i).need(ledger.load(i).plus(goes)) * (1 - 1e-9)
                        > nodes[i]);
      }
      shardBound.close(closed);
      if (Double.isFinite(shardBound.solve(s))) {
        Placement then = shardBound.placement(s);
        ledger.take(s, placements[s]);
        ledger.put(s, then);
        boolean fits = true;
        for (int i : then.replicas()) {
          fits &= need(ledger, i) <= nodes[i] || i == offer || placements[s].holds(i);
        }
        if (fits) {
          placements[s] = then;
        } else {
          ledger.take(s, then);
          ledger.put(s, placements[s]);
        }
      }
    }
    return true;
  }

  private double cost(int shard, Placement placement, ShardBound shardBound) {
    return shardBound.usdOf(shard, placement);
  }
}
