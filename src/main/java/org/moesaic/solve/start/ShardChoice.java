package org.moesaic.solve.start;

import java.util.Arrays;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.solve.model.Tariff;

/**
 * The cheapest placement of one shard at linear prices: an uncapacitated facility location problem
 * with the rules that concern one shard alone.
 *
 * <p>Idea: try every set of up to {@value #ENUMERATED} offers of those that may hold the shard if
 * they are few, every single one and every pair if they are not too many, and improve the best by
 * adding, dropping and exchanging one offer while that helps. Sets that break a rule are ranked
 * behind all that break fewer, so that a set that keeps the rules is found by the same steps.
 * Complexity O(holders^2 * origins) for pairs; exact where all sets are tried, a local optimum
 * else. Source: add, drop and interchange heuristics of Kuehn and Hamburger (1963) and Teitz and
 * Bart (1968).
 *
 * <p>Not safe for use by several threads.
 */
final class ShardChoice {
  /** So few offers that all their sets are tried. */
  private static final int ENUMERATED = 8;

  /** So few offers that all their pairs are tried. */
  private static final int PAIRED = 32;

  /** More than any plan costs: the price of a broken rule. */
  private static final double BROKEN = 1e18;

  private final Tariff tariff;
  private final Instance instance;
  private final DomainKind[] survive;
  private final int min;
  private final int max;

  private final Prices prices;
  private boolean hurried;
  private int shard;
  private int[] holders = {};
  private double[] holdUsd = {};
  private double[][] serveUsd = {};
  private int[] called = {};

  ShardChoice(Tariff tariff, Prices prices) {
    this.tariff = tariff;
    this.prices = prices;
    instance = tariff.instance();
    survive = instance.problem().policy().survive().stream().sorted().toArray(DomainKind[]::new);
    min = instance.problem().policy().minReplicas();
    max = instance.maxReplicas();
  }

  /**
   * The cheapest placement of a shard.
   *
   * @param full offers that take nothing more; ignored where there is no other
   */
  Placement best(int shard, boolean[] full) {
    this.shard = shard;
    int[] open = Arrays.stream(tariff.holders(shard)).filter(i -> !full[i]).toArray();
    int[] set = search(open);
    if (set.length == 0 || cost(set, set.length) >= BROKEN) {
      set = search(tariff.holders(shard));
    }
    int[] replicas = Arrays.stream(set).map(h -> holders[h]).sorted().toArray();
    return new Placement(replicas, serving(set));
  }

  /**
   * Chooses by adding one offer at a time from now on: in a hurry, any plan is better than none.
   */
  void hurry() {
    hurried = true;
  }

  /** The best set that adding one offer at a time gives, until nothing is broken. */
  private int[] bestByAdding() {
    int[] set = {};
    double setCost = Double.POSITIVE_INFINITY;
    while (set.length < Math.min(max, holders.length) && (set.length < min || setCost >= BROKEN)) {
      int[] next = Arrays.copyOf(set, set.length + 1);
      int best = -1;
      double bestCost = Double.POSITIVE_INFINITY;
      for (int h = 0; h < holders.length; h++) {
        next[set.length] = h;
        double cost = contains(set, h) ? Double.POSITIVE_INFINITY : cost(next, next.length);
        if (best < 0 && !contains(set, h) || cost < bestCost) {
          best = h;
          bestCost = cost;
        }
      }
      next[set.length] = best;
      set = next;
      setCost = bestCost;
    }
    return set;
  }

  private int[] serving(int[] set) {
    int[] servedBy = new int[instance.origins()];
    Arrays.fill(servedBy, Placement.NOBODY);
    for (int c = 0; c < called.length; c++) {
      int best = set[0];
      for (int h : set) {
        best = serveUsd[c][h] < serveUsd[c][best] ? h : best;
      }
      servedBy[called[c]] = holders[best];
    }
    return servedBy;
  }

  /** The best set found, as indices into {@link #holders}; empty only if there are no holders. */
  private int[] search(int[] open) {
    prepare(open);
    if (hurried) {
      return bestByAdding();
    }
    int[] set = holders.length <= ENUMERATED ? bestOfAll() : bestOfPairs();
    return set.length == 0 ? set : improve(set);
  }

  private void prepare(int[] open) {
    holders = open;
    holdUsd = new double[open.length];
    for (int h = 0; h < open.length; h++) {
      holdUsd[h] = prices.hold(shard, open[h]);
    }
    called = new int[instance.origins()];
    int count = 0;
    for (int o = 0; o < instance.origins(); o++) {
      if (instance.demand(o, shard) > 0) {
        called[count++] = o;
      }
    }
    called = Arrays.copyOf(called, count);
    serveUsd = new double[count][open.length];
    for (int c = 0; c < count; c++) {
      for (int h = 0; h < open.length; h++) {
        serveUsd[c][h] =
            instance.mayServe(called[c], open[h])
                ? prices.serve(called[c], shard, open[h])
                : BROKEN;
      }
    }
  }

  private double cost(int[] set, int size) {
    double cost = brokenUsd(set, size);
    for (int r = 0; r < size; r++) {
      cost += holdUsd[set[r]];
    }
    for (double[] usd : serveUsd) {
      double best = usd[set[0]];
      for (int r = 1; r < size; r++) {
        best = Math.min(best, usd[set[r]]);
      }
      cost += best;
    }
    return cost;
  }

  /** The price of the rules that a set breaks, but for residency. */
  private double brokenUsd(int[] set, int size) {
    double cost = BROKEN * (Math.max(0, min - size) + Math.max(0, size - max));
    for (DomainKind kind : survive) {
      boolean alone = true;
      for (int r = 1; r < size; r++) {
        alone &= instance.domain(kind, holders[set[r]]) == instance.domain(kind, holders[set[0]]);
      }
      cost += alone ? BROKEN : 0;
    }
    return cost;
  }

  private int[] bestOfAll() {
    int n = holders.length;
    int[] best = {};
    double bestCost = Double.POSITIVE_INFINITY;
    int[] set = new int[n];
    for (int bits = 1; bits < 1 << n; bits++) {
      int size = 0;
      for (int h = 0; h < n; h++) {
        if ((bits >> h & 1) == 1) {
          set[size++] = h;
        }
      }
      double cost = cost(set, size);
      if (cost < bestCost) {
        bestCost = cost;
        best = Arrays.copyOf(set, size);
      }
    }
    return best;
  }

  private int[] bestOfPairs() {
    int n = holders.length;
    int[] best = {};
    double bestCost = Double.POSITIVE_INFINITY;
    int[] set = new int[2];
    for (int a = 0; a < n; a++) {
      set[0] = a;
      double single = cost(set, 1);
      if (single < bestCost) {
        bestCost = single;
        best = new int[] {a};
      }
      for (int b = a + 1; b < n && n <= PAIRED && max >= 2; b++) {
        set[1] = b;
        double pair = cost(set, 2);
        if (pair < bestCost) {
          bestCost = pair;
          best = new int[] {a, b};
        }
      }
    }
    return best;
  }

  private int[] improve(int[] start) {
    int[] set = start;
    double setCost = cost(set, set.length);
    while (true) {
      int[] next = bestNeighbour(set);
      // Neighbours are compared by sums of differences; only a cost that is summed anew tells
      // whether the best of them is cheaper, and so that this ends.
      double nextCost = next.length == 0 ? setCost : cost(next, next.length);
      if (!(nextCost < setCost)) {
        return set;
      }
      set = next;
      setCost = nextCost;
    }
  }

  /**
   * The cheapest set with one member more, one fewer, or one exchanged; empty if there is none.
   * O(holders * (origins + size)), since losing a member concerns only those whom it serves: the
   * fast interchange of Whitaker (1983). Where domains have to be survived, another O(size) for
   * each neighbour.
   */
  private int[] bestNeighbour(int[] set) {
    int n = set.length;
    int[] server = new int[called.length];
    double[] nearest = new double[called.length];
    double[] second = new double[called.length];
    double[] lost = new double[n];
    double serve = 0;
    for (int c = 0; c < called.length; c++) {
      nearest[c] = Double.POSITIVE_INFINITY;
      second[c] = Double.POSITIVE_INFINITY;
      for (int r = 0; r < n; r++) {
        double usd = serveUsd[c][set[r]];
        if (usd < nearest[c]) {
          second[c] = nearest[c];
          nearest[c] = usd;
          server[c] = r;
        } else if (usd < second[c]) {
          second[c] = usd;
        }
      }
      serve += nearest[c];
      lost[server[c]] += second[c] - nearest[c];
    }
    double hold = 0;
    for (int member : set) {
      hold += holdUsd[member];
    }
    int[] best = {};
    double bestCost = Double.POSITIVE_INFINITY;
    double[] lostThen = new double[n];
    for (int h = 0; h < holders.length; h++) {
      if (contains(set, h)) {
        continue;
      }
      double serveThen = 0;
      Arrays.fill(lostThen, 0);
      for (int c = 0; c < called.length; c++) {
        double usd = serveUsd[c][h];
        double least = Math.min(nearest[c], usd);
        serveThen += least;
        lostThen[server[c]] += Math.min(second[c], usd) - least;
      }
      double holdThen = hold + holdUsd[h];
      for (int r = -1; r < n; r++) {
        double cost = holdThen + serveThen + (r < 0 ? 0 : lostThen[r] - holdUsd[set[r]]);
        if (cost < bestCost) {
          int[] neighbour = r < 0 ? Arrays.copyOf(set, n + 1) : set.clone();
          neighbour[r < 0 ? n : r] = h;
          cost += brokenUsd(neighbour, neighbour.length);
          if (cost < bestCost) {
            bestCost = cost;
            best = neighbour;
          }
        }
      }
    }
    for (int r = 0; r < n && n > 1; r++) {
      double cost = hold - holdUsd[set[r]] + serve + lost[r];
      if (cost < bestCost) {
        int[] neighbour = new int[n - 1];
        System.arraycopy(set, 0, neighbour, 0, r);
        System.arraycopy(set, r + 1, neighbour, r, neighbour.length - r);
        cost += brokenUsd(neighbour, neighbour.length);
        if (cost < bestCost) {
          bestCost = cost;
          best = neighbour;
        }
      }
    }
    return best;
  }

  private static boolean contains(int[] set, int h) {
    for (int member : set) {
      if (member == h) {
        return true;
      }
    }
    return false;
  }
}
