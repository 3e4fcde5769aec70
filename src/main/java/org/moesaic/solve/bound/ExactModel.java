package org.moesaic.solve.bound;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.solve.bound.PlacementProgram.Core;
import org.moesaic.solve.bound.PlacementProgram.Effort;
import org.moesaic.solve.bound.PlacementProgram.Outcome;
import org.moesaic.solve.bound.PlacementProgram.Shape;
import org.moesaic.solve.model.PricedPlan;

/**
 * Closes small problems: the whole problem as an integer program, in steps that each leave a bound
 * or a plan behind.
 *
 * <p>Idea: first the linear program, with rows that tie shards to open offers added where they are
 * broken. Its reduced costs leave out every combination of shard and offer that by itself costs
 * more than the best plan known; that is most of them. Then whole nodes with divided shards, which
 * gives a bound close to the optimum and nodes to lease; then whole shards at those nodes, which
 * gives a plan; then all of it, with ever more effort. Where each shard needs one replica, and no
 * rule but those on nodes and on single shards counts, a {@link NodeTree} does all that without a
 * linear program, and an integer program only closes what it leaves. Guarantee: every bound is at
 * most the lowest cost, since what was left out costs more than a plan that is known; at the end
 * the plan is optimal. Complexity: exponential at worst. Source: reduced-cost fixing as in Dantzig,
 * Fulkerson and Johnson (1954); the order of steps is that of cut-and-solve, Climer and Zhang,
 * Artificial Intelligence 170 (2006).
 *
 * <p>Not safe for use by several threads.
 */
final class ExactModel implements Phase {
  /** More combinations take longer than the bound by multipliers does. */
  static final long MOST_COMBINATIONS = 40_000;

  /** More pairs of shard and offer, allowed or not, take too much memory. */
  static final long MOST_PAIRS = 4_000_000;

  /** More variables are too many for a program that improves on what multipliers give. */
  static final long MOST_VARIABLES = 50_000;

  private static final int MOST_ROUNDS = 30;

  /** So few combinations are solved whole at once, with none left out. */
  private static final long TINY = 300;

  /** So few combinations are solved whole at once, if plans close to the bound do. */
  private static final long FEW = 1_500;

  /** Steps of the bound by offers. */
  private static final int FIRST_STEPS = 1000;

  private static final double FIRST_AHEAD = 0.05;

  /** So many offers make a dive so long that looking for plans comes first. */
  private static final int MANY_OFFERS = 50;

  private static final int STEPS_PER_LONG_DIVE = 3;

  /** Share of the bound by which a round has to raise it for another to be worth it. */
  private static final double SLOW_ROUND = 1e-5;

  /** Share of the linear bound by which plans may exceed it at first. */
  private static final double FIRST_ROOM = 0.01;

  private static final double WIDENED = 3;
  private static final double TINY_ROOM = 1e-9;

  /** What rows give where a program without a solution is to be clear of tolerances. */
  private static final double CLEAR = 1e-6;

  private static final double DIVIDED_GAP = 1e-5;
  private static final double FIXED_GAP = 1e-4;
  private static final double WHOLE_GAP = 1e-8;

  /** Share of the time left that one step takes at most, so that there is one after it. */
  private static final double SHARE_OF_TIME = 0.4;

  /** The same where there is a tree of nodes to go on with. */
  private static final double SHARE_BESIDE_TREE = 0.1;

  private static final long FIRST_NODES = 300;
  private static final long MOST_NODES = 10_000_000;

  private final Blackboard board;
  private final Relaxation relaxation;
  private final PlacementProgram program;

  private final Core all;
  private final @Nullable OfferBound offerBound;

  /** Whether there are no rules but those that branches on nodes know. */
  private final boolean treeTellsAll;

  private final DecisionBounds decisions;
  private @Nullable NodeTree tree;
  private int treeSteps;
  private double boundUsd = Double.NEGATIVE_INFINITY;
  private Next next = Next.LINEAR;
  private double[] nodes = {};
  private boolean fixedFirst;
  private long nodesOfTree = FIRST_NODES;
  private double room = Double.POSITIVE_INFINITY;

  private enum Next {
    LINEAR,
    TREE,
    DIVIDED,
    FIXED,
    WHOLE,
    NOTHING
  }

  ExactModel(Blackboard board) {
    this.board = board;
    relaxation = board.relaxation;
    program = new PlacementProgram(relaxation, board.nodeProgram);
    decisions = DecisionBounds.none(relaxation.instance.shards(), relaxation.offers());
    boolean single = program.single();
    treeTellsAll =
        single
            && relaxation.links() == 0
            && !relaxation.latencyLimited
            && relaxation.instance.problem().policy().maxProviderShare() == null;
    all = Core.whole(relaxation.instance.shards(), relaxation.offers(), single);
    offerBound = single ? new OfferBound(relaxation, board.nodeProgram, board.stop) : null;
  }

  /** Whether a problem is small enough for it, in place of multipliers for whole nodes. */
  static boolean suits(Relaxation relaxation, long mostCombinations) {
    return suits(relaxation) && PlacementProgram.combinations(relaxation) <= mostCombinations;
  }

  /** Whether a problem is small enough for it to improve on what multipliers gave. */
  static boolean suitsAfterMultipliers(Relaxation relaxation) {
    return suits(relaxation) && PlacementProgram.variables(relaxation) <= MOST_VARIABLES;
  }

  private static boolean suits(Relaxation relaxation) {
    return !relaxation.tariff.divides()
        && relaxation.trafficIsExact()
        && (long) relaxation.instance.shards() * relaxation.offers() <= MOST_PAIRS;
  }

  /**
   * It does where plans are looked for by branching on nodes, or multipliers gave what they can.
   */
  @Override
  public boolean findsPlans() {
    return treeTellsAll || board.programWaits();
  }

  @Override
  public Then step(@Nullable ExecutorService threads) {
    next =
        switch (next) {
          case LINEAR -> linear();
          case TREE -> tree();
          case DIVIDED -> divided();
          case FIXED -> fixed();
          case WHOLE -> whole();
          case NOTHING -> Next.NOTHING;
        };
    if (next != Next.NOTHING) {
      return Then.MORE;
    }
    board.programWaits(false);
    return Then.NEXT;
  }

  /**
   * Bounds on decisions: where each shard needs one replica by offers, else by the linear program.
   */
  private Next linear() {
    OfferBound byOffers = offerBound;
    if (byOffers == null) {
      linearProgram();
    } else {
      byOffers.ascend(FIRST_STEPS, FIRST_AHEAD);
      raise(byOffers.usdPerHour(), byOffers.decisions());
    }
    if (boundUsd == Double.NEGATIVE_INFINITY) {
      return Next.NOTHING;
    }
    if (core().size() <= TINY) {
      return Next.WHOLE;
    }
    room = FIRST_ROOM * Math.abs(boundUsd);
    if (treeTellsAll) {
      return Next.TREE;
    } else if (core().size() <= FEW) {
      return Next.WHOLE;
    }
    PricedPlan best = board.plan();
    if (best == null) {
      return Next.DIVIDED;
    }
    // The nodes of the best plan may have better places for whole shards.
    nodes = Arrays.stream(best.nodes()).asDoubleStream().toArray();
    fixedFirst = true;
    return Next.FIXED;
  }

  /** The linear program, with rows added where they are broken. */
  private void linearProgram() {
    double before = Double.NEGATIVE_INFINITY;
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Outcome outcome =
          board.solvers.with(
              "GLOP",
              solver ->
                  program.solve(
                      solver, new Shape(false, false, null, all), new Effort(0, 0, null, "")));
      DecisionBounds bounds = outcome == null ? null : outcome.decisions();
      if (outcome == null || bounds == null) {
        return;
      }
      double usd = outcome.boundUsdPerHour();
      raise(usd, bounds);
      if (!addBroken(outcome) || usd - before < SLOW_ROUND * Math.abs(usd)) {
        return;
      }
      before = usd;
    }
  }

  private void raise(double usdPerHour, DecisionBounds bounds) {
    raise(usdPerHour);
    decisions.raise(bounds);
  }

  private void raise(double usdPerHour) {
    if (usdPerHour > boundUsd) {
      boundUsd = usdPerHour;
      board.raise(usdPerHour);
    }
  }

  /** Branches on nodes, and closes what only whole shards can close. */
  private Next tree() {
    NodeTree branches = tree;
    if (branches == null) {
      branches =
          new NodeTree(
              relaxation,
              board.nodeProgram,
              Objects.requireNonNull(offerBound),
              board::price,
              board.stop,
              board.random,
              board.planUsd());
      tree = branches;
    }
    branches.know(board.planUsd());
    boolean dives = relaxation.offers() < MANY_OFFERS || treeSteps % STEPS_PER_LONG_DIVE == 0;
    if (dives) {
      branches.dive();
    }
    if (!branches.improve() && !dives) {
      branches.dive();
    }
    NodeTree.Candidate leaf = branches.nextLeaf();
    if (leaf != null) {
      double limit = branches.bestUsd();
      Core core = program.core(branches.decisions(leaf), all, limit);
      Outcome outcome = solve(new Shape(true, true, leaf.nodes(), core), WHOLE_GAP, null);
      if (outcome == null) {
        return Next.NOTHING;
      }
      plan(outcome);
      branches.know(board.planUsd());
      if (branches.prove(leaf, Math.min(limit, outcome.boundUsdPerHour()))) {
        // With ever more effort, so that it ends.
        nodesOfTree *= 2;
      }
    }
    if (board.stop.getAsBoolean()) {
      return Next.NOTHING;
    }
    raise(Math.min(board.planUsd(), branches.usdPerHour()));
    if (!branches.open() || nodesOfTree >= MOST_NODES) {
      return Next.NOTHING;
    }
    treeSteps++;
    // Ever more of the tree before ever more of a program.
    return treeSteps > 1 && Integer.bitCount(treeSteps + 1) == 1 && core().size() <= FEW
        ? Next.WHOLE
        : Next.TREE;
  }

  /** Ties shards to open offers where an outcome has more of the shard there than of the offer. */
  private boolean addBroken(Outcome outcome) {
    boolean added = false;
    for (int s = 0; s < outcome.held().length; s++) {
      for (int i = 0; i < relaxation.offers(); i++) {
        if (!all.linked()[s][i] && outcome.held()[s][i] > outcome.open()[i] + 1e-4) {
          all.linked()[s][i] = true;
          added = true;
        }
      }
    }
    return added;
  }

  /** What a plan may consist of that costs no more than {@link #limit}. */
  private Core core() {
    return program.core(decisions, all, limit());
  }

  /** The most that a plan may cost which the core does not leave out. */
  private double limit() {
    return Math.min(board.planUsd(), boundUsd + room);
  }

  /** More is left in the core from now on. */
  private void widen() {
    room *= WIDENED;
    if (room < TINY_ROOM || room > Math.abs(boundUsd)) {
      room = Double.POSITIVE_INFINITY;
    }
  }

  private Next divided() {
    double limit = limit();
    Outcome outcome = solve(new Shape(true, false, null, core()), DIVIDED_GAP, null);
    if (outcome == null) {
      return Next.WHOLE;
    }
    raise(Math.min(limit, outcome.boundUsdPerHour()));
    if (Double.isInfinite(outcome.usdPerHour())) {
      boolean all = limit >= board.planUsd();
      widen();
      return all ? Next.WHOLE : Next.DIVIDED;
    }
    nodes = outcome.nodes();
    return Next.FIXED;
  }

  private Next fixed() {
    Outcome outcome = solve(new Shape(true, true, round(nodes), core()), FIXED_GAP, start());
    if (outcome != null) {
      plan(outcome);
    }
    boolean first = fixedFirst;
    fixedFirst = false;
    return first ? Next.DIVIDED : Next.WHOLE;
  }

  private Next whole() {
    double limit = limit();
    Outcome outcome = solve(new Shape(true, true, null, core()), WHOLE_GAP, start());
    if (outcome == null) {
      return Next.NOTHING;
    }
    plan(outcome);
    // Whatever was left out costs more than the limit.
    raise(Math.min(limit, outcome.boundUsdPerHour()));
    if (outcome.closed()) {
      if (limit >= board.planUsd()) {
        return Next.NOTHING;
      }
      widen();
    } else {
      if (nodesOfTree >= MOST_NODES) {
        return Next.NOTHING;
      }
      nodesOfTree *= 4;
    }
    return treeTellsAll ? Next.TREE : Next.WHOLE;
  }

  /** What a program may start from. */
  private @Nullable Assignment start() {
    PricedPlan best = board.plan();
    return best == null ? null : best.assignment();
  }

  private @Nullable Outcome solve(Shape shape, double gap, @Nullable Assignment start) {
    Outcome outcome = solve(shape, gap, start, 0);
    if (outcome == null || outcome.boundUsdPerHour() < Double.POSITIVE_INFINITY) {
      return outcome;
    }
    // That there is nothing at all is a matter of tolerances, unless it is clear.
    Outcome clear = solve(shape, gap, start, CLEAR);
    return clear != null && clear.boundUsdPerHour() == Double.POSITIVE_INFINITY
        ? outcome
        : outcome.unknown();
  }

  private @Nullable Outcome solve(
      Shape shape, double gap, @Nullable Assignment start, double slack) {
    return board.solvers.with(
        "SCIP",
        treeTellsAll ? SHARE_BESIDE_TREE : SHARE_OF_TIME,
        solver -> program.solve(solver, shape, new Effort(nodesOfTree, gap, start, ""), slack));
  }

  private void plan(Outcome outcome) {
    Assignment plan = outcome.plan();
    if (plan != null) {
      board.price(plan);
    }
  }

  private static double[] round(double[] nodes) {
    return Arrays.stream(nodes).map(LinearProgram::whole).toArray();
  }
}
