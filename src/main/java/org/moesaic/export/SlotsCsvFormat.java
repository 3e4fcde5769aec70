package org.moesaic.export;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;

/**
 * A table of slots: {@code offer,layer,accelerator,slot,expert}, by layer and slot. Layers are a
 * plan's, without dense ones; slots are counted over all accelerators of the offer, layer by layer.
 */
final class SlotsCsvFormat implements OfferFormat {
  static final List<String> HEADER = List.of("offer", "layer", "accelerator", "slot", "expert");

  @Override
  public boolean uniform() {
    return false;
  }

  @Override
  public boolean repeats() {
    return true;
  }

  @Override
  public Partial partial() {
    return Partial.ALWAYS;
  }

  @Override
  public String needsAll() {
    return "nothing asks for all of them";
  }

  @Override
  public byte[] write(OfferPacking packing, ModelLayers layers) {
    var text = new StringBuilder();
    Csv.append(text, HEADER.toArray());
    for (LayerPacking layer : packing.packing().layers()) {
      int each = layer.slots() / packing.packing().accelerators();
      for (int j = 0; j < layer.slots(); j++) {
        Csv.append(text, packing.offer(), layer.layer(), j / each, j, layer.slotExperts().get(j));
      }
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String usage(OfferPacking packing, String file) {
    return "%s, %d accelerators".formatted(file, packing.packing().accelerators());
  }
}
