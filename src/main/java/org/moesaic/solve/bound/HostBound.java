package org.moesaic.solve.bound;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.moesaic.instance.Instance;
import org.moesaic.solve.model.Role;
import org.moesaic.solve.model.Tariff;

/**
 * What pieces cost at given multipliers where calls leave from where layers are hosted, and cuts
 * between layers cost something: a bound that {@link ShardBound} cannot give, as it takes every
 * piece alone.
 *
 * <p>Idea: those who are served share the price of each replica; so does each rule that needs a
 * replica outside some domain. At given shares origins no longer depend on each other. Each has a
 * shortest path through its layers, over the sites that may host them: a site costs hosting there
 * with the origin's share of the layer, and the cheapest way to serve each shard of the layer from
 * there, calls and shares included; a step to another site costs the cut. The sum of the paths is
 * at most what any plan pays at the multipliers, whatever the shares. They are improved by the
 * subgradient method: who uses a replica takes a greater share of it.
 *
 * <p>Complexity of a step: O(origins * shards * (offers + sites^2)). Memory: rows * pieces *
 * offers. Guarantee: each value is at most the cost at the multipliers of every plan that keeps the
 * rules, in whatever parts origins are served: each stream of a part is charged its part of the
 * share. Source: cost sharing as the dual of the strong formulation of facility location,
 * Erlenkotter, Operations Research 26 (1978); steps as in Polyak, USSR Computational Mathematics 9
 * (1969).
 *
 * <p>Not safe for use by several threads.
 */
final class HostBound {
  /** More shares than this are not kept. */
  static final double MOST_SHARES = 3e7;

  /** Steps without a better value after which they are halved. */
  private static final int PATIENCE = 4;

  private static final double FIRST_STEP = 1.0;

  /** Shares add up to this part of a price, so that no rounding makes them more. */
  private static final double NEARLY_ALL = 1 - 1e-12;

  private static final double NEVER = Double.POSITIVE_INFINITY;

  private final Relaxation relaxation;
  private final Instance instance;
  private final BooleanSupplier stop;
  private final int offers;
  private final int origins;
  private final int sites;
  private final int rows;
  private final int[] siteOf;
  private final double[][] copyUsd;
  private final double[][] cutUsd;

  private ShardBound.Prices prices;
  private Multipliers at;

  /** By piece, and in it by row and offer: the share of the price of a replica. */
  private final double[][] shares;

  private double stepLength = FIRST_STEP;
  private int idle;
  private double bestValue = Double.NEGATIVE_INFINITY;

  /** By origin and layer: the site that the last path hosts it at, and the offer. */
  private final int[][] hostSite;

  private final int[][] hostOffer;

  HostBound(Relaxation relaxation, Multipliers at, BooleanSupplier stop) {
    this.relaxation = relaxation;
    this.stop = stop;
    instance = relaxation.instance;
    offers = relaxation.offers();
    origins = relaxation.origins();
    sites = instance.sites().size();
    rows = origins + relaxation.outside.size() + 1;
    siteOf = new int[offers];
    Arrays.setAll(siteOf, instance::siteOfOffer);
    Tariff tariff = relaxation.tariff;
    copyUsd = new double[sites][sites];
    cutUsd = new double[sites][sites];
    for (int a = 0; a < sites; a++) {
      for (int b = 0; b < sites; b++) {
        copyUsd[a][b] = tariff.copyUsd(a, b);
        cutUsd[a][b] = tariff.cutUsd(a, b);
      }
    }
    hostSite = new int[origins][instance.layers()];
    hostOffer = new int[origins][instance.layers()];
    shares = new double[instance.pieces()][rows * offers];
    this.at = at;
    prices = new ShardBound.Prices(relaxation, at);
    shareEqually();
  }

  /** Whether an instance has placed layers, and no more shares than are worth keeping. */
  static boolean fits(Relaxation relaxation) {
    double rows = relaxation.origins() + relaxation.outside.size() + 1.0;
    return relaxation.instance.hasBackbone()
        && rows * relaxation.instance.pieces() * relaxation.offers() <= MOST_SHARES;
  }

  /** Goes on at other multipliers; shares keep their proportions. */
  void price(Multipliers multipliers) {
    ShardBound.Prices before = prices;
    at = multipliers;
    prices = new ShardBound.Prices(relaxation, at);
    for (int p = 0; p < shares.length; p++) {
      for (int i = 0; i < offers; i++) {
        double was = before.hold(instance, p, i);
        double now = prices.hold(instance, p, i);
        for (int r = 0; r < rows; r++) {
          if (isRow(p, r)) {
            int cell = r * offers + i;
            shares[p][cell] =
                was > 0 ? shares[p][cell] / was * now : now * NEARLY_ALL / countRows(p);
          }
        }
        nearlyAll(p, i);
      }
    }
    bestValue = Double.NEGATIVE_INFINITY;
    stepLength = FIRST_STEP;
    idle = 0;
  }

  private void shareEqually() {
    for (int p = 0; p < shares.length; p++) {
      int count = countRows(p);
      for (int i = 0; i < offers; i++) {
        double share = prices.hold(instance, p, i) * NEARLY_ALL / count;
        for (int r = 0; r < rows; r++) {
          shares[p][r * offers + i] = isRow(p, r) ? share : 0;
        }
        nearlyAll(p, i);
      }
    }
  }

  /** Whether a row has a share in a piece: it is served by it, or a rule needs it; or nobody is. */
  private boolean isRow(int piece, int row) {
    if (row < origins) {
      return instance.isServed(row, piece);
    }
    if (row < rows - 1) {
      return instance.isShard(piece);
    }
    return !isCalled(piece) && relaxation.outside.isEmpty();
  }

  private boolean isCalled(int piece) {
    for (int o = 0; o < origins; o++) {
      if (instance.isServed(o, piece)) {
        return true;
      }
    }
    return false;
  }

  private int countRows(int piece) {
    int count = 0;
    for (int r = 0; r < rows; r++) {
      count += isRow(piece, r) ? 1 : 0;
    }
    return Math.max(1, count);
  }

  /** Whether a row may use an offer at all. */
  private boolean mayUse(int piece, int row, int offer) {
    if (!instance.mayHold(piece, offer)) {
      return false;
    }
    if (row < origins) {
      return relaxation.mayServe(relaxation.role(piece), row, offer);
    }
    return row == rows - 1 || relaxation.outside.get(row - origins)[offer];
  }

  private void nearlyAll(int piece, int offer) {
    double price = prices.hold(instance, piece, offer);
    double sum = 0;
    for (int r = 0; r < rows; r++) {
      sum += shares[piece][r * offers + offer];
    }
    if (sum > price * NEARLY_ALL) {
      double factor = sum == 0 ? 0 : price * NEARLY_ALL / sum;
      for (int r = 0; r < rows; r++) {
        shares[piece][r * offers + offer] *= factor;
      }
    }
  }

  /**
   * The value at the shares as they are, and then better shares.
   *
   * @param target what the value may come to: the cost of a plan; not infinite
   * @return minus infinity if it was stopped
   */
  double step(double target) {
    double value = evaluate();
    if (value == Double.NEGATIVE_INFINITY || value == NEVER) {
      return value;
    }
    if (value > bestValue) {
      idle = value > bestValue + 1e-6 * Math.abs(value) ? 0 : idle;
      bestValue = value;
    }
    if (++idle > PATIENCE) {
      stepLength /= 2;
      idle = 0;
    }
    improve(Math.max(target - value, 1e-4 * Math.abs(value)) * stepLength);
    return value;
  }

  /** Shares and ways that a step looks at, about. */
  long work() {
    return (long) rows * instance.pieces() * (offers + (long) sites * sites);
  }

  /** The best value so far at these multipliers. */
  double bestValue() {
    return bestValue;
  }

  /** The cut that a value at these multipliers is. */
  Cut cut(double value) {
    return Cut.of(relaxation.resources(), at, value, new double[offers], instance.pieces() * rows)
        .onAllTraffic();
  }

  private double evaluate() {
    double sum = 0;
    for (int o = 0; o < origins; o++) {
      double path = path(o);
      if (path == Double.NEGATIVE_INFINITY) {
        return path;
      }
      sum += path;
    }
    for (int p = 0; p < shares.length; p++) {
      for (int r = origins; r < rows; r++) {
        if (isRow(p, r)) {
          int cheapest = cheapest(p, r, -1);
          if (cheapest < 0) {
            return NEVER;
          }
          sum += shares[p][r * offers + cheapest];
        }
      }
    }
    return sum;
  }

  /** The shortest path of an origin; infinite if there is none. */
  private double path(int origin) {
    int layers = instance.layers();
    double[] before = new double[sites];
    int[][] from = new int[layers][sites];
    int[][] host = new int[layers][sites];
    double[] served = new double[sites];
    double[] best = new double[sites];
    for (int l = 0; l < layers; l++) {
      if (stop.getAsBoolean()) {
        return Double.NEGATIVE_INFINITY;
      }
      Arrays.fill(served, 0);
      for (int s = instance.shard(l, 0); s < instance.shard(l + 1, 0); s++) {
        if (instance.isServed(origin, s)) {
          addCheapest(origin, s, best, served);
        }
      }
      double[] now = new double[sites];
      hosting(origin, l, now, host[l]);
      double tokens = instance.origin(origin).tokensPerSecond();
      for (int a = 0; a < sites; a++) {
        if (now[a] == NEVER) {
          continue;
        }
        now[a] += served[a];
        if (l > 0) {
          double least = NEVER;
          for (int b = 0; b < sites; b++) {
            double usd = before[b] + tokens * cutUsd[b][a];
            if (usd < least) {
              least = usd;
              from[l][a] = b;
            }
          }
          now[a] += least;
        }
      }
      before = now;
    }
    int site = 0;
    for (int a = 1; a < sites; a++) {
      site = before[a] < before[site] ? a : site;
    }
    double value = before[site];
    for (int l = layers - 1; l >= 0 && value < NEVER; l--) {
      hostSite[origin][l] = site;
      hostOffer[origin][l] = host[l][site];
      site = from[l][site];
    }
    return value;
  }

  /** Adds, for each site that could host, what serving a shard costs at least. */
  private void addCheapest(int origin, int shard, double[] best, double[] served) {
    Arrays.fill(best, NEVER);
    double demand = instance.demand(origin, shard);
    double[] usd = prices.usdPerUnit[Role.SHARD.ordinal()][origin];
    double copies = demand * relaxation.tariff.fewestCopies(origin);
    double[] share = shares[shard];
    for (int i : instance.holders(shard)) {
      if (instance.mayServe(origin, i)) {
        double cost = demand * usd[i] + share[origin * offers + i];
        int site = siteOf[i];
        best[site] = Math.min(best[site], cost);
      }
    }
    double leastOfAll = NEVER;
    for (double cost : best) {
      leastOfAll = Math.min(leastOfAll, cost);
    }
    for (int a = 0; a < sites; a++) {
      double least = best[a];
      if (least > leastOfAll) {
        double[] copy = copyUsd[a];
        for (int b = 0; b < sites; b++) {
          least = Math.min(least, best[b] + copies * copy[b]);
        }
      }
      served[a] += least;
    }
  }

  /** What hosting a layer costs at each site; infinite where nobody there may. */
  private void hosting(int origin, int layer, double[] usdAt, int[] hostAt) {
    Arrays.fill(usdAt, NEVER);
    int piece = instance.layerPiece(layer);
    Role role = relaxation.role(piece);
    double tokens = instance.demand(origin, piece);
    double[] usd = prices.usdPerUnit[role.ordinal()][origin];
    for (int i : instance.holders(piece)) {
      if (relaxation.mayServe(role, origin, i)) {
        double cost = tokens * usd[i] + shares[piece][origin * offers + i];
        if (cost < usdAt[siteOf[i]]) {
          usdAt[siteOf[i]] = cost;
          hostAt[siteOf[i]] = i;
        }
      }
    }
  }

  /** The offer that a row uses of a piece, as its path has it; -1 if it may use none. */
  private int cheapest(int piece, int row, int home) {
    int cheapest = -1;
    double least = NEVER;
    double demand = row < origins ? instance.demand(row, piece) : 0;
    for (int i : instance.holders(piece)) {
      if (mayUse(piece, row, i)) {
        double usd = shares[piece][row * offers + i];
        if (row < origins) {
          double copies = relaxation.tariff.fewestCopies(row);
          usd += demand * (prices.usdPerUnit[0][row][i] + copies * copyUsd[home][siteOf[i]]);
        }
        if (usd < least) {
          least = usd;
          cheapest = i;
        }
      }
    }
    return cheapest;
  }

  /** Moves shares towards those who use replicas, so far that the value could rise so much. */
  private void improve(double rise) {
    int[][] used = new int[shares.length][rows];
    double norm = 0;
    for (int p = 0; p < shares.length; p++) {
      int layer = instance.layerOf(p);
      int count = countRows(p);
      for (int r = 0; r < rows; r++) {
        used[p][r] =
            !isRow(p, r)
                ? -1
                : r < origins && !instance.isShard(p)
                    ? hostOffer[r][layer]
                    : cheapest(p, r, r < origins ? hostSite[r][layer] : -1);
      }
      for (int r = 0; r < rows; r++) {
        if (used[p][r] >= 0) {
          int users = 0;
          for (int q = 0; q < rows; q++) {
            users += used[p][q] == used[p][r] ? 1 : 0;
          }
          norm += 1 - (double) users / count;
        }
      }
    }
    if (norm == 0) {
      return;
    }
    double step = rise / norm;
    double[] row = new double[rows];
    for (int p = 0; p < shares.length; p++) {
      for (int r = 0; r < rows; r++) {
        int i = used[p][r];
        if (i >= 0 && isFirstUser(used[p], r)) {
          share(p, i, used[p], step, row);
        }
      }
    }
  }

  private static boolean isFirstUser(int[] used, int row) {
    for (int r = 0; r < row; r++) {
      if (used[r] == used[row]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Raises the shares of a replica's users, and takes it from all: the nearest shares that add up.
   */
  private void share(int piece, int offer, int[] used, double step, double[] row) {
    double price = prices.hold(instance, piece, offer) * NEARLY_ALL;
    int n = 0;
    for (int r = 0; r < rows; r++) {
      if (isRow(piece, r)) {
        row[n++] = shares[piece][r * offers + offer] + (used[r] == offer ? step : 0);
      }
    }
    double threshold = threshold(row, n, price);
    for (int r = 0; r < rows; r++) {
      if (isRow(piece, r)) {
        int cell = r * offers + offer;
        double moved = shares[piece][cell] + (used[r] == offer ? step : 0);
        shares[piece][cell] = Math.max(0, moved - threshold);
      }
    }
    nearlyAll(piece, offer);
  }

  /**
   * What is to be taken from each so that what is left, not below nothing, adds up to a sum
   * (projection onto a simplex; Held, Wolfe and Crowder, Mathematical Programming 6, 1974).
   */
  private static double threshold(double[] values, int n, double sum) {
    double[] sorted = Arrays.copyOf(values, n);
    Arrays.sort(sorted);
    double total = 0;
    double threshold = 0;
    for (int k = 1; k <= n; k++) {
      total += sorted[n - k];
      double candidate = (total - sum) / k;
      if (sorted[n - k] <= candidate) {
        break;
      }
      threshold = candidate;
    }
    return threshold;
  }
}
