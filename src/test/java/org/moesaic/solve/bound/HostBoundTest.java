package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Link;
import org.moesaic.problem.Problem;
import org.moesaic.solve.model.Pieces;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Feature;

/** The bound over paths of layers against every plan that keeps the rules. */
class HostBoundTest {
  private static final int PROBLEMS = 60;
  private static final double MOST_ASSIGNMENTS = 6_000;
  private static final Set<Feature> FEATURES =
      EnumSet.of(Feature.HOSTS, Feature.ACCESS, Feature.SAMPLES);

  /** A plan that keeps the rules: its nodes, and what its traffic costs. */
  private record Kept(Assignment assignment, double[] nodes, double trafficUsd) {}

  @Test
  void noValueIsAboveWhatAPlanPaysAndStepsRaiseIt() {
    int tried = 0;
    int raised = 0;
    double[] share = {0, 0};
    for (long seed = 0; tried < PROBLEMS; seed++) {
      Instance instance = Instance.of(RandomProblems.tiny(seed, FEATURES));
      List<Kept> plans = plans(instance);
      if (plans.isEmpty()) {
        continue;
      }
      tried++;
      var relaxation = new Relaxation(new Tariff(instance));
      var random = new SplittableRandom(seed);
      double[] usd = new double[relaxation.resources().count()];
      for (int i = 0; i < instance.offers(); i++) {
        double part = random.nextDouble();
        double price = instance.offer(i).usdPerNodeHour();
        usd[relaxation.resources().memory(i)] = part * price;
        usd[relaxation.resources().service(i)] = (1 - part) * price;
      }
      var bound = new HostBound(relaxation, () -> false);
      double cheapest = cheapest(instance, plans);
      double first = Double.NaN;
      double best = 0;
      bound.begin();
      for (int step = 0; step < 60; step++) {
        double value = holds(bound, Multipliers.of(usd), plans, cheapest, "seed " + seed);
        first = step == 0 ? value : first;
        best = Math.max(best, value);
        bound.improve(value, cheapest - value);
      }
      raised += best > first * (1 + 1e-9) ? 1 : 0;
      share[0] += first / cheapest;
      share[1] += best / cheapest;
    }
    System.out.printf(
        "of the optimum: %.1f%% with equal shares, %.1f%% after steps%n",
        100 * share[0] / tried, 100 * share[1] / tried);
    assertThat(raised).isGreaterThan(PROBLEMS / 4);
  }

  @Test
  void limitedWaysHavePricesThatNoPlanPaysTwice() {
    int tried = 0;
    int priced = 0;
    int tight = 0;
    int full = 0;
    int reached = 0;
    for (long seed = 0; tried < PROBLEMS; seed++) {
      var random = new SplittableRandom(seed);
      EnumSet<Feature> features = EnumSet.copyOf(FEATURES);
      if (random.nextBoolean()) {
        features.add(Feature.SHARED_COPIES);
      }
      if (random.nextBoolean()) {
        features.add(Feature.SYNC);
      }
      Instance instance = Instance.of(narrow(RandomProblems.tiny(seed, features), random));
      List<Kept> plans = plans(instance);
      if (plans.isEmpty()) {
        continue;
      }
      tried++;
      var relaxation = new Relaxation(new Tariff(instance));
      var bound = new HostBound(relaxation, () -> false);
      double cheapest = cheapest(instance, plans);
      List<Evaluator.Sum> uses = new ArrayList<>();
      for (Kept plan : plans) {
        Evaluator.Sum use = use(relaxation, plan.assignment);
        uses.add(use);
        for (int l = 0; l < relaxation.links(); l++) {
          double share = use.use[relaxation.resources().link(l)];
          assertThat(share).as("seed %d, way %d", seed, l).isLessThanOrEqualTo(1);
          full += share > 0.5 ? 1 : 0;
        }
      }
      for (int step = 0; step < 40; step++) {
        Multipliers at = Multipliers.of(prices(relaxation, random));
        bound.begin();
        double value = holds(bound, at, plans, cheapest, "seed %d, step %d".formatted(seed, step));
        double least = uses.stream().mapToDouble(use -> priced(at, use)).min().orElseThrow();
        assertThat(value)
            .as("seed %d, step %d", seed, step)
            .isLessThanOrEqualTo(least * (1 + 1e-11));
        reached += value > least * 0.999 ? 1 : 0;
        bound.improve(value, random.nextDouble() * cheapest);
        double[] free = at.copy();
        for (int l = 0; l < relaxation.links(); l++) {
          free[relaxation.resources().link(l)] = 0;
        }
        double without = holds(bound, Multipliers.of(free), plans, cheapest, "seed " + seed);
        double tolls = 0;
        for (int l = 0; l < relaxation.links(); l++) {
          tolls += at.usd(relaxation.resources().link(l));
        }
        double with = Objects.requireNonNull(bound.evaluate(at)).value();
        priced += with > without * (1 + 1e-9) ? 1 : 0;
        tight += with - tolls > without * (1 + 1e-9) ? 1 : 0;
      }
    }
    System.out.printf(
        "of %d values, prices of ways change %d, raise the bound of %d; %d are what a plan pays;"
            + " %d ways are more than half full%n",
        40 * PROBLEMS, priced, tight, reached, full);
    assertThat(full).isGreaterThan(PROBLEMS);
    assertThat(reached).isGreaterThan(PROBLEMS);
    assertThat(priced).isGreaterThan(20 * PROBLEMS / 4);
    assertThat(tight).isGreaterThan(PROBLEMS / 4);
  }

  /** What a plan uses, calls and cuts between its hosts included. */
  private static Evaluator.Sum use(Relaxation relaxation, Assignment plan) {
    Instance instance = relaxation.instance;
    var sum = new Evaluator.Sum(relaxation.resources());
    List<Placement> placements = Pieces.of(instance, plan);
    for (int p = 0; p < instance.pieces(); p++) {
      int layer = instance.layerOf(p);
      for (int replica : placements.get(p).replicas()) {
        relaxation.hold(p, replica, sum);
      }
      for (int o = 0; o < instance.origins(); o++) {
        int server = placements.get(p).servedBy()[o];
        if (server < 0) {
          continue;
        }
        relaxation.serve(p, o, server, sum);
        int home = instance.siteOfOffer(plan.home(o, layer));
        if (instance.isShard(p)) {
          double copies = relaxation.tariff.fewestCopies(o) * instance.demand(o, p);
          relaxation.call(home, instance.siteOfOffer(server), copies, sum);
        } else if (layer > 0) {
          int before = instance.siteOfOffer(plan.home(o, layer - 1));
          relaxation.cut(before, home, instance.origin(o).tokensPerSecond(), sum);
        }
      }
    }
    return sum;
  }

  private static double priced(Multipliers at, Evaluator.Sum use) {
    double usd = use.trafficUsd;
    for (int r = 0; r < use.use.length; r++) {
      usd += at.usd(r) * use.use[r];
    }
    return usd;
  }

  /** The value at multipliers, which no plan contradicts. */
  private static double holds(
      HostBound bound, Multipliers at, List<Kept> plans, double cheapest, String what) {
    Evaluation evaluation = Objects.requireNonNull(bound.evaluate(at));
    Cut cut = Cut.of(bound.resources(), evaluation, bound.values()).onAllTraffic();
    for (Kept plan : plans) {
      assertThat(cut.at(plan.nodes, plan.nodes))
          .as(what)
          .isLessThanOrEqualTo(plan.trafficUsd + 1e-9 * cheapest);
    }
    double told = 0;
    for (Evaluation.Part part : evaluation.parts()) {
      double sum = part.trafficUsd();
      for (int r = 0; r < part.use().length; r++) {
        sum += at.usd(r) * part.use()[r];
      }
      assertThat(sum).as(what).isCloseTo(part.value(), within(1e-9 * cheapest));
      told += sum;
    }
    assertThat(told).as(what).isCloseTo(evaluation.value(), within(1e-8 * cheapest));
    return evaluation.value();
  }

  /** Of nodes about their price; of ways and latency some, about what all costs. */
  private static double[] prices(Relaxation relaxation, SplittableRandom random) {
    Resources resources = relaxation.resources();
    double[] usd = new double[resources.count()];
    for (int r = 0; r < usd.length; r++) {
      int offer = resources.offerOf(r);
      double price =
          offer == Resources.NO_OFFER ? 10 : relaxation.instance.offer(offer).usdPerNodeHour();
      usd[r] = random.nextInt(3) == 0 ? 0 : random.nextDouble() * price;
    }
    return usd;
  }

  /** The same with limits to most ways between offers, that some plans exceed. */
  private static Problem narrow(Problem problem, SplittableRandom random) {
    List<Link> links = new ArrayList<>();
    List<String> sites =
        problem.offers().stream()
            .map(offer -> offer.provider() + "/" + offer.region())
            .distinct()
            .toList();
    for (String from : sites) {
      for (String to : sites) {
        if (!from.equals(to) && random.nextInt(4) > 0) {
          double gbps = Math.pow(10, -3 + 3 * random.nextDouble());
          links.add(new Link(from, to, false, 0.01 * random.nextDouble(), 5.0, gbps));
        }
      }
    }
    return problem.toBuilder().links(links).build();
  }

  private static double cheapest(Instance instance, List<Kept> plans) {
    return plans.stream()
        .mapToDouble(plan -> plan.trafficUsd + lease(instance, plan.nodes))
        .min()
        .orElseThrow();
  }

  private static double lease(Instance instance, double[] nodes) {
    double usd = 0;
    for (int i = 0; i < nodes.length; i++) {
      usd += nodes[i] * instance.offer(i).usdPerNodeHour();
    }
    return usd;
  }

  private static List<Kept> plans(Instance instance) {
    List<List<Placement>> choices = AllPlans.choices(instance);
    double hosts = Math.pow(instance.offers(), (double) instance.origins() * instance.layers());
    List<Kept> plans = new ArrayList<>();
    if (AllPlans.count(choices) == 0 || AllPlans.count(choices) * hosts > MOST_ASSIGNMENTS) {
      return plans;
    }
    List<Homes> homes = new ArrayList<>();
    hosts(instance, new int[instance.origins()][instance.layers()], 0, homes);
    AllPlans.forEach(
        choices,
        assignment -> {
          for (Homes home : homes) {
            var plan = new Assignment(assignment.placements(), home);
            Bill bill = Pricing.price(instance, plan);
            if (bill.keepsRules()) {
              double[] nodes = new double[instance.offers()];
              bill.leases().forEach(lease -> nodes[lease.offer()] = lease.nodes());
              plans.add(
                  new Kept(plan, nodes, bill.egressUsdPerHour() + bill.bandwidthUsdPerHour()));
            }
          }
        });
    return plans;
  }

  private static void hosts(Instance instance, int[][] offers, int n, List<Homes> into) {
    if (n == instance.origins() * instance.layers()) {
      into.add(Homes.of(offers));
      return;
    }
    for (int i = 0; i < instance.offers(); i++) {
      offers[n / instance.layers()][n % instance.layers()] = i;
      hosts(instance, offers, n + 1, into);
    }
  }
}
