package org.moesaic.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.moesaic.pack.LayerPacking;

class SpreadingTest {
  private static double max(List<Integer> slots, double[] loads, int accelerators) {
    int each = slots.size() / accelerators;
    double max = 0;
    for (int a = 0; a < accelerators; a++) {
      double load = 0;
      for (int e : slots.subList(a * each, (a + 1) * each)) {
        load += loads[e] / slots.stream().filter(s -> s == e).count();
      }
      max = Math.max(max, load);
    }
    return max;
  }

  @Test
  void exchangesOneOfTwo() {
    // Two accelerators of two slots; the first has expert 0 twice, the other holds 1 and 2.
    double[] loads = {8, 3, 5};
    LayerPacking spread =
        Spreading.spread(new LayerPacking(7, List.of(0, 0, 1, 2), 8, 8, 8), loads, 2, 1)
            .orElseThrow();
    // By hand: a slot of expert 0 is worth 4. With 1 the first has 7, the other 9; with 2 it is
    // the other way round. Either is best.
    assertThat(spread.maxLoad()).isEqualTo(9);
    assertThat(spread.layer()).isEqualTo(7);
    assertThat(Rows.repeat(spread.slotExperts(), 2)).isNull();
    assertThat(spread.bound()).isEqualTo(8);
  }

  @Test
  void givesSlotsAwayThatNoAcceleratorIsLeftFor() {
    // Three replicas of expert 0 on two accelerators: one becomes a second of expert 1.
    LayerPacking spread =
        Spreading.spread(
                new LayerPacking(0, List.of(0, 0, 0, 1), 9, 9, 9), new double[] {12, 6}, 2, 1)
            .orElseThrow();
    assertThat(spread.slotExperts()).containsExactlyInAnyOrder(0, 0, 1, 1);
    assertThat(spread.maxLoad()).isEqualTo(9);
  }

  @Test
  void cannotDoWhatCannotBeDone() {
    assertThat(
            Spreading.spread(
                new LayerPacking(0, List.of(0, 0, 0, 0), 1, 1, 1), new double[] {2}, 2, 1))
        .isEmpty();
  }

  @Test
  void neverRepeatsAndNeverLosesAnExpert() {
    int dealt = 0;
    for (long seed = 0; seed < 3_000; seed++) {
      var random = new SplittableRandom(seed);
      int perBlock = 1 + random.nextInt(4);
      int blocks = 1 + random.nextInt(3);
      int accelerators = perBlock * blocks;
      int each = 1 + random.nextInt(4);
      int experts = blocks * (each + random.nextInt(5));
      double[] loads =
          IntStream.range(0, experts)
              .mapToDouble(e -> random.nextInt(4) == 0 ? 0 : Math.pow(random.nextDouble(), 3))
              .toArray();
      // Block b has experts of its own, at least as many as slots on an accelerator.
      List<Integer> slots = new ArrayList<>();
      for (int b = 0; b < blocks; b++) {
        int own = experts / blocks;
        for (int j = 0; j < perBlock * each; j++) {
          slots.add(b * own + (j < Math.min(each, own) ? j : random.nextInt(own)));
        }
      }
      var layer = new LayerPacking(0, slots, max(slots, loads, accelerators), 0, 0);
      Optional<LayerPacking> result = Spreading.spread(layer, loads, accelerators, blocks);
      String replay = "seed " + seed;
      assertThat(result).as(replay).isPresent();
      List<Integer> spread = result.get().slotExperts();
      assertThat(Rows.repeat(spread, accelerators)).as(replay).isNull();
      assertThat(new TreeSet<>(spread)).as(replay).isEqualTo(new TreeSet<>(slots));
      for (int b = 0; b < blocks; b++) {
        int from = b * perBlock * each;
        assertThat(new TreeSet<>(spread.subList(from, from + perBlock * each)))
            .as(replay)
            .isEqualTo(new TreeSet<>(slots.subList(from, from + perBlock * each)));
      }
      assertThat(result.get().maxLoad())
          .as(replay)
          .isCloseTo(max(spread, loads, accelerators), org.assertj.core.data.Offset.offset(1e-12));
      boolean within =
          slots.stream().allMatch(e -> slots.stream().filter(s -> s.equals(e)).count() <= perBlock);
      if (within) {
        // No replica had to be given away, so that each expert keeps its number.
        dealt++;
        assertThat(spread.stream().sorted().toList())
            .as(replay)
            .isEqualTo(slots.stream().sorted().toList());
      }
    }
    assertThat(dealt).isGreaterThan(100);
  }

  /** Close to the best of all ways to lay out the same replicas without repeating. */
  @Test
  void staysCloseToTheBestLayout() {
    double sum = 0;
    int cases = 200;
    for (long seed = 0; seed < cases; seed++) {
      var random = new SplittableRandom(seed);
      double[] loads = IntStream.range(0, 5).mapToDouble(e -> random.nextDouble()).toArray();
      List<Integer> slots = new ArrayList<>(List.of(0, 0, 1, 1, 2, 2, 3, 4, 0));
      LayerPacking spread =
          Spreading.spread(new LayerPacking(0, slots, 9, 0, 0), loads, 3, 1).orElseThrow();
      double best = best(slots, loads);
      assertThat(spread.maxLoad()).as("seed " + seed).isGreaterThanOrEqualTo(best - 1e-12);
      sum += spread.maxLoad() / best;
    }
    assertThat(sum / cases).isLessThan(1.03);
  }

  private static double best(List<Integer> slots, double[] loads) {
    double[] best = {Double.POSITIVE_INFINITY};
    place(slots.stream().sorted().toList(), 0, new int[9], new int[3], loads, best);
    return best[0];
  }

  private static void place(
      List<Integer> slots, int next, int[] layout, int[] used, double[] loads, double[] best) {
    if (next == slots.size()) {
      List<Integer> row = Arrays.stream(layout).boxed().toList();
      if (Rows.repeat(row, 3) == null) {
        best[0] = Math.min(best[0], max(row, loads, 3));
      }
      return;
    }
    for (int a = 0; a < 3; a++) {
      if (used[a] < 3) {
        layout[a * 3 + used[a]++] = slots.get(next);
        place(slots, next + 1, layout, used, loads, best);
        used[a]--;
      }
    }
  }
}
