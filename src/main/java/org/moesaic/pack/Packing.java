package org.moesaic.pack;

import java.util.List;

/**
 * How the experts of a model lie on accelerators.
 *
 * @param accelerators on which every layer is spread
 * @param experts per layer, of the model; fewer may be held
 * @param layers those that hold experts, ascending; a layer without any is absent
 */
public record Packing(int accelerators, int experts, List<LayerPacking> layers) {
  public Packing {
    layers = List.copyOf(layers);
  }
}
