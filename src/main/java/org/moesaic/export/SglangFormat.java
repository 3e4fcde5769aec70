package org.moesaic.export;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.moesaic.json.Doc;
import org.moesaic.json.Range;
import org.moesaic.json.RecordWriter;
import org.moesaic.json.Size;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;

/**
 * SGLang's initial expert location.
 *
 * <p>As {@code python/sglang/srt/eplb/expert_location.py} of sgl-project/sglang reads it: the
 * object's fields are handed on as arguments, so that it must not have others; the matrix becomes a
 * tensor, so that rows are equally long; there is a row for each of the model's {@code
 * num_hidden_layers}, dense ones too; and each expert's slots are collected by index, so that a row
 * of a dense layer has to name experts as well, a negative number would count from the end, and an
 * expert without a slot would be looked up in an empty list. Dense layers get the engine's own
 * trivial row: slot j has expert j modulo the experts.
 */
final class SglangFormat implements OfferFormat {
  private static final RecordWriter<Location> WRITER = RecordWriter.of(Location.class);

  @SuppressWarnings("MemberName") // as the engine spells it
  record Location(
      @Doc("for each layer of the model the expert in each slot") @Size(min = 1) @Range(min = 0)
          List<List<Integer>> physical_to_logical_map) {}

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
    return Partial.NEVER;
  }

  @Override
  public String needsAll() {
    return "SGLang looks up the slots of every expert, and would compute nonsense for one without";
  }

  @Override
  public byte[] write(OfferPacking packing, ModelLayers layers) {
    int experts = packing.packing().experts();
    List<Integer> trivial =
        IntStream.range(0, OfferFormat.slots(packing)).map(j -> j % experts).boxed().toList();
    List<List<Integer>> rows = new ArrayList<>();
    for (int l = 0; l < layers.count(); l++) {
      rows.add(trivial);
    }
    for (LayerPacking layer : packing.packing().layers()) {
      rows.set(layers.modelLayer(layer.layer()), layer.slotExperts());
    }
    return WRITER.toJson(new Location(rows)).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String usage(OfferPacking packing, String file) {
    return "--ep-size %d --ep-num-redundant-experts %d --init-expert-location %s"
        .formatted(
            packing.packing().accelerators(),
            OfferFormat.slots(packing) - packing.packing().experts(),
            file);
  }
}
