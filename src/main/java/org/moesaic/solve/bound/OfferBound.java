package org.moesaic.solve.bound;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.moesaic.instance.Instance;

/**
 * A lower bound by offers, for problems in which one replica of each shard is all that a plan
 * needs.
 *
 * <p>Idea: each shard has to be placed; at a reward for placing it, offers no longer depend on each
 * other. An offer takes the shards whose reward exceeds their traffic, the best first by what they
 * take of a node, for as many whole nodes as pay. The rewards of all shards, less what the offers
 * make of them, bound the cost from below: the other Lagrangian relaxation, which knows whole nodes
 * where that of {@link Evaluator} knows whole shards. Rewards rise where nobody takes a shard and
 * fall where several do (subgradients, with steps to an aim ahead of the best bound). What an offer
 * makes less if it has to take one more shard, or no node or the first node, bounds the decisions
 * one by one. Links, latency, power and providers' shares are left out, which only lowers the
 * bound. Complexity: O(shards * offers) an evaluation, and a sort of the shards that an offer may
 * want. Guarantee: every bound holds for every plan that keeps the rules. Source: Geoffrion and
 * McBride, "Lagrangean relaxation applied to capacitated facility location problems", AIIE
 * Transactions 10 (1978); Polyak's step, as in Held, Wolfe and Crowder (1974).
 *
 * <p>Not safe for use by several threads.
 */
final class OfferBound {
  /** Steps end when their aim, as a share of the bound, is no further ahead than this. */
  private static final double LEAST_AHEAD = 1e-4;

  /** Steps without gain after which the aim comes closer. */
  private static final int PATIENCE = 20;

  /** What one step counts in the mean numbers of nodes. */
  private static final double MEMORY = 0.1;

  /** Part of the last direction that a step keeps. */
  private static final double INERTIA = 0.5;

  /** So few numbers of nodes are gone through one by one. */
  private static final int FEW_NODES = 8;

  /** Sums of thousands of doubles are off by less than this, relatively. */
  private static final double ROUNDING = 1e-9;

  private static final double FORBIDDEN = Double.POSITIVE_INFINITY;

  private final Relaxation relaxation;
  private final NodeProgram nodeProgram;
  private final BooleanSupplier stop;
  private final int shards;
  private final int offers;

  /** Per offer and shard: traffic, infinite where the shard may not be; and size in nodes. */
  private final double[][] usd;

  private final double[][] memory;
  private final double[][] service;

  /** The one of the two that binds where all is in one place. */
  private final double[][] size;

  /** Per offer: the fewest and the most nodes that are looked at; 0 nodes unless the fewest say. */
  private double[] fewest;

  private double[] most;
  private final double[] reward;
  private double bestUsd = Double.NEGATIVE_INFINITY;
  private double[] bestReward;

  // The last evaluation.
  private final double[] taken;
  private final double[] profit;
  private final double[] nodesTaken;
  private final double[] usdPerSize;
  private final double[] meanNodes;
  private final int[] heap;
  private final int[][] wanted;
  private final int[] wantedCount;
  private final double[][] sizeUpTo;
  private final double[][] profitUpTo;
  private final double[] density;

  OfferBound(Relaxation relaxation, NodeProgram nodeProgram, BooleanSupplier stop) {
    this.relaxation = relaxation;
    this.nodeProgram = nodeProgram;
    this.stop = stop;
    Instance instance = relaxation.instance;
    shards = instance.shards();
    offers = relaxation.offers();
    usd = new double[offers][shards];
    memory = new double[offers][shards];
    service = new double[offers][shards];
    size = new double[offers][];
    heap = new int[shards];
    reward = new double[shards];
    taken = new double[shards];
    profit = new double[offers];
    nodesTaken = new double[offers];
    usdPerSize = new double[offers];
    meanNodes = new double[offers];
    fewest = new double[offers];
    most = new double[offers];
    for (int i = 0; i < offers; i++) {
      most[i] = nodeProgram.most(i);
    }
    wanted = new int[offers][];
    wantedCount = new int[offers];
    sizeUpTo = new double[offers][];
    profitUpTo = new double[offers][];
    density = new double[shards];
    for (int i = 0; i < offers; i++) {
      Arrays.fill(usd[i], FORBIDDEN);
      wanted[i] = new int[shards];
      sizeUpTo[i] = new double[shards + 1];
      profitUpTo[i] = new double[shards + 1];
    }
    for (int s = 0; s < shards; s++) {
      for (int i : instance.holders(s)) {
        fill(s, i);
      }
    }
    for (int i = 0; i < offers; i++) {
      // Either row alone has to fit, so either bounds what fits.
      double memoryOfAll = Arrays.stream(memory[i]).sum();
      double serviceOfAll = Arrays.stream(service[i]).sum();
      size[i] = memoryOfAll >= serviceOfAll ? memory[i] : service[i];
    }
    bestReward = start();
  }

  private void fill(int s, int i) {
    Instance instance = relaxation.instance;
    double sum = 0;
    double calls = 0;
    for (int o = 0; o < relaxation.origins(); o++) {
      double demand = instance.demand(o, s);
      if (demand > 0) {
        if (!instance.mayServe(o, i)) {
          return;
        }
        sum += demand * relaxation.routeUsd[o][i];
        calls += demand;
      }
    }
    double held = instance.sizeOf(s) * relaxation.nodesPerExpert[i];
    double served = calls == 0 ? 0 : calls * relaxation.nodesPerCall[i];
    if (nodeProgram.most(i) > 0 && Math.max(held, served) <= nodeProgram.most(i) * (1 + 1e-9)) {
      usd[i][s] = sum;
      memory[i][s] = held;
      service[i][s] = served;
    }
  }

  /** What the cheapest place of each shard costs, with its part of a node. */
  private double[] start() {
    double[] start = new double[shards];
    for (int s = 0; s < shards; s++) {
      double cheapest = Double.POSITIVE_INFINITY;
      for (int i = 0; i < offers; i++) {
        cheapest = Math.min(cheapest, usd[i][s] + size(i, s) * nodeProgram.usdPerNode(i));
      }
      start[s] = Double.isFinite(cheapest) ? cheapest : 0;
    }
    return start;
  }

  /** Size of a shard at an offer, of whichever of memory and service binds there. */
  double size(int i, int s) {
    return size[i][s];
  }

  double usdPerHour() {
    return bestUsd;
  }

  /** Rewards at which the bound was the best. */
  double[] rewards() {
    return bestReward;
  }

  /** How many nodes of each offer pay, on average over the last steps. */
  double[] meanNodes() {
    return meanNodes;
  }

  /** What more room is worth at each offer, USD per node, at the rewards of the last evaluation. */
  double[] usdPerSize() {
    return usdPerSize;
  }

  /** What each offer earns if it has a node, at the rewards of the last evaluation. */
  double[] profits() {
    return profit;
  }

  /** What an offer earns with some nodes, up to its most, at the rewards of the last evaluation. */
  double made(int offer, double nodes) {
    return nodes == 0 ? 0 : profit(offer, nodes) - nodes * nodeProgram.usdPerNode(offer);
  }

  /**
   * Begins anew for plans whose numbers of nodes lie between two others.
   *
   * @param rewards to begin with
   */
  void restrict(double[] fewest, double[] most, double[] rewards) {
    this.fewest = fewest;
    this.most = most;
    bestReward = rewards;
    bestUsd = Double.NEGATIVE_INFINITY;
  }

  double usd(int shard, int offer) {
    return usd[offer][shard];
  }

  double memory(int shard, int offer) {
    return memory[offer][shard];
  }

  double service(int shard, int offer) {
    return service[offer][shard];
  }

  /**
   * Goes on from the best rewards so far.
   *
   * @param steps at most
   * @param firstAhead the aim of the first steps, as a share of the bound ahead of the best one
   */
  void ascend(int steps, double firstAhead) {
    double[] direction = new double[shards];
    System.arraycopy(bestReward, 0, reward, 0, shards);
    double ahead = firstAhead;
    int idle = 0;
    for (int step = 0; step < steps && ahead > LEAST_AHEAD && !stop.getAsBoolean(); step++) {
      double now = evaluate();
      for (int i = 0; i < offers; i++) {
        meanNodes[i] += MEMORY * (nodesTaken[i] - meanNodes[i]);
      }
      if (now > bestUsd + 1e-6 * Math.abs(bestUsd)) {
        idle = 0;
      } else if (++idle >= PATIENCE) {
        idle = 0;
        ahead /= 2;
        System.arraycopy(bestReward, 0, reward, 0, shards);
        Arrays.fill(direction, 0);
        now = evaluate();
      }
      double norm = 0;
      for (int s = 0; s < shards; s++) {
        direction[s] = INERTIA * direction[s] + (1 - taken[s]);
        norm += direction[s] * direction[s];
      }
      if (norm < 1e-12) {
        return;
      }
      double aim = bestUsd + ahead * Math.abs(bestUsd);
      double length = (aim - now) / norm;
      for (int s = 0; s < shards; s++) {
        reward[s] += length * direction[s];
      }
    }
  }

  /** The bound at given rewards, which are kept if they are the best. */
  double evaluate(double[] rewards) {
    System.arraycopy(rewards, 0, reward, 0, shards);
    return evaluate();
  }

  private double evaluate() {
    Arrays.fill(taken, 0);
    double sum = 0;
    double size = 0;
    for (int s = 0; s < shards; s++) {
      sum += reward[s];
      size += Math.abs(reward[s]);
    }
    for (int i = 0; i < offers; i++) {
      double made = take(i);
      double profit = fewest[i] > 0 ? made : Math.max(0, made);
      sum -= profit;
      size += Math.abs(profit);
    }
    double bound = sum - ROUNDING * size;
    if (bound > bestUsd) {
      bestUsd = bound;
      bestReward = reward.clone();
    }
    return bound;
  }

  /** What an offer makes at most of the shards that it wants, with a node at least. */
  private double take(int i) {
    nodesTaken[i] = 0;
    usdPerSize[i] = 0;
    if (most[i] == 0) {
      profit[i] = Double.NEGATIVE_INFINITY;
      return profit[i];
    }
    int n = 0;
    double[] usdHere = usd[i];
    double[] sizeHere = size[i];
    for (int s = 0; s < shards; s++) {
      double gain = reward[s] - usdHere[s];
      if (gain > 0) {
        density[s] = gain / Math.max(sizeHere[s], 1e-300);
        heap[n++] = s;
      }
    }
    for (int k = n / 2 - 1; k >= 0; k--) {
      sink(k, n);
    }
    int[] shardsWanted = wanted[i];
    double[] sizes = sizeUpTo[i];
    double[] profits = profitUpTo[i];
    int count = 0;
    while (n > 0 && sizes[count] < most[i]) {
      int s = heap[0];
      heap[0] = heap[--n];
      sink(0, n);
      shardsWanted[count] = s;
      sizes[count + 1] = sizes[count] + sizeHere[s];
      profits[count + 1] = profits[count] + reward[s] - usdHere[s];
      count++;
    }
    wantedCount[i] = count;
    double usdPerNode = nodeProgram.usdPerNode(i);
    double best = Double.NEGATIVE_INFINITY;
    double bestNodes = 0;
    // Profit is concave in nodes.
    double low = least(i);
    double high = most[i];
    while (high - low > FEW_NODES) {
      double mid = Math.floor((low + high) / 2);
      if (profit(i, mid + 1) - profit(i, mid) > usdPerNode) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    for (double nodes = low; nodes <= high; nodes++) {
      double made = profit(i, nodes) - nodes * usdPerNode;
      if (made > best) {
        best = made;
        bestNodes = nodes;
      }
    }
    profit[i] = best;
    if (best > 0 || fewest[i] > 0) {
      nodesTaken[i] = bestNodes;
      double left = bestNodes;
      for (int k = 0; k < count && left > 0; k++) {
        int s = shardsWanted[k];
        double part = Math.min(1, left / Math.max(sizeHere[s], 1e-300));
        taken[s] += part;
        left -= sizeHere[s];
        usdPerSize[i] = left <= 0 ? density[s] : 0;
      }
    }
    return best;
  }

  private double least(int i) {
    return Math.max(Math.max(1, nodeProgram.fewest(i)), fewest[i]);
  }

  /** Most that an offer gains within some nodes, shards divided. */
  private double profit(int i, double nodes) {
    double[] sizes = sizeUpTo[i];
    int n = wantedCount[i];
    if (sizes[n] <= nodes) {
      return profitUpTo[i][n];
    }
    int low = 0;
    int high = n;
    while (high - low > 1) {
      int mid = (low + high) >>> 1;
      if (sizes[mid] <= nodes) {
        low = mid;
      } else {
        high = mid;
      }
    }
    double part = (nodes - sizes[low]) / (sizes[low + 1] - sizes[low]);
    return profitUpTo[i][low] + Math.max(0, part) * (profitUpTo[i][low + 1] - profitUpTo[i][low]);
  }

  /** Restores the heap below an element: the densest is on top. */
  private void sink(int from, int n) {
    int k = from;
    while (2 * k + 1 < n) {
      int child = 2 * k + 1;
      if (child + 1 < n && density[heap[child + 1]] > density[heap[child]]) {
        child++;
      }
      if (density[heap[k]] >= density[heap[child]]) {
        return;
      }
      int swapped = heap[k];
      heap[k] = heap[child];
      heap[child] = swapped;
      k = child;
    }
  }

  /** The decisions as the best rewards so far bound them. */
  DecisionBounds decisions() {
    System.arraycopy(bestReward, 0, reward, 0, shards);
    double bound = evaluate();
    DecisionBounds bounds = DecisionBounds.none(shards, offers);
    for (int i = 0; i < offers; i++) {
      double others = bound + (fewest[i] > 0 ? profit[i] : Math.max(0, profit[i]));
      if (most[i] == 0) {
        others = bound;
      }
      bounds.leased()[i] = others - profit[i];
      bounds.unleased()[i] = fewest[i] > 0 ? Double.POSITIVE_INFINITY : others;
      for (int s = 0; s < shards; s++) {
        bounds.held()[s][i] = others - profitWith(i, s);
      }
    }
    return bounds;
  }

  /** Most that an offer makes if it has to take a shard. */
  private double profitWith(int i, int s) {
    if (usd[i][s] == FORBIDDEN) {
      return Double.NEGATIVE_INFINITY;
    }
    double usdPerNode = nodeProgram.usdPerNode(i);
    double size = size(i, s);
    double low = Math.max(least(i), Math.ceil(size - 1e-9 * size));
    double high = most[i];
    while (high - low > FEW_NODES) {
      double mid = Math.floor((low + high) / 2);
      if (gainWith(i, s, mid + 1) - gainWith(i, s, mid) > usdPerNode) {
        low = mid + 1;
      } else {
        high = mid;
      }
    }
    double best = Double.NEGATIVE_INFINITY;
    for (double nodes = low; nodes <= high; nodes++) {
      best = Math.max(best, gainWith(i, s, nodes) - nodes * usdPerNode);
    }
    return best;
  }

  /** Most that an offer gains within some nodes if it has to take a shard: concave in them. */
  private double gainWith(int i, int s, double nodes) {
    double gain = reward[s] - usd[i][s];
    // A shard that it wants anyway may count twice here, which only raises what it makes.
    double with = gain + profit(i, Math.max(0, nodes - size(i, s)));
    return gain > 0 ? Math.min(with, profit(i, nodes)) : with;
  }
}
