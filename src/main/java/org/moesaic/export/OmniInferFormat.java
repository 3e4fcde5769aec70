package org.moesaic.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issues;
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
  public SortedMap<Integer, List<Integer>> read(Path file, OfferShape shape, Issues issues) {
    SortedMap<Integer, List<Integer>> read = new TreeMap<>();
    int layers = shape.layers().moeLayers().size();
    @Nullable Npy pattern = Npy.read(file, shape.accelerators(), layers, shape.experts(), issues);
    if (pattern == null) {
      return read;
    }
    for (int l = 0; l < layers; l++) {
      List<Integer> slots = new ArrayList<>();
      int each = -1;
      for (int a = 0; a < shape.accelerators(); a++) {
        int before = slots.size();
        for (int e : IntStream.range(0, shape.experts()).toArray()) {
          if (pattern.get(a, l, e)) {
            slots.add(e);
          }
        }
        int held = slots.size() - before;
        if (each < 0) {
          each = held;
        } else if (held != each) {
          issues.errorAt(
              file,
              0,
              held,
              "The device %d must hold as many experts of layer %d as the first, %d, but holds %d."
                  .formatted(a, l, each, held),
              "Maybe the pattern was edited.");
          return read;
        }
      }
      if (!slots.isEmpty()) {
        read.put(l, slots);
      }
    }
    return read;
  }

  @Override
  public String usage(OfferPacking packing, String file) {
    return "pattern_path: %s on %d devices".formatted(file, packing.packing().accelerators());
  }
}
