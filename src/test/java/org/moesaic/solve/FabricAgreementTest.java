package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.timefold.solver.core.api.score.HardSoftScore;
import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.score.director.ScoreDirectorFactoryConfig;
import ai.timefold.solver.core.config.solver.EnvironmentMode;
import ai.timefold.solver.core.config.solver.SolverConfig;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
import org.moesaic.solve.model.PlacementConstraintProvider;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Feature;
import org.moesaic.testing.RandomProblems.Size;

/**
 * Placed layers, shared copies, sync and access: the ledger against the streams, at every move of
 * searches.
 */
class FabricAgreementTest {
  static IntStream seeds() {
    return IntStream.range(0, 30);
  }

  /** Every other seed shares copies, and one in six has layers where they are. */
  private static Set<Feature> features(int seed) {
    Set<Feature> features = EnumSet.allOf(Feature.class);
    if (seed % 2 == 0) {
      features.remove(Feature.SHARED_COPIES);
    }
    if (seed % 6 == 5) {
      features.remove(Feature.HOSTS);
    }
    return features;
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void searchesKeepTheScoreOfTheStreams(int seed) {
    RandomGenerator random = new SplittableRandom(seed);
    Problem problem = RandomProblems.of(seed, new Size(1 + seed % 4, 3, 6, 3), features(seed));
    Instance whole = Instance.of(problem);
    Instance instance = whole.split(RandomPlacements.anyParts(whole, random));
    var tariff = new Tariff(instance);
    PlacementSolution start =
        PlacementSolution.of(
            tariff,
            new Assignment(
                RandomPlacements.anyAssignment(instance, random).placements(),
                RandomPlacements.anyHosts(instance, random)));
    SolverConfig config =
        Search.config(seed, 200, null).withEnvironmentMode(EnvironmentMode.FULL_ASSERT);
    config
        .getScoreDirectorFactoryConfig()
        .withAssertionScoreDirectorFactory(
            new ScoreDirectorFactoryConfig()
                .withConstraintProviderClass(PlacementConstraintProvider.class));
    PlacementSolution found =
        SolverFactory.<PlacementSolution>create(config).buildSolver().solve(start);
    HardSoftScore score = found.getScore();
    Bill bill = Pricing.price(instance, found.toAssignment());
    assertThat(score.isFeasible()).as("seed %d", seed).isEqualTo(bill.keepsRules());
    assertThat(tariff.toUsdPerHour(-score.softScore()))
        .as("seed %d", seed)
        .isCloseTo(bill.usdPerHour(), within(1e-6 * Math.max(1e-3, bill.usdPerHour())));
  }
}
