package org.moesaic.export;

import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;

/**
 * The placement pattern of Omni-Infer: an array {@code [devices, MoE layers, experts]} of 1 where a
 * device holds an expert and 0 elsewhere.
 *
 * <p>As {@code components/omni-eplb/omni_placement/expert_mapping.py} of omni-ai-npu/omni-infer
 * reads it: the shape has to be that of the cluster and the model; an expert's slot on a device is
 * the number of ones before it, so that slots of a device come in the order of experts, and none
 * holds an expert twice. Its {@code omni_pattern_tool} asks that every expert be on some device and
 * every device hold as many of a layer.
 */
final class OmniInferFormat implements OfferFormat {
  @Override
  public boolean uniform() {
    return false;
  }

  @Override
  public boolean repeats() {
    return false;
  }

  @Override
  public Partial partial() {
    return Partial.ON_REQUEST;
  }

  @Override
  public String needsAll() {
    return "Omni-Infer's own check of a pattern wants each on some device";
  }

  @Override
  public byte[] write(OfferPacking packing, ModelLayers layers) {
    int accelerators = packing.packing().accelerators();
    int experts = packing.packing().experts();
    int moeLayers = layers.moeLayers().size();
    var array = new Npy.Builder(accelerators, moeLayers, experts);
    for (LayerPacking layer : packing.packing().layers()) {
      int each = layer.slots() / accelerators;
      for (int j = 0; j < layer.slots(); j++) {
        array.set(j / each, layer.layer(), layer.slotExperts().get(j));
      }
    }
    return array.bytes();
  }

  @Override
  public String usage(OfferPacking packing, String file) {
    return "pattern_path: %s on %d devices".formatted(file, packing.packing().accelerators());
  }
}
