package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.timefold.solver.core.api.score.HardSoftScore;
import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.score.director.ScoreDirectorFactoryConfig;
import ai.timefold.solver.core.config.solver.EnvironmentMode;
import ai.timefold.solver.core.config.solver.SolverConfig;
import java.util.EnumSet;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

/** Placed layers, sync and access: the ledger against the streams, at every move of searches. */
class FabricAgreementTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
  void searchesKeepTheScoreOfTheStreams(int seed) {
    RandomGenerator random = new SplittableRandom(seed);
    Problem problem =
        RandomProblems.of(
            seed,
            new Size(1 + seed % 4, 3, 6, 3),
            EnumSet.of(
                Feature.HOSTS, Feature.PARTS, Feature.ACCESS, Feature.SYNC, Feature.SAMPLES));
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
