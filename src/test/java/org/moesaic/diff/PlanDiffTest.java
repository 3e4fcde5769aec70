package org.moesaic.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.moesaic.check.PlanConverter;
import org.moesaic.diff.PlanDiff.Held;
import org.moesaic.diff.PlanDiff.Lease;
import org.moesaic.fixture.Examples;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.plan.Plan;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Policy.Selector;
import org.moesaic.problem.Problem;

/** What is between two plans, worked out by hand. */
class PlanDiffTest {
  private static final double GB_PER_GIB = 1.073741824;

  private static Plan plan(Problem problem, Assignment assignment) {
    Instance instance = Instance.of(problem);
    return PlanConverter.toPlan(
        instance, assignment, Pricing.price(instance, assignment), null, null);
  }

  /** The third offer gives up all that it held; the first takes what nobody else has. */
  private static Assignment withoutThird() {
    List<Placement> placements = new ArrayList<>(Examples.assignment().placements());
    placements.set(1, new Placement(new int[] {0}, new int[] {0, 0}));
    placements.set(2, new Placement(new int[] {0}, new int[] {Placement.NOBODY, 0}));
    placements.set(3, new Placement(new int[] {1}, new int[] {1, 1}));
    return new Assignment(placements);
  }

  @Test
  void anOfferIsReleased() {
    Problem problem = Examples.problem().build();
    PlanDiff diff =
        PlanDiff.of(problem, plan(problem, Examples.assignment()), plan(problem, withoutThird()));
    // Nodes of 1.6 GiB: 3 GiB in 2 of them at 10 USD/h are now 4 GiB in 3, and 2 at 12 are gone.
    assertThat(diff.leases())
        .containsExactly(new Lease("a", 2, 3, 20, 30), new Lease("c", 2, 0, 24, 0));
    assertThat(diff.held()).hasSize(2);
    Held first = diff.held().getFirst();
    assertThat(first.offer()).isEqualTo("a");
    assertThat(first.replicasCome()).isEqualTo(1);
    assertThat(first.replicasGo()).isZero();
    assertThat(first.gbCome()).isCloseTo(GB_PER_GIB, within(1e-12));
    Held third = diff.held().getLast();
    assertThat(third.offer()).isEqualTo("c");
    assertThat(third.replicasCome()).isZero();
    assertThat(third.replicasGo()).isEqualTo(3);
    assertThat(third.gbGo()).isCloseTo(3 * GB_PER_GIB, within(1e-12));
    // Of 2 * (1000 + 500) calls in each of two layers, three shards' 1000 / 3 of "eu" move.
    assertThat(diff.callsMoved()).isCloseTo(1000.0 / 6000, within(1e-12));
    assertThat(diff.hostingMoved()).isZero();
    assertThat(diff.broken()).isEmpty();
    assertThat(diff.after().leaseUsdPerHour() - diff.before().leaseUsdPerHour())
        .isCloseTo(10 - 24, within(1e-9));
  }

  @Test
  void theWayBackIsTheOpposite() {
    Problem problem = Examples.problem().build();
    Plan old = plan(problem, Examples.assignment());
    Plan now = plan(problem, withoutThird());
    PlanDiff back = PlanDiff.of(problem, now, old);
    assertThat(back.leases())
        .containsExactly(new Lease("a", 3, 2, 30, 20), new Lease("c", 0, 2, 0, 24));
    assertThat(back.replicasCome()).isEqualTo(3);
    assertThat(back.callsMoved()).isCloseTo(1.0 / 6, within(1e-12));
  }

  @Test
  void aPlanDoesNotDifferFromItself() {
    Problem problem = Examples.trained().build();
    Plan plan = Examples.trainedPlan(problem);
    PlanDiff diff = PlanDiff.of(problem, plan, plan);
    assertThat(diff.leases()).isEmpty();
    assertThat(diff.held()).isEmpty();
    assertThat(diff.callsMoved()).isZero();
    assertThat(diff.hostingMoved()).isZero();
  }

  @Test
  void streamsAreComparedAndNotParts() {
    Problem problem = Examples.trained().build();
    Assignment before = Examples.trainedAssignment(problem);
    Assignment after =
        new Assignment(
            before.placements(),
            before.homes(),
            Parts.of(problem.origins(), new int[][] {{1}, {1}, {2, 2}}));
    PlanDiff diff = PlanDiff.of(problem, plan(problem, before), plan(problem, after));
    // One of four streams of 75 tokens/s each is hosted elsewhere, in both layers.
    assertThat(diff.hostingMoved()).isCloseTo(75.0 / 1800, within(1e-12));
    // Its calls to one of three shards go elsewhere in one of two layers.
    assertThat(diff.callsMoved()).isCloseTo(2 * 75 / 3.0 / (2 * 2 * 1800), within(1e-12));
    assertThat(diff.layersCome()).isZero();
  }

  @Test
  void rulesAreBrokenAndKeptAgain() {
    Selector third = new Selector(1, null, List.of("c"), List.of(), List.of());
    Problem problem = Examples.problem().ban(third).build();
    Plan old = plan(problem, Examples.assignment());
    Plan now = plan(problem, withoutThird());
    PlanDiff mends = PlanDiff.of(problem, old, now);
    assertThat(mends.mended()).extracting(Plan.Violation::rule).containsExactly("ban");
    assertThat(mends.broken()).isEmpty();
    assertThat(mends.stillBroken()).isEmpty();
    PlanDiff breaks = PlanDiff.of(problem, now, old);
    assertThat(breaks.broken()).isEqualTo(mends.mended());
    assertThat(breaks.mended()).isEmpty();
    assertThat(PlanDiff.of(problem, old, old).stillBroken()).isEqualTo(mends.mended());
  }
}
