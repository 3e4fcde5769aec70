package org.moesaic.export;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.moesaic.json.Issues;
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
  public SortedMap<Integer, List<Integer>> read(Path file, OfferShape shape, Issues issues) {
    SortedMap<Integer, List<Integer>> read = new TreeMap<>();
    LoadBalancerYaml yaml = LoadBalancerYaml.read(file, issues);
    if (issues.hasErrors()) {
      return read;
    }
    if (yaml.updates() != 0) {
      issues.errorAt(
          file,
          yaml.updatesLine(),
          yaml.updates(),
          "The %s (%d) must be 0: otherwise the engine moves experts while it runs."
              .formatted(UPDATES, yaml.updates()),
          "Maybe the file is for the engine's online balancer.");
    }
    yaml.assignments()
        .forEach(
            (modelLayer, row) -> {
              int layer = shape.layers().moeLayers().indexOf(modelLayer);
              if (layer < 0) {
                issues.errorAt(
                    file,
                    row.line(),
                    modelLayer,
                    "The layer (%d) must be one of the model's layers with experts."
                        .formatted(modelLayer),
                    "Maybe dense layers are counted otherwise.");
                return;
              }
              if (row.experts().size() != yaml.slots()) {
                issues.errorAt(
                    file,
                    row.line(),
                    row.experts().size(),
                    "The list of layer %d must have %s elements, %d, but has %d."
                        .formatted(modelLayer, SLOTS, yaml.slots(), row.experts().size()),
                    "Maybe the line was cut.");
              }
              Rows.check(
                  "list of layer " + modelLayer,
                  row.experts(),
                  shape,
                  (v, m, h) -> issues.errorAt(file, row.line(), v, m, h));
              read.put(layer, row.experts());
            });
    return read;
  }

  @Override
  public String usage(OfferPacking packing, String file) {
    return "moe_expert_parallel_size: %d, moe_config: {load_balancer: %s}"
        .formatted(packing.packing().accelerators(), file);
  }
}
