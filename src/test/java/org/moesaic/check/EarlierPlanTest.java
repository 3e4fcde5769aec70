package org.moesaic.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.moesaic.fixture.Examples;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.plan.Plan;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Problem;
import org.moesaic.testing.RandomProblems;

/** What is taken over of a plan, on the example of three offers a, b and c. */
class EarlierPlanTest {
  private static Origin streams(Origin o, int streams) {
    return new Origin(
        o.id(),
        o.provider(),
        o.region(),
        o.tokensPerSecond(),
        streams,
        o.accessBytes(),
        o.servableIn(),
        o.maxAddedLatencyMs(),
        o.maxAccessMs());
  }

  private static Problem without(Problem problem, String offer) {
    return problem.toBuilder()
        .offers(problem.offers().stream().filter(o -> !o.id().equals(offer)).toList())
        .build();
  }

  @Test
  void nothingChangesWhereNothingChanged() {
    Problem problem = Examples.trained().build();
    Instance instance = Instance.of(problem);
    EarlierPlan.Left left = EarlierPlan.take(instance, Examples.trainedPlan(problem));
    assertThat(left.notes()).isEmpty();
    assertThat(left.assignment()).isEqualTo(Examples.trainedAssignment(problem));
  }

  @Test
  void whatWasOnAnOfferThatIsGoneIsElsewhere() {
    Problem problem = Examples.problem().build();
    Plan plan = Examples.plan(problem);
    EarlierPlan.Left left = EarlierPlan.take(Instance.of(without(problem, "c")), plan);
    assertThat(left.notes())
        .containsExactly(
            "Of the plan to start from, an offer is no longer there or allowed to hold what it"
                + " held: c.",
            "Of the plan to start from, 3 replicas are dropped, and 0 layers hosted elsewhere.");
    Assignment now = left.assignment();
    // The second shard has its other replica; the third goes where most of its layer was: to a.
    assertThat(now.of(1)).isEqualTo(new Placement(new int[] {0}, new int[] {0, 0}));
    assertThat(now.of(2)).isEqualTo(new Placement(new int[] {0}, new int[] {Placement.NOBODY, 0}));
    assertThat(now.of(3)).isEqualTo(new Placement(new int[] {1}, new int[] {1, 1}));
    assertThat(now.of(5)).isEqualTo(Examples.assignment().of(5));
  }

  @Test
  void layersFollowTheOneBefore() {
    Problem problem = Examples.trained().build();
    Problem now = without(problem, "b");
    Assignment left =
        EarlierPlan.take(Instance.of(now), Examples.trainedPlan(problem)).assignment();
    // "us" was at a, then b; the offers left are a (0) and c (1).
    assertThat(left.home(0, 0)).isZero();
    assertThat(left.home(0, 1)).isZero();
    assertThat(left.home(1, 0)).isEqualTo(1);
    assertThat(left.parts()).isEqualTo(Examples.trainedAssignment(problem).parts());
  }

  @Test
  void partsKeepTheirProportions() {
    Problem problem = Examples.trained().build();
    Problem more =
        problem.toBuilder()
            .origins(
                problem.origins().stream()
                    .map(o -> o.id().equals("many") ? streams(o, 9) : o)
                    .toList())
            .build();
    Assignment left =
        EarlierPlan.take(Instance.of(more), Examples.trainedPlan(problem)).assignment();
    // 3 and 1 of 4 are 6.75 and 2.25 of 9.
    assertThat(left.parts()).isEqualTo(Parts.of(more.origins(), new int[][] {{1}, {1}, {7, 2}}));
    assertThat(left.homes()).isEqualTo(Examples.trainedAssignment(problem).homes());
  }

  @Test
  void aPlanOfAnotherModel() {
    Problem problem = Examples.problem().build();
    Problem other = Examples.problem().expertsPerShard(2).build();
    Plan plan = Examples.plan(problem);
    assertThatThrownBy(() -> EarlierPlan.take(Instance.of(other), plan))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("2 layers with 2 shards")
        .hasMessageContaining("Maybe");
  }

  /** Whatever changes between two problems: what is left can be priced, or nothing can. */
  @Test
  void anyPlanCanBePricedAfterwards() {
    int tried = 0;
    for (long seed = 0; tried < 200; seed++) {
      Problem problem = RandomProblems.tiny(seed);
      Instance instance = Instance.of(problem);
      if (problem.offers().size() < 2 || instance.hasBackbone()) {
        continue;
      }
      tried++;
      int[] all = new int[instance.origins()];
      List<Placement> placements = new ArrayList<>();
      for (int s = 0; s < instance.shards(); s++) {
        int offer = (int) ((seed + s) % instance.offers());
        int[] servedBy = all.clone();
        for (int o = 0; o < all.length; o++) {
          servedBy[o] = instance.isServed(o, s) ? offer : Placement.NOBODY;
        }
        placements.add(new Placement(new int[] {offer}, servedBy));
      }
      Assignment before = new Assignment(placements);
      Plan plan =
          PlanConverter.toPlan(instance, before, Pricing.price(instance, before), null, null);
      Instance now = Instance.of(without(problem, problem.offers().getFirst().id()));
      Assignment left = EarlierPlan.take(now, plan).assignment();
      for (int s = 0; s < now.shards(); s++) {
        for (int o = 0; o < now.origins(); o++) {
          int by = left.of(s).servedBy()[o];
          assertThat(by >= 0).as("seed %d", seed).isEqualTo(now.isServed(o, s));
          assertThat(by < 0 || List.of(boxed(left.of(s).replicas())).contains(by)).isTrue();
        }
      }
      assertThat(Objects.requireNonNull(Pricing.price(now, left)).usdPerHour()).isNotNegative();
    }
  }

  private static Integer[] boxed(int[] values) {
    return Arrays.stream(values).boxed().toArray(Integer[]::new);
  }
}
