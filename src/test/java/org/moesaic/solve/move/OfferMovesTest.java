package org.moesaic.solve.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.moesaic.testing.RandomPlacements.requireShape;

import ai.timefold.solver.core.api.score.HardSoftScore;
import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.score.director.ScoreDirectorFactoryConfig;
import ai.timefold.solver.core.config.solver.SolverConfig;
import ai.timefold.solver.core.impl.score.director.InnerScoreDirector;
import ai.timefold.solver.core.impl.score.director.ScoreDirectorFactory;
import ai.timefold.solver.core.impl.solver.DefaultSolverFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.Guide;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.LedgerScoreCalculator;
import org.moesaic.solve.model.OfferTerms;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.ShardAssignment;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.move.OfferMoves.Batch;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** What moves promise, on random problems: batches one by one, then all kinds as they are drawn. */
class OfferMovesTest {
  private static final Size[] SIZES = {
    new Size(1, 3, 3, 2), new Size(2, 6, 5, 2), new Size(3, 4, 8, 3), new Size(2, 16, 6, 2)
  };

  /** A random problem with an assignment, and the batches that are drawn from there. */
  private static final class Scene {
    final String replay;
    final Instance instance;
    final Tariff tariff;
    final PlacementSolution solution;
    final Edits edits;
    final OfferMoves moves;
    final RandomGenerator random;
    final @Nullable Guide guide;

    Scene(int seed) {
      Size size = SIZES[seed % SIZES.length];
      replay = "RandomProblems.of(%d, %s)".formatted(seed, size);
      instance = Instance.of(RandomProblems.of(seed, size));
      tariff = new Tariff(instance);
      random = new SplittableRandom(seed);
      Assignment start =
          seed % 4 == 3
              ? RandomPlacements.anyAssignment(instance, random)
              : RandomPlacements.allowedAssignment(instance, random);
      guide = seed % 3 == 0 ? null : guide(instance, new SplittableRandom(seed));
      solution = PlacementSolution.of(tariff, start, guide);
      new LedgerScoreCalculator().resetWorkingSolution(solution);
      edits = new Edits(tariff, solution);
      moves = new OfferMoves(tariff, edits);
    }

    /** Any prices and placements at all: moves have to be sound whatever they go by. */
    private static Guide guide(Instance instance, RandomGenerator random) {
      double[] usdPerExpert = random.doubles(instance.offers(), 0, 5).toArray();
      double[][] usdPerCall = new double[instance.origins()][];
      Arrays.setAll(usdPerCall, o -> random.doubles(instance.offers(), 0, 0.1).toArray());
      List<Placement> cheapest = new ArrayList<>();
      int[][] offers = new int[instance.shards()][];
      for (int s = 0; s < instance.shards(); s++) {
        cheapest.add(RandomPlacements.any(instance, s, random));
        offers[s] = instance.holders(s).clone();
      }
      return new Guide(
          instance,
          new Guide.Prices(usdPerExpert, new double[0], new double[][][] {usdPerCall}),
          cheapest,
          offers);
    }

    Ledger ledger() {
      return solution.ledger();
    }

    /** The ledger after a batch whose every placement has the right shape. */
    Ledger after(Batch batch, String what) {
      assertThat(batch.shards()).as(what).isNotEmpty().doesNotHaveDuplicates();
      assertThat(batch.placements()).as(what).hasSameSizeAs(batch.shards());
      List<Placement> placements = new ArrayList<>(solution.toAssignment().placements());
      for (int m = 0; m < batch.shards().size(); m++) {
        int s = batch.shards().get(m);
        Placement placement = batch.placements().get(m);
        requireShape(instance, s, placement, what);
        assertThat(placement).as(what).isNotEqualTo(solution.placement(s));
        assertThat(keeps(s, placement) || !keeps(s, solution.placement(s)))
            .as("%s: shard %d from %s to %s", what, s, solution.placement(s), placement)
            .isTrue();
        placements.set(s, placement);
      }
      return Ledger.of(tariff, new Assignment(placements));
    }

    boolean keeps(int shard, Placement placement) {
      return tariff.keepsPlacementRules(shard, placement);
    }
  }

  @Test
  void releaseLeavesAtMostTheNodesAsked() {
    int toFewer = 0;
    int toNone = 0;
    for (int seed = 0; seed < 400; seed++) {
      Scene scene = new Scene(seed);
      for (int offer = 0; offer < scene.instance.offers(); offer++) {
        long before = scene.ledger().nodes(offer);
        for (long nodes : before == 0 ? List.<Long>of() : List.of(before - 1, before / 2, 0L)) {
          Batch batch = scene.moves.release(scene.solution, offer, nodes, scene.random);
          if (batch == null) {
            continue;
          }
          String what =
              "%s: %d of %d nodes of offer %d".formatted(scene.replay, nodes, before, offer);
          Ledger after = scene.after(batch, what);
          assertThat(after.nodes(offer)).as(what).isLessThanOrEqualTo(nodes);
          for (int other = 0; other < scene.instance.offers(); other++) {
            assertThat(after.nodes(other))
                .as("%s: no node more of offer %d", what, other)
                .isLessThanOrEqualTo(scene.ledger().nodes(other));
          }
          for (int s : batch.shards()) {
            assertThat(scene.solution.placement(s).holds(offer)).as(what).isTrue();
          }
          toFewer += nodes > 0 ? 1 : 0;
          toNone += nodes == 0 ? 1 : 0;
        }
      }
    }
    assertThat(toFewer).isGreaterThan(100);
    assertThat(toNone).isGreaterThan(100);
  }

  @Test
  void tradeLeasesAtMostOneStepMoreElsewhere() {
    int traded = 0;
    for (int seed = 0; seed < 400; seed++) {
      Scene scene = new Scene(seed);
      scene.moves.guide(scene.guide);
      int offers = scene.instance.offers();
      for (int offer = 0; offer < offers; offer++) {
        int to = (offer + 1 + scene.random.nextInt(offers - 1)) % offers;
        long before = scene.ledger().nodes(offer);
        Batch batch =
            before == 0
                ? null
                : scene.moves.release(scene.solution, offer, before - 1, to, scene.random);
        if (batch == null) {
          continue;
        }
        String what = "%s: offer %d for %d".formatted(scene.replay, offer, to);
        Ledger after = scene.after(batch, what);
        assertThat(after.nodes(offer)).as(what).isLessThan(before);
        for (int other = 0; other < offers; other++) {
          long most = scene.ledger().nodes(other);
          if (other == to) {
            most = Math.max(most + 1, scene.tariff.offer(to).minNodes());
          }
          assertThat(after.nodes(other)).as(what).isLessThanOrEqualTo(most);
        }
        traded += after.nodes(to) > scene.ledger().nodes(to) ? 1 : 0;
      }
    }
    assertThat(traded).isGreaterThan(100);
  }

  @Test
  void releaseOfAnOfferThatServesTooMuchKeepsItsReplicas() {
    // Enough memory for all in one node, but service for two: replicas stay, calls go.
    int kept = 0;
    for (int seed = 0; seed < 400; seed++) {
      Scene scene = new Scene(seed);
      for (int offer = 0; offer < scene.instance.offers(); offer++) {
        Ledger ledger = scene.ledger();
        long nodes = ledger.nodes(offer);
        OfferTerms terms = scene.tariff.offer(offer);
        if (nodes < 2 || terms.memoryNeed(ledger.load(offer)) > nodes - 1) {
          continue;
        }
        Batch batch = scene.moves.release(scene.solution, offer, nodes - 1, scene.random);
        Ledger after = batch == null ? null : scene.after(batch, scene.replay);
        // Where minNodes decides, the only way to fewer nodes is to none.
        if (after != null && after.nodes(offer) > 0) {
          assertThat(after.load(offer).calls())
              .as(scene.replay)
              .isLessThan(ledger.load(offer).calls());
          kept += after.load(offer).memory() == ledger.load(offer).memory() ? 1 : 0;
        }
      }
    }
    assertThat(kept).isGreaterThan(20);
  }

  @Test
  void useStaysWithinItsTargetAndSavesTraffic() {
    int used = 0;
    for (int seed = 0; seed < 400; seed++) {
      Scene scene = new Scene(seed);
      for (int offer = 0; offer < scene.instance.offers(); offer++) {
        for (int nodes = 0; nodes < 3; nodes++) {
          Batch batch = scene.moves.use(scene.solution, offer, nodes, scene.random);
          if (batch == null) {
            continue;
          }
          String what = "%s: %d more nodes of offer %d".formatted(scene.replay, nodes, offer);
          Ledger after = scene.after(batch, what);
          OfferTerms terms = scene.tariff.offer(offer);
          long target = Math.max(terms.minNodes(), scene.ledger().nodes(offer) + nodes);
          assertThat(after.nodes(offer))
              .as(what)
              .isPositive()
              .isLessThanOrEqualTo(Math.min(target, terms.maxNodes()));
          for (int m = 0; m < batch.shards().size(); m++) {
            int s = batch.shards().get(m);
            Placement placement = batch.placements().get(m);
            assertThat(placement.holds(offer)).as(what).isTrue();
            assertThat(scene.solution.placement(s).holds(offer)).as(what).isFalse();
            assertThat(scene.edits.trafficUsd(s, placement))
                .as(what)
                .isLessThan(scene.edits.trafficUsd(s, scene.solution.placement(s)));
          }
          used++;
        }
      }
    }
    assertThat(used).isGreaterThan(500);
  }

  @Test
  void shiftMovesTheReplicasOfItsLayersAlone() {
    int shifted = 0;
    for (int seed = 0; seed < 400; seed++) {
      Scene scene = new Scene(seed);
      int offers = scene.instance.offers();
      int from = scene.random.nextInt(offers);
      int to = (from + 1 + scene.random.nextInt(offers - 1)) % offers;
      int layer = scene.random.nextInt(scene.instance.layers());
      Batch batch = scene.moves.shift(scene.solution, layer, 1, from, to);
      Batch all = scene.moves.shift(scene.solution, 0, scene.instance.layers(), from, to);
      String what = "%s: layer %d from %d to %d".formatted(scene.replay, layer, from, to);
      if (all != null) {
        scene.after(all, what);
      }
      if (batch == null) {
        continue;
      }
      scene.after(batch, what);
      assertThat(all).isNotNull();
      assertThat(all.shards()).as(what).containsAll(batch.shards());
      for (int m = 0; m < batch.shards().size(); m++) {
        int s = batch.shards().get(m);
        assertThat(scene.instance.layerOf(s)).as(what).isEqualTo(layer);
        assertThat(scene.keeps(s, batch.placements().get(m))).as(what).isTrue();
        assertThat(batch.placements().get(m).holds(from)).as(what).isFalse();
        assertThat(batch.placements().get(m).holds(to)).as(what).isTrue();
        assertThat(scene.solution.placement(s).holds(from)).as(what).isTrue();
      }
      shifted++;
    }
    assertThat(shifted).isGreaterThan(50);
  }

  @Test
  void allKindsAreDrawnAndKeepShapeAndRules() {
    ScoreDirectorFactory<PlacementSolution, HardSoftScore> directors =
        ((DefaultSolverFactory<PlacementSolution>)
                SolverFactory.<PlacementSolution>create(
                    new SolverConfig()
                        .withSolutionClass(PlacementSolution.class)
                        .withEntityClasses(ShardAssignment.class)
                        .withScoreDirectorFactory(
                            new ScoreDirectorFactoryConfig()
                                .withIncrementalScoreCalculatorClass(LedgerScoreCalculator.class))))
            .getScoreDirectorFactory();
    Map<String, Integer> kinds = new TreeMap<>();
    for (int seed = 0; seed < 300; seed++) {
      Scene scene = new Scene(seed);
      try (InnerScoreDirector<PlacementSolution, HardSoftScore> director =
          directors.buildScoreDirector()) {
        director.setWorkingSolution(scene.solution);
        var factory = new PlacementMoveFactory();
        factory.phaseStarted(director);
        Iterator<PlacementMove> moves = factory.createRandomMoveIterator(director, scene.random);
        for (int move = 0; move < 200; move++) {
          Assignment before = scene.solution.toAssignment();
          assertThat(moves.hasNext()).isTrue();
          PlacementMove next = moves.next();
          director.executeMove(next);
          String kind = next.describe();
          kinds.merge(kind, 1, Integer::sum);
          String what = "%s, move %d: %s".formatted(scene.replay, move, next);
          int changed = 0;
          for (int s = 0; s < scene.instance.shards(); s++) {
            Placement now = scene.solution.placement(s);
            if (!now.equals(before.of(s))) {
              requireShape(scene.instance, s, now, what);
              assertThat(scene.keeps(s, now) || !scene.keeps(s, before.of(s))).as(what).isTrue();
              changed++;
            }
          }
          assertThat(changed).as(what).isLessThanOrEqualTo(most(kind, scene.instance));
        }
      }
    }
    // Where there is nothing else to do.
    kinds.remove("stay");
    assertThat(kinds)
        .containsOnlyKeys(
            "relocate",
            "open",
            "close",
            "serve",
            "serveCheapest",
            "exchange",
            "exchangeService",
            "redraw",
            "adopt",
            "servePriced",
            "release",
            "trade",
            "use",
            "shift",
            "shiftLayer")
        .allSatisfy((kind, count) -> assertThat(count).as(kind).isGreaterThan(20));
  }

  private static int most(String kind, Instance instance) {
    return switch (kind) {
      case "stay" -> 0;
      case "relocate",
          "open",
          "close",
          "serve",
          "serveCheapest",
          "redraw",
          "adopt",
          "servePriced" ->
          1;
      case "exchange", "exchangeService" -> 2;
      case "shiftLayer" -> instance.shardsPerLayer();
      default -> instance.shards();
    };
  }
}
