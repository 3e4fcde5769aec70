package org.moesaic.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.moesaic.benchmark.Eplb;
import org.moesaic.problem.Weights;

class PackerTest {
  /** Of EPLB's README: two layers of twelve experts. */
  private static final double[][] README = {
    {90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86},
    {20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27}
  };

  private static LayerPacking pack(double[] loads, PackOptions options) {
    return Packer.pack(Weights.of(new double[][] {loads}), options).layers().getFirst();
  }

  /** EPLB's README prints these slots, and says that they are those of its hierarchical policy. */
  @Test
  void eplbOfTheTestsIsEplb() {
    assertThat(Eplb.slotExperts(README[0], 16, 4, 2, 8))
        .containsExactly(5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1);
    assertThat(Eplb.slotExperts(README[1], 16, 4, 2, 8))
        .containsExactly(7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1);
  }

  /** What EPLB makes of it is at most 156 and 179.5 with nodes, 138.5 and 172 without. */
  @Test
  void exampleOfEplb() {
    Packing global = Packer.pack(Weights.of(README), PackOptions.global(8, 16));
    Packing nodes = Packer.pack(Weights.of(README), new PackOptions(8, 16, 2, 4));

    assertThat(eplb(1, 1)).containsExactly(138.5, 172);
    assertThat(eplb(4, 2)).containsExactly(156, 179.5);
    assertThat(global.layers()).extracting(LayerPacking::maxLoad).containsExactly(136.0, 172.0);
    assertThat(nodes.layers()).extracting(LayerPacking::maxLoad).containsExactly(151.0, 179.5);
    assertThat(global.layers()).allMatch(LayerPacking::optimal);
    assertThat(nodes.layers()).allMatch(LayerPacking::optimal);
    assertThat(global.layers().getFirst().meanLoad()).isEqualTo(1033 / 8.0);
  }

  private static double[] eplb(int groups, int nodes) {
    return Arrays.stream(README)
        .mapToDouble(l -> Eplb.maxLoad(l, Eplb.slotExperts(l, 16, groups, nodes, 8), 8))
        .toArray();
  }

  @Test
  void optimalWhereAllPackingsCanBeTried() {
    int proven = 0;
    int tight = 0;
    int tried = 0;
    for (long seed = 0; seed < 400; seed++) {
      var random = new SplittableRandom(seed);
      int experts = 1 + random.nextInt(5);
      int accelerators = 1 + random.nextInt(4);
      int each = Math.ceilDiv(experts, accelerators) + random.nextInt(2);
      if (Math.pow(experts, accelerators * each) > 100_000) {
        continue;
      }
      tried++;
      double[] loads = shape(seed).loads(experts, random);
      double least = tryAll(loads, accelerators, each, 1, 1);
      LayerPacking packing = pack(loads, PackOptions.global(accelerators, accelerators * each));
      checkAgainst(packing, least, "seed " + seed);
      double sum = Arrays.stream(loads).sum();
      double bound = LoadBound.of(loads, accelerators, each, sum);
      assertThat(bound).as("seed " + seed).isLessThanOrEqualTo(least * (1 + 1e-15));
      tight += least - bound <= 1e-9 * least ? 1 : 0;
      proven += packing.optimal() ? 1 : 0;
    }
    assertThat(tried).isGreaterThan(200);
    assertThat(proven).as("of %d", tried).isEqualTo(tried);
    assertThat(tight).as("bounds equal to the optimum, of %d", tried).isGreaterThan(tried / 2);
  }

  @Test
  void optimalWhereAllPackingsOfNodesCanBeTried() {
    int proven = 0;
    int tried = 0;
    for (long seed = 0; seed < 300; seed++) {
      var random = new SplittableRandom(seed);
      int nodes = 2 + random.nextInt(2);
      int groups = nodes * (1 + random.nextInt(2));
      int experts = groups * (1 + random.nextInt(2));
      int accelerators = nodes * (1 + random.nextInt(2));
      int each = Math.ceilDiv(experts, accelerators) + random.nextInt(2);
      if (Math.pow(experts, accelerators * each) > 300_000) {
        continue;
      }
      tried++;
      double[] loads = shape(seed).loads(experts, random);
      double least = tryAll(loads, accelerators, each, nodes, groups);
      LayerPacking packing =
          pack(loads, new PackOptions(accelerators, accelerators * each, nodes, groups));
      checkAgainst(packing, least, "seed " + seed);
      proven += packing.optimal() ? 1 : 0;
    }
    assertThat(tried).isGreaterThan(50);
    assertThat(proven).as("of %d", tried).isEqualTo(tried);
  }

  private static LoadShapes shape(long seed) {
    return LoadShapes.values()[(int) (seed % LoadShapes.values().length)];
  }

  private static void checkAgainst(LayerPacking packing, double least, String seed) {
    assertThat(packing.bound()).as(seed).isLessThanOrEqualTo(least * (1 + 1e-15));
    assertThat(packing.maxLoad()).as(seed).isCloseTo(least, offset(1e-12 * least));
  }

  /** The least load of the fullest accelerator, over every expert in every slot. */
  private static double tryAll(double[] loads, int accelerators, int each, int nodes, int groups) {
    int[] slots = new int[accelerators * each];
    double least = Double.POSITIVE_INFINITY;
    for (boolean more = true; more; more = next(slots, loads.length)) {
      if (allowed(slots, loads.length, nodes, groups)) {
        least = Math.min(least, Eplb.maxLoad(loads, slots, accelerators));
      }
    }
    return least;
  }

  private static boolean next(int[] digits, int base) {
    for (int i = 0; i < digits.length; i++) {
      if (++digits[i] < base) {
        return true;
      }
      digits[i] = 0;
    }
    return false;
  }

  private static boolean allowed(int[] slots, int experts, int nodes, int groups) {
    if (IntStream.of(slots).distinct().count() < experts) {
      return false;
    }
    Map<Integer, Integer> nodeOf = new HashMap<>();
    Map<Integer, Set<Integer>> groupsOf = new HashMap<>();
    for (int j = 0; j < slots.length; j++) {
      int node = j / (slots.length / nodes);
      int group = slots[j] / (experts / groups);
      Integer before = nodeOf.putIfAbsent(group, node);
      if (before != null && before != node) {
        return false;
      }
      groupsOf.computeIfAbsent(node, n -> new HashSet<>()).add(group);
    }
    return groupsOf.values().stream().allMatch(of -> of.size() == groups / nodes);
  }

  @Test
  void neverWorseThanEplb() {
    for (long seed = 0; seed < 250; seed++) {
      var random = new SplittableRandom(seed);
      int nodes = 1 + random.nextInt(4);
      int groups = nodes * (1 + random.nextInt(4));
      int experts = groups * (1 + random.nextInt(16));
      int accelerators = nodes * (1 + random.nextInt(6));
      int each = Math.ceilDiv(experts, accelerators) + random.nextInt(3);
      var options = new PackOptions(accelerators, accelerators * each, nodes, groups);
      double[] loads = shape(seed).loads(experts, random);
      String replay = "seed %d: %s, %s".formatted(seed, shape(seed), options);

      LayerPacking packing = pack(loads, options);

      checkFeasible(packing, loads, options, replay);
      int[] eplb = Eplb.slotExperts(loads, options.slots(), groups, nodes, accelerators);
      assertThat(packing.maxLoad())
          .as(replay)
          .isLessThanOrEqualTo(Eplb.maxLoad(loads, eplb, accelerators) * (1 + 1e-12));
    }
  }

  private static void checkFeasible(
      LayerPacking packing, double[] loads, PackOptions options, String replay) {
    int[] slots = packing.slotExperts().stream().mapToInt(e -> e).toArray();
    assertThat(slots).as(replay).hasSize(options.slots());
    assertThat(allowed(slots, loads.length, options.nodes(), options.groups())).as(replay).isTrue();
    double max = Eplb.maxLoad(loads, slots, options.accelerators());
    assertThat(packing.maxLoad()).as(replay).isCloseTo(max, offset(1e-12 * max));
    double mean = Arrays.stream(loads).sum() / options.accelerators();
    assertThat(packing.meanLoad()).as(replay).isCloseTo(mean, offset(1e-12 * mean));
    assertThat(packing.bound()).as(replay).isBetween(mean * (1 - 1e-9), packing.maxLoad());
  }

  @Test
  void boundHoldsForPackingsOfOthers() {
    for (long seed = 0; seed < 200; seed++) {
      var random = new SplittableRandom(seed);
      int experts = 20 + random.nextInt(100);
      int accelerators = 2 + random.nextInt(12);
      int each = Math.ceilDiv(experts, accelerators);
      double[] loads = shape(seed).loads(experts, random);
      double upper = Arrays.stream(loads).sum();
      double bound = LoadBound.of(loads, accelerators, each, upper);
      int[] slots = Eplb.slotExperts(loads, accelerators * each, 1, 1, accelerators);
      assertThat(bound)
          .as("seed %d", seed)
          .isLessThanOrEqualTo(Eplb.maxLoad(loads, slots, accelerators));
    }
  }

  @Test
  void largeLayersAreNearlyEven() {
    for (LoadShapes shape : List.of(LoadShapes.UNIFORM, LoadShapes.LOG_NORMAL, LoadShapes.ZIPF)) {
      double[] loads = shape.loads(256, new SplittableRandom(1));
      assertThat(pack(loads, PackOptions.global(32, 288)).imbalance())
          .as("%s", shape)
          .isBetween(1.0, 1.001);
    }
  }

  @Test
  void sameInputSameOutput() {
    List<double[]> rows = new ArrayList<>();
    for (LoadShapes shape : LoadShapes.values()) {
      rows.add(shape.loads(64, new SplittableRandom(3)));
    }
    var loads = Weights.of(rows.toArray(double[][]::new));
    for (PackOptions options : List.of(PackOptions.global(16, 80), new PackOptions(16, 80, 4, 8))) {
      Packing together = Packer.pack(loads, options);
      assertThat(Packer.pack(loads, options)).isEqualTo(together);
      // Neither does it matter what else is packed.
      for (int l = 0; l < rows.size(); l++) {
        LayerPacking alone = pack(rows.get(l), options);
        assertThat(alone.slotExperts()).isEqualTo(together.layers().get(l).slotExperts());
      }
    }
  }

  @Test
  void unitOfLoadsDoesNotMatter() {
    double[] loads = LoadShapes.LOG_NORMAL.loads(40, new SplittableRandom(5));
    // A power of two, so that nothing is rounded differently.
    double[] scaled = Arrays.stream(loads).map(load -> load * 0x1p40).toArray();
    LayerPacking packing = pack(loads, PackOptions.global(8, 48));
    LayerPacking same = pack(scaled, PackOptions.global(8, 48));
    assertThat(same.slotExperts()).isEqualTo(packing.slotExperts());
    assertThat(same.maxLoad()).isEqualTo(packing.maxLoad() * 0x1p40);
  }

  @Test
  void edges() {
    LayerPacking one = pack(new double[] {5}, PackOptions.global(4, 8));
    assertThat(one.slotExperts()).containsOnly(0).hasSize(8);
    assertThat(one.maxLoad()).isEqualTo(1.25);
    assertThat(one.optimal()).isTrue();

    LayerPacking alone = pack(new double[] {1, 2, 3}, PackOptions.global(1, 3));
    assertThat(alone.slotExperts()).containsExactly(0, 1, 2);
    assertThat(alone.maxLoad()).isEqualTo(6);
    assertThat(alone.optimal()).isTrue();

    LayerPacking full = pack(new double[] {4, 1, 2, 3}, PackOptions.global(2, 4));
    assertThat(full.slotExperts()).containsExactlyInAnyOrder(0, 1, 2, 3);
    assertThat(full.maxLoad()).isEqualTo(5);
    assertThat(full.optimal()).isTrue();
  }

  /** As many slots as can help: every accelerator has every expert. */
  @Test
  void asManySlotsOnAnAcceleratorAsExperts() {
    double[] loads = LoadShapes.ZIPF.loads(100, new SplittableRandom(1));
    LayerPacking packing = pack(loads, PackOptions.global(4, 400));
    assertThat(packing.slots()).isEqualTo(400);
    var weights = Weights.of(new double[][] {loads});
    assertThatThrownBy(() -> Packer.pack(weights, PackOptions.global(4, 404)))
        .hasMessageStartingWith("The slots (404) must be at most 400 for 100 experts on 4");
  }

  @Test
  void denseLayersAreLeftOut() {
    var loads = Weights.of(new double[][] {{0, 0}, {1, 2}, {0, 0}, {3, 3}});
    Packing packing = Packer.pack(loads, PackOptions.global(2, 2));
    assertThat(packing.layers()).extracting(LayerPacking::layer).containsExactly(1, 3);
    assertThat(packing.accelerators()).isEqualTo(2);
    assertThat(packing.experts()).isEqualTo(2);
  }

  @Test
  void groupsThatNodesDoNotDivideAreNotLookedAt() {
    double[] loads = LoadShapes.ZIPF.loads(12, new SplittableRandom(2));
    assertThat(pack(loads, new PackOptions(8, 16, 2, 3)).slotExperts())
        .isEqualTo(pack(loads, PackOptions.global(8, 16)).slotExperts());
  }

  @Test
  void manyWaysToDealGroups() {
    for (LoadShapes shape : List.of(LoadShapes.LOG_NORMAL, LoadShapes.FEW_HOT, LoadShapes.ZIPF)) {
      double[] loads = shape.loads(128, new SplittableRandom(4));
      var options = new PackOptions(32, 160, 8, 64);
      LayerPacking packing = pack(loads, options);
      checkFeasible(packing, loads, options, shape.name());
      int[] eplb = Eplb.slotExperts(loads, 160, 64, 8, 32);
      assertThat(packing.maxLoad())
          .as("%s", shape)
          .isLessThanOrEqualTo(Eplb.maxLoad(loads, eplb, 32) * (1 + 1e-12));
    }
  }

  @Test
  void whatDoesNotFit() {
    var loads = Weights.of(new double[][] {{1, 2, 3, 4, 5}});
    assertThatThrownBy(() -> Packer.pack(loads, PackOptions.global(2, 4)))
        .isInstanceOf(UnpackableException.class)
        .hasMessage(
            """
            The slots (4) must be as many as the experts of a layer (5), or more.
            Maybe take 6.\
            """);
    assertThatThrownBy(() -> Packer.pack(loads, new PackOptions(4, 8, 2, 4)))
        .isInstanceOf(UnpackableException.class)
        .hasMessageContaining("The experts of a layer (5) must be a multiple of the groups (4).")
        .hasMessageContaining("\nMaybe ");
    assertThatThrownBy(() -> Packer.pack(loads, PackOptions.global(1, 2_000_000_000)))
        .isInstanceOf(UnpackableException.class)
        .hasMessage(
            """
            The slots (2000000000) must be at most 64 for 5 experts on 1 accelerators.
            Maybe a digit slipped in.\
            """);
    assertThatThrownBy(() -> Packer.pack(loads, PackOptions.global(1 << 17, 1 << 17)))
        .isInstanceOf(UnpackableException.class)
        .hasMessage(
            """
            The accelerators (131072) must be at most 65536.
            Maybe a digit slipped in.\
            """);
    assertThatThrownBy(() -> PackOptions.global(4, 6))
        .hasMessageStartingWith("The slots (6) must be a multiple of the accelerators (4).")
        .hasMessageEndingWith("Maybe take 8.");
    assertThatThrownBy(() -> new PackOptions(9, 18, 2, 4))
        .hasMessageStartingWith("The accelerators (9) must be a multiple of the nodes (2).");
    assertThatThrownBy(() -> PackOptions.global(0, 6))
        .hasMessageStartingWith("The accelerators (0) must be 1 or more.");
  }
}
