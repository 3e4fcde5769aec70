package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.solve.bound.PlacementProgram.Core;
import org.moesaic.solve.bound.PlacementProgram.Effort;
import org.moesaic.solve.bound.PlacementProgram.Outcome;
import org.moesaic.solve.bound.PlacementProgram.Shape;

/** The problem as a linear and as an integer program, against all plans. */
class PlacementProgramTest implements BoundContract {
  private static final int PROBLEMS = 60;
  private static final double GAP = 1e-8;

  @BeforeAll
  static void needsNatives() {
    assumeTrue(Natives.available(), () -> "Skipped: " + Natives.failure());
  }

  private static @Nullable Outcome solve(TinyPlans tiny, boolean nodes, boolean shards) {
    Solvers solvers = new Solvers(() -> Double.POSITIVE_INFINITY);
    Relaxation relaxation = tiny.relaxation();
    PlacementProgram program =
        new PlacementProgram(relaxation, new NodeProgram(relaxation, solvers));
    Core all = Core.whole(tiny.instance().shards(), relaxation.offers(), true);
    Shape shape = new Shape(nodes, shards, null, all);
    return solvers.with(
        nodes || shards ? "SCIP" : "GLOP",
        solver -> program.solve(solver, shape, new Effort(100_000, GAP, null, "")));
  }

  /** Nodes and shards divided, then nodes whole. */
  @Override
  public List<Proved> prove(TinyPlans tiny) {
    List<Proved> proved = new ArrayList<>();
    for (boolean whole : new boolean[] {false, true}) {
      Outcome outcome = solve(tiny, whole, false);
      if (outcome != null) {
        String what = whole ? "whole nodes" : "linear";
        proved.add(new Proved(what, outcome.boundUsdPerHour(), outcome.decisions()));
      }
    }
    return proved;
  }

  /** All of it whole: the best plan, but for nodes leased only to keep a provider's share. */
  @Test
  void wholeNodesAndShardsAreTheBestPlan() {
    int[] solved = new int[1];
    TinyPlans.forEach(
        64_000,
        PROBLEMS,
        tiny -> {
          Outcome outcome = solve(tiny, true, true);
          boolean exact = tiny.instance().problem().policy().maxProviderShare() == null;
          if (outcome == null || !outcome.closed() || tiny.plans().isEmpty() || !exact) {
            return;
          }
          assertThat(outcome.boundUsdPerHour())
              .as(tiny.replay())
              .isLessThanOrEqualTo(tiny.optimum() * (1 + 1e-9))
              .isCloseTo(tiny.optimum(), withinPercentage(1e-3));
          assertThat(outcome.plan()).as(tiny.replay()).isNotNull();
          Bill bill = Pricing.price(tiny.instance(), outcome.plan());
          assertThat(bill.violations()).as(tiny.replay()).isEmpty();
          assertThat(bill.usdPerHour())
              .as(tiny.replay())
              .isCloseTo(tiny.optimum(), withinPercentage(1e-4));
          solved[0]++;
        });
    assertThat(solved[0]).isGreaterThan(PROBLEMS / 4);
  }
}
