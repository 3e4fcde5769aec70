package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What everything keeps that bounds the cost of plans: of no plan that keeps the rules is more
 * proved than it costs. Tried on tiny problems, with all their plans.
 */
interface BoundContract {
  /**
   * A bound.
   *
   * @param what for whoever reads that it is false
   * @param usdPerHour of every plan; minus infinity if nothing is proved
   * @param decisions of plans that take them; null if the bound knows of none
   */
  record Proved(String what, double usdPerHour, @Nullable DecisionBounds decisions) {}

  /** Proves bounds of a problem, from weak to strong; none if that is not for such a problem. */
  List<Proved> prove(TinyPlans tiny);

  /** So many problems are tried. */
  default int problems() {
    return 60;
  }

  /** The first of their seeds. */
  default long firstSeed() {
    return 50_000;
  }

  @Test
  default void noPlanCostsLessThanIsProved() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
    int[] counted = new int[3];
    TinyPlans.forEach(
        firstSeed(),
        problems(),
        tiny -> {
          List<Proved> bounds = prove(tiny);
          for (Proved proved : bounds) {
            for (TinyPlans.Plan plan : tiny.plans()) {
              holds(tiny, proved, plan);
            }
          }
          if (!bounds.isEmpty() && tiny.optimum() > 0 && !tiny.plans().isEmpty()) {
            counted[0]++;
            double last = bounds.getLast().usdPerHour();
            counted[1] += last > 0.5 * tiny.optimum() ? 1 : 0;
            counted[2] += last > 0.9 * tiny.optimum() ? 1 : 0;
          }
        });
    System.out.printf(
        "%s: %d problems with a plan, %d bounds above a half of the best, %d above 0.9%n",
        getClass().getSimpleName(), counted[0], counted[1], counted[2]);
    assertThat(counted[0]).as("problems with a plan and a bound").isGreaterThan(10);
    // What says nothing is never false either.
    assertThat(counted[1]).as("of %d", counted[0]).isGreaterThan(counted[0] / 2);
  }

  private static void holds(TinyPlans tiny, Proved proved, TinyPlans.Plan plan) {
    double most = plan.bill().usdPerHour() * (1 + 1e-9);
    String what = "%s: %s, %s".formatted(tiny.replay(), proved.what(), plan.assignment());
    assertThat(proved.usdPerHour()).as(what).isLessThanOrEqualTo(most);
    DecisionBounds decisions = proved.decisions();
    if (decisions == null || !tiny.isNeeded(plan)) {
      return;
    }
    double[] nodes = plan.nodes(tiny.instance().offers());
    for (int s = 0; s < tiny.instance().shards(); s++) {
      for (int replica : plan.assignment().of(s).replicas()) {
        assertThat(decisions.held()[s][replica])
            .as("%s: shard %d at offer %d", what, s, replica)
            .isLessThanOrEqualTo(most);
      }
    }
    for (int i = 0; i < nodes.length; i++) {
      assertThat((nodes[i] > 0 ? decisions.leased() : decisions.unleased())[i])
          .as("%s: offer %d, %s", what, i, Arrays.toString(nodes))
          .isLessThanOrEqualTo(most);
    }
  }
}
