package org.moesaic.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Model;
import org.moesaic.problem.Problem;
import org.moesaic.testing.Changed;

/**
 * Plans that an engineer draws in ten minutes where the dense part is placed: the whole model in
 * one place; whole copies, each stream at one of them; a whole copy for each origin as near as
 * there is room; a cut between two halves. Judged by the reference prices; the search among whole
 * copies moves one stream, or all of an origin, from copy to copy as long as that helps.
 */
final class HandDrawn {
  /** Prices asked for by one search. */
  private static final int MOST_PRICES = 4_000;

  private final Instance whole;
  private int prices;

  HandDrawn(Problem problem) {
    whole = Instance.of(problem);
  }

  /**
   * The same problem for a planner that does not place the dense part: it runs at the origins' own
   * sites, on nodes that cost nothing, and every call goes out from there.
   */
  static Problem withoutHosts(Problem problem) {
    Model m = problem.model();
    return problem.toBuilder().model(Changed.model(m, m.copies(), null, m.sync())).build();
  }

  /** The whole model in the one offer where that is cheapest; not a number if none keeps rules. */
  double onePlace() {
    return IntStream.range(0, whole.offers())
        .mapToDouble(i -> usd(everybodyAt(i)))
        .filter(usd -> !Double.isNaN(usd))
        .min()
        .orElse(Double.NaN);
  }

  private int[][] everybodyAt(int offer) {
    int[][] counts = new int[whole.origins()][whole.offers()];
    for (int o = 0; o < counts.length; o++) {
      counts[o][offer] = whole.origin(o).streams();
    }
    return counts;
  }

  /** Each origin at the nearest offers that have room, as a whole copy in each. */
  double copyForEachOrigin() {
    int[][] counts = fill(o -> nearestFirst(o));
    return counts == null ? Double.NaN : usd(counts);
  }

  /** Whole copies, found by local search from the cheapest offers per token. */
  double wholeCopies() {
    List<int[][]> starts = new ArrayList<>();
    int[][] cheap = fill(o -> cheapestFirst());
    int[][] near = fill(o -> nearestFirst(o));
    starts.add(cheap);
    starts.add(near);
    for (int i = 0; i < whole.offers(); i++) {
      if (whole.origins() <= 8 && whole.offers() <= 30 && !Double.isNaN(usd(everybodyAt(i)))) {
        starts.add(everybodyAt(i));
        break;
      }
    }
    double best = Double.NaN;
    for (int[][] start : starts) {
      double usd = start == null ? Double.NaN : improved(start);
      best = Double.isNaN(best) || usd < best ? usd : best;
    }
    return best;
  }

  /** The first half of the layers in one offer, the second in another. */
  double halves() {
    double best = Double.NaN;
    for (int a = 0; a < whole.offers(); a++) {
      for (int b = 0; b < whole.offers(); b++) {
        if (a != b) {
          int[] path = new int[whole.layers()];
          Arrays.fill(path, b);
          Arrays.fill(path, 0, path.length / 2, a);
          List<Route> routes = new ArrayList<>();
          for (int o = 0; o < whole.origins(); o++) {
            routes.add(new Route(o, whole.origin(o).streams(), path));
          }
          double usd = price(routes);
          best = Double.isNaN(best) || usd < best ? usd : best;
        }
      }
    }
    return best;
  }

  private interface Order {
    List<Integer> of(int origin);
  }

  private List<Integer> cheapestFirst() {
    return sorted(Comparator.comparingDouble(i -> usdPerToken(i)));
  }

  private List<Integer> nearestFirst(int origin) {
    int from = whole.siteOfOrigin(origin);
    return sorted(
        Comparator.<Integer>comparingDouble(
                i -> whole.siteOfOffer(i) == from ? 0 : whole.rttMs(from, whole.siteOfOffer(i)))
            .thenComparingDouble(i -> usdPerToken(i)));
  }

  private List<Integer> sorted(Comparator<Integer> by) {
    return IntStream.range(0, whole.offers()).boxed().sorted(by).toList();
  }

  private double usdPerToken(int offer) {
    return whole.offer(offer).usdPerNodeHour() * nodesPerToken(offer);
  }

  private double nodesPerToken(int offer) {
    double calls = (double) whole.problem().model().topK() * whole.layers();
    return Math.max(
        whole.computeNodes(offer, calls, whole.layers()), whole.networkNodes(offer, calls));
  }

  /** Streams one after the other where the order of their origin first has room. */
  private int @Nullable [][] fill(Order order) {
    double[] nodes = new double[whole.offers()];
    int[][] counts = new int[whole.origins()][whole.offers()];
    for (int o = 0; o < counts.length; o++) {
      double tokens = whole.origin(o).tokensPerSecond() / whole.origin(o).streams();
      for (int k = 0; k < whole.origin(o).streams(); k++) {
        int origin = o;
        IntPredicate may = i -> mayHost(origin, i);
        int at =
            order.of(o).stream()
                .filter(i -> may.test(i) && hasRoom(nodes, i, tokens * nodesPerToken(i)))
                .findFirst()
                .orElse(-1);
        if (at < 0) {
          return null;
        }
        nodes[at] += tokens * nodesPerToken(at);
        counts[o][at]++;
      }
    }
    return counts;
  }

  private boolean mayHost(int origin, int offer) {
    double access = whole.rttMs(whole.siteOfOrigin(origin), whole.siteOfOffer(offer));
    return whole.mayServe(origin, offer)
        && (whole.siteOfOrigin(origin) == whole.siteOfOffer(offer)
            || access <= whole.maxAccessMs(origin));
  }

  private boolean hasRoom(double[] nodes, int offer, double more) {
    double memory = whole.memoryNodes(offer, modelBytes());
    if (Math.ceil(Math.max(memory, nodes[offer] + more)) > whole.offer(offer).maxNodes()) {
      return false;
    }
    int region = whole.regionOfSite(whole.siteOfOffer(offer));
    Double cap = whole.problem().regions().get(region).powerCapKw();
    double kw = 0;
    for (int i = 0; i < whole.offers(); i++) {
      if (whole.regionOfSite(whole.siteOfOffer(i)) == region) {
        double used = nodes[i] + (i == offer ? more : 0);
        Double each = whole.offer(i).powerKwPerNode();
        kw +=
            used == 0 || each == null
                ? 0
                : Math.ceil(Math.max(used, whole.memoryNodes(i, modelBytes()))) * each;
      }
    }
    return cap == null || kw <= cap;
  }

  private double modelBytes() {
    double bytes = 0;
    for (int p = 0; p < whole.pieces(); p++) {
      bytes += whole.bytesOf(p);
    }
    return bytes;
  }

  /** Moves of streams as long as they help. */
  private double improved(int[][] counts) {
    prices = 0;
    double best = usd(counts);
    boolean again = true;
    while (again && prices < MOST_PRICES) {
      again = false;
      for (int o = 0; o < counts.length; o++) {
        for (int a = 0; a < whole.offers(); a++) {
          for (int b = 0; b < whole.offers() && counts[o][a] > 0; b++) {
            for (int count : new int[] {counts[o][a], 1}) {
              if (a != b && counts[o][a] >= count && mayHost(o, b) && prices < MOST_PRICES) {
                counts[o][a] -= count;
                counts[o][b] += count;
                double usd = usd(counts);
                if (usd < best * (1 - 1e-9) || (Double.isNaN(best) && !Double.isNaN(usd))) {
                  best = usd;
                  again = true;
                } else {
                  counts[o][a] += count;
                  counts[o][b] -= count;
                }
              }
            }
          }
        }
      }
    }
    return best;
  }

  /** Of whole copies, by origin and offer the streams there; not a number if a rule is broken. */
  private double usd(int[][] counts) {
    List<Route> routes = new ArrayList<>();
    for (int o = 0; o < counts.length; o++) {
      for (int i = 0; i < whole.offers(); i++) {
        if (counts[o][i] > 0) {
          int[] path = new int[whole.layers()];
          Arrays.fill(path, i);
          routes.add(new Route(o, counts[o][i], path));
        }
      }
    }
    return price(routes);
  }

  /** Streams of an origin that run through the same offers. */
  private record Route(int origin, int streams, int[] path) {}

  private double price(List<Route> routes) {
    prices++;
    int[][] streams = new int[whole.origins()][];
    for (int o = 0; o < streams.length; o++) {
      int origin = o;
      streams[o] =
          routes.stream().filter(r -> r.origin == origin).mapToInt(Route::streams).toArray();
    }
    Instance instance = whole.split(Parts.of(whole.problem().origins(), streams));
    List<Placement> placements = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
      int layer = instance.layerOf(s);
      int shard = s;
      int[] held = routes.stream().mapToInt(r -> r.path[layer]).sorted().distinct().toArray();
      int[] servedBy =
          IntStream.range(0, routes.size())
              .map(r -> instance.isServed(r, shard) ? routes.get(r).path[layer] : Placement.NOBODY)
              .toArray();
      placements.add(new Placement(held, servedBy));
    }
    Homes homes = Homes.of(routes.stream().map(Route::path).toArray(int[][]::new));
    Bill bill = Pricing.price(instance, new Assignment(placements, homes));
    return bill.keepsRules() ? bill.usdPerHour() : Double.NaN;
  }
}
