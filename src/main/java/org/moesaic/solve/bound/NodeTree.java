package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * Branches on how many nodes of each offer are leased, where one replica of each shard is all that
 * a plan needs.
 *
 * <p>Idea: a branch says between which numbers of nodes each offer lies; {@link OfferBound} bounds
 * what its plans cost, from the rewards of the branch before it, and what decisions they leave
 * open. Of the branches left, the one with the least bound is divided at the offer that is least
 * decided, and followed down until nothing is left to choose. On the way, the numbers of nodes that
 * seem best are tried with shards placed whole ({@link SinglePlacement}); around the best plan so
 * far, one offer is closed, opened, or exchanged for another. Complexity: exponential at worst;
 * each branch costs a few dozen evaluations of {@link OfferBound}. Guarantee: no plan costs less
 * than the least bound of the branches left, or the best plan. Source: Land and Doig (1960);
 * Lagrangian branch and bound for facility location, e.g. Holmberg, Rönnqvist and Yuan, EJOR 113
 * (1999).
 *
 * <p>Not safe for use by several threads.
 */
final class NodeTree {
  /** Steps of the bound for a new branch. */
  private static final int STEPS = 20;

  private static final double AHEAD = 0.004;

  /** The same where the rewards are those of quite different nodes. */
  private static final double FAR_AHEAD = 0.02;

  /** Steps for numbers of nodes that differ a little from others whose rewards are known. */
  private static final int STEPS_OF_CHANGE = 25;

  /** Changes to bound for one to make. */
  private static final int CHANGES_BOUNDED = 12;

  private static final int STEPS_OF_CANDIDATE = 300;

  /** How much less a plan has to cost, as a share; half the gap at which a plan is optimal. */
  private static final double BETTER = 5e-7;

  /**
   * What the nodes are thought to cost at which nothing was found, as a share above their bound.
   */
  private static final double NOTHING_FOUND = 0.02;

  /** What a try at some numbers of nodes puts the next one back, as a share of their cost. */
  private static final double LATER = 0.001;

  /** Mean numbers of nodes this close to whole ones are decided. */
  private static final double DECIDED = 0.02;

  /** More offers to open where shards find no room. */
  private static final int MOST_OPENED = 10;

  private static final int MOST_SEEN = 20_000;

  /** What looking for better plans does each time. */
  private static final int CHANGES = 60;

  private static final int CANDIDATES = 3;

  /** Moves of whole shards at one candidate, per shard and in all. */
  private static final long ANNEALED_PER_SHARD = 25_000;

  private static final long MOST_ANNEALED = 5_000_000;

  private static final int TRIES_AT_NODES = 3;
  private static final double NOISE = 0.3;

  private final Relaxation relaxation;
  private final Instance instance;
  private final NodeProgram nodeProgram;
  private final OfferBound bound;
  private final SinglePlacement placement;
  private final ToDoubleFunction<Assignment> found;
  private final BooleanSupplier stop;
  private final RandomGenerator random;
  private final int offers;
  private final PriorityQueue<Branch> left =
      new PriorityQueue<>(Comparator.comparingDouble(Branch::usdPerHour));

  /** Numbers of nodes that may allow of a better plan, the one with the least bound first. */
  private final PriorityQueue<Candidate> candidates =
      new PriorityQueue<>(Comparator.comparingDouble(Candidate::rank));

  private final Set<List<Double>> seen = new HashSet<>();

  /** What is known of numbers of nodes at which a branch ended: only whole shards tell more. */
  private final PriorityQueue<Candidate> leaves =
      new PriorityQueue<>(Comparator.comparingDouble(Candidate::usdPerHour));

  private double bestUsd = Double.POSITIVE_INFINITY;
  private double[] current = {};
  private double[] currentRewards = {};
  private double currentUsd;
  private int idleChanges;
  private int restarts;
  private boolean placed;

  /**
   * A part of the plans.
   *
   * @param usdPerHour that none of them costs less than
   * @param rewards that prove it
   * @param branchOn offer to divide it at; -1 if there is none
   * @param nodes that seem best there, of that offer
   */
  record Branch(
      double usdPerHour,
      double[] fewest,
      double[] most,
      double[] rewards,
      int branchOn,
      double nodes) {}

  /**
   * Numbers of nodes.
   *
   * @param usdPerHour that no plan with just these costs less than
   * @param rewards that prove it
   * @param tries at them so far; -1 if the bound is but a first one
   * @param triedUsd the least that a plan cost that was found in them
   */
  record Candidate(
      double usdPerHour, double[] nodes, double[] rewards, int tries, double triedUsd) {
    /** The least first; those that were tried, later, the more so the less came out. */
    double rank() {
      if (tries <= 0) {
        return usdPerHour;
      }
      double cost =
          Double.isFinite(triedUsd) ? triedUsd : usdPerHour + NOTHING_FOUND * Math.abs(usdPerHour);
      return (usdPerHour + cost) / 2 + tries * LATER * Math.abs(usdPerHour);
    }
  }

  /**
   * Begins at the rewards that the bound has now.
   *
   * @param usdPerHour of the best plan known; infinite without one
   */
  NodeTree(
      Relaxation relaxation,
      NodeProgram nodeProgram,
      OfferBound bound,
      ToDoubleFunction<Assignment> found,
      BooleanSupplier stop,
      RandomGenerator random,
      double usdPerHour) {
    this.relaxation = relaxation;
    this.nodeProgram = nodeProgram;
    this.bound = bound;
    this.found = found;
    this.stop = stop;
    this.random = random;
    instance = relaxation.instance;
    offers = relaxation.offers();
    bestUsd = usdPerHour;
    placement = new SinglePlacement(bound, nodeProgram, stop, instance.shards(), offers);
    double[] most = new double[offers];
    Arrays.setAll(most, nodeProgram::most);
    Branch root = branch(new double[offers], most, bound.rewards(), 100);
    if (root != null) {
      left.add(root);
    }
  }

  /** No plan costs less than this, or than the best known. */
  double usdPerHour() {
    double least = left.isEmpty() ? cutoff() : Math.min(cutoff(), left.peek().usdPerHour());
    return leaves.isEmpty() ? least : Math.min(least, leaves.peek().usdPerHour());
  }

  /** The cost of the best plan known. */
  double bestUsd() {
    return bestUsd;
  }

  /** Tells of a plan found elsewhere. */
  void know(double usdPerHour) {
    bestUsd = Math.min(bestUsd, usdPerHour);
  }

  /** Once no branch is left, the leaf that may hold the best plan; null if none can. */
  @Nullable Candidate nextLeaf() {
    open();
    return left.isEmpty() ? leaves.poll() : null;
  }

  /** What plans consist of that have some numbers of nodes, and cost less than the best. */
  DecisionBounds decisions(Candidate candidate) {
    bound.restrict(candidate.nodes(), candidate.nodes(), candidate.rewards());
    return bound.decisions();
  }

  /** Takes a leaf back, of which whole shards have proved something; whether more is to prove. */
  boolean prove(Candidate leaf, double usdPerHour) {
    double usd = Math.max(leaf.usdPerHour(), usdPerHour);
    boolean more = usd < cutoff();
    if (more) {
      leaves.add(new Candidate(usd, leaf.nodes(), leaf.rewards(), 0, Double.POSITIVE_INFINITY));
    }
    return more;
  }

  private static List<Double> key(double[] nodes) {
    return Arrays.stream(nodes).boxed().toList();
  }

  /**
   * Looks for a better plan: changes numbers of nodes, and places whole shards with more effort at
   * those that may allow of one.
   *
   * @return whether there were any
   */
  boolean improve() {
    if (seen.size() > MOST_SEEN) {
      forget();
    }
    restart();
    for (int k = 0; k < CHANGES; k++) {
      change();
    }
    for (int k = 0; k < CANDIDATES && !stop.getAsBoolean(); k++) {
      Candidate candidate = nextCandidate();
      if (candidate == null) {
        return k > 0;
      }
      anneal(candidate);
    }
    return true;
  }

  /** Keeps the best candidates only, lest memory runs out. */
  private void forget() {
    List<Candidate> best = new ArrayList<>();
    for (Candidate next = candidates.poll();
        next != null && best.size() < MOST_SEEN / 20;
        next = candidates.poll()) {
      best.add(next);
    }
    candidates.clear();
    candidates.addAll(best);
    seen.clear();
    best.forEach(candidate -> seen.add(key(candidate.nodes())));
  }

  /** The candidate with the least bound, once that bound is a good one. */
  private @Nullable Candidate nextCandidate() {
    while (!stop.getAsBoolean()) {
      Candidate next = candidates.poll();
      if (next == null || (next.tries() >= 0 && next.usdPerHour() < cutoff())) {
        return next;
      }
      if (next.usdPerHour() < cutoff()) {
        bound.restrict(next.nodes(), next.nodes(), next.rewards());
        bound.evaluate(next.rewards());
        bound.ascend(STEPS_OF_CANDIDATE, FAR_AHEAD);
        if (bound.usdPerHour() < cutoff()) {
          candidates.add(
              new Candidate(
                  bound.usdPerHour(), next.nodes(), bound.rewards(), 0, Double.POSITIVE_INFINITY));
        }
      }
    }
    return null;
  }

  private void anneal(Candidate candidate) {
    double[] nodes = candidate.nodes();
    double[] rewards = candidate.rewards();
    bound.restrict(nodes, nodes, rewards);
    bound.evaluate(rewards);
    double[] prices = bound.usdPerSize().clone();
    long moves = Math.min(MOST_ANNEALED, ANNEALED_PER_SHARD * instance.shards());
    placement.place(nodes, prices, NOISE * Math.min(1, candidate.tries()), random);
    int[] at = placement.anneal(nodes, prices, moves, random);
    double usd = at == null ? Double.POSITIVE_INFINITY : keep(at);
    candidates.add(
        new Candidate(
            candidate.usdPerHour(),
            nodes,
            rewards,
            candidate.tries() + 1,
            Math.min(usd, candidate.triedUsd())));
  }

  /** Whether branches are left. */
  boolean open() {
    while (!left.isEmpty() && left.peek().usdPerHour() >= cutoff()) {
      left.poll();
    }
    while (!leaves.isEmpty() && leaves.peek().usdPerHour() >= cutoff()) {
      leaves.poll();
    }
    return !left.isEmpty() || !leaves.isEmpty();
  }

  /** What a plan has to cost less than to be looked for. */
  private double cutoff() {
    return Double.isInfinite(bestUsd) ? bestUsd : bestUsd - BETTER * Math.abs(bestUsd);
  }

  /** Divides the branch with the least bound, and follows it down. */
  void dive() {
    open();
    Branch at = left.poll();
    if (at == null) {
      return;
    }
    tryNodes(at);
    while (at != null && !stop.getAsBoolean()) {
      if (at.branchOn() < 0) {
        if (nodeProgram.allows(at.most())) {
          leaves.add(
              new Candidate(at.usdPerHour(), at.most(), at.rewards(), 0, Double.POSITIVE_INFINITY));
        }
        tryNodes(at.most(), at.rewards(), TRIES_AT_NODES);
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
    }
    if (at != null) {
      left.add(at);
    }
  }

  /** Bounds a part of the plans, and decides what that decides; null if it holds none better. */
  private @Nullable Branch branch(double[] fewest, double[] most, double[] rewards, int steps) {
    if (!nodeProgram.allowsUpTo(most)) {
      return null;
    }
    bound.restrict(fewest, most, rewards);
    bound.evaluate(rewards);
    bound.ascend(steps, AHEAD);
    double usd = bound.usdPerHour();
    if (usd >= cutoff()) {
      return null;
    }
    double[] means = bound.meanNodes().clone();
    double[] best = bound.rewards();
    // The last evaluation may have been at others.
    bound.evaluate(best);
    int undecided = -1;
    double most0 = -1;
    for (int i = 0; i < offers; i++) {
      if (fewest[i] >= most[i]) {
        continue;
      }
      double made = bound.profits()[i];
      if (fewest[i] == 0 && most[i] > 0) {
        if (usd - made >= cutoff() && made < 0) {
          most[i] = 0;
          continue;
        } else if (usd + made >= cutoff() && made > 0) {
          fewest[i] = Math.max(1, nodeProgram.fewest(i));
        }
      }
      if (fewest[i] >= most[i]) {
        continue;
      }
      double mean = Math.clamp(means[i], fewest[i], most[i]);
      double part = Math.min(mean - Math.floor(mean), Math.ceil(mean) - mean);
      double size = part * Math.max(1e-9, nodeProgram.usdPerNode(i));
      double score = part > DECIDED ? 1 + part : 1 / (1 + Math.abs(made) / (1 + size));
      if (score > most0) {
        most0 = score;
        undecided = i;
      }
    }
    double at =
        undecided < 0 ? 0 : Math.clamp(means[undecided], fewest[undecided], most[undecided]);
    return new Branch(usd, fewest, most, best, undecided, at);
  }

  /** Tries the numbers of nodes that seem best in a branch. */
  private void tryNodes(Branch branch) {
    double[] fewest = branch.fewest().clone();
    double[] most = branch.most().clone();
    double[] rewards = branch.rewards();
    // Decides the surest half of the undecided offers, again and again.
    while (!stop.getAsBoolean()) {
      bound.restrict(fewest, most, rewards);
      bound.evaluate(rewards);
      bound.ascend(STEPS_OF_CHANGE, AHEAD);
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
        if (nodes > 0) {
          nodes = Math.max(nodes, Math.max(1, nodeProgram.fewest(i)));
        }
        fewest[i] = nodes;
        most[i] = nodes;
      }
    }
    if (bound.usdPerHour() < bestUsd) {
      openUntilPlaced(most, rewards);
    }
  }

  /** Tries numbers of nodes, and some more of the best offers until all shards have room. */
  private void openUntilPlaced(double[] nodes, double[] rewards) {
    for (int more = 0; more < MOST_OPENED && !stop.getAsBoolean(); more++) {
      tryNodes(nodes, rewards, TRIES_AT_NODES);
      if (placed) {
        return;
      }
      double[] all = new double[offers];
      Arrays.setAll(all, nodeProgram::most);
      bound.restrict(nodes, all, rewards);
      bound.evaluate(rewards);
      int best = -1;
      for (int i = 0; i < offers; i++) {
        if (nodes[i] < all[i]
            && (best < 0
                || bound.profits()[i] / Math.max(1e-9, nodeProgram.usdPerNode(i))
                    > bound.profits()[best] / Math.max(1e-9, nodeProgram.usdPerNode(best)))) {
          best = i;
        }
      }
      if (best < 0) {
        return;
      }
      nodes[best] = Math.max(nodes[best] + 1, Math.max(1, nodeProgram.fewest(best)));
    }
  }

  /** Places whole shards at some numbers of nodes. */
  private void tryNodes(double[] nodes, double[] rewards, int tries) {
    placed = false;
    if (!nodeProgram.allows(nodes) || !seen.add(key(nodes))) {
      return;
    }
    bound.restrict(nodes, nodes, rewards);
    bound.evaluate(rewards);
    bound.ascend(STEPS_OF_CANDIDATE, AHEAD);
    if (bound.usdPerHour() >= cutoff()) {
      return;
    }
    double[] bestAt = bound.rewards();
    candidates.add(
        new Candidate(bound.usdPerHour(), nodes.clone(), bestAt, 0, Double.POSITIVE_INFINITY));
    bound.evaluate(bestAt);
    for (int k = 0; k < tries && !stop.getAsBoolean(); k++) {
      int[] at =
          placement.place(
              nodes, bound.usdPerSize().clone(), k == 0 ? 0 : NOISE * k / tries, random);
      if (at == null) {
        continue;
      }
      placed = true;
      keep(at);
    }
  }

  /** Keeps an assignment if it is the best; what it costs. */
  private double keep(int[] at) {
    double[] used = placement.nodes(at);
    double usd = placement.usd(at) + nodeProgram.leaseUsd(used);
    if (usd >= cutoff()) {
      return usd;
    }
    double priced = found.applyAsDouble(assignment(at));
    bestUsd = Math.min(bestUsd, priced);
    return priced;
  }

  /**
   * Changes numbers of nodes to such with a lower bound: one offer has a node less, another one
   * more, or both. What that makes of the bound at the rewards as they are is a sum over offers, so
   * all changes are listed, and the most promising ones are bounded again.
   */
  private void change() {
    if (current.length == 0) {
      return;
    }
    double[] all = new double[offers];
    Arrays.setAll(all, nodeProgram::most);
    bound.restrict(new double[offers], all, currentRewards);
    bound.evaluate(currentRewards);
    double[] less = new double[offers];
    double[] more = new double[offers];
    double[] lessMade = new double[offers];
    double[] moreMade = new double[offers];
    for (int i = 0; i < offers; i++) {
      double fewest = Math.max(1, nodeProgram.fewest(i));
      less[i] = current[i] - 1 < fewest ? 0 : current[i] - 1;
      more[i] = Math.max(fewest, current[i] + 1);
      double now = bound.made(i, current[i]);
      lessMade[i] = current[i] == 0 ? -1 : now - bound.made(i, less[i]);
      moreMade[i] = more[i] > all[i] ? -1 : now - bound.made(i, more[i]);
    }
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < offers; i++) {
      if (current[i] > 0) {
        changes.add(new Change(i, -1, lessMade[i]));
      }
      if (more[i] <= all[i]) {
        changes.add(new Change(-1, i, moreMade[i]));
        for (int j = 0; j < offers; j++) {
          if (j != i && current[j] > 0) {
            changes.add(new Change(j, i, lessMade[j] + moreMade[i]));
          }
        }
      }
    }
    changes.sort(Comparator.comparingDouble(Change::usd));
    double[] best = null;
    double[] bestRewardsThere = null;
    double lowest = Double.POSITIVE_INFINITY;
    int bounded = 0;
    int skip = idleChanges == 0 ? 0 : random.nextInt(1 + 2 * idleChanges);
    for (Change change : changes) {
      if (bounded >= CHANGES_BOUNDED || stop.getAsBoolean()) {
        break;
      }
      double[] nodes = current.clone();
      if (change.less() >= 0) {
        nodes[change.less()] = less[change.less()];
      }
      if (change.more() >= 0) {
        nodes[change.more()] = more[change.more()];
      }
      // What is skipped once is left to others for good.
      if (!nodeProgram.allows(nodes) || !seen.add(key(nodes)) || skip-- > 0) {
        continue;
      }
      bounded++;
      bound.restrict(nodes, nodes, currentRewards);
      bound.evaluate(currentRewards);
      bound.ascend(STEPS_OF_CHANGE, AHEAD);
      double usd = bound.usdPerHour();
      if (usd < cutoff()) {
        candidates.add(new Candidate(usd, nodes, bound.rewards(), -1, Double.POSITIVE_INFINITY));
      }
      if (usd < lowest) {
        lowest = usd;
        best = nodes;
        bestRewardsThere = bound.rewards();
      }
    }
    if (best == null || bestRewardsThere == null) {
      current = new double[0];
      return;
    }
    idleChanges = lowest < currentUsd ? 0 : idleChanges + 1;
    if (lowest < currentUsd || idleChanges > 3) {
      current = best;
      currentRewards = bestRewardsThere;
      currentUsd = lowest;
    }
  }

  /**
   * Lets changes go on from one of the best candidates, every other time with some offers exchanged
   * at random.
   */
  private void restart() {
    idleChanges = 0;
    restarts++;
    List<Candidate> best = new ArrayList<>();
    Candidate next = candidates.poll();
    while (next != null) {
      best.add(next);
      next = best.size() <= random.nextInt(CANDIDATES * 4) ? candidates.poll() : null;
    }
    candidates.addAll(best);
    if (best.isEmpty()) {
      return;
    }
    Candidate from = best.getLast();
    current = from.nodes().clone();
    currentRewards = from.rewards();
    for (int k = restarts % 2 * (1 + random.nextInt(3)); k > 0; k--) {
      double[] nodes = current.clone();
      int less = random.nextInt(offers);
      int more = random.nextInt(offers);
      if (nodes[less] > 0 && nodeProgram.most(more) > nodes[more]) {
        nodes[less] = 0;
        nodes[more] = Math.max(nodes[more] + 1, Math.max(1, nodeProgram.fewest(more)));
        if (nodeProgram.allows(nodes)) {
          current = nodes;
        }
      }
    }
    bound.restrict(current, current, currentRewards);
    bound.evaluate(currentRewards);
    bound.ascend(STEPS_OF_CANDIDATE, FAR_AHEAD);
    currentRewards = bound.rewards();
    currentUsd = bound.usdPerHour();
  }

  /** An offer with a node less, one with a node more (-1 for none), and what that costs. */
  private record Change(int less, int more, double usd) {}

  private Assignment assignment(int[] at) {
    List<Placement> placements = new ArrayList<>();
    for (int s = 0; s < at.length; s++) {
      int[] servedBy = new int[relaxation.origins()];
      for (int o = 0; o < servedBy.length; o++) {
        servedBy[o] = instance.demand(o, s) > 0 ? at[s] : Placement.NOBODY;
      }
      placements.add(new Placement(new int[] {at[s]}, servedBy));
    }
    return new Assignment(placements);
  }
}
