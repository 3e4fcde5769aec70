package org.moesaic.solve.bound;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.solve.bound.LowerBound.Found;
import org.moesaic.solve.bound.PlacementProgram.Core;
import org.moesaic.solve.bound.PlacementProgram.Effort;
import org.moesaic.solve.bound.PlacementProgram.Outcome;
import org.moesaic.solve.bound.PlacementProgram.Shape;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.Tariff;

/**
 * Closes small problems: the whole problem as an integer program, in steps that each leave a bound
 * or a plan behind.
 *
 * <p>Idea: first the linear program, with rows that tie shards to open offers added where they are
 * broken. Its reduced costs leave out every combination of shard and offer that by itself costs
 * more than the best plan known; that is most of them. Then whole nodes with divided shards, which
 * gives a bound close to the optimum and nodes to lease; then whole shards at those nodes, which
 * gives a plan; then all of it, with ever more effort. Guarantee: every bound is at most the lowest
 * cost, since what was left out costs more than a plan that is known; at the end the plan is
 * optimal. Complexity: exponential at worst. Source: reduced-cost fixing as in Dantzig, Fulkerson
 * and Johnson (1954); the order of steps is that of cut-and-solve, Climer and Zhang, Artificial
 * Intelligence 170 (2006).
 *
 * <p>Not safe for use by several threads.
 */
final class ExactModel {
  /** More combinations take longer than the bound by multipliers does. */
  static final long MOST_COMBINATIONS = 40_000;

  private static final int MOST_ROUNDS = 30;

  /** So few combinations are solved whole at once. */
  private static final long FEW = 1_500;

  private static final double DIVIDED_GAP = 1e-5;
  private static final double FIXED_GAP = 1e-4;
  private static final double WHOLE_GAP = 1e-8;

  /** Share of the time left that one step takes at most, so that there is one after it. */
  private static final double SHARE_OF_TIME = 0.4;

  private static final long FIRST_NODES = 300;
  private static final long MOST_NODES = 10_000_000;

  private final Relaxation relaxation;
  private final PlacementProgram program;
  private final Solvers solvers;
  private final Found found;
  private final Tariff tariff;

  private final Core all;
  private @Nullable Outcome linear;
  private Next next = Next.LINEAR;
  private double[] nodes = {};
  private long nodesOfTree = FIRST_NODES;
  private @Nullable Assignment best;
  private double bestUsd = Double.POSITIVE_INFINITY;

  private enum Next {
    LINEAR,
    DIVIDED,
    FIXED,
    WHOLE,
    NOTHING
  }

  ExactModel(Relaxation relaxation, NodeProgram nodeProgram, Solvers solvers, Found found) {
    this.relaxation = relaxation;
    this.solvers = solvers;
    this.found = found;
    tariff = relaxation.tariff;
    program = new PlacementProgram(relaxation, nodeProgram);
    all = Core.whole(relaxation.instance.shards(), relaxation.offers(), false);
  }

  /**
   * Does one step.
   *
   * @param usdPerHour cost of the best plan known that keeps the rules; infinite if none is
   * @param incumbent that plan, or any to begin with; null if there is none
   * @return whether there is more to do
   */
  boolean step(double usdPerHour, @Nullable Assignment incumbent) {
    if (usdPerHour < bestUsd) {
      bestUsd = usdPerHour;
      best = incumbent;
    }
    next =
        switch (next) {
          case LINEAR -> linear();
          case DIVIDED -> divided();
          case FIXED -> fixed();
          case WHOLE -> whole();
          case NOTHING -> Next.NOTHING;
        };
    return next != Next.NOTHING;
  }

  private Next linear() {
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Outcome outcome =
          solvers.with(
              "GLOP",
              solver ->
                  program.solve(
                      solver, new Shape(false, false, null, all), new Effort(0, 0, null, "")));
      if (outcome == null || outcome.reducedCost() == null) {
        break;
      }
      linear = outcome;
      found.bound(outcome.boundUsdPerHour());
      if (!addBroken(outcome)) {
        break;
      }
    }
    if (linear == null) {
      return Next.NOTHING;
    }
    return size(core()) <= FEW ? Next.WHOLE : Next.DIVIDED;
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

  private Core core() {
    Outcome relaxed = linear;
    return relaxed == null || Double.isInfinite(bestUsd)
        ? all
        : program.core(relaxed, all, bestUsd);
  }

  private static long size(Core core) {
    long size = 0;
    for (boolean[] row : core.allowed()) {
      for (boolean allowed : row) {
        size += allowed ? 1 : 0;
      }
    }
    return size;
  }

  private Next divided() {
    Outcome outcome = solve(new Shape(true, false, null, core()), DIVIDED_GAP, null);
    if (outcome == null) {
      return Next.WHOLE;
    }
    found.bound(Math.min(bestUsd, outcome.boundUsdPerHour()));
    if (Double.isInfinite(outcome.usdPerHour())) {
      return Next.WHOLE;
    }
    nodes = outcome.nodes();
    return Next.FIXED;
  }

  private Next fixed() {
    Outcome outcome = solve(new Shape(true, true, round(nodes), core()), FIXED_GAP, null);
    if (outcome != null) {
      plan(outcome);
    }
    return Next.WHOLE;
  }

  private Next whole() {
    Outcome outcome = solve(new Shape(true, true, null, core()), WHOLE_GAP, best);
    if (outcome == null) {
      return Next.NOTHING;
    }
    double before = bestUsd;
    plan(outcome);
    // Whatever was left out costs more than the plan known before.
    found.bound(Math.min(before, outcome.boundUsdPerHour()));
    if (outcome.closed() || nodesOfTree >= MOST_NODES) {
      return Next.NOTHING;
    }
    nodesOfTree *= 4;
    return Next.WHOLE;
  }

  private @Nullable Outcome solve(Shape shape, double gap, @Nullable Assignment start) {
    return solvers.with(
        "SCIP",
        SHARE_OF_TIME,
        solver -> program.solve(solver, shape, new Effort(nodesOfTree, gap, start, "")));
  }

  private void plan(Outcome outcome) {
    Assignment plan = outcome.plan();
    if (plan == null) {
      return;
    }
    found.plan(plan);
    var score = Ledger.of(tariff, plan).score();
    double usd = tariff.toUsdPerHour(-score.softScore());
    if (score.isFeasible() && usd < bestUsd) {
      bestUsd = usd;
      best = plan;
    }
  }

  private static double[] round(double[] nodes) {
    return Arrays.stream(nodes).map(Math::rint).toArray();
  }
}
