package org.moesaic.pack;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.moesaic.problem.Weights;

/** Packs the experts of every layer onto accelerators. */
public final class Packer {
  private Packer() {}

  /**
   * Packs every layer by itself; layers without load are dense, and left out.
   *
   * @param loads per layer and expert, in any unit
   * @throws UnpackableException if the experts do not fit into the slots, or not into groups, or
   *     there are far more slots or accelerators than can help
   */
  public static Packing pack(Weights loads, PackOptions options) {
    int experts = loads.experts();
    if (options.slots() < experts) {
      throw new UnpackableException(
          "The slots (%d) must be as many as the experts of a layer (%d), or more."
              .formatted(options.slots(), experts),
          "Maybe take %d."
              .formatted(
                  Math.ceilDiv(experts, options.accelerators()) * (long) options.accelerators()));
    }
    long mostAccelerators = LayerPacker.mostAccelerators(loads.layers());
    if (options.accelerators() > mostAccelerators) {
      throw new UnpackableException(
          "The accelerators (%d) must be at most %d."
              .formatted(options.accelerators(), mostAccelerators),
          "Maybe a digit slipped in.");
    }
    long mostSlots = LayerPacker.mostSlots(loads.layers(), experts, options.accelerators());
    if (options.slots() > mostSlots) {
      throw new UnpackableException(
          "The slots (%d) must be at most %d for %d experts on %d accelerators."
              .formatted(options.slots(), mostSlots, experts, options.accelerators()),
          "Maybe a digit slipped in.");
    }
    if (options.hierarchical() && experts % options.groups() != 0) {
      throw new UnpackableException(
          "The experts of a layer (%d) must be a multiple of the groups (%d)."
              .formatted(experts, options.groups()),
          "Maybe the loads are of another model.");
    }
    int[] ids = IntStream.range(0, experts).toArray();
    return new Packing(
        options.accelerators(),
        experts,
        IntStream.range(0, loads.layers())
            .filter(l -> Arrays.stream(loads.row(l)).anyMatch(load -> load > 0))
            .parallel()
            .mapToObj(l -> pack(l, loads.row(l), ids, options))
            .toList());
  }

  private static LayerPacking pack(int layer, double[] loads, int[] ids, PackOptions options) {
    return options.hierarchical()
        ? LayerPacker.pack(
            layer,
            loads,
            ids,
            options.accelerators(),
            options.slots(),
            consecutive(ids.length / options.groups(), options.groups()),
            options.nodes(),
            true)
        : LayerPacker.pack(layer, loads, ids, options.accelerators(), options.slots());
  }

  private static int[][] consecutive(int size, int groups) {
    return IntStream.range(0, groups)
        .mapToObj(g -> IntStream.range(g * size, (g + 1) * size).toArray())
        .toArray(int[][]::new);
  }
}
