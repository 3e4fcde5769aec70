package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Instance;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** The neighbour with the lowest bound, against all numbers of nodes. */
class NodeTradesTest {
  private static final Size SIZE = new Size(1, 4, 4, 2);

  @Test
  void findsTheNeighbourOfLowestBound() {
    int found = 0;
    int none = 0;
    for (long seed = 0; seed < 400; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Relaxation relaxation =
          new Relaxation(new Tariff(Instance.of(RandomProblems.of(seed, SIZE))));
      NodeProgram program = new NodeProgram(relaxation, new Solvers(() -> 1));
      double[] nodes = new double[relaxation.offers()];
      for (int i = 0; i < nodes.length; i++) {
        double most = program.most(i);
        double chosen = Math.min(most, random.nextInt(4));
        nodes[i] = chosen > 0 && chosen < program.fewest(i) ? program.fewest(i) : chosen;
      }
      List<Cut> cuts = cuts(random, nodes.length);
      double usdPerHour = bound(program, cuts, nodes) + 20 * random.nextDouble();
      Predicate<double[]> allowed = at -> at[0] != 2;
      double lowest = Double.POSITIVE_INFINITY;
      for (double[] at : all(program, nodes.length)) {
        if (isNeighbour(program, nodes, at) && program.allows(at) && allowed.test(at)) {
          lowest = Math.min(lowest, bound(program, cuts, at));
        }
      }
      double[] best =
          new NodeTrades(program, nodes.length, () -> false).best(nodes, cuts, usdPerHour, allowed);
      String replay = "RandomProblems.of(%d, %s)".formatted(seed, SIZE);
      if (lowest < usdPerHour * (1 - 1e-5)) {
        assertThat(best).as(replay).isNotNull();
        assertThat(bound(program, cuts, best)).as(replay).isCloseTo(lowest, within(1e-9));
        assertThat(isNeighbour(program, nodes, best)).as(replay).isTrue();
        found++;
      } else {
        assertThat(best).as(replay).isNull();
        none++;
      }
    }
    assertThat(found).isGreaterThan(50);
    assertThat(none).isGreaterThan(50);
  }

  private static List<Cut> cuts(SplittableRandom random, int offers) {
    List<Cut> cuts = new ArrayList<>();
    for (int c = 0; c < 5; c++) {
      double[] perNode = random.doubles(offers, 0, 30).toArray();
      double[] perOpen = random.doubles(offers, 0, 10).toArray();
      cuts.add(new Cut(200 * random.nextDouble(), perNode, perOpen));
    }
    return cuts;
  }

  private static double bound(NodeProgram program, List<Cut> cuts, double[] at) {
    double[] open = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      open[i] = at[i] > 0 ? 1 : 0;
    }
    double traffic = cuts.stream().mapToDouble(cut -> cut.at(at, open)).max().orElse(0);
    return program.leaseUsd(at) + Math.max(0, traffic);
  }

  private static List<double[]> all(NodeProgram program, int offers) {
    List<double[]> all = List.of(new double[0]);
    for (int i = 0; i < offers; i++) {
      List<double[]> longer = new ArrayList<>();
      for (double[] head : all) {
        for (double n = 0; n <= Math.min(6, program.most(i)); n++) {
          if (n == 0 || n >= program.fewest(i)) {
            double[] at = java.util.Arrays.copyOf(head, i + 1);
            at[i] = n;
            longer.add(at);
          }
        }
      }
      all = longer;
    }
    return all;
  }

  /** At most one step up and at most two steps down, none of them both at one offer. */
  private static boolean isNeighbour(NodeProgram program, double[] from, double[] to) {
    int up = 0;
    int down = 0;
    for (int i = 0; i < from.length; i++) {
      for (double n = from[i]; n > to[i]; down++) {
        n = n - 1 < Math.max(1, program.fewest(i)) ? 0 : n - 1;
      }
      if (to[i] > from[i]) {
        up += to[i] == Math.max(program.fewest(i), from[i] + 1) ? 1 : 2;
      }
    }
    return up <= 1 && down <= 2;
  }
}
