package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.moesaic.instance.Instance;

/**
 * Sites with offers, those joined for nothing both ways as one: for money, it does not matter where
 * in a cluster something is. Between two clusters counts the cheapest way between their sites, so
 * that whatever crosses costs at least that. Immutable.
 */
final class Clusters {
  private final int count;
  private final int[] ofOffer;
  private final List<int[]> offers = new ArrayList<>();

  /** USD per hour of a byte per second both ways. */
  private final double[][] bothWaysUsd;

  /** The same along the cheapest chain of clusters. */
  private final double[][] relayedUsd;

  /** USD per hour of a token per second that goes on to another cluster. */
  private final double[][] cutUsd;

  /** USD per hour of the copy of a call, and its result. */
  private final double[][] copyUsd;

  Clusters(Relaxation relaxation) {
    Instance instance = relaxation.instance;
    int sites = instance.sites().size();
    int[] join = new int[sites];
    Arrays.fill(join, -1);
    for (int i = 0; i < relaxation.offers(); i++) {
      join[instance.siteOfOffer(i)] = instance.siteOfOffer(i);
    }
    for (int a = 0; a < sites; a++) {
      for (int b = 0; b < a; b++) {
        if (join[a] >= 0
            && join[b] >= 0
            && join[a] != join[b]
            && relaxation.tariff.bothWaysUsd(a, b) == 0) {
          int from = join[a];
          int to = join[b];
          for (int c = 0; c < sites; c++) {
            join[c] = join[c] == from ? to : join[c];
          }
        }
      }
    }
    int[] names = Arrays.stream(join).filter(name -> name >= 0).sorted().distinct().toArray();
    count = names.length;
    int[] ofSite = new int[sites];
    for (int a = 0; a < sites; a++) {
      ofSite[a] = join[a] < 0 ? -1 : Arrays.binarySearch(names, join[a]);
    }
    ofOffer = new int[relaxation.offers()];
    Arrays.setAll(ofOffer, i -> ofSite[instance.siteOfOffer(i)]);
    for (int q = 0; q < count; q++) {
      int cluster = q;
      offers.add(
          java.util.stream.IntStream.range(0, ofOffer.length)
              .filter(i -> ofOffer[i] == cluster)
              .toArray());
    }
    bothWaysUsd = new double[count][count];
    cutUsd = new double[count][count];
    copyUsd = new double[count][count];
    for (double[][] matrix : List.of(bothWaysUsd, cutUsd, copyUsd)) {
      for (int q = 0; q < count; q++) {
        Arrays.fill(matrix[q], Double.POSITIVE_INFINITY);
        matrix[q][q] = 0;
      }
    }
    for (int a = 0; a < sites; a++) {
      for (int b = 0; b < sites; b++) {
        int q = ofSite[a];
        int r = ofSite[b];
        if (q >= 0 && r >= 0 && q != r) {
          bothWaysUsd[q][r] = Math.min(bothWaysUsd[q][r], relaxation.tariff.bothWaysUsd(a, b));
          cutUsd[q][r] = Math.min(cutUsd[q][r], relaxation.tariff.cutUsd(a, b));
          copyUsd[q][r] = Math.min(copyUsd[q][r], relaxation.tariff.copyUsd(a, b));
        }
      }
    }
    relayedUsd = new double[count][];
    Arrays.setAll(relayedUsd, q -> bothWaysUsd[q].clone());
    for (int via = 0; via < count; via++) {
      for (int q = 0; q < count; q++) {
        for (int r = 0; r < count; r++) {
          relayedUsd[q][r] = Math.min(relayedUsd[q][r], relayedUsd[q][via] + relayedUsd[via][r]);
        }
      }
    }
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** The cluster of an offer. */
  int of(int offer) {
    return ofOffer[offer];
  }

  /** The offers of a cluster, ascending; not to be written to. */
  int[] offers(int cluster) {
    return offers.get(cluster);
  }

  /** What a byte per second there and one back cost at least, USD per hour. */
  double bothWaysUsd(int from, int to) {
    return bothWaysUsd[from][to];
  }

  /** The same along the cheapest chain of clusters. */
  double relayedUsd(int from, int to) {
    return relayedUsd[from][to];
  }

  /** What a token per second costs at least whose next layer is in another cluster. */
  double cutUsd(int from, int to) {
    return cutUsd[from][to];
  }

  /** What one copy per second costs at least to another cluster, and its result back. */
  double copyUsd(int from, int to) {
    return copyUsd[from][to];
  }

  /** The cheapest two cuts in a row that a token can have, USD per hour for one per second. */
  double twoCutsUsd() {
    double least = Double.POSITIVE_INFINITY;
    for (int via = 0; via < count; via++) {
      double in = Double.POSITIVE_INFINITY;
      double out = Double.POSITIVE_INFINITY;
      for (int q = 0; q < count; q++) {
        if (q != via) {
          in = Math.min(in, cutUsd[q][via]);
          out = Math.min(out, cutUsd[via][q]);
        }
      }
      least = Math.min(least, in + out);
    }
    return least;
  }

  /** The cheapest copy that leaves a cluster; infinite if there is no other. */
  double leastCopyUsd(int from) {
    double least = Double.POSITIVE_INFINITY;
    for (int to = 0; to < count; to++) {
      least = to == from ? least : Math.min(least, copyUsd[from][to]);
    }
    return least;
  }

  /**
   * The cheapest tree that joins some clusters, by way of any others: USD per hour of a byte per
   * second both ways on each of its edges (Dreyfus and Wagner, Networks 1, 1971).
   */
  double treeUsd(int[] members) {
    if (members.length < 2) {
      return 0;
    }
    int last = members.length - 1;
    double[][] tree = new double[1 << last][count];
    for (int set = 1; set < tree.length; set++) {
      double[] usd = tree[set];
      Arrays.fill(usd, Double.POSITIVE_INFINITY);
      if (Integer.bitCount(set) == 1) {
        int member = members[Integer.numberOfTrailingZeros(set)];
        for (int q = 0; q < count; q++) {
          usd[q] = relayedUsd[member][q];
        }
        continue;
      }
      double[] joined = new double[count];
      Arrays.fill(joined, Double.POSITIVE_INFINITY);
      for (int part = (set - 1) & set; part > 0; part = (part - 1) & set) {
        for (int q = 0; q < count; q++) {
          joined[q] = Math.min(joined[q], tree[part][q] + tree[set ^ part][q]);
        }
      }
      for (int q = 0; q < count; q++) {
        for (int via = 0; via < count; via++) {
          usd[q] = Math.min(usd[q], joined[via] + relayedUsd[via][q]);
        }
      }
    }
    return tree[tree.length - 1][members[last]];
  }
}
