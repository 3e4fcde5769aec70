package org.moesaic.testing;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.moesaic.problem.Link;
import org.moesaic.problem.Model;
import org.moesaic.problem.Objective;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Origin.ServableIn;
import org.moesaic.problem.Policy;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.problem.Policy.Selector;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Provider;
import org.moesaic.problem.Provider.EgressRates;
import org.moesaic.problem.Region;
import org.moesaic.problem.Routing;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Usable;
import org.moesaic.problem.Weights;

/**
 * Small random problems in which every rule turns up, often several at once and tight. The same
 * seed gives the same problem.
 */
public final class RandomProblems {
  private final SplittableRandom random;

  /** Whether amounts come in all sizes. */
  private final boolean wild;

  private RandomProblems(long seed, boolean wild) {
    random = new SplittableRandom(seed);
    this.wild = wild;
  }

  private RandomProblems(long seed) {
    this(seed, false);
  }

  /** What problems may have besides shards and who calls them; none unless it is asked for. */
  public enum Feature {
    /** The dense part is placed; sometimes with gradients. */
    HOSTS,
    /** Origins have up to four streams. */
    PARTS,
    /** Origins send to their first and last layers, and some limit how far these are. */
    ACCESS,
    /** Replicas, and hosted layers, are kept in step. */
    SYNC,
    /** A token goes once to each site. */
    SHARED_COPIES,
    /** Some origins have recorded tokens. */
    SAMPLES
  }

  /** Sizes of a problem. */
  public record Size(int layers, int experts, int offers, int origins) {}

  /** A problem of about one hundred placements in all, that can be solved by trying all of them. */
  public static Problem tiny(long seed) {
    RandomProblems r = new RandomProblems(seed);
    Size[] sizes = {
      new Size(1, 2, 3, 2),
      new Size(1, 3, 3, 2),
      new Size(1, 3, 3, 1),
      new Size(3, 1, 3, 2),
      new Size(1, 2, 4, 2),
      new Size(2, 1, 4, 1),
      new Size(1, 3, 4, 1),
      new Size(2, 2, 3, 1),
      new Size(2, 2, 2, 3),
      new Size(1, 4, 2, 2)
    };
    return r.problem(seed, sizes[r.random.nextInt(sizes.length)]);
  }

  /**
   * A problem of a few placements, with prices, rates, memories and limits of all sizes between
   * 1e-10 and 1e10 times the usual ones; some are nothing, some alike.
   */
  public static Problem wild(long seed) {
    RandomProblems r = new RandomProblems(seed, true);
    Size[] sizes = {
      new Size(1, 1, 3, 2),
      new Size(1, 2, 2, 2),
      new Size(1, 2, 3, 1),
      new Size(2, 1, 3, 1),
      new Size(1, 1, 4, 1),
      new Size(3, 1, 2, 1),
      new Size(1, 1, 2, 3)
    };
    return r.problem(seed, sizes[r.random.nextInt(sizes.length)]);
  }

  /** A problem of a given size. */
  public static Problem of(long seed, Size size) {
    return new RandomProblems(seed).problem(seed, size);
  }

  /** The same with features; all else is as without them. */
  public static Problem of(long seed, Size size, Set<Feature> features) {
    return Features.add(seed, of(seed, size), features);
  }

  /** {@link #tiny(long)} with features; there are then more placements. */
  public static Problem tiny(long seed, Set<Feature> features) {
    return Features.add(seed, tiny(seed), features);
  }

  private boolean chance(double p) {
    return random.nextDouble() < p;
  }

  private double between(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** An amount above nothing, of any size if the problem is wild. */
  private double amount(double low, double high) {
    double usual = between(low, high);
    if (!wild) {
      return usual;
    }
    double kind = random.nextDouble();
    if (kind < 0.15) {
      // Many are alike.
      return high;
    }
    return kind < 0.65 ? usual : usual * Math.pow(10, between(-10, 10));
  }

  /** The same, or nothing. */
  private double amountOrNothing(double low, double high) {
    double amount = amount(low, high);
    return wild && chance(0.05) ? 0 : amount;
  }

  private Problem problem(long seed, Size size) {
    int regionCount = 1 + random.nextInt(3);
    List<Region> regions = new ArrayList<>();
    for (int r = 0; r < regionCount; r++) {
      regions.add(
          new Region(
              "r" + r,
              chance(0.5) ? "europe" : "asia",
              "C" + random.nextInt(2),
              between(-60, 60),
              between(-180, 180),
              chance(0.3) ? "grid" : null,
              chance(0.25) ? amountOrNothing(5, 40) : null));
    }
    List<Provider> providers = new ArrayList<>();
    for (int p = 0; p < 2; p++) {
      providers.add(
          new Provider(
              "p" + p,
              new EgressRates(
                  amountOrNothing(0, 0.05),
                  amountOrNothing(0.02, 0.1),
                  amountOrNothing(0.05, 0.2))));
    }
    List<Offer> offers = new ArrayList<>();
    for (int i = 0; i < size.offers; i++) {
      offers.add(offer(i, regionCount));
    }
    List<Origin> origins = new ArrayList<>();
    for (int o = 0; o < size.origins; o++) {
      origins.add(origin(o, regions));
    }
    boolean sharded = chance(0.25);
    Model model =
        new Model(
            "model",
            size.layers,
            sharded ? size.experts * 2 - 1 : size.experts,
            1 + random.nextInt(Math.min(2, size.experts)),
            1L << 30,
            amount(1e9, 1e9),
            amountOrNothing(1000, 20000),
            amountOrNothing(1000, 20000),
            sharded ? 2 : 1,
            Model.Copies.PER_EXPERT,
            null,
            null);
    return new Problem(
        "random " + seed,
        model,
        regions,
        providers,
        links(offers, origins),
        origins,
        routing(origins, model),
        offers,
        new Usable(
            between(0.5, 1),
            between(0.5, 1),
            between(0.5, 1),
            between(0.5, 1),
            Map.of("roce", between(0.5, 1))),
        policy(size, model),
        chance(0.3) ? new Objective(amountOrNothing(0, 0.1)) : Objective.BILL,
        null,
        "");
  }

  private Offer offer(int i, int regions) {
    int minNodes = chance(0.3) ? 1 + random.nextInt(3) : 0;
    return new Offer(
        "offer" + i,
        "p" + random.nextInt(2),
        "r" + random.nextInt(regions),
        null,
        null,
        chance(0.9) ? amount(0.8, 5) : null,
        chance(0.9) ? amount(0.5, 8) : null,
        chance(0.5) ? amount(0.05, 1) : null,
        chance(0.5) ? "roce" : null,
        chance(0.8) ? amountOrNothing(0, 5) : 0,
        "lease",
        amountOrNothing(1, 20),
        minNodes,
        chance(0.7) ? Math.max(minNodes, 1 + random.nextInt(8)) : null,
        chance(0.3) ? LocalDate.of(2027, 1 + random.nextInt(3), 1) : null);
  }

  private Origin origin(int o, List<Region> regions) {
    ServableIn servableIn = null;
    if (chance(0.15)) {
      Region region = regions.get(random.nextInt(regions.size()));
      servableIn =
          switch (random.nextInt(3)) {
            case 0 -> new ServableIn(List.of(region.id()), List.of(), List.of());
            case 1 -> new ServableIn(List.of(), List.of("" + region.country()), List.of());
            default -> new ServableIn(List.of(), List.of(), List.of("" + region.continent()));
          };
    }
    return new Origin(
        "origin" + o,
        "p" + random.nextInt(2),
        "r" + random.nextInt(regions.size()),
        chance(0.95) ? amount(100, 3000) : 0,
        servableIn,
        chance(0.15) ? amount(10, 250) : null);
  }

  private List<Link> links(List<Offer> offers, List<Origin> origins) {
    List<Link> links = new ArrayList<>();
    Set<String> seen = new java.util.HashSet<>();
    for (Origin origin : origins) {
      for (Offer offer : offers) {
        String from = origin.provider() + "/" + origin.region();
        String to = offer.provider() + "/" + offer.region();
        if (from.equals(to) || !chance(0.4)) {
          continue;
        }
        boolean both = chance(0.5);
        if (!seen.add(from + to) || (both && !seen.add(to + from))) {
          continue;
        }
        links.add(
            new Link(
                from,
                to,
                both,
                chance(0.7) ? amountOrNothing(0, 0.1) : null,
                chance(0.7) ? amountOrNothing(1, 100) : null,
                chance(0.3) ? amount(0.05, 0.8) : null));
      }
    }
    return links;
  }

  private Routing routing(List<Origin> origins, Model model) {
    List<Load> loads = new ArrayList<>();
    if (chance(0.5)) {
      loads.add(new Load(null, null, weights(model)));
    }
    for (Origin origin : origins) {
      if (chance(0.6)) {
        loads.add(new Load(origin.id(), null, weights(model)));
      }
    }
    return new Routing(loads, List.of());
  }

  private Weights weights(Model model) {
    double[][] weights = new double[model.moeLayers()][model.expertsPerLayer()];
    for (double[] row : weights) {
      for (int e = 0; e < row.length; e++) {
        row[e] = chance(0.15) ? 0 : Math.pow(random.nextDouble(), 3);
      }
    }
    return Weights.of(weights);
  }

  private Policy policy(Size size, Model model) {
    Set<DomainKind> survive = EnumSet.noneOf(DomainKind.class);
    for (DomainKind kind : DomainKind.values()) {
      if (chance(0.07)) {
        survive.add(kind);
      }
    }
    int minReplicas = chance(0.15) ? 2 : 1;
    Integer maxReplicas =
        chance(0.5) ? Math.max(minReplicas, 1 + random.nextInt(size.offers)) : null;
    return new Policy(
        chance(0.7) ? LocalDate.of(2027, 2, 1) : null,
        minReplicas,
        maxReplicas,
        survive,
        chance(0.15) ? between(0.5, 1) : null,
        chance(0.15) ? amount(20, 300) : null,
        chance(0.12) ? List.of(selector(size, model)) : List.of(),
        chance(0.12) ? List.of(selector(size, model)) : List.of());
  }

  private Selector selector(Size size, Model model) {
    @Nullable Integer layer = chance(0.6) ? random.nextInt(model.moeLayers()) : null;
    @Nullable Integer expert = chance(0.6) ? random.nextInt(model.expertsPerLayer()) : null;
    return switch (random.nextInt(3)) {
      case 0 ->
          new Selector(
              layer, expert, List.of("offer" + random.nextInt(size.offers)), List.of(), List.of());
      case 1 -> new Selector(layer, expert, List.of(), List.of("r0"), List.of());
      default ->
          new Selector(layer, expert, List.of(), List.of(), List.of("p" + random.nextInt(2)));
    };
  }
}
