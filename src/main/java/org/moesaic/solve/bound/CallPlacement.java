package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * Places shards and their calls within given numbers of nodes.
 *
 * <p>Idea: calls go to the cheapest offer that has a node, those first that would lose most by
 * having to go to their second one; where that is full, to the next. Then single calls move, as
 * long as that makes traffic cheaper. Replicas that rules need besides go where there is memory
 * left. Complexity: O(calls * offers), a sort, and some passes. No guarantee: what finds no room
 * makes an offer larger. Source: the regret heuristic for generalized assignment, Martello and Toth
 * (1981).
 */
final class CallPlacement {
  private static final int PASSES = 4;
  private static final double ROUNDING = 1e-12;

  private final Relaxation relaxation;
  private final Instance instance;
  private final CallBound calls;
  private final int offers;

  CallPlacement(Relaxation relaxation, CallBound calls) {
    this.relaxation = relaxation;
    this.calls = calls;
    instance = relaxation.instance;
    offers = relaxation.offers();
  }

  /** A plan, which may need more nodes than these, or break rules. */
  Assignment place(double[] nodes) {
    int pairs = calls.pairs();
    double[] memoryLeft = nodes.clone();
    double[] serviceLeft = nodes.clone();
    int[][] served = new int[instance.shards()][offers];
    int[] replicas = new int[instance.shards()];
    int[] at = new int[pairs];
    double[] regret = new double[pairs];
    for (int p = 0; p < pairs; p++) {
      double first = Double.POSITIVE_INFINITY;
      double second = Double.POSITIVE_INFINITY;
      for (int i = 0; i < offers; i++) {
        double usd = nodes[i] > 0 ? calls.usd(p, i) : Double.POSITIVE_INFINITY;
        if (usd < first) {
          second = first;
          first = usd;
        } else if (usd < second) {
          second = usd;
        }
      }
      regret[p] = second - first;
      at[p] = -1;
    }
    int[] order =
        IntStream.range(0, pairs)
            .boxed()
            .sorted(Comparator.comparingDouble(p -> -regret[p]))
            .mapToInt(p -> p)
            .toArray();
    for (int pass = 0; pass <= PASSES; pass++) {
      boolean moved = false;
      for (int p : order) {
        int now = at[p];
        if (now >= 0) {
          put(p, now, -1, memoryLeft, serviceLeft, served, replicas);
        }
        int best = cheapest(p, nodes, memoryLeft, serviceLeft, served, replicas);
        best =
            best >= 0 ? best : now >= 0 ? now : leastFull(p, nodes, serviceLeft, served, replicas);
        if (best < 0) {
          best = anywhere(p);
        }
        put(p, best, 1, memoryLeft, serviceLeft, served, replicas);
        moved |= best != now;
        at[p] = best;
      }
      if (!moved) {
        break;
      }
    }
    return assignment(at, nodes, memoryLeft);
  }

  private void put(
      int p,
      int i,
      int sign,
      double[] memoryLeft,
      double[] serviceLeft,
      int[][] served,
      int[] replicas) {
    int s = calls.shardOf(p);
    serviceLeft[i] -= sign * calls.service(p, i);
    boolean changes = sign > 0 ? served[s][i] == 0 : served[s][i] == 1;
    served[s][i] += sign;
    if (changes) {
      memoryLeft[i] -= sign * calls.memory(s, i);
      replicas[s] += sign;
    }
  }

  private boolean mayHold(int s, int i, int[][] served, int[] replicas) {
    return served[s][i] > 0 || replicas[s] < relaxation.maxReplicas;
  }

  private int cheapest(
      int p,
      double[] nodes,
      double[] memoryLeft,
      double[] serviceLeft,
      int[][] served,
      int[] replicas) {
    int s = calls.shardOf(p);
    int best = -1;
    for (int i = 0; i < offers; i++) {
      if (nodes[i] > 0
          && calls.usd(p, i) < Double.POSITIVE_INFINITY
          && mayHold(s, i, served, replicas)
          && calls.service(p, i) <= serviceLeft[i] + ROUNDING * nodes[i]
          && (served[s][i] > 0 || calls.memory(s, i) <= memoryLeft[i] + ROUNDING * nodes[i])
          && (best < 0 || calls.usd(p, i) < calls.usd(p, best))) {
        best = i;
      }
    }
    return best;
  }

  private int leastFull(
      int p, double[] nodes, double[] serviceLeft, int[][] served, int[] replicas) {
    int s = calls.shardOf(p);
    int best = -1;
    double mostLeft = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < offers; i++) {
      if (nodes[i] > 0
          && calls.usd(p, i) < Double.POSITIVE_INFINITY
          && mayHold(s, i, served, replicas)) {
        double left = (served[s][i] > 0 ? 1e6 : 0) + serviceLeft[i] - calls.service(p, i);
        if (left > mostLeft) {
          mostLeft = left;
          best = i;
        }
      }
    }
    return best;
  }

  private int anywhere(int p) {
    int best = 0;
    for (int i = 1; i < offers; i++) {
      best = calls.usd(p, i) < calls.usd(p, best) ? i : best;
    }
    return best;
  }

  private Assignment assignment(int[] at, double[] nodes, double[] memoryLeft) {
    int[][] servedBy = new int[instance.shards()][relaxation.origins()];
    for (int[] row : servedBy) {
      Arrays.fill(row, Placement.NOBODY);
    }
    boolean[][] holds = new boolean[instance.shards()][offers];
    for (int p = 0; p < at.length; p++) {
      servedBy[calls.shardOf(p)][calls.originOf(p)] = at[p];
      holds[calls.shardOf(p)][at[p]] = true;
    }
    List<Placement> placements = new ArrayList<>();
    for (int s = 0; s < holds.length; s++) {
      addNeeded(s, holds[s], nodes, memoryLeft);
      boolean[] here = holds[s];
      placements.add(
          new Placement(IntStream.range(0, offers).filter(i -> here[i]).toArray(), servedBy[s]));
    }
    return new Assignment(placements);
  }

  /** Replicas that nobody is served by: for shards without calls, and for survival. */
  private void addNeeded(int s, boolean[] holds, double[] nodes, double[] memoryLeft) {
    while (count(holds) < relaxation.minReplicas
        || (count(holds) < relaxation.maxReplicas && !survives(holds))) {
      int best = -1;
      double bestLeft = Double.NEGATIVE_INFINITY;
      for (int i : instance.holders(s)) {
        if (holds[i]) {
          continue;
        }
        holds[i] = true;
        double left =
            (nodes[i] > 0 ? 1e6 : 0)
                + (survives(holds) ? 1e9 : 0)
                + memoryLeft[i]
                - calls.memory(s, i);
        holds[i] = false;
        if (left > bestLeft) {
          bestLeft = left;
          best = i;
        }
      }
      if (best < 0) {
        return;
      }
      holds[best] = true;
      memoryLeft[best] -= calls.memory(s, best);
    }
  }

  private static int count(boolean[] holds) {
    int count = 0;
    for (boolean here : holds) {
      count += here ? 1 : 0;
    }
    return count;
  }

  private boolean survives(boolean[] holds) {
    for (boolean[] outside : relaxation.outside) {
      boolean any = false;
      for (int i = 0; i < holds.length; i++) {
        any |= holds[i] && outside[i];
      }
      if (!any) {
        return false;
      }
    }
    return true;
  }
}
