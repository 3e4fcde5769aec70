package org.moesaic.solve.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Model.Sync;

/**
 * Sync of replicas: over the sites that hold a piece, the cheapest spanning tree carries its
 * gradients both ways.
 *
 * <p>Idea: trees of sets of sites are kept, as few sets occur. Complexity: O(replicas) for a piece
 * whose set of sites was seen before, else O(n^2 log n) in its sites. There is no floor that is
 * linear in who serves whom: all replicas may be at one site.
 */
final class SyncTraffic implements Traffic {
  private final Instance instance;
  private final double peak;

  SyncTraffic(Instance instance) {
    this.instance = instance;
    Sync sync = instance.problem().model().sync();
    peak = sync == null ? 1 : 1 / sync.window();
  }

  private double mostBytesOneWay() {
    double bytes = 0;
    for (int p = 0; p < instance.pieces(); p++) {
      bytes += instance.syncBytesPerSecond(p);
    }
    return bytes * Math.max(0, Math.min(instance.offers(), instance.sites().size()) - 1);
  }

  @Override
  public double mostBytesPerSecond() {
    return 2 * mostBytesOneWay();
  }

  @Override
  public double mostUsdPerHour() {
    return mostBytesOneWay() * Way.mostUsdPerHour(instance, 1, 1);
  }

  @Override
  public Meter meter(Tariff tariff, HomeSites homes) {
    return new Trees(tariff);
  }

  /** The trees seen so far. */
  private final class Trees implements Meter {
    private final Map<BitSet, int[][]> edges = new HashMap<>();
    private final double byteScale;

    Trees(Tariff tariff) {
      byteScale = tariff.units().byteScale();
    }

    @Override
    public void change(int piece, Placement placement, int sign, Bytes bytes) {
      int[] replicas = placement.replicas();
      if (replicas.length < 2) {
        return;
      }
      double perSecond = instance.syncBytesPerSecond(piece);
      if (perSecond == 0) {
        return;
      }
      BitSet sites = new BitSet();
      for (int replica : replicas) {
        sites.set(instance.siteOfOffer(replica));
      }
      int[][] tree = edges.get(sites);
      if (tree == null) {
        tree = tree(sites);
        edges.put(sites, tree);
      }
      long sent = sign * Math.max(1, (long) (perSecond * byteScale));
      for (int[] edge : tree) {
        bytes.add(edge[0], edge[1], sent);
        bytes.add(edge[1], edge[0], sent);
      }
    }
  }

  /**
   * Edges of the cheapest tree over some sites: by price both ways, then by names (Kruskal, 1956).
   */
  int[][] tree(BitSet members) {
    int[] sites = members.stream().boxed().sorted(byName()).mapToInt(site -> site).toArray();
    List<Edge> candidates = new ArrayList<>();
    for (int i = 0; i < sites.length; i++) {
      for (int j = i + 1; j < sites.length; j++) {
        double usd =
            Way.egressUsdPerGb(instance, sites[i], sites[j])
                + Way.egressUsdPerGb(instance, sites[j], sites[i]);
        candidates.add(new Edge(i, j, usd));
      }
    }
    // Stable: what costs the same stays in the order of the names.
    candidates.sort(Comparator.comparingDouble(Edge::usdPerGb));
    int[] group = new int[sites.length];
    Arrays.setAll(group, i -> i);
    int[][] tree = new int[sites.length - 1][];
    int count = 0;
    for (Edge edge : candidates) {
      int joined = group[edge.from];
      int other = group[edge.to];
      if (joined != other) {
        tree[count++] = new int[] {sites[edge.from], sites[edge.to]};
        for (int i = 0; i < group.length; i++) {
          group[i] = group[i] == other ? joined : group[i];
        }
      }
    }
    return tree;
  }

  private record Edge(int from, int to, double usdPerGb) {}

  private Comparator<Integer> byName() {
    return (a, b) -> {
      int[] first = instance.sites().get(a).toString().codePoints().toArray();
      int[] second = instance.sites().get(b).toString().codePoints().toArray();
      return Arrays.compare(first, second);
    };
  }

  @Override
  public void floor(Role role, int origin, int site, Flow flow) {
    // All replicas may be at one site.
  }

  @Override
  public boolean byPiece() {
    return true;
  }

  @Override
  public double peak() {
    return peak;
  }

  @Override
  public boolean floorIsExact() {
    return false;
  }
}
