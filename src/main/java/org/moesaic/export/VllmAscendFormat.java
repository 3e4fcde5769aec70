package org.moesaic.export;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.moesaic.json.Doc;
import org.moesaic.json.OneLine;
import org.moesaic.json.Range;
import org.moesaic.json.RecordWriter;
import org.moesaic.json.Size;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;

/**
 * The expert map of vLLM Ascend.
 *
 * <p>As {@code vllm_ascend/eplb/core/eplb_utils.py} of vllm-project/vllm-ascend reads it: layers
 * are found by their place in the list, counted over layers with experts alone; the lists of a
 * layer's devices become one tensor, so that they are equally long; an expert's slot is found
 * through its number on a device, so that none may be there twice; and the table of slots has as
 * many entries as there are experts with a slot, so that none may be missing. Slots beyond one per
 * expert are taken for redundant ones.
 */
final class VllmAscendFormat implements OfferFormat {
  private static final RecordWriter<ExpertMap> WRITER = RecordWriter.of(ExpertMap.class);

  @SuppressWarnings("MemberName") // as the engine spells it
  record ExpertMap(
      @Doc("number of layers that have experts") @Range(min = 0) int moe_layer_count,
      @Doc("those layers in their order") @Size(min = 1) List<Layer> layer_list) {}

  @SuppressWarnings("MemberName")
  record Layer(
      @Doc("its place among layers that have experts, from 0") @Range(min = 0) int layer_id,
      @Doc("number of devices") @Range(min = 1) int device_count,
      @Doc("the devices in their order") @Size(min = 1) List<Device> device_list) {}

  @OneLine
  @SuppressWarnings("MemberName")
  record Device(
      @Doc("its rank, from 0") @Range(min = 0) int device_id,
      @Doc("the expert in each of its slots") @Range(min = 0) List<Integer> device_expert) {}

  @Override
  public boolean uniform() {
    return true;
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
    return "vLLM Ascend makes a table of all experts from it, and stops where one is missing";
  }

  @Override
  public byte[] write(OfferPacking packing, ModelLayers layers) {
    Map<Integer, LayerPacking> byLayer = OfferFormat.byLayer(packing);
    int accelerators = packing.packing().accelerators();
    List<Layer> list = new ArrayList<>();
    for (int l = 0; l < layers.moeLayers().size(); l++) {
      LayerPacking layer = byLayer.get(l);
      List<Integer> slots = layer == null ? List.of() : layer.slotExperts();
      int each = slots.size() / accelerators;
      List<Device> devices = new ArrayList<>();
      for (int a = 0; a < accelerators; a++) {
        devices.add(new Device(a, slots.subList(a * each, (a + 1) * each)));
      }
      list.add(new Layer(l, accelerators, devices));
    }
    return WRITER.toJson(new ExpertMap(list.size(), list)).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String usage(OfferPacking packing, String file) {
    return "additional_config {\"eplb_config\": {\"expert_map_path\": \"%s\"}} on %d devices"
        .formatted(file, packing.packing().accelerators());
  }
}
