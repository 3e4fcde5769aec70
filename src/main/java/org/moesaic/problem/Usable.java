package org.moesaic.problem;

import java.util.Map;

/**
 * Shares of nominal capacity that a deployment gets out in practice, each 0 to 1.
 *
 * @param memory of accelerator memory, after KV cache, activations and fragmentation
 * @param compute of peak FLOPS
 * @param network of the fabric, where {@code fabric} does not list an offer's
 * @param link of links between sites
 * @param fabric of the network by kind of fabric
 */
public record Usable(
    double memory, double compute, double network, double link, Map<String, Double> fabric) {

  /** Everything nominal is usable. */
  public static final Usable ALL = new Usable(1, 1, 1, 1, Map.of());

  public Usable {
    fabric = Map.copyOf(fabric);
  }
}
