package org.moesaic.solve.bound;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.solve.model.Role;
import org.moesaic.solve.model.Tariff;

/**
 * What shards cost at least where copies are shared by all experts of a site: a bound that a fixed
 * number of copies for each call cannot give, as some experts are chosen together with others, and
 * some with none that is served away.
 *
 * <p>Idea: the share of an origin's tokens with an expert among some shards is a submodular
 * function of these. Any vertex of its base polytope, that is by how much it grows as all shards of
 * the layer come in some order, is a linear function below it; and so is any mean of vertices. With
 * one such function for each origin, layer and site copies have a price by shard, and at prices of
 * memory and service each shard is a small problem of its own again, which is solved by trying all
 * sets of offers. Both kinds of prices are improved together. The lowest cost is concave in them
 * but has edges, on which ascent is stuck: so its steps follow what each shard would be if it took
 * sets of offers the more likely the cheaper they are, at a temperature that falls. Each function
 * goes a part of the way to the vertex at which an origin's calls to a site, so taken, cause the
 * most copies (Frank and Wolfe); prices of memory and service go up or down with what is used
 * beyond what there is, in steps by its mean and its mean square of late (Kingma and Ba). What is
 * told is the lowest cost itself, which does not depend on how the prices were come by.
 *
 * <p>Complexity of a step: O(shards * origins * 2^offers), and O(tokens * topK) for each origin,
 * layer and site. Memory: shards * origins * sites. Guarantee: each value is at most the cost at
 * the multipliers of every plan that keeps the rules, in whatever parts origins are served. Source:
 * Edmonds, "Submodular functions, matroids, and certain polyhedra" (1970); Frank and Wolfe, "An
 * algorithm for quadratic programming", Naval Research Logistics Quarterly 3 (1956); Nesterov,
 * "Smooth minimization of non-smooth functions", Mathematical Programming 103 (2005); Kingma and
 * Ba, "Adam", ICLR (2015).
 *
 * <p>Not safe for use by several threads.
 */
final class CopyBound {
  /** Offers of which all sets are tried. */
  static final int MOST_HOLDERS = 8;

  /** More prices of copies are not kept. */
  static final double MOST_PRICES = 3e7;

  /** Steps over which the temperature falls, and by how much. */
  static final int STEPS = 300;

  private static final double COOLED = 20;

  /** After so many steps it is done, and after so many before that which gain less than a share. */
  private static final int MOST_STEPS = 900;

  private static final int PATIENCE = 100;

  private static final double LEAST_GAIN = 1e-4;

  /** Length of the first steps of prices, and by how much it falls. */
  private static final double FIRST_LENGTH = 0.1;

  private static final double SHORTENED = 100;

  /** How much of a mean of slopes is new in each step, and of a mean of their squares. */
  private static final double NEW_SLOPE = 0.2;

  private static final double NEW_SQUARE = 0.1;

  /** What a price moves by is in proportion to this part of a node's at least. */
  private static final double PART_OF_LEASE = 0.1;

  /** The part of a share that rounding in means cannot make more. */
  private static final double NEARLY_ALL = 1 - 1e-11;

  private static final double NEVER = Double.POSITIVE_INFINITY;

  private final Relaxation relaxation;
  private final NodeProgram nodes;
  private final BooleanSupplier stop;
  private final Instance instance;
  private final Resources resources;
  private final int offers;
  private final int origins;
  private final int sites;
  private final int perLayer;

  /** By origin, layer and site, and there by shard of the layer: at least so much of a copy. */
  private final double[][] copies;

  /** As above: how likely the origin is served there; null until there was a step. */
  private final double[][] served;

  /** By origin and site: what copies of all its tokens cost. */
  private final double[][] usdOfCopies;

  /** By group of holders and set: whether rules on one shard alone allow it. */
  private final boolean[][] allowed;

  private final double[] usd;
  private final double temperature;

  /** By resource: what its price is worth, about; and of its slopes, the mean and of squares. */
  private final double[] scale;

  private final double[] meanSlope;
  private final double[] meanSquare;

  private int step;
  private double best = Double.NEGATIVE_INFINITY;
  private double bestBefore = Double.NEGATIVE_INFINITY;
  private boolean idle;
  private @Nullable Cut bestCut;

  // Of the last evaluation.
  private final double[] used;
  private final double[][] held;
  private final int[] cheapest;

  // Of the shard at hand, by set of its holders.
  private final double[] costOf = new double[1 << MOST_HOLDERS];
  private final double[] smoothOf = new double[1 << MOST_HOLDERS];
  private final double[] least = new double[1 << MOST_HOLDERS];
  private final double[] weightOf = new double[1 << MOST_HOLDERS];
  private final double[][] sums;
  private final double[][] exps;

  /**
   * @param start multipliers to begin at, by the numbers of {@link Resources}
   */
  CopyBound(Relaxation relaxation, NodeProgram nodes, double[] start, BooleanSupplier stop) {
    this.relaxation = relaxation;
    this.nodes = nodes;
    this.stop = stop;
    instance = relaxation.instance;
    resources = relaxation.resources();
    offers = relaxation.offers();
    origins = relaxation.origins();
    sites = instance.sites().size();
    perLayer = instance.shardsPerLayer();
    usd = Multipliers.of(start).copy();
    used = new double[resources.count()];
    held = new double[instance.shards()][];
    cheapest = new int[instance.shards()];
    sums = new double[origins][1 << MOST_HOLDERS];
    exps = new double[origins][MOST_HOLDERS];
    Tariff tariff = relaxation.tariff;
    usdOfCopies = new double[origins][sites];
    double all = 0;
    double dearestOfAll = 0;
    for (int o = 0; o < origins; o++) {
      double dearest = 0;
      for (int i = 0; i < offers; i++) {
        int site = instance.siteOfOffer(i);
        int home = instance.siteOfOrigin(o);
        usdOfCopies[o][site] =
            home == site
                ? 0
                : instance.origin(o).tokensPerSecond() * tariff.copyUsd(home, site) * NEARLY_ALL;
        dearest = Math.max(dearest, usdOfCopies[o][site]);
      }
      all += dearest * instance.layers();
      dearestOfAll = Math.max(dearestOfAll, dearest);
    }
    temperature = Math.max(dearestOfAll / perLayer, Double.MIN_NORMAL);
    meanSlope = new double[usd.length];
    meanSquare = new double[usd.length];
    scale = scale(all / offers);
    copies = new double[origins * instance.layers() * sites][];
    served = new double[copies.length][];
    for (int o = 0; o < origins; o++) {
      for (int l = 0; l < instance.layers(); l++) {
        startCopies(o, l);
      }
    }
    allowed = new boolean[instance.holderGroups()][];
    for (int s = 0; s < instance.shards(); s++) {
      int group = instance.holderGroup(s);
      if (allowed[group] == null) {
        allowed[group] = allowedSets(s);
      }
      held[s] = new double[instance.holders(s).length];
    }
  }

  /** Whether copies are shared, layers are where their origins are, and it is not too much. */
  static boolean fits(Relaxation relaxation) {
    Instance instance = relaxation.instance;
    if (!instance.sharesCopies() || instance.hasBackbone()) {
      return false;
    }
    for (int s = 0; s < instance.shards(); s++) {
      if (instance.holders(s).length > MOST_HOLDERS) {
        return false;
      }
    }
    double prices = (double) instance.shards() * relaxation.origins() * instance.sites().size();
    return prices <= MOST_PRICES;
  }

  /**
   * What prices are worth: such that what a mean shard uses costs as much as its copies.
   *
   * @param most of all that
   */
  private double[] scale(double most) {
    double calls = 0;
    for (int o = 0; o < origins; o++) {
      calls += instance.origin(o).tokensPerSecond() * instance.problem().model().topK();
    }
    double callsOfShard = calls / origins / perLayer;
    double[] scales = new double[usd.length];
    for (int i = 0; i < offers; i++) {
      double ofLease = PART_OF_LEASE * nodes.usdPerNode(i);
      double ofExpert = Math.min(most, temperature / relaxation.nodesPerExpert[i]);
      double ofCalls = Math.min(most, temperature / (callsOfShard * relaxation.nodesPerCall[i]));
      scales[resources.memory(i)] = Math.max(ofLease, ofExpert);
      scales[resources.service(i)] = Math.max(ofLease, ofCalls);
    }
    return scales;
  }

  private int cell(int origin, int layer, int site) {
    return (origin * instance.layers() + layer) * sites + site;
  }

  private void startCopies(int origin, int layer) {
    double[] fewest = new double[perLayer];
    for (int k = 0; k < perLayer; k++) {
      int s = instance.shard(layer, k);
      fewest[k] = instance.isServed(origin, s) ? relaxation.tariff.fewestTokens(origin, s) : 0;
    }
    for (int b = 0; b < sites; b++) {
      if (usdOfCopies[origin][b] > 0) {
        copies[cell(origin, layer, b)] = fewest.clone();
        served[cell(origin, layer, b)] = new double[perLayer];
      }
    }
  }

  private boolean[] allowedSets(int shard) {
    int[] holders = instance.holders(shard);
    boolean[] sets = new boolean[1 << holders.length];
    for (int set = 1; set < sets.length; set++) {
      int size = Integer.bitCount(set);
      boolean may = size >= relaxation.minReplicas(shard) && size <= relaxation.maxReplicas(shard);
      for (boolean[] outside : relaxation.outside) {
        boolean any = false;
        for (int j = 0; j < holders.length; j++) {
          any |= (set >> j & 1) != 0 && outside[holders[j]];
        }
        may &= any;
      }
      sets[set] = may;
    }
    return sets;
  }

  /**
   * The value at the prices as they are, and then better prices.
   *
   * @return the bound with nodes that may be divided; minus infinity if it was stopped, infinite if
   *     a shard can be nowhere
   */
  double step() {
    double cooled = Math.min(1, (double) step / STEPS);
    double value = evaluate(temperature * Math.pow(COOLED, -cooled));
    if (!Double.isFinite(value)) {
      return value;
    }
    int values = instance.shards() * (origins + 2);
    var cut =
        Cut.of(resources, Multipliers.of(usd), value, new double[offers], values).onAllTraffic();
    double bound = divided(cut);
    if (bound > best) {
      best = bound;
      bestCut = cut;
    }
    price(FIRST_LENGTH * Math.pow(SHORTENED, -cooled));
    share(1.0 / (3 + step));
    step++;
    if (step % PATIENCE == 0) {
      idle = best - bestBefore <= LEAST_GAIN * Math.abs(best);
      bestBefore = best;
    }
    return bound;
  }

  /** What a step looks at, about: tokens' experts, and sets of each shard a few times. */
  long work() {
    long tokens = 0;
    for (int o = 0; o < origins; o++) {
      var sample = instance.sample(o);
      tokens += sample == null ? perLayer : (long) sample.tokens() * sample.topK();
    }
    return tokens * instance.layers() * sites
        + ((long) instance.shards() * origins * 16 << Math.min(offers, MOST_HOLDERS));
  }

  /** Whether the temperature has fallen all the way, and steps hardly gain any more. */
  boolean done() {
    return step >= MOST_STEPS || (step >= STEPS && idle);
  }

  /** The cut of the best value so far; null if there is none. */
  @Nullable Cut cut() {
    return bestCut;
  }

  /** What traffic and nodes that may be divided cost at least. */
  double bestValue() {
    return best;
  }

  /** Price of an offer's nodes as multipliers have them now, by the numbers of resources. */
  double[] usd() {
    return usd;
  }

  /**
   * How likely an offer holds a shard, if that takes sets the more likely the cheaper they are.
   *
   * @return by position among the shard's holders; not to be changed
   */
  double[] held(int shard) {
    return held[shard];
  }

  /** The cheapest set of holders of a shard, as bits by their position among them. */
  int cheapest(int shard) {
    return cheapest[shard];
  }

  /** Whether rules on one shard alone allow a set of its holders. */
  boolean mayHold(int shard, int set) {
    if (set == 0 || !allowed[instance.holderGroup(shard)][set]) {
      return false;
    }
    int[] holders = instance.holders(shard);
    for (int o = 0; o < origins; o++) {
      boolean any = !instance.isServed(o, shard);
      for (int j = 0; j < holders.length && !any; j++) {
        any = (set >> j & 1) != 0 && relaxation.mayServe(Role.SHARD, o, holders[j]);
      }
      if (!any) {
        return false;
      }
    }
    return true;
  }

  private double divided(Cut cut) {
    double value = cut.constant();
    for (int i = 0; i < offers; i++) {
      value += Math.min(0, nodes.usdPerNode(i) - cut.perNode()[i]) * nodes.most(i);
    }
    return value;
  }

  private double evaluate(double heat) {
    var multipliers = Multipliers.of(usd);
    var price = multipliers.new Price();
    double[] usdPerExpert = new double[offers];
    double[][] usdPerCall = new double[origins][offers];
    double[][] usdPerLatency = new double[origins][offers];
    for (int i = 0; i < offers; i++) {
      relaxation.holdExperts(1, i, price);
      usdPerExpert[i] = price.take();
      for (int o = 0; o < origins; o++) {
        relaxation.useOfCalls(1, o, i, price);
        usdPerCall[o][i] = price.take();
        relaxation.delay(1, o, i, price);
        usdPerLatency[o][i] = price.take();
      }
    }
    Arrays.fill(used, 0);
    double sum = 0;
    for (int l = 0; l < instance.layers(); l++) {
      if (stop.getAsBoolean()) {
        return Double.NEGATIVE_INFINITY;
      }
      for (int o = 0; o < origins; o++) {
        for (int b = 0; b < sites; b++) {
          double[] likely = served[cell(o, l, b)];
          if (likely != null) {
            Arrays.fill(likely, 0);
          }
        }
      }
      for (int k = 0; k < perLayer; k++) {
        int s = instance.shard(l, k);
        double[][] serveUsd = new double[origins][];
        int[] holders = instance.holders(s);
        for (int o = 0; o < origins; o++) {
          if (instance.isServed(o, s)) {
            serveUsd[o] = new double[holders.length];
            for (int j = 0; j < holders.length; j++) {
              int i = holders[j];
              double[] ofSite = copies[cell(o, l, instance.siteOfOffer(i))];
              serveUsd[o][j] =
                  relaxation.mayServe(Role.SHARD, o, i)
                      ? instance.demand(o, s) * usdPerCall[o][i]
                          + relaxation.latencyWeight(o, s) * usdPerLatency[o][i]
                          + (ofSite == null
                              ? 0
                              : usdOfCopies[o][instance.siteOfOffer(i)] * ofSite[k])
                      : NEVER;
            }
          }
        }
        sum += shard(s, usdPerExpert, serveUsd, heat);
      }
    }
    return sum;
  }

  /** The lowest cost of a shard; what is used where, at a temperature, is added up. */
  private double shard(int s, double[] usdPerExpert, double[][] serveUsd, double heat) {
    int[] holders = instance.holders(s);
    int n = holders.length;
    int all = 1 << n;
    costOf[0] = 0;
    for (int set = 1; set < all; set++) {
      int j = Integer.numberOfTrailingZeros(set);
      costOf[set] = costOf[set & (set - 1)] + usdPerExpert[holders[j]] * instance.sizeOf(s);
      weightOf[set] = 1;
    }
    System.arraycopy(costOf, 0, smoothOf, 0, all);
    for (int o = 0; o < origins; o++) {
      double[] cost = serveUsd[o];
      if (cost == null) {
        continue;
      }
      double lowest = NEVER;
      for (double c : cost) {
        lowest = Math.min(lowest, c);
      }
      if (lowest == NEVER) {
        return NEVER;
      }
      for (int j = 0; j < n; j++) {
        exps[o][j] = Math.exp((lowest - cost[j]) / heat);
      }
      least[0] = NEVER;
      sums[o][0] = 0;
      for (int set = 1; set < all; set++) {
        int j = Integer.numberOfTrailingZeros(set);
        int rest = set & (set - 1);
        least[set] = Math.min(least[rest], cost[j]);
        sums[o][set] = sums[o][rest] + exps[o][j];
        costOf[set] += least[set];
        smoothOf[set] += lowest;
        weightOf[set] *= sums[o][set];
      }
    }
    boolean[] may = allowed[instance.holderGroup(s)];
    int best = 0;
    double lowest = NEVER;
    for (int set = 1; set < all; set++) {
      smoothOf[set] -= heat * Math.log(weightOf[set]);
      if (may[set]) {
        lowest = Math.min(lowest, smoothOf[set]);
        if (costOf[set] < NEVER && (best == 0 || costOf[set] < costOf[best])) {
          best = set;
        }
      }
    }
    if (best == 0) {
      return NEVER;
    }
    cheapest[s] = best;
    double total = 0;
    for (int set = 1; set < all; set++) {
      weightOf[set] = may[set] && lowest < NEVER ? Math.exp((lowest - smoothOf[set]) / heat) : 0;
      total += weightOf[set];
    }
    if (!(total > 0)) {
      // Too cold for numbers: the cheapest alone.
      weightOf[best] = 1;
      total = 1;
    }
    use(s, serveUsd, all, total);
    return costOf[best];
  }

  private void use(int s, double[][] serveUsd, int all, double total) {
    int[] holders = instance.holders(s);
    int layer = instance.layerOf(s);
    int k = s - instance.shard(layer, 0);
    for (int j = 0; j < holders.length; j++) {
      double likely = 0;
      for (int set = 1; set < all; set++) {
        likely += (set >> j & 1) != 0 ? weightOf[set] : 0;
      }
      held[s][j] = likely / total;
      int memory = resources.memory(holders[j]);
      used[memory] += likely / total * instance.sizeOf(s) * relaxation.nodesPerExpert[holders[j]];
    }
    for (int o = 0; o < origins; o++) {
      if (serveUsd[o] == null) {
        continue;
      }
      for (int j = 0; j < holders.length; j++) {
        double likely = 0;
        for (int set = 1; set < all; set++) {
          if ((set >> j & 1) != 0 && weightOf[set] > 0 && sums[o][set] > 0) {
            likely += weightOf[set] * exps[o][j] / sums[o][set];
          }
        }
        int i = holders[j];
        used[resources.service(i)] +=
            likely / total * instance.demand(o, s) * relaxation.nodesPerCall[i];
        double[] ofSite = served[cell(o, layer, instance.siteOfOffer(i))];
        if (ofSite != null) {
          ofSite[k] += likely / total;
        }
      }
    }
  }

  /** Moves prices of memory and service by what is used beyond what there is. */
  private void price(double length) {
    for (int i = 0; i < offers; i++) {
      double lease = nodes.usdPerNode(i);
      int[] ofOffer = resources.of(i);
      double before = 0;
      double mean = 0;
      for (int r : ofOffer) {
        before += usd[r];
        mean += used[r] / ofOffer.length;
      }
      boolean atLease = lease > 0 && Math.abs(before - lease) <= 1e-9 * lease;
      // At a node's price any number of nodes is as good: as many as leave the price as it is.
      double leased = atLease ? Math.min(mean, nodes.most(i)) : before > lease ? nodes.most(i) : 0;
      double after = 0;
      for (int r : ofOffer) {
        double slope = used[r] - leased;
        meanSlope[r] += NEW_SLOPE * (slope - meanSlope[r]);
        meanSquare[r] += NEW_SQUARE * (slope * slope - meanSquare[r]);
        if (meanSquare[r] > 0) {
          double move = length * scale[r] * meanSlope[r] / Math.sqrt(meanSquare[r]);
          usd[r] = Math.max(0, usd[r] + move);
        }
        after += usd[r];
      }
      if ((before - lease) * (after - lease) < 0 && lease > 0) {
        // There is an edge: stay on it.
        for (int r : ofOffer) {
          usd[r] *= lease / after;
        }
      }
    }
  }

  /** Moves what copies are said to be towards the most that what is served where can cause. */
  private void share(double part) {
    double[] growth = new double[perLayer];
    for (int o = 0; o < origins; o++) {
      for (int l = 0; l < instance.layers(); l++) {
        int layer = l;
        int origin = o;
        for (int b = 0; b < sites; b++) {
          double[] ofSite = copies[cell(o, l, b)];
          if (ofSite == null) {
            continue;
          }
          double[] likely = served[cell(o, l, b)];
          int[] order =
              IntStream.range(0, perLayer)
                  .filter(k -> instance.isServed(origin, instance.shard(layer, k)))
                  .boxed()
                  .sorted(Comparator.comparingDouble(k -> -likely[k]))
                  .mapToInt(k -> instance.shard(layer, k))
                  .toArray();
          relaxation.tariff.growTokens(o, order, growth);
          for (int n = 0; n < order.length; n++) {
            int k = order[n] - instance.shard(l, 0);
            ofSite[k] += part * (growth[n] - ofSite[k]);
          }
        }
      }
    }
  }
}
