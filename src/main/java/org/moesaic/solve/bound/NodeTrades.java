package org.moesaic.solve.bound;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes to try next, near those of a plan.
 *
 * <p>Idea: a neighbour leases one node more of some offer, one or two fewer of others, or trades
 * them. Each cut bounds what it costs from below, and so does the highest of all: the reduced costs
 * of its nodes at all multipliers that were tried. Of the neighbours whose bound is below the best
 * plan's cost, the one with the lowest is tried; that gives cuts which are nearly exact there, so
 * that after some tries no neighbour is left with hope. Complexity: O(offers^3 * cuts). Guarantee:
 * when none is left, each neighbour either was tried, or has no better plan. Source: local search
 * on the location variables as in Resende and Werneck, "A hybrid multistart heuristic for the
 * uncapacitated facility location problem", EJOR 174 (2006), with Benders cuts as its oracle.
 */
final class NodeTrades {
  /** Relative gain that has to be in sight. */
  private static final double GAIN = 1e-5;

  private final NodeProgram nodeProgram;
  private final int offers;
  private final BooleanSupplier stop;

  NodeTrades(NodeProgram nodeProgram, int offers, BooleanSupplier stop) {
    this.nodeProgram = nodeProgram;
    this.offers = offers;
    this.stop = stop;
  }

  /**
   * The neighbour that may cost least.
   *
   * @param nodes of the plan
   * @param cuts on traffic
   * @param usdPerHour cost to beat
   * @param allowed which may be tried
   * @return null if none that is allowed can be better, or it was stopped
   */
  double @Nullable [] best(
      double[] nodes, List<Cut> cuts, double usdPerHour, Predicate<double[]> allowed) {
    var best = new Best(cuts, usdPerHour * (1 - GAIN), allowed);
    double[] at = nodes.clone();
    for (int more = -1; more < offers; more++) {
      if (stop.getAsBoolean()) {
        return null;
      }
      if (more >= 0 && !add(at, nodes, more)) {
        continue;
      }
      best.consider(at);
      for (int i = 0; i < offers; i++) {
        if (i != more && remove(at, i)) {
          best.consider(at);
          for (int k = i; k < offers; k++) {
            double before = at[k];
            if (k != more && remove(at, k)) {
              best.consider(at);
              at[k] = before;
            }
          }
          at[i] = nodes[i];
        }
      }
      if (more >= 0) {
        at[more] = nodes[more];
      }
    }
    return best.nodes;
  }

  private boolean add(double[] at, double[] nodes, int offer) {
    double more = Math.max(nodeProgram.fewest(offer), nodes[offer] + 1);
    if (more > nodeProgram.most(offer)) {
      return false;
    }
    at[offer] = more;
    return true;
  }

  private boolean remove(double[] at, int offer) {
    if (at[offer] < 0.5) {
      return false;
    }
    at[offer] = at[offer] - 1 < Math.max(1, nodeProgram.fewest(offer)) ? 0 : at[offer] - 1;
    return true;
  }

  private final class Best {
    private final List<Cut> cuts;
    private final Predicate<double[]> allowed;
    private double usdPerHour;
    private double @Nullable [] nodes;

    /** The cut that was highest last is tried first: it mostly is again. */
    private int first;

    Best(List<Cut> cuts, double usdPerHour, Predicate<double[]> allowed) {
      this.cuts = cuts;
      this.usdPerHour = usdPerHour;
      this.allowed = allowed;
    }

    void consider(double[] at) {
      double lease = nodeProgram.leaseUsd(at);
      if (lease >= usdPerHour) {
        return;
      }
      double highest = lease;
      for (int n = 0; n < cuts.size(); n++) {
        int c = (first + n) % cuts.size();
        double usd = lease + traffic(cuts.get(c), at);
        if (usd >= usdPerHour) {
          first = c;
          return;
        }
        highest = Math.max(highest, usd);
      }
      if (nodeProgram.allows(at) && allowed.test(at)) {
        usdPerHour = highest;
        nodes = at.clone();
      }
    }

    private double traffic(Cut cut, double[] at) {
      double value = cut.constant();
      for (int i = 0; i < at.length; i++) {
        value -= cut.perNode()[i] * at[i] + (at[i] > 0 ? cut.perOpen()[i] : 0);
      }
      return value;
    }
  }
}
