package org.moesaic.solve.bound;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;

/**
 * Branches on how many nodes of each offer are leased, where a shard may have any number of
 * replicas.
 *
 * <p>Idea: a branch says between which numbers of nodes each offer lies; {@link CallBound} bounds
 * what its plans cost, from the rewards of the branch before it. Of the branches left, the one with
 * the least bound is divided at the offer that is least decided, and followed down; what an offer
 * makes, open or not, decides others on the way. The numbers of nodes that seem best are tried with
 * calls placed within them ({@link CallPlacement}). Complexity: exponential at worst; each branch
 * costs a few dozen evaluations of {@link CallBound}. Guarantee: no plan costs less than the least
 * bound of the branches left, or the best plan. Source: Land and Doig (1960); for facility location
 * e.g. Beasley, "Lagrangean heuristics for location problems", EJOR 65 (1993).
 *
 * <p>Not safe for use by several threads.
 */
final class CallTree {
  /** Steps of the bound for a new branch. */
  private static final int STEPS = 40;

  private static final int STEPS_OF_LEAF = 1_000;

  private static final double AHEAD = 0.004;

  /** How much less a plan has to cost, as a share; half the gap at which a plan is optimal. */
  private static final double BETTER = 5e-7;

  /** Mean numbers of nodes this close to whole ones are decided. */
  private static final double DECIDED = 0.02;

  /** Rewards of more branches take too much memory. */
  private static final long MOST_REWARDS = 20_000_000;

  /** What a branch takes besides its rewards, in numbers. */
  private static final int OF_BRANCH = 1_000;

  /** A dive that is deeper goes on as any branch: some offers have millions of nodes. */
  private static final int DEEPEST = 200;

  private final CallBound bound;
  private final CallPlacement placement;
  private final NodeProgram nodeProgram;
  private final ToDoubleFunction<Assignment> found;
  private final BooleanSupplier stop;
  private final int offers;
  private final PriorityQueue<Branch> left =
      new PriorityQueue<>(Comparator.comparingDouble(Branch::usdPerHour));
  private final Set<List<Double>> seen = new HashSet<>();

  /** The least bound of branches that nothing is left to decide in, yet may hold a better plan. */
  private double leafUsd = Double.POSITIVE_INFINITY;

  private double bestUsd;

  private record Branch(
      double usdPerHour,
      double[] fewest,
      double[] most,
      double[] rewards,
      int branchOn,
      double nodes) {}

  /**
   * Begins at the rewards that the bound has now.
   *
   * @param found told of plans; returns what they cost, infinite if they break rules
   * @param usdPerHour of the best plan known; infinite without one
   */
  CallTree(
      CallBound bound,
      CallPlacement placement,
      NodeProgram nodeProgram,
      int offers,
      ToDoubleFunction<Assignment> found,
      BooleanSupplier stop,
      double usdPerHour) {
    this.bound = bound;
    this.placement = placement;
    this.nodeProgram = nodeProgram;
    this.offers = offers;
    this.found = found;
    this.stop = stop;
    bestUsd = usdPerHour;
    double[] most = new double[offers];
    Arrays.setAll(most, nodeProgram::most);
    Branch root = branch(new double[offers], most, bound.rewards(), 10 * STEPS);
    if (root != null) {
      left.add(root);
      tryNodes(root);
    }
  }

  /** Tells of a plan found elsewhere. */
  void know(double usdPerHour) {
    bestUsd = Math.min(bestUsd, usdPerHour);
  }

  /** No plan costs less than this, or than the best known. */
  double usdPerHour() {
    double least = left.isEmpty() ? cutoff() : Math.min(cutoff(), left.peek().usdPerHour());
    return Math.min(least, leafUsd);
  }

  /** Whether branches are left, and there is memory for more. */
  boolean open() {
    while (!left.isEmpty() && left.peek().usdPerHour() >= cutoff()) {
      left.poll();
    }
    return !left.isEmpty()
        && left.peek().usdPerHour() < leafUsd
        && (long) left.size() * (bound.pairs() + OF_BRANCH) < MOST_REWARDS;
  }

  private double cutoff() {
    return Double.isInfinite(bestUsd) ? bestUsd : bestUsd - BETTER * Math.abs(bestUsd);
  }

  /** Divides the branch with the least bound, and follows it down. */
  void dive() {
    if (!open()) {
      return;
    }
    Branch at = left.poll();
    for (int depth = 0; at != null && depth < DEEPEST && !stop.getAsBoolean(); depth++) {
      if (at.branchOn() < 0) {
        leaf(at);
        return;
      }
      int i = at.branchOn();
      double below = Math.floor(at.nodes());
      if (below < at.fewest()[i] || below >= at.most()[i]) {
        below = Math.min(Math.max(below, at.fewest()[i]), at.most()[i] - 1);
      }
      double[] most = at.most().clone();
      most[i] = below;
      Branch fewer = branch(at.fewest().clone(), most, at.rewards(), STEPS);
      double[] fewest = at.fewest().clone();
      fewest[i] = below + 1;
      Branch more = branch(fewest, at.most().clone(), at.rewards(), STEPS);
      if (stop.getAsBoolean()) {
        left.add(at);
        return;
      }
      if (fewer != null && more != null) {
        boolean downFirst = fewer.usdPerHour() <= more.usdPerHour();
        left.add(downFirst ? more : fewer);
        at = downFirst ? fewer : more;
      } else {
        at = fewer != null ? fewer : more;
      }
      if (at != null) {
        tryNodes(at);
      }
    }
    if (at != null) {
      left.add(at);
    }
  }

  /** Bounds plans whose numbers of nodes are all decided as well as it goes, and looks for one. */
  private void leaf(Branch leaf) {
    tryNodes(leaf.most());
    bound.restrict(leaf.fewest(), leaf.most(), leaf.rewards(), AHEAD);
    bound.ascend(STEPS_OF_LEAF);
    double usd = Math.max(leaf.usdPerHour(), bound.usdPerHour());
    if (usd < cutoff()) {
      leafUsd = Math.min(leafUsd, usd);
    }
  }

  /** Bounds a part of the plans, and decides what that decides; null if it holds none better. */
  private @Nullable Branch branch(double[] fewest, double[] most, double[] rewards, int steps) {
    for (int i = 0; i < offers; i++) {
      most[i] = Math.min(most[i], nodeProgram.most(i));
      if (most[i] < Math.max(1, nodeProgram.fewest(i))) {
        most[i] = 0;
      } else if (fewest[i] > 0) {
        fewest[i] = Math.max(fewest[i], Math.max(1, nodeProgram.fewest(i)));
      }
      if (most[i] < fewest[i]) {
        return null;
      }
    }
    if (!nodeProgram.allowsUpTo(most)) {
      return null;
    }
    bound.restrict(fewest, most, rewards, AHEAD);
    bound.ascend(steps);
    double usd = bound.usdPerHour();
    if (usd >= cutoff()) {
      return null;
    }
    double[] means = bound.meanNodes().clone();
    bound.settle();
    int undecided = -1;
    double highest = -1;
    for (int i = 0; i < offers; i++) {
      if (fewest[i] >= most[i]) {
        continue;
      }
      double made = bound.profits()[i];
      if (fewest[i] == 0) {
        if (made < 0 && usd - made >= cutoff()) {
          most[i] = 0;
          continue;
        } else if (made > 0 && usd + made >= cutoff()) {
          fewest[i] = Math.max(1, nodeProgram.fewest(i));
        }
      }
      if (fewest[i] >= most[i]) {
        continue;
      }
      double mean = Math.clamp(means[i], fewest[i], most[i]);
      double part = Math.min(mean - Math.floor(mean), Math.ceil(mean) - mean);
      double price = Math.max(Double.MIN_NORMAL, nodeProgram.usdPerNode(i));
      double score = part > DECIDED ? 1 + part * price : 1 / (1 + Math.abs(made) / price);
      if (score > highest) {
        highest = score;
        undecided = i;
      }
    }
    double at =
        undecided < 0 ? 0 : Math.clamp(means[undecided], fewest[undecided], most[undecided]);
    return new Branch(usd, fewest, most, bound.rewards(), undecided, at);
  }

  /** Tries the numbers of nodes that seem best in a branch: the surest half is decided, again. */
  private void tryNodes(Branch branch) {
    double[] fewest = branch.fewest().clone();
    double[] most = branch.most().clone();
    double[] rewards = branch.rewards();
    while (!stop.getAsBoolean()) {
      bound.restrict(fewest, most, rewards, AHEAD);
      bound.ascend(STEPS);
      if (bound.usdPerHour() >= cutoff()) {
        return;
      }
      rewards = bound.rewards();
      double[] means = bound.meanNodes();
      int[] undecided =
          IntStream.range(0, offers)
              .filter(i -> fewest[i] < most[i])
              .boxed()
              .sorted(Comparator.comparingDouble(i -> Math.abs(means[i] - Math.rint(means[i]))))
              .mapToInt(i -> i)
              .toArray();
      if (undecided.length == 0) {
        break;
      }
      for (int k = 0; k < (undecided.length + 1) / 2; k++) {
        int i = undecided[k];
        double nodes = Math.clamp(Math.rint(means[i]), fewest[i], most[i]);
        nodes = nodes > 0 ? Math.max(nodes, Math.max(1, nodeProgram.fewest(i))) : 0;
        fewest[i] = nodes;
        most[i] = nodes;
      }
    }
    tryNodes(most);
  }

  /** Places calls within some numbers of nodes. */
  private void tryNodes(double[] nodes) {
    if (seen.add(Arrays.stream(nodes).boxed().toList())) {
      bestUsd = Math.min(bestUsd, found.applyAsDouble(placement.place(nodes)));
    }
  }
}
