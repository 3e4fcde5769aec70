package org.moesaic.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/** Everything that could be decided of a tiny problem, whether it keeps the rules or not. */
public final class AllPlans {
  private AllPlans() {}

  /**
   * All placements of each shard; of the infeasible ones only those that no shape allows are left
   * out.
   */
  public static List<List<Placement>> choices(Instance instance) {
    List<List<Placement>> choices = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
      List<Placement> placements = new ArrayList<>();
      for (int bits = 1; bits < 1 << instance.offers(); bits++) {
        int mask = bits;
        int[] replicas =
            IntStream.range(0, instance.offers()).filter(i -> (mask >> i & 1) == 1).toArray();
        serve(instance, s, replicas, new int[instance.origins()], 0, placements);
      }
      choices.add(placements);
    }
    return choices;
  }

  private static void serve(
      Instance instance, int s, int[] replicas, int[] servedBy, int o, List<Placement> into) {
    if (o == servedBy.length) {
      into.add(new Placement(replicas, servedBy.clone()));
    } else if (instance.demand(o, s) == 0) {
      servedBy[o] = Placement.NOBODY;
      serve(instance, s, replicas, servedBy, o + 1, into);
    } else {
      for (int replica : replicas) {
        servedBy[o] = replica;
        serve(instance, s, replicas, servedBy, o + 1, into);
      }
    }
  }

  /** Number of assignments that some choices of each shard make up. */
  public static double count(List<List<Placement>> choices) {
    return choices.stream().mapToDouble(List::size).reduce(1, (a, b) -> a * b);
  }

  /** Hands over every assignment; there must be some choice for each shard. */
  public static void forEach(List<List<Placement>> choices, Consumer<Assignment> each) {
    int[] chosen = new int[choices.size()];
    while (true) {
      List<Placement> placements = new ArrayList<>();
      for (int s = 0; s < chosen.length; s++) {
        placements.add(choices.get(s).get(chosen[s]));
      }
      each.accept(new Assignment(placements));
      int s = 0;
      while (s < chosen.length && ++chosen[s] == choices.get(s).size()) {
        chosen[s++] = 0;
      }
      if (s == chosen.length) {
        return;
      }
    }
  }
}
