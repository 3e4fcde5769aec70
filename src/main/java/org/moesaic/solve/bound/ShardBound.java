package org.moesaic.solve.bound;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.Role;

/**
 * The cheapest placement of one shard at given multipliers, or proof that none is cheaper than some
 * value: an uncapacitated facility location problem.
 *
 * <p>Idea: rows are the origins that call the shard; a rule that needs a replica outside some
 * domain is one more row, which those outside serve for nothing. Dual ascent raises what each row
 * would pay until the offers that it pays for are paid up; the sum is a lower bound, and what an
 * offer is short of being paid up is what any set with it costs more. Offers for which that is too
 * much are out; sets of the others are tried depth first. Where an offer is open only by a share y,
 * a row may go on paying past offers whose shares sum to less than 1, at the cost of a price on
 * opening them: the coefficient of y in the cut that follows.
 *
 * <p>Complexity: O(rows * offers^2) for the ascent, few sets after it in practice. Guarantee: the
 * value is at most the cost of the cheapest set; equal, unless more than {@value #MOST_NODES} sets
 * would have to be tried. Source: Erlenkotter, "A dual-based procedure for uncapacitated facility
 * location", Operations Research 26 (1978); opening prices as in Fischetti, Ljubic and Sinnl,
 * "Redesigning Benders decomposition for large-scale facility location", Management Science 63
 * (2017).
 *
 * <p>Not safe for use by several threads.
 */
final class ShardBound {
  /** Most sets to try before the bound of the ascent has to do. */
  private static final int MOST_NODES = 3_000;

  /** Prices on replicas to try where too many would be best. */
  private static final int PRICE_STEPS = 8;

  /** More than any placement costs: serving where that is forbidden. */
  private static final double FORBIDDEN = 1e200;

  private static final double ROUNDING = 1e-12;

  /** The dense part of a layer has nothing to survive. */
  private static final List<boolean[]> NOWHERE = List.of();

  private final Relaxation relaxation;
  private final Instance instance;
  private final int offers;
  private final int origins;

  private @Nullable Prices prices;
  private boolean latencyPriced;
  private int minReplicas;
  private int maxReplicas;
  private double @Nullable [] open;
  private boolean @Nullable [] closed;

  private int[] holders = {};
  private int rows;
  private final int[] originOfRow;
  private final double[][] usd;
  private final int[][] order;
  private final int[] length;

  private final double[] hold;
  private final double[] slack;
  private final double[] opening;
  private final double[] pay;
  private final int[] reached;
  private final boolean[] done;

  private int[] best;
  private int bestSize;
  private double bestUsd;
  private double value;

  /** What the ascent alone proves. */
  private double ascentUsd;

  private final int[] set;
  private final double[][] least;
  private final double[][] leastLeft;
  private int[] candidates = {};
  private int candidateCount;
  private int nodesLeft;

  ShardBound(Relaxation relaxation) {
    this.relaxation = relaxation;
    instance = relaxation.instance;
    offers = relaxation.offers();
    origins = relaxation.origins();
    int most = origins + relaxation.outside.size() + 1;
    originOfRow = new int[most];
    usd = new double[most][offers];
    order = new int[most][offers];
    length = new int[most];
    hold = new double[offers];
    slack = new double[offers];
    opening = new double[offers];
    pay = new double[most];
    reached = new int[most];
    done = new boolean[most];
    best = new int[offers];
    set = new int[offers];
    least = new double[offers + 1][most];
    leastLeft = new double[offers + 1][most];
    candidates = new int[offers];
  }

  /**
   * Takes over multipliers, for all shards that follow.
   *
   * @param open share, 0 to 1, by which each offer is open; null if all are
   */
  void price(Prices prices, double @Nullable [] open) {
    this.prices = prices;
    latencyPriced = prices.latencyPriced;
    this.open = open;
  }

  /** Leaves offers out, for all shards that follow; null for none. */
  void close(boolean @Nullable [] closed) {
    this.closed = closed;
  }

  /** Multipliers as prices of holding and serving; made once, used by all threads. */
  static final class Prices {
    final double[] usdPerExpert;
    final double[] usdPerLayer;

    /** By the ordinals of roles, origin and offer: of one call per second, or of one token. */
    final double[][][] usdPerUnit;

    /** By the ordinals of roles and origin: the offers that may serve it, cheapest first. */
    final int[][][] byUsdPerUnit;

    final double[][] usdPerLatency;
    final boolean latencyPriced;

    Prices(Relaxation relaxation, Multipliers multipliers) {
      int offers = relaxation.offers();
      int origins = relaxation.origins();
      Multipliers.Price price = multipliers.new Price();
      usdPerExpert = new double[offers];
      usdPerLayer = new double[offers];
      for (int i = 0; i < offers; i++) {
        relaxation.holdExperts(1, i, price);
        usdPerExpert[i] = price.take();
        relaxation.holdLayer(i, price);
        usdPerLayer[i] = price.take();
      }
      usdPerLatency = new double[origins][offers];
      boolean anyLatency = false;
      for (int o = 0; o < origins; o++) {
        anyLatency |= multipliers.usd(relaxation.resources().latency(o)) > 0;
        for (int i = 0; i < offers; i++) {
          relaxation.delay(1, o, i, price);
          usdPerLatency[o][i] = price.take();
        }
      }
      latencyPriced = anyLatency;
      int roles = relaxation.instance.hasBackbone() ? Role.values().length : 1;
      usdPerUnit = new double[roles][origins][offers];
      byUsdPerUnit = new int[roles][origins][];
      for (int r = 0; r < roles; r++) {
        for (int o = 0; o < origins; o++) {
          priceServices(relaxation, Role.values()[r], o, price);
        }
      }
    }

    private void priceServices(
        Relaxation relaxation, Role role, int origin, Multipliers.Price price) {
      double[] usd = usdPerUnit[role.ordinal()][origin];
      for (int i = 0; i < usd.length; i++) {
        if (role == Role.SHARD) {
          relaxation.serveCalls(1, origin, i, price);
        } else {
          relaxation.pass(role, 1, origin, i, price);
        }
        usd[i] = price.take();
      }
      byUsdPerUnit[role.ordinal()][origin] =
          IntStream.range(0, usd.length)
              .filter(i -> relaxation.mayServe(role, origin, i))
              .boxed()
              .sorted(Comparator.comparingDouble(i -> usd[i]))
              .mapToInt(i -> i)
              .toArray();
    }

    /** Price of holding a piece. */
    double hold(Instance instance, int piece, int offer) {
      return instance.isShard(piece)
          ? usdPerExpert[offer] * instance.sizeOf(piece)
          : usdPerLayer[offer];
    }
  }

  /** Finds the value and the best set of a shard; infinite if it cannot be placed at all. */
  double solve(int shard) {
    minReplicas = relaxation.minReplicas(shard);
    maxReplicas = relaxation.maxReplicas(shard);
    holders = holders(shard);
    Arrays.fill(opening, 0);
    bestSize = 0;
    bestUsd = Double.POSITIVE_INFINITY;
    if (!prepare(shard)) {
      value = Double.POSITIVE_INFINITY;
      ascentUsd = value;
      return value;
    }
    double bound = ascend(0);
    int n = buyPaidUp(0);
    if (n > maxReplicas) {
      bound = priceReplicas(n);
    } else if (n > 0) {
      keep(n, cost(n, 0));
    }
    if (bestUsd >= FORBIDDEN) {
      add();
    }
    for (int i : holders) {
      hold[i] += opening[i];
    }
    System.arraycopy(best, 0, set, 0, bestSize);
    bestUsd = cost(bestSize, 0);
    ascentUsd = bound;
    value = bound;
    if (bestUsd > bound + ROUNDING * Math.abs(bound)) {
      value = search(bound) ? bestUsd : bound;
    } else {
      value = Math.min(bound, bestUsd);
    }
    if (bestUsd >= FORBIDDEN) {
      value = Double.POSITIVE_INFINITY;
    }
    return value;
  }

  /**
   * The bound where too many replicas would be best: they get a price each, such that as many as
   * are allowed are best, found where the lines of two sets' costs meet.
   *
   * @param most replicas that would be best, now in {@link #set}
   */
  private double priceReplicas(int most) {
    int max = maxReplicas;
    int lowSize = most;
    double lowUsd = cost(most, 0);
    add();
    int highSize = bestSize;
    double highUsd = bestUsd;
    double bestBound = Double.NEGATIVE_INFINITY;
    double bestPrice = 0;
    double price = 0;
    for (int step = 0; step < PRICE_STEPS && highUsd < FORBIDDEN; step++) {
      double next = (highUsd - lowUsd) / (lowSize - highSize);
      if (!(Math.abs(next - price) > 1e-9 * next)) {
        break;
      }
      price = next;
      double bound = ascend(price) - price * max;
      if (bound > bestBound) {
        bestBound = bound;
        bestPrice = price;
      }
      int n = buyPaidUp(price);
      double usd = cost(n, 0);
      if (n > max) {
        lowSize = n;
        lowUsd = usd;
      } else {
        if (usd < bestUsd) {
          keep(n, usd);
        }
        if (n == max || usd >= FORBIDDEN) {
          break;
        }
        highSize = n;
        highUsd = usd;
      }
    }
    // What is paid up where is needed as it was at the best price.
    return ascend(bestPrice) - bestPrice * max;
  }

  private int[] holders(int shard) {
    boolean[] out = closed;
    return out == null
        ? instance.holders(shard)
        : Arrays.stream(instance.holders(shard)).filter(i -> !out[i]).toArray();
  }

  /** The price on opening an offer that the value includes; 0 for all if all are open. */
  double opening(int offer) {
    return opening[offer];
  }

  /** The bound of the ascent, at most the value, after {@link #solve}. */
  double ascentUsd() {
    return ascentUsd;
  }

  /** What any set with an offer costs more, at least, than {@link #ascentUsd}. */
  double reducedUsd(int offer) {
    // With one replica at most, an offer is short of nothing but its price of serving all.
    return maxReplicas == 1 ? usd[0][offer] - pay[0] : Math.max(0, slack[offer]);
  }

  /** Number of offers of the best set. */
  int size() {
    return bestSize;
  }

  /** A member of the best set. */
  int member(int r) {
    return best[r];
  }

  /** Who of the best set serves an origin that calls the shard. */
  int server(int shard, int origin) {
    int server = -1;
    double cheapest = Double.POSITIVE_INFINITY;
    for (int r = 0; r < bestSize; r++) {
      int i = best[r];
      if (relaxation.mayServe(relaxation.role(shard), origin, i)) {
        double price = serveUsd(shard, origin, i);
        if (price < cheapest) {
          cheapest = price;
          server = i;
        }
      }
    }
    return server;
  }

  /** The best set as a placement. */
  Placement placement(int shard) {
    int[] replicas = Arrays.copyOf(best, bestSize);
    Arrays.sort(replicas);
    int[] servedBy = new int[origins];
    for (int o = 0; o < origins; o++) {
      servedBy[o] = instance.isServed(o, shard) ? server(shard, o) : Placement.NOBODY;
    }
    return new Placement(replicas, servedBy);
  }

  /** What a placement of a shard costs at the multipliers. */
  double usdOf(int shard, Placement placement) {
    double sum = 0;
    for (int i : placement.replicas()) {
      sum += prices().hold(instance, shard, i);
    }
    for (int o = 0; o < origins; o++) {
      if (placement.servedBy()[o] >= 0) {
        sum += serveUsd(shard, o, placement.servedBy()[o]);
      }
    }
    return sum;
  }

  private double serveUsd(int shard, int origin, int offer) {
    int role = relaxation.role(shard).ordinal();
    double price = instance.demand(origin, shard) * prices().usdPerUnit[role][origin][offer];
    return latencyPriced
        ? price + relaxation.latencyWeight(origin, shard) * prices().usdPerLatency[origin][offer]
        : price;
  }

  private Prices prices() {
    return Objects.requireNonNull(prices, "No prices are set.");
  }

  /** Fills in rows and prices; false if some row has nobody. */
  private boolean prepare(int shard) {
    Prices at = prices();
    for (int i : holders) {
      hold[i] = at.hold(instance, shard, i);
    }
    int role = relaxation.role(shard).ordinal();
    rows = 0;
    for (int o = 0; o < origins; o++) {
      if (!instance.isServed(o, shard)) {
        continue;
      }
      double[] price = usd[rows];
      int[] sorted = order[rows];
      int n = 0;
      for (int i : holders) {
        price[i] = FORBIDDEN;
      }
      double demand = instance.demand(o, shard);
      double weight = latencyPriced ? relaxation.latencyWeight(o, shard) : 0;
      for (int i : at.byUsdPerUnit[role][o]) {
        if (instance.mayHold(shard, i) && (closed == null || !closed[i])) {
          double serving = demand * at.usdPerUnit[role][o][i];
          if (latencyPriced) {
            serving += weight * at.usdPerLatency[o][i];
          }
          price[i] = serving;
          int j = n++;
          // In order already, unless latency has a price.
          for (; j > 0 && price[sorted[j - 1]] > serving; j--) {
            sorted[j] = sorted[j - 1];
          }
          sorted[j] = i;
        }
      }
      length[rows] = n;
      originOfRow[rows] = o;
      rows++;
    }
    for (boolean[] out : instance.isShard(shard) ? relaxation.outside : NOWHERE) {
      addFreeRow(out);
    }
    if (rows == 0) {
      addFreeRow(null);
    }
    if (maxReplicas == 1) {
      mergeRows();
    }
    for (int r = 0; r < rows; r++) {
      if (length[r] == 0) {
        return false;
      }
    }
    return holders.length >= minReplicas;
  }

  private void addFreeRow(boolean @Nullable [] out) {
    int n = 0;
    for (int i : holders) {
      boolean serves = out == null || out[i];
      usd[rows][i] = serves ? 0 : FORBIDDEN;
      if (serves) {
        order[rows][n++] = i;
      }
    }
    length[rows] = n;
    originOfRow[rows] = -1;
    rows++;
  }

  /** With one replica at most, everything about a shard is where that one is: one row. */
  private void mergeRows() {
    double[] price = usd[0];
    int n = 0;
    for (int i : holders) {
      double sum = hold[i];
      for (int r = 0; r < rows; r++) {
        sum += usd[r][i];
      }
      hold[i] = 0;
      price[i] = sum;
      if (sum < FORBIDDEN) {
        int j = n++;
        for (; j > 0 && price[order[0][j - 1]] > sum; j--) {
          order[0][j] = order[0][j - 1];
        }
        order[0][j] = i;
      }
    }
    length[0] = n;
    rows = 1;
  }

  /** Raises all rows as far as they go, with a price on each replica; the sum is what they pay. */
  private double ascend(double usdPerReplica) {
    for (int i : holders) {
      slack[i] = hold[i] + usdPerReplica;
      opening[i] = 0;
    }
    int raising = 0;
    for (int r = 0; r < rows; r++) {
      pay[r] = usd[r][order[r][0]];
      reached[r] = 0;
      reach(r);
      done[r] = false;
      raising++;
    }
    while (raising > 0) {
      for (int r = 0; r < rows; r++) {
        if (!done[r] && !raise(r)) {
          done[r] = true;
          raising--;
        }
      }
    }
    double sum = 0;
    for (int r = 0; r < rows; r++) {
      sum += pay[r];
    }
    return sum;
  }

  private void reach(int r) {
    while (reached[r] < length[r] && usd[r][order[r][reached[r]]] <= pay[r]) {
      reached[r]++;
    }
  }

  /** Raises what a row pays to the next price, or until an offer is paid up; false if it cannot. */
  private boolean raise(int r) {
    int[] sorted = order[r];
    double[] price = usd[r];
    int k = reached[r];
    double rise = k < length[r] ? price[sorted[k]] - pay[r] : Double.POSITIVE_INFINITY;
    double blocked = 0;
    for (int j = 0; j < k; j++) {
      double left = slack[sorted[j]];
      if (left <= 0) {
        blocked += open == null ? 1 : open[sorted[j]];
        if (blocked >= 1 - 1e-9) {
          return false;
        }
      } else if (left < rise) {
        rise = left;
      }
    }
    if (rise == Double.POSITIVE_INFINITY) {
      return false;
    }
    pay[r] = k < length[r] ? Math.min(pay[r] + rise, price[sorted[k]]) : pay[r] + rise;
    for (int j = 0; j < k; j++) {
      int i = sorted[j];
      if (slack[i] <= 0) {
        opening[i] += rise;
      } else {
        slack[i] -= rise;
      }
    }
    reach(r);
    return true;
  }

  /** Leaves offers that are paid up in {@link #set}, one for each row at least; their number. */
  private int buyPaidUp(double usdPerReplica) {
    int n = 0;
    for (int r = 0; r < rows; r++) {
      boolean served = false;
      for (int m = 0; m < n && !served; m++) {
        served = usd[r][set[m]] <= pay[r];
      }
      for (int j = 0; j < reached[r] && !served; j++) {
        int i = order[r][j];
        if (slack[i] <= 0) {
          set[n++] = i;
          served = true;
        }
      }
    }
    n = fill(n);
    // One member fewer, while that is cheaper.
    double now = cost(n, usdPerReplica);
    for (int m = n - 1; m >= 0 && n > minReplicas; m--) {
      int left = set[m];
      set[m] = set[n - 1];
      double without = cost(n - 1, usdPerReplica);
      if (without < now) {
        n--;
        now = without;
      } else {
        set[m] = left;
      }
    }
    return n;
  }

  /** Adds the cheapest offers to hold until there are enough. */
  private int fill(int size) {
    int n = size;
    while (n < minReplicas) {
      int cheapest = -1;
      for (int i : holders) {
        if (!contains(n, i) && (cheapest < 0 || hold[i] < hold[cheapest])) {
          cheapest = i;
        }
      }
      set[n++] = cheapest;
    }
    return n;
  }

  private boolean contains(int n, int offer) {
    for (int m = 0; m < n; m++) {
      if (set[m] == offer) {
        return true;
      }
    }
    return false;
  }

  private double cost(int n, double usdPerReplica) {
    double sum = usdPerReplica * n;
    for (int m = 0; m < n; m++) {
      sum += hold[set[m]];
    }
    for (int r = 0; r < rows; r++) {
      double cheapest = FORBIDDEN;
      for (int m = 0; m < n; m++) {
        cheapest = Math.min(cheapest, usd[r][set[m]]);
      }
      sum += cheapest;
    }
    return sum;
  }

  private void keep(int n, double cost) {
    bestSize = n;
    bestUsd = cost;
    System.arraycopy(set, 0, best, 0, n);
  }

  /** The best set that adding one offer at a time gives. */
  private void add() {
    for (int n = 0; n < Math.min(maxReplicas, holders.length); n++) {
      int cheapest = -1;
      double cheapestUsd = Double.POSITIVE_INFINITY;
      for (int i : holders) {
        if (!contains(n, i)) {
          set[n] = i;
          double cost = cost(n + 1, 0);
          if (cost < cheapestUsd) {
            cheapestUsd = cost;
            cheapest = i;
          }
        }
      }
      set[n] = cheapest;
      if (n + 1 >= minReplicas) {
        if (cheapestUsd >= bestUsd) {
          return;
        }
        keep(n + 1, cheapestUsd);
      }
    }
  }

  /** Tries all sets that can be cheaper than the best one known; false if they were too many. */
  private boolean search(double bound) {
    candidateCount = 0;
    for (int i : holders) {
      if (bound + slack[i] < bestUsd) {
        int j = candidateCount++;
        for (; j > 0 && slack[candidates[j - 1]] > slack[i]; j--) {
          candidates[j] = candidates[j - 1];
        }
        candidates[j] = i;
      }
    }
    Arrays.fill(leastLeft[candidateCount], 0, rows, FORBIDDEN);
    for (int c = candidateCount - 1; c >= 0; c--) {
      for (int r = 0; r < rows; r++) {
        leastLeft[c][r] = Math.min(leastLeft[c + 1][r], usd[r][candidates[c]]);
      }
    }
    Arrays.fill(least[0], 0, rows, FORBIDDEN);
    nodesLeft = MOST_NODES;
    extend(0, 0, 0, bound);
    return nodesLeft > 0;
  }

  /**
   * Tries the sets that begin with the first members of {@link #set} and go on with candidates from
   * one on.
   *
   * @param held price of holding the members
   * @param bound at most the cost of any such set
   */
  private void extend(int size, int from, double held, double bound) {
    for (int c = from; c < candidateCount && nodesLeft > 0; c++) {
      int i = candidates[c];
      double boundThen = bound + slack[i];
      // Later candidates lack more.
      if (boundThen >= bestUsd || size >= maxReplicas) {
        return;
      }
      double served = 0;
      for (int r = 0; r < rows; r++) {
        served += Math.min(least[size][r], leastLeft[c][r]);
      }
      if (held + served >= bestUsd) {
        return;
      }
      nodesLeft--;
      double heldThen = held + hold[i];
      double cost = heldThen;
      double atLeast = heldThen;
      for (int r = 0; r < rows; r++) {
        double now = Math.min(least[size][r], usd[r][i]);
        least[size + 1][r] = now;
        cost += now;
        atLeast += Math.min(now, leastLeft[c + 1][r]);
      }
      set[size] = i;
      if (cost < bestUsd && size + 1 >= minReplicas) {
        keep(size + 1, cost);
      }
      if (atLeast < bestUsd) {
        extend(size + 1, c + 1, heldThen, boundThen);
      }
    }
  }
}
