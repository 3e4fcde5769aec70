package org.moesaic.solve.bound;

import java.util.Arrays;

/**
 * A proven lower bound on the traffic of any plan, linear in its nodes: {@code traffic >= constant
 * - sum of perNode * nodes - sum of perOpen * (1 if any node else 0)}.
 *
 * <p>It is the dual function at one point. At multipliers p the shards cost at least V(p); of that,
 * a plan that keeps the rules pays p times what it uses, at most p times what there is: its nodes,
 * and 1 for each link and each limit of latency. What is left is traffic. (Weak duality; as a cut
 * in the nodes: Geoffrion, "Generalized Benders decomposition", JOTA 10, 1972.)
 *
 * @param ofAllTraffic whether it bounds what traffic costs, and not its floor alone
 */
record Cut(double constant, double[] perNode, double[] perOpen, boolean ofAllTraffic) {
  /** A cut on the floor of traffic. */
  Cut(double constant, double[] perNode, double[] perOpen) {
    this(constant, perNode, perOpen, false);
  }

  /** The value of a shard is off by less than this, relatively: a few thousand roundings. */
  private static final double ROUNDING = 1e-11;

  /**
   * The cut of an evaluation, with what rounding may have added to it taken away again: nothing of
   * the values is negative, so that their sum is off by a share of itself.
   *
   * @param shards number of values that the evaluation has added up
   */
  static Cut of(Resources resources, Evaluation evaluation, int shards) {
    double[] opening = new double[resources.offers()];
    Arrays.setAll(opening, evaluation::opening);
    return of(resources, evaluation.at(), evaluation.value(), opening, shards);
  }

  /**
   * The same of a value at multipliers.
   *
   * @param opening per offer, the price on opening it that the value includes
   * @param shards number of values that it adds up
   */
  static Cut of(Resources resources, Multipliers at, double value, double[] opening, int shards) {
    double rounding = ROUNDING + shards * 0x1p-52;
    var constant = new SafeSum();
    constant.add(value);
    constant.add(-rounding * Math.abs(value));
    double[] perNode = new double[resources.offers()];
    for (int r = 0; r < resources.count(); r++) {
      int offer = resources.offerOf(r);
      if (offer == Resources.NO_OFFER) {
        constant.add(-at.usd(r));
      } else {
        perNode[offer] += at.usd(r);
      }
    }
    double[] perOpen = new double[perNode.length];
    for (int i = 0; i < perOpen.length; i++) {
      perNode[i] = perNode[i] == 0 ? 0 : Math.nextUp(perNode[i]);
      perOpen[i] = opening[i] * (1 + rounding);
    }
    return new Cut(constant.down(), perNode, perOpen);
  }

  /** The same on all traffic, and not on its floor alone. */
  Cut onAllTraffic() {
    return new Cut(constant, perNode, perOpen, true);
  }

  /** The bound on the traffic of a plan with so many nodes. */
  double at(double[] nodes, double[] open) {
    double value = constant;
    for (int i = 0; i < nodes.length; i++) {
      value -= perNode[i] * nodes[i] + perOpen[i] * open[i];
    }
    return value;
  }
}
