package org.moesaic.problem;

import java.util.Map;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Range;
import org.moesaic.json.Size;

/** Shares of nominal capacity that a deployment gets out in practice. */
public record Usable(
    @Doc("of accelerator memory, after KV cache, activations and fragmentation")
        @Default("1")
        @Range(above = 0, max = 1)
        double memory,
    @Doc("of peak FLOPS") @Default("1") @Range(above = 0, max = 1) double compute,
    @Doc("of the fabric, where 'fabric' does not list an offer's")
        @Default("1")
        @Range(above = 0, max = 1)
        double network,
    @Doc("of links between sites") @Default("1") @Range(above = 0, max = 1) double link,
    @Doc("of the network by kind of fabric")
        @Default("{}")
        @Range(above = 0, max = 1)
        @Size(max = 1000)
        Map<String, Double> fabric) {

  /** Everything nominal is usable. */
  public static final Usable ALL = new Usable(1, 1, 1, 1, Map.of());

  public Usable {
    fabric = Map.copyOf(fabric);
  }
}
