package org.moesaic.pricing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.moesaic.instance.Instance;

/**
 * The cheapest ways to join sites that have to be kept in step: minimum spanning trees under the
 * price there and back, in USD per GB.
 *
 * <p>Kruskal's algorithm (Proceedings of the AMS 7, 1956): edges in order, each taken where it
 * joins two trees. Edges of one price are in the order of the lesser, then of the greater name of
 * their two sites, by code points; so the tree does not depend on the order of the problem file.
 * Takes O(n^2 log n) for n sites; a tree is kept for the next that asks for the same sites.
 */
final class SpanningTrees {
  private final Instance instance;
  private final Map<BitSet, List<Edge>> known = new HashMap<>();

  /** By site its place among all names. */
  private final int[] rank;

  /**
   * Two sites that a tree joins.
   *
   * @param a the site of the lesser name
   * @param b the other
   * @param usdPerGb from a to b and back
   */
  record Edge(int a, int b, double usdPerGb) {}

  SpanningTrees(Instance instance) {
    this.instance = instance;
    List<int[]> names = new ArrayList<>();
    instance.sites().forEach(site -> names.add(site.toString().codePoints().toArray()));
    List<Integer> byName = new ArrayList<>();
    for (int site = 0; site < names.size(); site++) {
      byName.add(site);
    }
    byName.sort((a, b) -> Arrays.compare(names.get(a), names.get(b)));
    rank = new int[names.size()];
    for (int i = 0; i < rank.length; i++) {
      rank[byName.get(i)] = i;
    }
  }

  /**
   * The tree over some sites: one edge fewer than sites; none for a single one.
   *
   * @throws UnpricedTrafficException if a price between two of them is not known
   */
  List<Edge> over(BitSet sites) {
    return known.computeIfAbsent((BitSet) sites.clone(), this::tree);
  }

  private List<Edge> tree(BitSet sites) {
    // Each site's tree has the number of one of its sites.
    int[] treeOf = new int[instance.sites().size()];
    Arrays.setAll(treeOf, site -> site);
    List<Edge> taken = new ArrayList<>();
    for (Edge edge : edges(sites)) {
      int joined = treeOf[edge.a];
      int other = treeOf[edge.b];
      if (joined != other) {
        taken.add(edge);
        Arrays.setAll(treeOf, site -> treeOf[site] == other ? joined : treeOf[site]);
      }
    }
    return taken;
  }

  /** All pairs of the sites, in the order in which they are tried. */
  private List<Edge> edges(BitSet sites) {
    List<Edge> edges = new ArrayList<>();
    for (int a : sites.stream().toArray()) {
      for (int b : sites.stream().toArray()) {
        if (rank[a] < rank[b]) {
          edges.add(new Edge(a, b, usdPerGb(a, b) + usdPerGb(b, a)));
        }
      }
    }
    edges.sort(
        Comparator.comparingDouble(Edge::usdPerGb)
            .thenComparingInt(edge -> rank[edge.a])
            .thenComparingInt(edge -> rank[edge.b]));
    return edges;
  }

  private double usdPerGb(int from, int to) {
    double usdPerGb = instance.usdPerGb(from, to);
    if (Double.isNaN(usdPerGb)) {
      throw new UnpricedTrafficException(instance.sites().get(from), instance.sites().get(to));
    }
    return usdPerGb;
  }
}
