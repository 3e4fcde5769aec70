package org.moesaic.export;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.moesaic.json.Issues;

/** Reads what {@link TensorRtLlmFormat} writes. */
final class TensorRtLlmReader implements OfferReader {
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
              .formatted(TensorRtLlmFormat.UPDATES, yaml.updates()),
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
                        .formatted(
                            modelLayer,
                            TensorRtLlmFormat.SLOTS,
                            yaml.slots(),
                            row.experts().size()),
                    "Maybe the line was cut.");
              }
              RowChecks.check(
                  "list of layer " + modelLayer,
                  row.experts(),
                  shape,
                  (v, m, h) -> issues.errorAt(file, row.line(), v, m, h));
              read.put(layer, row.experts());
            });
    return read;
  }
}
