package org.moesaic.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.moesaic.pack.LayerPacker.Packed;

/**
 * Packs groups of experts onto nodes, and each node's experts onto its accelerators: all replicas
 * of a group lie within one node.
 *
 * <p>Idea: what a node must have to do follows from its groups, so every way to deal groups to
 * nodes has a bound. Where there are few ways, take them in the order of their bounds, pack their
 * nodes, each at most once per set of groups, and end as soon as the next bound is no better than
 * the best packing. Where there are many, deal the groups so that the sums of the nodes are
 * balanced, which is the same problem as packing experts without replicas, and compare with EPLB's
 * way.
 *
 * <p>Complexity: {@value #MOST_WAYS} ways and {@value #MOST_NODES} packings of a node at most.
 * Guarantee: never worse than EPLB, but for the order in which it takes experts of a node that have
 * equal loads; the bound holds for every way.
 */
final class NodePacker {
  private static final int MOST_WAYS = 5000;

  /** With more groups there are too many ways, or few of them fit. */
  private static final int MOST_GROUPS = 16;

  /** Steps until it is clear whether there are more ways than that. */
  private static final int MOST_VISITS = 50 * MOST_WAYS;

  /** Exchanges that are looked at to balance nodes. */
  private static final long DEALING = 2_000_000;

  /** Packings of single nodes, once there is one of every node. A large one counts as more. */
  private static final int MOST_NODES = 64;

  private static final int LARGE = 8;

  /** Ways whose bounds are raised in the end. */
  private static final int MOST_LOOKS = 200;

  private final double[] loads;
  private final int[][] groups;
  private final double[] sums;
  private final int nodes;
  private final int accelerators;
  private final int each;
  private final boolean equal;
  private final Map<BitSet, Node> known = new HashMap<>();
  private final List<Way> ways = new ArrayList<>();
  private int packings;
  private int count;
  private int visits;

  /** A set of groups on one node, the least that can be hoped for, and its packing once made. */
  private static final class Node {
    private final int[] experts;
    private double bound;
    private double packedFor = Double.POSITIVE_INFINITY;
    private Packed packed = new Packed(new int[0], Double.POSITIVE_INFINITY, 0);

    private boolean lookedAt;

    Node(int[] experts, double bound) {
      this.experts = experts;
      this.bound = bound;
    }

    /** Bounds the node by more than its mean. */
    void look(NodePacker packer) {
      if (!lookedAt) {
        lookedAt = true;
        bound =
            Math.max(
                bound, LayerPacker.bound(packer.loadsOf(this), packer.accelerators, packer.each));
      }
    }
  }

  /** Groups dealt to nodes. */
  private record Way(List<Node> nodes) {
    double bound() {
      return nodes.stream().mapToDouble(node -> node.bound).max().orElse(0);
    }

    double max() {
      return nodes.stream().mapToDouble(node -> node.packed.max()).max().orElse(0);
    }
  }

  private NodePacker(
      double[] loads, int[][] groups, int nodes, int accelerators, int each, boolean equal) {
    this.loads = loads;
    this.groups = groups;
    this.nodes = nodes;
    this.accelerators = accelerators;
    this.each = each;
    this.equal = equal;
    sums =
        Arrays.stream(groups)
            .mapToDouble(group -> Arrays.stream(group).mapToDouble(e -> loads[e]).sum())
            .toArray();
  }

  /**
   * Whether groups fit into nodes, none of which stays empty, however they are dealt.
   *
   * @param size of the largest group
   * @param slots per node
   */
  static boolean fits(int groups, int size, int nodes, int slots) {
    return groups >= nodes && (long) (slots / size) * nodes >= groups;
  }

  /**
   * Packs groups that {@link #fits fit}.
   *
   * @param groups the experts of each
   * @param accelerators per node
   * @param each slots per accelerator
   * @param equal whether every node has to have as many groups
   * @return slots node by node
   */
  static Packed pack(
      double[] loads, int[][] groups, int nodes, int accelerators, int each, boolean equal) {
    return new NodePacker(loads, groups, nodes, accelerators, each, equal).pack();
  }

  private Packed pack() {
    boolean all = groups.length <= MOST_GROUPS && listWays(false);
    if (all) {
      listWays(true);
    } else {
      ways.add(way(dealt(DEALING)));
    }
    Way asEplb = way(dealt(0));
    if (!all) {
      ways.add(asEplb);
    }
    ways.sort(Comparator.comparingDouble(Way::bound));
    Way best = ways.getFirst();
    for (int next = 0; next < ways.size() && (next == 0 || packings < MOST_NODES); next++) {
      pack(ways.get(next), best.max());
      best = ways.get(next).max() < best.max() ? ways.get(next) : best;
    }
    pack(asEplb, best.max());
    best = asEplb.max() < best.max() ? asEplb : best;
    double bound = all ? boundOfAllWays() : boundOfAnyWay(best.max());
    return new Packed(slots(best), best.max(), Math.min(bound, best.max()));
  }

  /** Packs the nodes of a way, until it is seen to be no better than the best one. */
  private void pack(Way way, double best) {
    double enough = best * (1 - LoadBound.ROUNDING);
    for (Node node : way.nodes) {
      if (way.bound() >= enough) {
        return;
      }
      node.look(this);
    }
    double goal = way.bound();
    List<Node> heaviestFirst =
        way.nodes.stream().sorted(Comparator.comparingDouble((Node n) -> -n.bound)).toList();
    for (Node node : heaviestFirst) {
      if (way.bound() >= enough) {
        return;
      }
      // The others need not be better than the worst.
      goal = Math.max(goal, node.bound);
      if (node.packed.max() > goal && node.packedFor > goal) {
        node.packed = LayerPacker.pack(loadsOf(node), accelerators, each, goal, (nodes + 1) / 2);
        node.packedFor = goal;
        node.bound = Math.max(node.bound, node.packed.bound());
        packings += accelerators * each <= LayerPacker.FEW_SLOTS ? 1 : LARGE;
      }
      goal = Math.max(goal, node.packed.max());
      if (goal >= enough) {
        return;
      }
    }
  }

  private double[] loadsOf(Node node) {
    return IntStream.of(node.experts).mapToDouble(e -> loads[e]).toArray();
  }

  private int[] slots(Way way) {
    int[] slots = new int[nodes * accelerators * each];
    int at = 0;
    for (Node node : way.nodes) {
      for (int e : node.packed.slots()) {
        slots[at++] = node.experts[e];
      }
    }
    return slots;
  }

  /**
   * Lists every way to deal the groups, or only counts them.
   *
   * @return false if there are too many
   */
  private boolean listWays(boolean keep) {
    visits = 0;
    count = 0;
    return listWays(keep, new int[groups.length], 0, new int[nodes], new int[nodes], 0);
  }

  /** As {@link #listWays(boolean)}, from a group on; empty nodes stand for each other. */
  private boolean listWays(
      boolean keep, int[] nodeOf, int group, int[] held, int[] size, int used) {
    if (visits++ > MOST_VISITS) {
      return false;
    }
    if (group == groups.length) {
      if (used == nodes) {
        count++;
        if (keep) {
          ways.add(way(nodeOf));
        }
      }
      return count <= MOST_WAYS;
    }
    if (nodes - used > groups.length - group) {
      return true;
    }
    for (int n = 0; n <= Math.min(used, nodes - 1); n++) {
      if (equal
          ? held[n] == groups.length / nodes
          : size[n] + groups[group].length > accelerators * each) {
        continue;
      }
      nodeOf[group] = n;
      held[n]++;
      size[n] += groups[group].length;
      boolean go = listWays(keep, nodeOf, group + 1, held, size, Math.max(used, n + 1));
      held[n]--;
      size[n] -= groups[group].length;
      if (!go) {
        return false;
      }
    }
    return true;
  }

  private Way way(int[] nodeOf) {
    List<Node> result = new ArrayList<>();
    for (int n = 0; n < nodes; n++) {
      BitSet set = new BitSet();
      for (int g = 0; g < groups.length; g++) {
        set.set(g, nodeOf[g] == n);
      }
      result.add(known.computeIfAbsent(set, this::node));
    }
    return new Way(result);
  }

  private Node node(BitSet set) {
    int[] experts = set.stream().flatMap(g -> IntStream.of(groups[g])).toArray();
    double sum = set.stream().mapToDouble(g -> sums[g]).sum();
    return new Node(experts, sum / accelerators * (1 - LoadBound.ROUNDING));
  }

  /** Deals groups so that the sums of nodes are balanced; without a search as EPLB does. */
  private int[] dealt(long exchanges) {
    int largest = Arrays.stream(groups).mapToInt(group -> group.length).max().orElse(1);
    int most =
        equal ? groups.length / nodes : Math.min(groups.length, accelerators * each / largest);
    double[] items = Arrays.copyOf(sums, most * nodes);
    if (most == 1) {
      return IntStream.range(0, nodes).toArray();
    }
    var search = new SlotSearch(items, nodes, most);
    if (exchanges > 0) {
      search.search(Arrays.stream(items).sum() / nodes, exchanges, 0);
    }
    int[] slots = search.slots();
    int[] nodeOf = new int[groups.length];
    int[] count = new int[nodes];
    for (int j = 0; j < slots.length; j++) {
      if (slots[j] < groups.length) {
        nodeOf[slots[j]] = j / most;
        count[j / most]++;
      }
    }
    // No node may stay without experts: the lightest group of the node with most of them moves.
    for (int n = 0; n < nodes; n++) {
      if (count[n] == 0) {
        int rich = IntStream.range(0, nodes).reduce(0, (a, b) -> count[b] > count[a] ? b : a);
        int moved =
            IntStream.range(0, groups.length)
                .filter(g -> nodeOf[g] == rich)
                .reduce((a, b) -> sums[b] < sums[a] ? b : a)
                .orElseThrow();
        nodeOf[moved] = n;
        count[n]++;
        count[rich]--;
      }
    }
    return nodeOf;
  }

  /** The least bound of a way, once looking closer at its nodes no longer raises it. */
  private double boundOfAllWays() {
    for (int looks = 0; ; looks++) {
      Way least = ways.getFirst();
      for (Way way : ways) {
        least = way.bound() < least.bound() ? way : least;
      }
      if (looks == MOST_LOOKS || least.nodes.stream().allMatch(node -> node.lookedAt)) {
        return least.bound();
      }
      least.nodes.forEach(node -> node.look(this));
    }
  }

  /** What holds however groups are dealt: without nodes, by groups, and by sums of groups. */
  private double boundOfAnyWay(double max) {
    double bound = LoadBound.of(loads, nodes * accelerators, each, max);
    for (double sum : sums) {
      bound = Math.max(bound, sum / accelerators * (1 - LoadBound.ROUNDING));
    }
    if (equal) {
      // Groups are experts without replicas here, and nodes accelerators.
      double node = LoadBound.of(sums, nodes, groups.length / nodes, max * accelerators);
      bound = Math.max(bound, node / accelerators * (1 - LoadBound.ROUNDING));
    }
    return Math.min(bound, max);
  }
}
