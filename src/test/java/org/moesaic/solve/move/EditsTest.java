package org.moesaic.solve.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.moesaic.testing.RandomPlacements.requireShape;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Origin.ServableIn;
import org.moesaic.solve.model.HomeSites;
import org.moesaic.solve.model.Tariff;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** Each edit on one example, and all on random placements. */
class EditsTest {
  private static final int EAST = 0;
  private static final int WEST = 1;
  private static final int PARIS = 2;
  private static final int FAR = 3;

  /**
   * One expert; an American origin in the east, one in Paris that may be served in Europe alone,
   * and one that never calls. Cheapest from the east: east, west, Paris; from Paris: Paris, then
   * all the others alike.
   */
  private static final Instance INSTANCE =
      ProblemBuilder.threeRegions()
          .provider("p", 0.02, 0.05, 0.09)
          .provider("q", 0.02, 0.05, 0.2)
          .callBytes(1e6, 1e6)
          .origin("us", "p/east", 10)
          .origin(
              "eu", "p/paris", 20, new ServableIn(List.of(), List.of(), List.of("europe")), null)
          .origin("idle", "p/paris", 0)
          .offer("east", "p/east")
          .offer("west", "p/west")
          .offer("paris", "p/paris")
          .offer("far", "q/paris")
          .instance();

  private final Edits edits = new Edits(new Tariff(INSTANCE), HomeSites.own(INSTANCE));

  private static Placement placement(int[] replicas, int us, int eu) {
    return new Placement(replicas, new int[] {us, eu, Placement.NOBODY});
  }

  private static int[] offers(int... offers) {
    return offers;
  }

  @Test
  void openedReplicaServesWhomItServesCheaper() {
    assertThat(edits.open(0, placement(offers(WEST, FAR), WEST, FAR), EAST))
        .isEqualTo(placement(offers(EAST, WEST, FAR), EAST, FAR));
    assertThat(edits.open(0, placement(offers(EAST, FAR), EAST, FAR), PARIS))
        .isEqualTo(placement(offers(EAST, PARIS, FAR), EAST, PARIS));
    assertThat(edits.open(0, placement(offers(PARIS), PARIS, PARIS), FAR))
        .isEqualTo(placement(offers(PARIS, FAR), PARIS, PARIS));
  }

  @Test
  void closedReplicaLeavesItsOriginsToTheCheapestThatMay() {
    assertThat(edits.close(0, placement(offers(EAST, WEST, PARIS), EAST, PARIS), EAST))
        .isEqualTo(placement(offers(WEST, PARIS), WEST, PARIS));
    assertThat(edits.close(0, placement(offers(EAST, PARIS, FAR), EAST, PARIS), PARIS))
        .isEqualTo(placement(offers(EAST, FAR), EAST, FAR));
    // Nobody is left who may: then anybody, and the move is judged by the rule it breaks.
    assertThat(edits.close(0, placement(offers(EAST, PARIS), EAST, PARIS), PARIS))
        .isEqualTo(placement(offers(EAST), EAST, EAST));
  }

  @Test
  void relocatedReplicaTakesItsOriginsAlong() {
    assertThat(edits.relocate(0, placement(offers(EAST, PARIS), EAST, PARIS), EAST, WEST))
        .isEqualTo(placement(offers(WEST, PARIS), WEST, PARIS));
    assertThat(edits.relocate(0, placement(offers(WEST, PARIS), WEST, PARIS), PARIS, EAST))
        .isEqualTo(placement(offers(EAST, WEST), WEST, EAST));
    // The European tokens may not follow to America, but there is another replica for them.
    assertThat(edits.relocate(0, placement(offers(PARIS, FAR), FAR, PARIS), PARIS, WEST))
        .isEqualTo(placement(offers(WEST, FAR), FAR, FAR));
  }

  @Test
  void servesOneOriginElsewhere() {
    assertThat(edits.serve(placement(offers(EAST, PARIS), EAST, PARIS), 0, PARIS))
        .isEqualTo(placement(offers(EAST, PARIS), PARIS, PARIS));
  }

  @Test
  void servesEverybodyWhereItIsCheapest() {
    assertThat(edits.serveCheapest(0, placement(offers(EAST, WEST, PARIS, FAR), FAR, FAR)))
        .isEqualTo(placement(offers(EAST, WEST, PARIS, FAR), EAST, PARIS));
  }

  @Test
  void trafficOfAPlacement() {
    // 10 calls/s * 1 MB * 3600 s = 36 GB/h to the west and as much back, at 0.02: 1.44. From Paris
    // to the other cloud 72 GB/h at 0.09, back at 0.2: 20.88.
    assertThat(edits.trafficUsd(0, placement(offers(WEST, FAR), WEST, FAR)))
        .isCloseTo(1.44 + 20.88, within(1e-12));
    assertThat(edits.trafficUsd(0, placement(offers(EAST, PARIS), EAST, PARIS))).isZero();
  }

  @Test
  void keepTheShapeAndTheOriginal() {
    int closed = 0;
    for (int seed = 0; seed < 400; seed++) {
      Instance instance = Instance.of(RandomProblems.of(seed, new Size(2, 3, 6, 3)));
      Tariff tariff = new Tariff(instance);
      Edits edits = new Edits(tariff, HomeSites.own(instance));
      var random = new SplittableRandom(seed);
      for (int s = 0; s < instance.shards(); s++) {
        Placement placement = RandomPlacements.any(instance, s, random);
        Placement copy = new Placement(placement.replicas().clone(), placement.servedBy().clone());
        String from = "seed %d, shard %d, %s".formatted(seed, s, placement);
        int replica = placement.replicas()[random.nextInt(placement.replicas().length)];
        int offer = random.nextInt(instance.offers());
        if (!placement.holds(offer)) {
          Placement opened = edits.open(s, placement, offer);
          requireShape(instance, s, opened, from);
          assertThat(opened.replicas()).contains(offer).contains(placement.replicas());
          assertThat(edits.trafficUsd(s, opened))
              .as(from)
              .isLessThanOrEqualTo(edits.trafficUsd(s, placement) * (1 + 1e-12));
          Placement moved = edits.relocate(s, placement, replica, offer);
          requireShape(instance, s, moved, from);
          assertThat(moved.replicas())
              .as(from)
              .hasSameSizeAs(placement.replicas())
              .contains(offer)
              .doesNotContain(replica);
        }
        if (placement.replicas().length > 1) {
          Placement less = edits.close(s, placement, replica);
          requireShape(instance, s, less, from);
          assertThat(less.replicas()).as(from).doesNotContain(replica);
          closed++;
        }
        Placement cheapest = edits.serveCheapest(s, placement);
        requireShape(instance, s, cheapest, from);
        assertThat(cheapest.replicas()).as(from).isEqualTo(placement.replicas());
        assertThat(placement).as(from).isEqualTo(copy);
      }
    }
    assertThat(closed).isGreaterThan(500);
  }
}
