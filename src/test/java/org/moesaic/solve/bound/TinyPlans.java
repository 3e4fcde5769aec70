package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomProblems;

/**
 * A tiny random problem with every plan that keeps its rules, which is what bounds have to stay
 * below.
 *
 * @param choices all placements of each shard that keep the rules of one shard
 */
record TinyPlans(
    long seed,
    Instance instance,
    Tariff tariff,
    Relaxation relaxation,
    List<List<Placement>> choices,
    List<Plan> plans) {
  private static final int MOST = 3_000;

  /** A plan that keeps the rules, and its price by the reference. */
  record Plan(Assignment assignment, Bill bill) {
    double trafficUsd() {
      return bill.egressUsdPerHour() + bill.bandwidthUsdPerHour();
    }

    /** Nodes of each offer. */
    double[] nodes(int offers) {
      double[] nodes = new double[offers];
      for (Bill.Lease lease : bill.leases()) {
        nodes[lease.offer()] = lease.nodes();
      }
      return nodes;
    }
  }

  /** Goes through so many problems; of some, no plan keeps the rules. */
  static void forEach(long firstSeed, int count, Consumer<TinyPlans> each) {
    int tried = 0;
    for (long seed = firstSeed; tried < count; seed++) {
      Instance instance = Instance.of(RandomProblems.tiny(seed));
      Tariff tariff = new Tariff(instance);
      List<List<Placement>> choices = new ArrayList<>();
      for (List<Placement> all : AllPlans.choices(instance)) {
        int s = choices.size();
        choices.add(all.stream().filter(p -> tariff.keepsPlacementRules(s, p)).toList());
      }
      double number = AllPlans.count(choices);
      if (number == 0 || number > MOST) {
        continue;
      }
      tried++;
      List<Plan> plans = new ArrayList<>();
      AllPlans.forEach(
          choices,
          assignment -> {
            Bill bill = Pricing.price(instance, assignment);
            if (bill.keepsRules()) {
              plans.add(new Plan(assignment, bill));
            }
          });
      each.accept(new TinyPlans(seed, instance, tariff, new Relaxation(tariff), choices, plans));
    }
  }

  String replay() {
    return "RandomProblems.tiny(%d)".formatted(seed);
  }

  /** Cost of the best plan; infinite if there is none. */
  double optimum() {
    return plans.stream()
        .mapToDouble(plan -> plan.bill().usdPerHour())
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  /**
   * Whether a plan has no replicas but those that somebody needs: where one of each shard will do,
   * bounds on decisions are of plans with one.
   */
  boolean isNeeded(Plan plan) {
    return !PlacementProgram.isSingle(relaxation)
        || plan.assignment().placements().stream().allMatch(p -> p.replicas().length == 1);
  }

  /** What a placement of a shard costs at multipliers. */
  double usdAt(Multipliers at, int shard, Placement placement) {
    Multipliers.Price price = at.new Price();
    for (int replica : placement.replicas()) {
      relaxation.hold(shard, replica, price);
    }
    for (int o = 0; o < placement.servedBy().length; o++) {
      if (placement.servedBy()[o] >= 0) {
        relaxation.serve(shard, o, placement.servedBy()[o], price);
      }
    }
    return price.take();
  }

  /** Prices of about what nodes cost, some of them nothing. */
  Multipliers multipliers(SplittableRandom random) {
    Resources resources = relaxation.resources();
    double[] usd = new double[resources.count()];
    for (int r = 0; r < usd.length; r++) {
      int offer = resources.offerOf(r);
      double most = offer == Resources.NO_OFFER ? 20 : tariff.offer(offer).usdPerNodeHour();
      // Where a node holds nothing at all, no price but 0 makes sense.
      boolean finite =
          offer == Resources.NO_OFFER
              || Double.isFinite(relaxation.nodesPerExpert[offer])
                  && Double.isFinite(relaxation.nodesPerCall[offer]);
      usd[r] = !finite || random.nextInt(4) == 0 ? 0 : most * random.nextDouble();
    }
    return Multipliers.of(usd);
  }
}
