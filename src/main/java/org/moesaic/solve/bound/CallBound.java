package org.moesaic.solve.bound;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.moesaic.instance.Instance;

/**
 * A lower bound by offers, for any number of replicas: what {@link OfferBound} is where one is
 * enough.
 *
 * <p>Idea: each origin's calls of each shard have to be served; at a reward for serving them,
 * offers no longer depend on each other. An offer takes the calls whose reward exceeds their
 * traffic, for as many whole nodes as pay: within its memory, by shards, the best first by what
 * they take of a node, and within its service, by calls, in the same way; the lesser of the two is
 * more than it can make of both. The rewards of all calls, less what the offers make of them, bound
 * the cost from below. So an offer's first node is paid for once, however many shards share it,
 * which {@link Evaluator} only knows where opening has a price. Rewards rise where nobody serves
 * and fall where several do (subgradients, with steps to an aim ahead of the best bound). Links,
 * latency, power, providers' shares, survival and numbers of replicas are left out, which only
 * lowers the bound. Complexity: O(shards * origins * offers) an evaluation, expected. Guarantee:
 * every bound holds for every plan that keeps the rules. Source: Geoffrion and McBride, "Lagrangean
 * relaxation applied to capacitated facility location problems", AIIE Transactions 10 (1978);
 * Barahona and Chudak, "Near-optimal solutions to large-scale facility location problems", Discrete
 * Optimization 2 (2005), for steps and start; Balas and Zemel (1980) for the knapsacks without
 * sorting.
 *
 * <p>Not safe for use by several threads.
 */
final class CallBound {
  /** More pairs of calls and offers take too much memory, and too long. */
  static final long MOST_PAIRS = 6_000_000;

  /** Steps end when their aim, as a share of the bound, is no further ahead than this. */
  private static final double LEAST_AHEAD = 2e-5;

  /** Steps without gain after which the aim comes closer. */
  private static final int PATIENCE = 12;

  /** Part of the last direction that a step keeps. */
  private static final double INERTIA = 0.7;

  /** What one step counts in the mean numbers of nodes. */
  private static final double MEMORY = 0.1;

  /** Sums of thousands of doubles are off by less than this, relatively. */
  private static final double ROUNDING = 1e-9;

  private final NodeProgram nodeProgram;
  private final BooleanSupplier stop;
  private final int offers;

  /** Calls of an origin of a shard that there are, by shard and origin. */
  private final int pairs;

  private final int[] shardOf;
  private final int[] originOf;
  private final double[] demand;

  /** Per offer and pair: traffic, infinite where the offer may not serve it. */
  private final double[][] usd;

  /** Per offer and shard, in nodes. */
  private final double[][] memory;

  /** Per offer, nodes for a call. */
  private final double[] service;

  /** Per offer: the fewest and the most nodes that are looked at; 0 nodes unless the fewest say. */
  private double[] fewest;

  private double[] most;

  private final double[] reward;
  private double bestUsd = Double.NEGATIVE_INFINITY;
  private double[] bestReward;
  private double ahead;
  private boolean done;

  // The last evaluation.
  private final double[] taken;
  private final double[] gain;
  private final double[] profit;
  private final double[] nodesTaken;
  private final double[] meanNodes;
  private final Knapsack calls;
  private final Knapsack shards;
  private final double[] direction;

  CallBound(Relaxation relaxation, NodeProgram nodeProgram, BooleanSupplier stop) {
    this.nodeProgram = nodeProgram;
    this.stop = stop;
    Instance instance = relaxation.instance;
    offers = relaxation.offers();
    int n = instance.shards();
    int count = 0;
    for (int s = 0; s < n; s++) {
      for (int o = 0; o < relaxation.origins(); o++) {
        count += instance.demand(o, s) > 0 ? 1 : 0;
      }
    }
    pairs = count;
    shardOf = new int[pairs];
    originOf = new int[pairs];
    demand = new double[pairs];
    usd = new double[offers][pairs];
    memory = new double[offers][n];
    service = new double[offers];
    for (double[] row : usd) {
      Arrays.fill(row, Double.POSITIVE_INFINITY);
    }
    int p = 0;
    for (int s = 0; s < n; s++) {
      for (int o = 0; o < relaxation.origins(); o++) {
        double calls = instance.demand(o, s);
        if (calls <= 0) {
          continue;
        }
        shardOf[p] = s;
        originOf[p] = o;
        demand[p] = calls;
        for (int i : instance.holders(s)) {
          if (instance.mayServe(o, i)
              && Double.isFinite(relaxation.nodesPerCall[i])
              && Double.isFinite(relaxation.nodesPerExpert[i])) {
            usd[i][p] = calls * relaxation.routeUsd[o][i];
          }
        }
        p++;
      }
    }
    for (int i = 0; i < offers; i++) {
      service[i] = relaxation.nodesPerCall[i];
      for (int s = 0; s < n; s++) {
        memory[i][s] = instance.sizeOf(s) * relaxation.nodesPerExpert[i];
      }
    }
    reward = new double[pairs];
    taken = new double[pairs];
    gain = new double[pairs];
    profit = new double[offers];
    nodesTaken = new double[offers];
    meanNodes = new double[offers];
    fewest = new double[offers];
    most = new double[offers];
    Arrays.setAll(most, nodeProgram::most);
    calls = new Knapsack(pairs);
    shards = new Knapsack(n);
    direction = new double[pairs];
    bestReward = start();
    ahead = 0.1;
  }

  /** Number of pairs of calls and offers. */
  static long size(Relaxation relaxation) {
    return (long) relaxation.instance.shards() * relaxation.origins() * relaxation.offers();
  }

  /** What the cheapest offer costs, with the part of a node that the calls would take there. */
  private double[] start() {
    double all = Arrays.stream(demand).sum();
    double[] start = new double[pairs];
    for (int p = 0; p < pairs; p++) {
      double cheapest = Double.POSITIVE_INFINITY;
      for (int i = 0; i < offers; i++) {
        double part = Math.max(service[i] * demand[p], demand[p] / all);
        cheapest = Math.min(cheapest, usd[i][p] + part * nodeProgram.usdPerNode(i));
      }
      start[p] = Double.isFinite(cheapest) ? cheapest : 0;
    }
    return start;
  }

  /** The greatest bound so far, USD per hour; minus infinity before the first step. */
  double usdPerHour() {
    return bestUsd;
  }

  /** Whether more steps would hardly raise it. */
  boolean done() {
    return done;
  }

  /** Rewards at which the bound was the best. */
  double[] rewards() {
    return bestReward;
  }

  /** How many nodes of each offer pay, on average over the last steps. */
  double[] meanNodes() {
    return meanNodes;
  }

  /** What each offer makes with a node at least, at the rewards of the last evaluation. */
  double[] profits() {
    return profit;
  }

  int pairs() {
    return pairs;
  }

  int shardOf(int pair) {
    return shardOf[pair];
  }

  int originOf(int pair) {
    return originOf[pair];
  }

  /** Traffic of a pair at an offer; infinite where it may not be. */
  double usd(int pair, int offer) {
    return usd[offer][pair];
  }

  /** Nodes that serving a pair takes. */
  double service(int pair, int offer) {
    return service[offer] * demand[pair];
  }

  /** Nodes that holding a shard takes. */
  double memory(int shard, int offer) {
    return memory[offer][shard];
  }

  /**
   * Begins anew for plans whose numbers of nodes lie between two others.
   *
   * @param rewards to begin with
   * @param firstAhead the aim of the first steps, as a share of the bound ahead of the best one
   */
  void restrict(double[] fewest, double[] most, double[] rewards, double firstAhead) {
    this.fewest = fewest;
    this.most = most;
    bestReward = rewards;
    bestUsd = Double.NEGATIVE_INFINITY;
    ahead = firstAhead;
    done = false;
  }

  /** Evaluates at the best rewards, so that {@link #profits} are theirs. */
  void settle() {
    System.arraycopy(bestReward, 0, reward, 0, pairs);
    evaluate();
  }

  /**
   * Goes on from the best rewards so far.
   *
   * @param steps at most
   */
  void ascend(int steps) {
    System.arraycopy(bestReward, 0, reward, 0, pairs);
    Arrays.fill(direction, 0);
    int idle = 0;
    for (int step = 0; step < steps && !stop.getAsBoolean(); step++) {
      double before = bestUsd;
      double now = evaluate();
      if (now > before + 1e-7 * Math.abs(before)) {
        idle = 0;
      } else if (++idle >= PATIENCE) {
        idle = 0;
        ahead /= 2;
        if (ahead < LEAST_AHEAD) {
          done = true;
          return;
        }
        System.arraycopy(bestReward, 0, reward, 0, pairs);
        Arrays.fill(direction, 0);
        now = evaluate();
      }
      double norm = 0;
      for (int p = 0; p < pairs; p++) {
        direction[p] = INERTIA * direction[p] + (1 - INERTIA) * (1 - taken[p]);
        norm += direction[p] * direction[p];
      }
      if (norm < 1e-12) {
        done = true;
        return;
      }
      double aim = bestUsd + ahead * Math.abs(bestUsd);
      double length = (aim - now) / norm;
      for (int p = 0; p < pairs; p++) {
        reward[p] = Math.max(0, reward[p] + length * direction[p]);
      }
    }
  }

  /** The bound at the rewards, which are kept if they are the best. */
  private double evaluate() {
    Arrays.fill(taken, 0);
    double sum = 0;
    for (double each : reward) {
      sum += each;
    }
    double size = sum;
    for (int i = 0; i < offers; i++) {
      nodesTaken[i] = 0;
      profit[i] = take(i);
      double made = fewest[i] > 0 ? profit[i] : Math.max(0, profit[i]);
      sum -= made;
      size += Math.abs(made);
      meanNodes[i] += MEMORY * (nodesTaken[i] - meanNodes[i]);
    }
    double bound = sum - ROUNDING * size;
    if (bound > bestUsd) {
      bestUsd = bound;
      bestReward = reward.clone();
    }
    return bound;
  }

  /** At least what an offer can make with a node at least; minus infinity if it has none. */
  private double take(int i) {
    double mostHere = Math.min(most[i], nodeProgram.most(i));
    if (mostHere == 0 || mostHere < fewest[i]) {
      return Double.NEGATIVE_INFINITY;
    }
    double[] usdHere = usd[i];
    calls.clear();
    shards.clear();
    int lastShard = -1;
    double ofShard = 0;
    for (int p = 0; p < pairs; p++) {
      double more = reward[p] - usdHere[p];
      gain[p] = more;
      if (more <= 0) {
        continue;
      }
      calls.add(p, more, service[i] * demand[p]);
      if (shardOf[p] != lastShard) {
        if (lastShard >= 0) {
          shards.add(lastShard, ofShard, memory[i][lastShard]);
        }
        lastShard = shardOf[p];
        ofShard = 0;
      }
      ofShard += more;
    }
    if (lastShard >= 0) {
      shards.add(lastShard, ofShard, memory[i][lastShard]);
    }
    double least = Math.max(Math.max(1, nodeProgram.fewest(i)), fewest[i]);
    double usdPerNode = nodeProgram.usdPerNode(i);
    double byCalls = calls.best(least, mostHere, usdPerNode);
    double byShards = shards.best(least, mostHere, usdPerNode);
    double made = Math.min(byCalls, byShards);
    if (made > 0 || fewest[i] > 0) {
      nodesTaken[i] = byCalls <= byShards ? calls.nodes : shards.nodes;
      if (byCalls <= byShards) {
        for (int k = 0; k < calls.count; k++) {
          taken[calls.item[k]] += calls.part(k);
        }
      } else {
        double[] part = shards.partByItem();
        for (int k = 0; k < calls.count; k++) {
          int p = calls.item[k];
          taken[p] += part[shardOf[p]];
        }
      }
    }
    return made;
  }

  /** Items that may be divided, the best of which fit into whole nodes. */
  private static final class Knapsack {
    private final int[] item;
    private final double[] profit;
    private final double[] size;
    private final double[] density;
    private final double[] selected;
    private final double[] byItem;
    private int count;
    private double allProfit;
    private double allSize;

    /** Density below which nothing is taken, and what is taken of those at it. */
    private double threshold;

    private double partAtThreshold;

    /** Number of nodes at which the profit is best. */
    private double nodes;

    Knapsack(int most) {
      item = new int[most];
      profit = new double[most];
      size = new double[most];
      density = new double[most];
      selected = new double[most];
      byItem = new double[most];
    }

    void clear() {
      count = 0;
      allProfit = 0;
      allSize = 0;
    }

    void add(int what, double worth, double takes) {
      item[count] = what;
      profit[count] = worth;
      size[count] = takes;
      density[count] = worth / takes;
      count++;
      allProfit += worth;
      allSize += takes;
    }

    /** Most profit less the price of nodes, over whole numbers of nodes in a range. */
    double best(double fewest, double most, double usdPerNode) {
      nodes = fewest;
      if (allSize <= fewest) {
        takeAll();
        return allProfit - fewest * usdPerNode;
      }
      // Profit is concave in nodes: a node pays as long as what fits into it is dense enough.
      double dense = 0;
      for (int k = 0; k < count; k++) {
        dense += density[k] >= usdPerNode ? size[k] : 0;
      }
      double low = Math.clamp(Math.floor(dense), fewest, most);
      double high = Math.clamp(Math.ceil(dense), fewest, most);
      nodes = low;
      double atLow = within(low) - low * usdPerNode;
      if (high == low) {
        return atLow;
      }
      double lowThreshold = threshold;
      double lowPart = partAtThreshold;
      double atHigh = within(high) - high * usdPerNode;
      if (atHigh < atLow) {
        threshold = lowThreshold;
        partAtThreshold = lowPart;
      } else {
        nodes = high;
      }
      return Math.max(atLow, atHigh);
    }

    private void takeAll() {
      threshold = 0;
      partAtThreshold = 1;
    }

    /** Most profit within some nodes, and what is taken for it. */
    private double within(double nodes) {
      if (allSize <= nodes) {
        takeAll();
        return allProfit;
      }
      threshold = densityAt(nodes);
      double value = 0;
      double used = 0;
      double sizeAt = 0;
      double profitAt = 0;
      for (int k = 0; k < count; k++) {
        if (density[k] > threshold) {
          value += profit[k];
          used += size[k];
        } else if (density[k] == threshold) {
          sizeAt += size[k];
          profitAt += profit[k];
        }
      }
      partAtThreshold = sizeAt > 0 ? Math.clamp((nodes - used) / sizeAt, 0, 1) : 1;
      // Whatever was lost by rounding is worth no more than the threshold.
      return value + partAtThreshold * profitAt + Math.max(0, threshold) * 1e-12 * nodes;
    }

    /** The least density that is still taken within some nodes: weighted median by partition. */
    private double densityAt(double nodes) {
      int n = count;
      System.arraycopy(density, 0, selected, 0, n);
      // Sizes go along by position; items of one density need not be told apart.
      double[] sizes = byItem;
      System.arraycopy(size, 0, sizes, 0, n);
      int from = 0;
      int to = n;
      double left = nodes;
      while (to - from > 1) {
        double pivot = median(selected[from], selected[(from + to) >>> 1], selected[to - 1]);
        int above = from;
        double sizeAbove = 0;
        int below = to;
        double sizeAt = 0;
        // Denser ones to the front, less dense ones to the back.
        for (int k = from; k < below; ) {
          double d = selected[k];
          if (d > pivot) {
            sizeAbove += sizes[k];
            swap(selected, sizes, k++, above++);
          } else if (d < pivot) {
            swap(selected, sizes, k, --below);
          } else {
            sizeAt += sizes[k++];
          }
        }
        if (sizeAbove > left) {
          to = above;
        } else if (sizeAbove + sizeAt >= left || below == to) {
          return pivot;
        } else {
          left -= sizeAbove + sizeAt;
          from = below;
        }
      }
      return selected[from];
    }

    private static double median(double a, double b, double c) {
      return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }

    private static void swap(double[] a, double[] b, int i, int j) {
      double first = a[i];
      a[i] = a[j];
      a[j] = first;
      double second = b[i];
      b[i] = b[j];
      b[j] = second;
    }

    double part(int k) {
      return density[k] > threshold ? 1 : density[k] == threshold ? partAtThreshold : 0;
    }

    /** What is taken of each item, by its number. */
    double[] partByItem() {
      for (int k = 0; k < count; k++) {
        byItem[item[k]] = part(k);
      }
      return byItem;
    }
  }
}
