package org.moesaic.export;

import java.nio.charset.StandardCharsets;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;

/**
 * The configuration of TensorRT-LLM's MoE load balancer, static: {@code layer_updates_per_iter} 0.
 *
 * <p>As {@code MoeLoadBalancerConfig} in {@code tensorrt_llm/llmapi/llm_args.py} and the fused MoE
 * modules of NVIDIA/TensorRT-LLM read it: {@code initial_global_assignments} has a list for every
 * layer with experts, by its number among all layers; each list has {@code num_slots} elements, a
 * multiple of the ranks, and names every expert. Every {@code num_slots / ranks} slots are a
 * rank's.
 */
final class TensorRtLlmFormat implements OfferFormat {
  static final String SLOTS = "num_slots";
  static final String UPDATES = "layer_updates_per_iter";
  static final String ASSIGNMENTS = "initial_global_assignments";

  @Override
  public boolean uniform() {
    return true;
  }

  @Override
  public boolean repeats() {
    return true;
  }

  @Override
  public Partial partial() {
    return Partial.ON_REQUEST;
  }

  @Override
  public String needsAll() {
    return "TensorRT-LLM asserts that each list names every expert";
  }

  @Override
  public byte[] write(OfferPacking packing, ModelLayers layers) {
    var text = new StringBuilder();
    text.append(SLOTS).append(": ").append(OfferFormat.slots(packing)).append('\n');
    text.append(UPDATES).append(": 0\n");
    text.append(ASSIGNMENTS).append(":\n");
    for (LayerPacking layer : packing.packing().layers()) {
      // A list of whole numbers is written by Java as YAML has it.
      text.append("  ")
          .append(layers.modelLayer(layer.layer()))
          .append(": ")
          .append(layer.slotExperts())
          .append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String usage(OfferPacking packing, String file) {
    return "moe_expert_parallel_size: %d, moe_config: {load_balancer: %s}"
        .formatted(packing.packing().accelerators(), file);
  }
}
