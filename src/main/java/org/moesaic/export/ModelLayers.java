package org.moesaic.export;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the layers that have experts stand among all layers of a model. Plans count MoE layers
 * alone; some engines count all.
 */
public final class ModelLayers {
  private final int count;
  private final List<Integer> moeLayers;

  private ModelLayers(int count, List<Integer> moeLayers) {
    this.count = count;
    this.moeLayers = List.copyOf(moeLayers);
  }

  /**
   * The layers of a model.
   *
   * @param moeLayers how many layers have experts
   * @param dense the others
   * @throws IllegalArgumentException if a dense layer lies beyond the last layer
   */
  public static ModelLayers of(int moeLayers, DenseLayers dense) {
    int count = Math.addExact(moeLayers, dense.layers().size());
    if (!dense.layers().isEmpty() && dense.layers().getLast() >= count) {
      throw new IllegalArgumentException(
          "The dense layer (%d) must be one of the model's %d layers, %d of them with experts.%nMaybe layers are counted from 1; here they begin at 0."
              .formatted(dense.layers().getLast(), count, moeLayers));
    }
    List<Integer> layers = new ArrayList<>();
    for (int l = 0, d = 0; l < count; l++) {
      if (d < dense.layers().size() && dense.layers().get(d) == l) {
        d++;
      } else {
        layers.add(l);
      }
    }
    return new ModelLayers(count, layers);
  }

  /**
   * The layers that have experts, as written to a file.
   *
   * @return null if they do not ascend or do not fit into the count
   */
  static @Nullable ModelLayers ofList(int count, List<Integer> moeLayers) {
    int last = -1;
    for (int layer : moeLayers) {
      if (layer <= last || layer >= count) {
        return null;
      }
      last = layer;
    }
    return new ModelLayers(count, moeLayers);
  }

  /** Number of all layers, dense ones too. */
  public int count() {
    return count;
  }

  /** For each MoE layer, in the order of a plan, its number among all layers. */
  public List<Integer> moeLayers() {
    return moeLayers;
  }

  /** The number among all layers of a plan's layer. */
  public int modelLayer(int moeLayer) {
    return moeLayers.get(moeLayer);
  }
}
