package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Instance;
import org.moesaic.problem.Incumbent;
import org.moesaic.problem.Problem;
import org.moesaic.testing.AllPlans;
import org.moesaic.testing.RandomProblems;

/** What is sure to leave no plan. */
class ObstaclesTest {
  private static List<String> pointers(Problem problem) {
    return Obstacles.of(problem).stream().map(Obstacle::pointer).toList();
  }

  private static ProblemBuilder providers(double share) {
    var problem = new ProblemBuilder().model(1, 2, 1).maxProviderShare(share);
    for (String id : List.of("a", "b", "c", "d")) {
      problem
          .freeProvider(id)
          .region("r" + id, region -> {})
          .offer("offer-" + id, id + "/r" + id, offer -> offer.usdPerNodeHour = 1);
    }
    return problem.origin("users", "a/ra", 10);
  }

  @Test
  void sharesHaveToAddUp() {
    assertThat(Obstacles.of(providers(0.2).build()))
        .singleElement()
        .satisfies(
            obstacle -> {
              assertThat(obstacle.pointer()).isEqualTo("/policy/maxProviderShare");
              assertThat(obstacle.message()).contains("0.2", "1/4", "4 providers");
              assertThat(obstacle.hint()).startsWith("Maybe ");
            });
    assertThat(pointers(providers(0.25).build())).isEmpty();
  }

  private static ProblemBuilder power(double capKw) {
    return new ProblemBuilder()
        .model(1, 2, 1)
        .freeProvider("a")
        .region("r", region -> region.powerCapKw = capKw)
        .origin("users", "a/r", 10)
        .offer(
            "small",
            "a/r",
            offer -> {
              offer.powerKw = 3;
              offer.minNodes = 2;
            })
        .offer("large", "a/r", offer -> offer.powerKw = 8);
  }

  @Test
  void oneNodeHasToFitUnderItsCap() {
    // Two nodes of 3 kW draw less than one of 8 kW.
    assertThat(Obstacles.of(power(5.9).build()))
        .singleElement()
        .satisfies(
            obstacle -> {
              assertThat(obstacle.pointer()).isEqualTo("/regions/0/powerCapKw");
              assertThat(obstacle.message()).contains("(5.9)", "at least 6 kW");
            });
    assertThat(pointers(power(6).build())).isEmpty();
  }

  private static ProblemBuilder latency(double limitMs) {
    return new ProblemBuilder()
        .model(3, 4, 2)
        .freeProvider("a")
        .region("home", region -> {})
        .region("near", region -> {})
        .region("far", region -> {})
        .link("a/home", "a/near", 0.0, 10.0, null)
        .link("a/home", "a/far", 0.0, 70.0, null)
        .origin("users", "a/home", 10)
        .offer("near", "a/near", offer -> offer.usdPerNodeHour = 5)
        .offer("far", "a/far", offer -> offer.usdPerNodeHour = 1)
        .maxAddedLatencyMs(limitMs);
  }

  @Test
  void theNearestOfferHasToBeNearEnough() {
    // Two experts of each of 3 layers are called, both 10 ms away: a layer takes 10 ms.
    assertThat(Obstacles.of(latency(29).build()))
        .singleElement()
        .satisfies(
            obstacle -> {
              assertThat(obstacle.pointer()).isEqualTo("/policy/maxAddedLatencyMs");
              assertThat(obstacle.message()).contains("(29)", "at least 30.000 ms", "(users)");
            });
    assertThat(pointers(latency(30).build())).isEmpty();
  }

  @Test
  void partsThatCannotBePlannedYetAreNamed() {
    Problem problem = providers(1).incumbent(new Incumbent("plan.json", 1, null)).build();
    assertThat(pointers(problem)).containsExactly("/incumbent");
  }

  @Test
  void noProblemWithAPlanHasAnObstacle() {
    int withPlan = 0;
    for (long seed = 0; seed < 600; seed++) {
      Problem problem = RandomProblems.tiny(seed);
      Instance instance = Instance.of(problem);
      var choices = AllPlans.choices(instance);
      double count = AllPlans.count(choices);
      if (count > 0 && count <= 700 && ExhaustiveTest.optimum(instance, choices) != null) {
        withPlan++;
        assertThat(Obstacles.of(problem)).as("seed %d", seed).isEmpty();
      }
    }
    assertThat(withPlan).isGreaterThan(50);
  }
}
