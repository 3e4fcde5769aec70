package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;

/**
 * What evaluations have told so far: of each a cut and a column, and the multipliers that are best
 * while nodes may be divided.
 *
 * <p>Not safe for use by several threads.
 */
final class Evaluations {
  static final int GROUPS = 8;

  /** More cuts make the program of nodes slow. */
  private static final int MOST_CUTS = 400;

  private static final int MOST_KEPT = 200;

  /** Shards times offers times origins from which on evaluations take long. */
  private static final double LONG_WORK = 2e7;

  private final Blackboard board;
  private final Relaxation relaxation;
  private final Resources resources;
  private final Evaluator evaluator;
  private final ColumnProgram columns;
  private final Rounding rounding;
  private final List<Cut> cuts = new ArrayList<>();
  private final double[] scale;
  private final double work;
  private double[] center;
  private int count;

  /** How many cuts are kept, before all others. */
  private int kept;

  Evaluations(Blackboard board) {
    this.board = board;
    relaxation = board.relaxation;
    resources = relaxation.resources();
    NodeProgram nodeProgram = board.nodeProgram;
    evaluator = new Evaluator(relaxation, GROUPS, board.stop);
    rounding = new Rounding(relaxation, board.stop);
    scale = scale(relaxation, nodeProgram);
    columns = new ColumnProgram(relaxation, nodeProgram, board.solvers, scale);
    work = (double) relaxation.instance.shards() * relaxation.offers() * relaxation.origins();
    center = new double[resources.count()];
    for (int i = 0; i < relaxation.offers(); i++) {
      int[] ofOffer = resources.of(i);
      for (int resource : ofOffer) {
        center[resource] = nodeProgram.usdPerNode(i) / ofOffer.length;
      }
    }
  }

  /** What each multiplier is typically worth: how far it may move is a multiple of that. */
  private static double[] scale(Relaxation relaxation, NodeProgram nodeProgram) {
    Instance instance = relaxation.instance;
    Resources resources = relaxation.resources();
    int offers = relaxation.offers();
    int origins = relaxation.origins();
    double[] scale = new double[resources.count()];
    double usdPerNode = 0;
    for (int i = 0; i < offers; i++) {
      usdPerNode += nodeProgram.usdPerNode(i) / offers;
    }
    double dearestRoute =
        Arrays.stream(relaxation.routeUsd).flatMapToDouble(Arrays::stream).max().orElse(0);
    usdPerNode = Math.max(usdPerNode, 1e-9 * dearestRoute);
    for (int i = 0; i < offers; i++) {
      double usd = Math.max(nodeProgram.usdPerNode(i), usdPerNode / 10);
      for (int resource : resources.of(i)) {
        scale[resource] = usd;
      }
    }
    double allCalls = 0;
    double allUsd = 0;
    for (int o = 0; o < origins; o++) {
      double calls =
          instance.origin(o).tokensPerSecond()
              * instance.problem().model().topK()
              * (double) instance.layers();
      double dearest = Arrays.stream(relaxation.routeUsd[o]).max().orElse(0);
      allCalls += calls;
      allUsd += calls * dearest;
      scale[resources.latency(o)] = Math.max(usdPerNode, calls * dearest / 10);
    }
    double usdPerCall = allCalls == 0 ? 0 : allUsd / allCalls / 4;
    for (int o = 0; o < origins; o++) {
      for (int i = 0; i < offers; i++) {
        for (Relaxation.LinkUse use : relaxation.linkUses(o, i)) {
          int d = resources.link(use.link());
          double usd = Math.max(relaxation.routeUsd[o][i], usdPerCall) / use.share();
          scale[d] = Math.max(scale[d], Math.max(usd, 1e-9 * usdPerNode));
        }
      }
    }
    scaleWays(relaxation, usdPerNode, scale);
    return scale;
  }

  /** A way is worth about what serving all calls costs that fit on it. */
  private static void scaleWays(Relaxation relaxation, double usdPerNode, double[] scale) {
    int offers = relaxation.offers();
    double nodesPerCall = 0;
    for (int i = 0; i < offers; i++) {
      nodesPerCall += relaxation.nodesPerCall[i] / offers;
    }
    double usdPerCopy = usdPerNode * nodesPerCall;
    var sink =
        new Resources.Sink() {
          @Override
          public void use(int resource, double share) {
            if (share > 0) {
              scale[resource] =
                  Math.max(scale[resource], Math.max(usdPerCopy / share, 1e-9 * usdPerNode));
            }
          }

          @Override
          public void pay(double usdPerHour) {
            // Only what is used matters.
          }
        };
    Instance instance = relaxation.instance;
    for (int a = 0; instance.hasBackbone() && a < instance.sites().size(); a++) {
      for (int b = 0; b < instance.sites().size(); b++) {
        relaxation.call(a, b, 1, sink);
        relaxation.cut(a, b, 1, sink);
      }
    }
  }

  /**
   * Evaluates, and keeps what that tells.
   *
   * @param open share by which each offer is open; null if all are
   * @return whether it did; not if it was stopped, some shard can be nowhere, or a price is out of
   *     all proportion
   */
  boolean evaluate(Multipliers at, double @Nullable [] open, @Nullable ExecutorService threads) {
    Evaluation evaluation = evaluator.evaluate(at, open, threads);
    if (evaluation == null || !Double.isFinite(evaluation.value())) {
      return false;
    }
    count++;
    columns.add(evaluation);
    cuts.add(Cut.of(resources, evaluation, relaxation.instance.pieces()));
    if (cuts.size() > MOST_CUTS) {
      // Any cuts are valid; the old ones are those of far away.
      cuts.remove(kept);
    }
    return true;
  }

  /** Keeps a cut found in another way, in place of the first of those where they are many. */
  void keep(Cut cut) {
    if (kept == MOST_KEPT) {
      cuts.removeFirst();
      kept--;
    }
    cuts.add(kept++, cut);
  }

  /** Makes a plan one more column, in place of the plan before. */
  void mix(Assignment plan) {
    columns.add(evaluator.of(plan, columns.evaluations().getLast().at()));
  }

  /** Forgets the oldest columns, if they are many; no mix may be in use. */
  void trim() {
    columns.trim(MOST_CUTS);
  }

  /**
   * Rounds a mix, and tells of the plan.
   *
   * @param nodes of each offer, which it may only exceed where it must
   * @param repaired whether shards leave offers that need more nodes than that
   * @return false if it was stopped
   */
  boolean round(ColumnProgram.Mix mix, double[] nodes, boolean repaired) {
    Assignment plan = rounding.round(columns.evaluations(), mix, nodes, repaired, board.random);
    if (plan == null) {
      return false;
    }
    board.take(plan);
    return true;
  }

  /** How many there were. */
  int count() {
    return count;
  }

  /** Whether each takes so long that other work has to be worth it. */
  boolean takeLong() {
    return work > LONG_WORK;
  }

  ColumnProgram columns() {
    return columns;
  }

  /** One of each of the last evaluations. */
  List<Cut> cuts() {
    return cuts;
  }

  /** The best multipliers so far, by the numbers of {@link Resources}; not to be changed. */
  double[] center() {
    return center;
  }

  /** What each multiplier is typically worth; not to be changed. */
  double[] scale() {
    return scale;
  }

  void center(double[] usd) {
    center = usd;
  }

  /**
   * Brings down multipliers that the prices of offers which cost more than the best plan began at,
   * lest they drown all others.
   */
  void cap(double usdPerHour) {
    if (usdPerHour <= 0 || Double.isInfinite(usdPerHour)) {
      return;
    }
    for (int d = 0; d < center.length; d++) {
      if (resources.offerOf(d) != Resources.NO_OFFER) {
        center[d] = Math.min(center[d], usdPerHour);
        scale[d] = Math.min(scale[d], usdPerHour);
      }
    }
  }
}
