package org.moesaic.solve.bound;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;

/**
 * Places each shard on one of the nodes that are leased: a generalized assignment problem.
 *
 * <p>Idea: at what room on each offer is worth, the shards that lose most by not getting their
 * first choice choose first; who finds no room pushes another shard on. Then, while that is
 * cheaper: one shard moves, two change places, or one takes the room of another that moves on.
 * Complexity: O(shards * offers) to begin with, O(shards^2 + shards * offers * shards per offer)
 * for each round of improvements. No guarantee. Source: Martello and Toth, "An algorithm for the
 * generalized assignment problem" (1981); ejection chains as in Ahuja et al., "A multi-exchange
 * heuristic for the single-source capacitated facility location problem", Management Science 50
 * (2004).
 *
 * <p>Not safe for use by several threads.
 */
final class SinglePlacement {
  private static final int MOST_ROUNDS = 50;
  private static final double LEAST_GAIN = 1e-9;

  /** Offers that a shard may move to at random. */
  private static final int NEAR = 8;

  private static final int STAGES = 100;
  private static final double FIRST_TEMPERATURE = 0.5;
  private static final double LAST_TEMPERATURE = 0.01;
  private static final double FIRST_PENALTY = 0.3;
  private static final double LAST_PENALTY = 3;

  private final OfferBound costs;
  private final NodeProgram nodeProgram;
  private final BooleanSupplier stop;
  private final int shards;
  private final int offers;
  private final int[] at;
  private final double[] memoryLeft;
  private final double[] serviceLeft;
  private final Integer[] order;
  private final double[] regret;
  private int[] open = {};
  private int[][] heldBy = {};
  private int[] heldCount = {};

  SinglePlacement(
      OfferBound costs, NodeProgram nodeProgram, BooleanSupplier stop, int shards, int offers) {
    this.costs = costs;
    this.nodeProgram = nodeProgram;
    this.stop = stop;
    this.shards = shards;
    this.offers = offers;
    at = new int[shards];
    memoryLeft = new double[offers];
    serviceLeft = new double[offers];
    regret = new double[shards];
    order = IntStream.range(0, shards).boxed().toArray(Integer[]::new);
    heldBy = new int[offers][shards];
    heldCount = new int[offers];
  }

  /**
   * A cheap assignment within some nodes.
   *
   * @param nodes per offer
   * @param usdPerSize per offer, what a node's worth of room is worth
   * @param noise how much prices may be off, as a share, to find others
   * @return the offer of each shard; null if none was found
   */
  int @Nullable [] place(
      double[] nodes, double[] usdPerSize, double noise, RandomGenerator random) {
    open = IntStream.range(0, offers).filter(i -> nodes[i] > 0).toArray();
    for (int i : open) {
      memoryLeft[i] = nodes[i] * (1 + Relaxation.TOLERANCE);
      serviceLeft[i] = memoryLeft[i];
      heldCount[i] = 0;
    }
    Arrays.fill(at, -1);
    double[] price = usdPerSize.clone();
    for (int i : open) {
      price[i] *= 1 + noise * (2 * random.nextDouble() - 1);
    }
    for (int s = 0; s < shards; s++) {
      double first = Double.POSITIVE_INFINITY;
      double second = Double.POSITIVE_INFINITY;
      for (int i : open) {
        double value = costs.usd(s, i) + price[i] * costs.size(i, s);
        if (value < first) {
          second = first;
          first = value;
        } else if (value < second) {
          second = value;
        }
      }
      if (first == Double.POSITIVE_INFINITY) {
        return null;
      }
      regret[s] = second - first;
    }
    Arrays.sort(order, Comparator.comparingDouble((Integer s) -> -regret[s]).thenComparing(s -> s));
    boolean all = true;
    for (int s : order) {
      int best = -1;
      double bestValue = Double.POSITIVE_INFINITY;
      for (int i : open) {
        double value = costs.usd(s, i) + price[i] * costs.size(i, s);
        if (value < bestValue && fits(s, i)) {
          best = i;
          bestValue = value;
        }
      }
      if (best >= 0) {
        put(s, best);
      } else {
        all &= push(s, Double.POSITIVE_INFINITY);
      }
    }
    if (!all && !placeRest()) {
      return null;
    }
    improve();
    return at.clone();
  }

  /**
   * Goes on from an assignment that {@link #place} left behind, complete or not, by moves and
   * exchanges of shards at random, ever fewer of which may cost anything, while room that is
   * lacking gets ever dearer.
   *
   * @param nodes as for {@link #place}
   * @param usdPerSize as there
   * @param moves to try
   * @return the best assignment found that keeps within the nodes; null if there is none
   */
  int @Nullable [] anneal(double[] nodes, double[] usdPerSize, long moves, RandomGenerator random) {
    int n = open.length;
    double[][] value = new double[shards][n];
    int[][] near = new int[shards][];
    double price = 0;
    double spread = 0;
    double used = 0;
    for (int s = 0; s < shards; s++) {
      Integer[] byValue = new Integer[n];
      for (int k = 0; k < n; k++) {
        int i = open[k];
        value[s][k] = costs.usd(s, i) + usdPerSize[i] * costs.size(i, s);
        byValue[k] = k;
      }
      double[] values = value[s];
      Arrays.sort(byValue, Comparator.comparingDouble(k -> values[k]));
      int count = 0;
      near[s] = new int[Math.min(n, NEAR)];
      for (int k = 0; k < near[s].length && values[byValue[k]] < Double.POSITIVE_INFINITY; k++) {
        near[s][k] = open[byValue[k]];
        count++;
      }
      near[s] = Arrays.copyOf(near[s], count);
      if (count == 0) {
        return null;
      }
      if (at[s] < 0) {
        put(s, near[s][0]);
      }
      spread += values[byValue[Math.min(count - 1, 2)]] - values[byValue[0]];
      used += costs.usd(s, near[s][0]);
      price += costs.size(near[s][0], s);
    }
    // What room costs that is lacking: as much as traffic per size, at first.
    price = Math.max(used / Math.max(price, 1e-12), 1e-9);
    for (int i : open) {
      price = Math.max(price, usdPerSize[i]);
    }
    spread = Math.max(spread / shards, 1e-9);
    int[] best = null;
    double bestUsd = Double.POSITIVE_INFINITY;
    double usd = usd(at);
    double lacking = 0;
    for (int i : open) {
      lacking += lacking(memoryLeft[i], serviceLeft[i]);
    }
    double temperature = spread * FIRST_TEMPERATURE;
    double penalty = price * FIRST_PENALTY;
    long perStage = Math.max(1, moves / STAGES);
    double cooling = Math.pow(LAST_TEMPERATURE / FIRST_TEMPERATURE, 1.0 / STAGES);
    double raise = Math.pow(LAST_PENALTY / FIRST_PENALTY, 1.0 / STAGES);
    for (long move = 0; move < moves; move++) {
      if (move % perStage == perStage - 1) {
        if (stop.getAsBoolean()) {
          return best;
        }
        temperature *= cooling;
        penalty *= raise;
        // Rounding adds up.
        lacking = 0;
        for (int i : open) {
          lacking += lacking(memoryLeft[i], serviceLeft[i]);
        }
      }
      int s = random.nextInt(shards);
      int a = at[s];
      int b = near[s][random.nextInt(near[s].length)];
      if (a == b) {
        continue;
      }
      int t = -1;
      if (heldCount[b] > 0 && random.nextInt(3) > 0) {
        t = heldBy[b][random.nextInt(heldCount[b])];
        if (costs.usd(t, a) == Double.POSITIVE_INFINITY) {
          continue;
        }
      }
      double memoryA = memoryLeft[a] + costs.memory(s, a);
      double serviceA = serviceLeft[a] + costs.service(s, a);
      double memoryB = memoryLeft[b] - costs.memory(s, b);
      double serviceB = serviceLeft[b] - costs.service(s, b);
      double more = costs.usd(s, b) - costs.usd(s, a);
      if (t >= 0) {
        memoryA -= costs.memory(t, a);
        serviceA -= costs.service(t, a);
        memoryB += costs.memory(t, b);
        serviceB += costs.service(t, b);
        more += costs.usd(t, a) - costs.usd(t, b);
      }
      double lackingMore =
          lacking(memoryA, serviceA)
              + lacking(memoryB, serviceB)
              - lacking(memoryLeft[a], serviceLeft[a])
              - lacking(memoryLeft[b], serviceLeft[b]);
      double worse = more + penalty * lackingMore;
      if (worse > 0 && random.nextDouble() >= Math.exp(-worse / temperature)) {
        continue;
      }
      take(s);
      if (t >= 0) {
        take(t);
        put(t, a);
      }
      put(s, b);
      usd += more;
      lacking += lackingMore;
      if (lacking <= 1e-12 && usd < bestUsd - LEAST_GAIN * Math.abs(usd) && fitsAll()) {
        bestUsd = usd;
        best = best == null ? at.clone() : best;
        System.arraycopy(at, 0, best, 0, shards);
      }
    }
    return best;
  }

  private boolean fitsAll() {
    for (int i : open) {
      if (memoryLeft[i] < 0 || serviceLeft[i] < 0) {
        return false;
      }
    }
    return true;
  }

  private static double lacking(double memory, double service) {
    return Math.max(0, -Math.min(memory, service));
  }

  /** Cost of traffic of an assignment that this gave. */
  double usd(int[] assigned) {
    double sum = 0;
    for (int s = 0; s < shards; s++) {
      sum += costs.usd(s, assigned[s]);
    }
    return sum;
  }

  /** The nodes that an assignment takes. */
  double[] nodes(int[] assigned) {
    double[] memory = new double[offers];
    double[] service = new double[offers];
    double[] nodes = new double[offers];
    for (int s = 0; s < shards; s++) {
      int i = assigned[s];
      memory[i] += costs.memory(s, i);
      service[i] += costs.service(s, i);
      nodes[i] = Math.max(1, nodeProgram.fewest(i));
    }
    for (int i = 0; i < offers; i++) {
      nodes[i] = Math.max(nodes[i], Instance.ceil(Math.max(memory[i], service[i])));
    }
    return nodes;
  }

  private boolean fits(int s, int i) {
    return costs.memory(s, i) <= memoryLeft[i]
        && costs.service(s, i) <= serviceLeft[i]
        && costs.usd(s, i) < Double.POSITIVE_INFINITY;
  }

  /** Whether a shard fits once another has left. */
  private boolean fitsFor(int s, int i, int leaving) {
    return costs.memory(s, i) <= memoryLeft[i] + costs.memory(leaving, i)
        && costs.service(s, i) <= serviceLeft[i] + costs.service(leaving, i)
        && costs.usd(s, i) < Double.POSITIVE_INFINITY;
  }

  private void put(int s, int i) {
    at[s] = i;
    memoryLeft[i] -= costs.memory(s, i);
    serviceLeft[i] -= costs.service(s, i);
    heldBy[i][heldCount[i]++] = s;
  }

  private void take(int s) {
    int i = at[s];
    at[s] = -1;
    memoryLeft[i] += costs.memory(s, i);
    serviceLeft[i] += costs.service(s, i);
    int[] held = heldBy[i];
    for (int k = 0; k < heldCount[i]; k++) {
      if (held[k] == s) {
        held[k] = held[--heldCount[i]];
        return;
      }
    }
  }

  /** Tries again to place those that found no room, after the others have moved closer together. */
  private boolean placeRest() {
    for (int round = 0; round < 5; round++) {
      improve();
      boolean all = true;
      for (int s : order) {
        if (at[s] < 0) {
          all &= push(s, Double.POSITIVE_INFINITY);
        }
      }
      if (all) {
        return true;
      }
    }
    return false;
  }

  /**
   * Puts a shard where another has to move on for it, at the least cost.
   *
   * @param mostUsd that it may cost more than now
   * @return whether that was done
   */
  private boolean push(int s, double mostUsd) {
    double bestUsd = mostUsd;
    int bestOther = -1;
    int bestTo = -1;
    int now = at[s];
    double before = now < 0 ? 0 : costs.usd(s, now);
    for (int i : open) {
      if (i == now) {
        continue;
      }
      double here = costs.usd(s, i) - before;
      if (here >= bestUsd) {
        continue;
      }
      for (int k = 0; k < heldCount[i]; k++) {
        int t = heldBy[i][k];
        if (!fitsFor(s, i, t)) {
          continue;
        }
        double without = here - costs.usd(t, i);
        for (int j : open) {
          double usd = without + costs.usd(t, j);
          if (usd < bestUsd && j != i && (j == now ? fitsFor(t, j, s) : fits(t, j))) {
            bestUsd = usd;
            bestOther = t;
            bestTo = j;
          }
        }
      }
    }
    if (bestOther < 0) {
      return false;
    }
    int i = at[bestOther];
    if (now >= 0) {
      take(s);
    }
    take(bestOther);
    put(bestOther, bestTo);
    put(s, i);
    return true;
  }

  private void improve() {
    for (int round = 0; round < MOST_ROUNDS; round++) {
      boolean better = false;
      for (int s : order) {
        if (stop.getAsBoolean()) {
          return;
        }
        if (at[s] >= 0) {
          better |= shift(s) || push(s, -LEAST_GAIN * Math.abs(costs.usd(s, at[s])) - 1e-12);
        }
      }
      if (!better) {
        return;
      }
    }
  }

  /** Moves a shard to its cheapest place with room, if that is cheaper. */
  private boolean shift(int s) {
    int best = at[s];
    double bestUsd = costs.usd(s, best);
    for (int i : open) {
      double usd = costs.usd(s, i);
      if (usd < bestUsd && fits(s, i)) {
        best = i;
        bestUsd = usd;
      }
    }
    if (best == at[s]) {
      return false;
    }
    take(s);
    put(s, best);
    return true;
  }
}
