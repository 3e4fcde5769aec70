package org.moesaic.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.moesaic.export.VllmAscendFormat.Device;
import org.moesaic.export.VllmAscendFormat.ExpertMap;
import org.moesaic.export.VllmAscendFormat.Layer;
import org.moesaic.json.Document;
import org.moesaic.json.Issues;
import org.moesaic.json.RecordReader;
import org.moesaic.json.Texts;

/** Reads what {@link VllmAscendFormat} writes. */
final class VllmAscendReader implements OfferReader {
  private static final RecordReader<ExpertMap> READER = RecordReader.of(ExpertMap.class);

  @Override
  public SortedMap<Integer, List<Integer>> read(Path file, OfferShape shape, Issues issues) {
    SortedMap<Integer, List<Integer>> read = new TreeMap<>();
    Document<ExpertMap> document = READER.read(file, issues);
    if (document == null || issues.hasErrors()) {
      return read;
    }
    ExpertMap map = document.value();
    int moeLayers = shape.layers().moeLayers().size();
    requireEqual(issues, "/moe_layer_count", "moe_layer_count", map.moe_layer_count(), moeLayers);
    requireEqual(issues, "/layer_list", "length of layer_list", map.layer_list().size(), moeLayers);
    for (int l = 0; l < map.layer_list().size(); l++) {
      List<Integer> slots = layer(map.layer_list().get(l), l, shape, issues);
      if (!slots.isEmpty()) {
        read.put(l, slots);
      }
    }
    return read;
  }

  private static List<Integer> layer(Layer layer, int l, OfferShape shape, Issues issues) {
    String pointer = Texts.pointer("layer_list", l);
    requireEqual(issues, pointer + "/layer_id", "layer_id", layer.layer_id(), l);
    List<Device> devices = layer.device_list();
    requireEqual(
        issues,
        pointer + "/device_count",
        "device_count",
        layer.device_count(),
        shape.accelerators());
    requireEqual(
        issues,
        pointer + "/device_list",
        "length of device_list",
        devices.size(),
        shape.accelerators());
    List<Integer> slots = new ArrayList<>();
    for (int a = 0; a < devices.size(); a++) {
      String at = pointer + Texts.pointer("device_list", a);
      requireEqual(issues, at + "/device_id", "device_id", devices.get(a).device_id(), a);
      List<Integer> experts = devices.get(a).device_expert();
      requireEqual(
          issues,
          at + "/device_expert",
          "length of device_expert",
          experts.size(),
          devices.get(0).device_expert().size());
      slots.addAll(experts);
    }
    if (issues.hasErrors()) {
      return List.of();
    }
    RowChecks.check("layer " + l, slots, shape, (v, m, h) -> issues.error(pointer, v, m, h));
    Rows.Repeat repeat = Rows.repeat(slots, shape.accelerators());
    if (repeat != null) {
      issues.error(
          pointer + Texts.pointer("device_list", repeat.accelerator(), "device_expert"),
          repeat.expert(),
          "The expert (%d) must be on a device once.".formatted(repeat.expert()),
          "Maybe one of the two is another expert.");
    }
    return slots;
  }

  private static void requireEqual(
      Issues issues, String pointer, String what, int found, int expected) {
    if (found != expected) {
      issues.error(
          pointer,
          found,
          "The %s (%d) must be %d.".formatted(what, found, expected),
          "Maybe the file belongs to another offer or model, or was cut.");
    }
  }
}
