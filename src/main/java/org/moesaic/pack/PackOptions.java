package org.moesaic.pack;

/**
 * What loads are packed onto.
 *
 * @param accelerators number of accelerators
 * @param slots on all of them together, a multiple of {@code accelerators}
 * @param nodes that the accelerators are in, as many in each; 1 lets every expert lie anywhere
 * @param groups of consecutive experts, as many in each. Where {@code groups} is a multiple of
 *     {@code nodes}, every group lies within one node, and every node holds as many groups;
 *     otherwise nodes and groups are not looked at, as in EPLB
 */
public record PackOptions(int accelerators, int slots, int nodes, int groups) {
  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException that says which does not fit, and maybe a way out
   */
  public PackOptions {
    requirePositive("accelerators", accelerators);
    requirePositive("slots", slots);
    requirePositive("nodes", nodes);
    requirePositive("groups", groups);
    if (slots % accelerators != 0) {
      int up = Math.ceilDiv(slots, accelerators);
      throw new IllegalArgumentException(
          "The slots (%d) must be a multiple of the accelerators (%d).%nMaybe take %d."
              .formatted(slots, accelerators, (long) up * accelerators));
    }
    if (groups % nodes == 0 && accelerators % nodes != 0) {
      throw new IllegalArgumentException(
          "The accelerators (%d) must be a multiple of the nodes (%d).%nMaybe nodes is not what was meant, or accelerators are those of one node."
              .formatted(accelerators, nodes));
    }
  }

  /** Every expert may lie on any accelerator. */
  public static PackOptions global(int accelerators, int slots) {
    return new PackOptions(accelerators, slots, 1, 1);
  }

  /** Whether nodes and groups count, rather than every expert may lie on any accelerator. */
  public boolean hierarchical() {
    return nodes > 1 && groups % nodes == 0;
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "The %s (%d) must be 1 or more.%nMaybe leave it out.".formatted(name, value));
    }
  }
}
