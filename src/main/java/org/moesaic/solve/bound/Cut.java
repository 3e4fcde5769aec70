package org.moesaic.solve.bound;

/**
 * A proven lower bound on the traffic of any plan, linear in its nodes: {@code traffic >= constant
 * - sum of perNode * nodes - sum of perOpen * (1 if any node else 0)}.
 *
 * <p>It is the dual function at one point. At multipliers p the shards cost at least V(p); of that,
 * a plan that keeps the rules pays p times what it uses, at most p times what there is: its nodes,
 * and 1 for each link and each limit of latency. What is left is traffic. (Weak duality; as a cut
 * in the nodes: Geoffrion, "Generalized Benders decomposition", JOTA 10, 1972.)
 */
record Cut(double constant, double[] perNode, double[] perOpen) {
  /** Sums of thousands of doubles are off by less than this, relatively. */
  private static final double ROUNDING = 1e-11;

  static Cut of(Evaluation evaluation) {
    Multipliers at = evaluation.at();
    int offers = at.memory().length;
    double[] perNode = new double[offers];
    double[] perOpen = new double[offers];
    for (int i = 0; i < offers; i++) {
      perNode[i] = at.memory()[i] + at.service()[i];
      perOpen[i] = evaluation.opening(i);
    }
    double constant = evaluation.value();
    constant -= ROUNDING * Math.abs(constant);
    for (double p : at.link()) {
      constant -= p;
    }
    for (double p : at.latency()) {
      constant -= p;
    }
    return new Cut(constant, perNode, perOpen);
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
