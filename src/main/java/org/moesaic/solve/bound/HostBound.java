package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.solve.bound.Evaluation.Part;
import org.moesaic.solve.model.Role;

/**
 * What pieces cost at given multipliers where calls leave from where layers are hosted, and cuts
 * between layers cost something: a bound that {@link ShardBound} cannot give, as it takes every
 * piece alone.
 *
 * <p>Idea: those who are served share the price of each replica; so does each rule that needs a
 * replica outside some domain. At given shares origins no longer depend on each other. Each has a
 * shortest path through its layers, over the sites that may host them: a site costs hosting there
 * with the origin's share of the layer, and the cheapest way to serve each shard of the layer from
 * there, calls and shares included; a step to another site costs the cut. Calls and cuts pay for
 * the limited ways that they take. The sum of the paths is at most what any plan pays at the
 * multipliers, whatever the shares. They are improved by the subgradient method: who uses a replica
 * takes a greater share of it. At given shares the paths tell what they use, of ways too, as
 * placements of shards do, so that a mix of them gives better multipliers ({@link ColumnProgram}).
 *
 * <p>Complexity of an evaluation: O(origins * shards * (offers + sites^2)). Memory: rows * pieces *
 * offers. Guarantee: each value is at most the cost at the multipliers of every plan that keeps the
 * rules, in whatever parts origins are served: each stream of a part is charged its part of the
 * share, and of what it puts on ways. Source: cost sharing as the dual of the strong formulation of
 * facility location, Erlenkotter, Operations Research 26 (1978); steps as in Polyak, USSR
 * Computational Mathematics 9 (1969).
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

  /** By sites: what a copy, and a token that goes on, cost at the multipliers. */
  private final double[][] copyUsd;

  private final double[][] cutUsd;

  private ShardBound.Prices prices;

  /** By piece, and in it by row and offer: the share of a replica that a row pays. */
  private final double[][] shares;

  private double stepLength = FIRST_STEP;
  private int idle;
  private double bestValue = Double.NEGATIVE_INFINITY;

  /** By origin and layer: the site that the last path hosts it at, and the offer. */
  private final int[][] hostSite;

  private final int[][] hostOffer;

  private final int[] byUsd;

  /** By piece and row: the offer that the last evaluation has it use; -1 for none. */
  private final int[][] used;

  HostBound(Relaxation relaxation, BooleanSupplier stop) {
    this.relaxation = relaxation;
    this.stop = stop;
    instance = relaxation.instance;
    offers = relaxation.offers();
    origins = relaxation.origins();
    sites = instance.sites().size();
    rows = origins + relaxation.outside.size() + 1;
    siteOf = new int[offers];
    Arrays.setAll(siteOf, instance::siteOfOffer);
    copyUsd = new double[sites][sites];
    cutUsd = new double[sites][sites];
    hostSite = new int[origins][instance.layers()];
    hostOffer = new int[origins][instance.layers()];
    byUsd = new int[sites];
    used = new int[instance.pieces()][rows];
    shares = new double[instance.pieces()][rows * offers];
    prices =
        new ShardBound.Prices(
            relaxation, new Multipliers(new double[relaxation.resources().count()]));
    shareEqually();
  }

  /** Whether an instance has placed layers, and no more shares than are worth keeping. */
  static boolean fits(Relaxation relaxation) {
    double rows = relaxation.origins() + relaxation.outside.size() + 1.0;
    return relaxation.instance.hasBackbone()
        && rows * relaxation.instance.pieces() * relaxation.offers() <= MOST_SHARES;
  }

  private void price(Multipliers at) {
    prices = new ShardBound.Prices(relaxation, at);
    Multipliers.Price price = at.new Price();
    for (int a = 0; a < sites; a++) {
      for (int b = 0; b < sites; b++) {
        relaxation.call(a, b, 1, price);
        copyUsd[a][b] = price.take();
        relaxation.cut(a, b, 1, price);
        cutUsd[a][b] = price.take();
      }
    }
  }

  private void shareEqually() {
    for (int p = 0; p < shares.length; p++) {
      double share = NEARLY_ALL / countRows(p);
      for (int r = 0; r < rows; r++) {
        Arrays.fill(shares[p], r * offers, (r + 1) * offers, isRow(p, r) ? share : 0);
      }
      for (int i = 0; i < offers; i++) {
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

  private void nearlyAll(int piece, int offer) {
    double sum = 0;
    for (int r = 0; r < rows; r++) {
      sum += shares[piece][r * offers + offer];
    }
    if (sum > NEARLY_ALL) {
      double factor = NEARLY_ALL / sum;
      for (int r = 0; r < rows; r++) {
        shares[piece][r * offers + offer] *= factor;
      }
    }
  }

  /** What multipliers are prices of. */
  Resources resources() {
    return relaxation.resources();
  }

  /** Shares and ways that an evaluation looks at, about. */
  long work() {
    return (long) rows * instance.pieces() * offers
        + (long) origins * instance.shards() * sites * sites;
  }

  /** Number of values that an evaluation adds up, at most. */
  int values() {
    return instance.pieces() * rows;
  }

  /**
   * The paths of all origins at multipliers, and the shares as they are: a part for each, and one
   * for rules.
   *
   * @return null if it was stopped; of infinite value if there are none
   */
  @Nullable Evaluation evaluate(Multipliers at) {
    price(at);
    List<Part> parts = new ArrayList<>();
    for (int o = 0; o < origins; o++) {
      double value = path(o);
      if (value == Double.NEGATIVE_INFINITY) {
        return null;
      }
      parts.add(part(o, value));
    }
    double value = 0;
    var sum = new Evaluator.Sum(relaxation.resources());
    for (int p = 0; p < shares.length; p++) {
      for (int r = origins; r < rows; r++) {
        used[p][r] = isRow(p, r) ? cheapest(p, r) : -1;
        int i = used[p][r];
        if (i >= 0) {
          double share = shares[p][r * offers + i];
          value += share * prices.hold(instance, p, i);
          relaxation.hold(p, i, share, sum);
        } else if (isRow(p, r)) {
          value = NEVER;
        }
      }
    }
    parts.add(new Part(value, new double[offers], 0, sum.use));
    return new Evaluation(at, parts, null);
  }

  /** What the last path of an origin uses. */
  private Part part(int origin, double value) {
    var sum = new Evaluator.Sum(relaxation.resources());
    if (value == NEVER) {
      return new Part(value, new double[offers], 0, sum.use);
    }
    double copies = relaxation.tariff.fewestCopies(origin);
    for (int p = 0; p < shares.length; p++) {
      int layer = instance.layerOf(p);
      int home = hostSite[origin][layer];
      int i = -1;
      if (isRow(p, origin)) {
        i = instance.isShard(p) ? cheapest(p, origin, home) : hostOffer[origin][layer];
        relaxation.hold(p, i, shares[p][origin * offers + i], sum);
        relaxation.serve(p, origin, i, sum);
        if (instance.isShard(p)) {
          relaxation.call(home, siteOf[i], copies * instance.demand(origin, p), sum);
        }
      }
      used[p][origin] = i;
    }
    for (int l = 1; l < instance.layers(); l++) {
      relaxation.cut(
          hostSite[origin][l - 1],
          hostSite[origin][l],
          instance.origin(origin).tokensPerSecond(),
          sum);
    }
    return new Part(value, new double[offers], sum.trafficUsd, sum.use);
  }

  /** Begins to improve shares at other multipliers. */
  void begin() {
    bestValue = Double.NEGATIVE_INFINITY;
    stepLength = FIRST_STEP;
    idle = 0;
  }

  /**
   * Better shares than those of the last evaluation.
   *
   * @param value of it
   * @param rise by how much it could be more, with other shares
   * @return whether there are any: not if nobody shares what has a price
   */
  boolean improve(double value, double rise) {
    if (value > bestValue) {
      idle = value > bestValue + 1e-6 * Math.abs(value) ? 0 : idle;
      bestValue = value;
    }
    if (++idle > PATIENCE) {
      stepLength /= 2;
      idle = 0;
    }
    return improve(Math.max(rise, 1e-4 * Math.abs(value)) * stepLength);
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
        double hold = prices.hold(instance, shard, i);
        double cost = demand * usd[i] + share[origin * offers + i] * hold;
        int site = siteOf[i];
        best[site] = Math.min(best[site], cost);
      }
    }
    int n = sortSites(best);
    for (int a = 0; a < sites; a++) {
      double least = best[a];
      double[] copy = copyUsd[a];
      for (int k = 0; k < n && best[byUsd[k]] < least; k++) {
        least = Math.min(least, best[byUsd[k]] + copies * copy[byUsd[k]]);
      }
      served[a] += least;
    }
  }

  /** Sorts the sites where anybody serves, cheapest first, and counts them. */
  private int sortSites(double[] usd) {
    int n = 0;
    for (int site = 0; site < sites; site++) {
      if (usd[site] < NEVER) {
        int k = n++;
        for (; k > 0 && usd[byUsd[k - 1]] > usd[site]; k--) {
          byUsd[k] = byUsd[k - 1];
        }
        byUsd[k] = site;
      }
    }
    return n;
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
        double hold = prices.hold(instance, piece, i);
        double cost = tokens * usd[i] + shares[piece][origin * offers + i] * hold;
        if (cost < usdAt[siteOf[i]]) {
          usdAt[siteOf[i]] = cost;
          hostAt[siteOf[i]] = i;
        }
      }
    }
  }

  /** The offer that an origin uses of a shard from a site, as its path has it. */
  private int cheapest(int shard, int origin, int home) {
    int cheapest = -1;
    double least = NEVER;
    double demand = instance.demand(origin, shard);
    double copies = demand * relaxation.tariff.fewestCopies(origin);
    double[] usd = prices.usdPerUnit[Role.SHARD.ordinal()][origin];
    for (int i : instance.holders(shard)) {
      if (instance.mayServe(origin, i)) {
        double hold = prices.hold(instance, shard, i);
        double cost =
            demand * usd[i]
                + shares[shard][origin * offers + i] * hold
                + copies * copyUsd[home][siteOf[i]];
        if (cost < least) {
          least = cost;
          cheapest = i;
        }
      }
    }
    return cheapest;
  }

  /** The offer that a rule, or nobody, needs a piece at; -1 if there is none. */
  private int cheapest(int piece, int row) {
    int cheapest = -1;
    double least = NEVER;
    boolean[] allowed = row < rows - 1 ? relaxation.outside.get(row - origins) : null;
    for (int i : instance.holders(piece)) {
      if (allowed == null || allowed[i]) {
        double usd = shares[piece][row * offers + i] * prices.hold(instance, piece, i);
        if (usd < least) {
          least = usd;
          cheapest = i;
        }
      }
    }
    return cheapest;
  }

  /** Moves shares towards those who use replicas, so far that the value could rise so much. */
  private boolean improve(double rise) {
    double norm = 0;
    for (int p = 0; p < shares.length; p++) {
      int count = countRows(p);
      for (int r = 0; r < rows; r++) {
        if (isPriced(p, r)) {
          norm += 1 - (double) users(p, r) / count;
        }
      }
    }
    if (norm == 0) {
      return false;
    }
    double step = rise / norm;
    double[] row = new double[rows];
    for (int p = 0; p < shares.length; p++) {
      for (int r = 0; r < rows; r++) {
        if (isPriced(p, r) && isFirstUser(used[p], r)) {
          int i = used[p][r];
          share(p, i, used[p], step / prices.hold(instance, p, i), row);
        }
      }
    }
    return true;
  }

  /** Whether a row uses a replica that has a price. */
  private boolean isPriced(int piece, int row) {
    return used[piece][row] >= 0 && prices.hold(instance, piece, used[piece][row]) > 0;
  }

  private int users(int piece, int row) {
    int users = 0;
    for (int r = 0; r < rows; r++) {
      users += used[piece][r] == used[piece][row] ? 1 : 0;
    }
    return users;
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
    int n = 0;
    for (int r = 0; r < rows; r++) {
      if (isRow(piece, r)) {
        row[n++] = shares[piece][r * offers + offer] + (used[r] == offer ? step : 0);
      }
    }
    double threshold = threshold(row, n, NEARLY_ALL);
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
