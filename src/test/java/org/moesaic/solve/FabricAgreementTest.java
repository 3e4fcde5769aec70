package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;

import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.score.director.ScoreDirectorFactoryConfig;
import ai.timefold.solver.core.config.solver.EnvironmentMode;
import ai.timefold.solver.core.config.solver.SolverConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Model;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Model.Sync;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Problem;
import org.moesaic.solve.model.Pieces;
import org.moesaic.solve.model.PlacementConstraintProvider;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** Placed layers, sync and access: the ledger against the streams, at every move of searches. */
class FabricAgreementTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19})
  void searchesKeepTheScoreOfTheStreams(int seed) {
    RandomGenerator random = new SplittableRandom(seed);
    Problem problem = placed(RandomProblems.of(seed, new Size(1 + seed % 4, 3, 6, 3)), random);
    Instance instance = Instance.of(problem);
    var tariff = new Tariff(instance);
    PlacementSolution start = PlacementSolution.of(tariff, any(instance, random));
    SolverConfig config =
        Search.config(seed, 200, null).withEnvironmentMode(EnvironmentMode.FULL_ASSERT);
    config
        .getScoreDirectorFactoryConfig()
        .withAssertionScoreDirectorFactory(
            new ScoreDirectorFactoryConfig()
                .withConstraintProviderClass(PlacementConstraintProvider.class));
    PlacementSolution found =
        SolverFactory.<PlacementSolution>create(config).buildSolver().solve(start);
    assertThat(found.getScore()).isNotNull();
  }

  private static Assignment any(Instance instance, RandomGenerator random) {
    List<Placement> pieces = new ArrayList<>();
    for (int p = 0; p < instance.pieces(); p++) {
      Placement any = RandomPlacements.any(instance, p, random);
      pieces.add(any);
    }
    return Pieces.assignment(instance, pieces);
  }

  private static Problem placed(Problem p, RandomGenerator random) {
    Model m = p.model();
    var backbone =
        new Backbone(
            random.nextInt(3) * 0.5 * m.expertBytes(),
            random.nextDouble() * 10 * m.expertFlopsPerToken(),
            random.nextInt(3) * m.dispatchBytes(),
            random.nextInt(2) * m.dispatchBytes());
    Sync sync =
        random.nextBoolean()
            ? null
            : new Sync(m.expertBytes() * 2.0, backbone.bytesPerLayer(), 12, 0.5);
    Model model =
        new Model(
            m.name(),
            m.moeLayers(),
            m.expertsPerLayer(),
            m.topK(),
            m.expertBytes(),
            m.expertFlopsPerToken(),
            m.dispatchBytes(),
            m.combineBytes(),
            m.expertsPerShard(),
            m.copies(),
            backbone,
            sync);
    List<Origin> origins = new ArrayList<>();
    for (Origin o : p.origins()) {
      origins.add(
          new Origin(
              o.id(),
              o.provider(),
              o.region(),
              o.tokensPerSecond(),
              1,
              random.nextInt(3) * 100.0,
              o.servableIn(),
              o.maxAddedLatencyMs(),
              random.nextInt(3) == 0 ? 80.0 : null));
    }
    return new Problem(
        p.name(),
        model,
        p.regions(),
        p.providers(),
        p.links(),
        origins,
        p.routing(),
        p.offers(),
        p.usable(),
        p.policy(),
        p.objective(),
        null,
        "");
  }
}
