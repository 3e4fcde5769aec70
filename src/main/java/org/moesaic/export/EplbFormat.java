package org.moesaic.export;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.moesaic.json.Doc;
import org.moesaic.json.Range;
import org.moesaic.json.RecordWriter;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;

/**
 * What {@code rebalance_experts} in {@code eplb.py} of deepseek-ai/EPLB returns, as lists: {@code
 * phy2log [layers][slots]}, the expert in each slot; {@code log2phy [layers][experts][X]}, the
 * slots of each expert, where X is the most that any has, padded with -1; {@code logcnt
 * [layers][experts]}, how many these are. {@code layers} says which layers of the model the rows
 * are. Slots of an expert ascend here; in EPLB's own output they come in the order in which
 * replicas were made, which means nothing.
 */
final class EplbFormat implements OfferFormat {
  private static final RecordWriter<Maps> WRITER = RecordWriter.of(Maps.class);

  record Maps(
      @Doc("which layer of the model each row is") @Range(min = 0) List<Integer> layers,
      @Doc("for each row the expert in each slot") @Range(min = 0) List<List<Integer>> phy2log,
      @Doc("for each row and expert its slots, padded with -1") @Range(min = -1)
          List<List<List<Integer>>> log2phy,
      @Doc("for each row and expert how many slots it has") @Range(min = 0)
          List<List<Integer>> logcnt) {}

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
    return "EPLB gives every expert a slot, and what reads its maps may rely on that";
  }

  @Override
  public byte[] write(OfferPacking packing, ModelLayers layers) {
    List<Integer> modelLayers = new ArrayList<>();
    List<List<Integer>> phy2log = new ArrayList<>();
    for (LayerPacking layer : packing.packing().layers()) {
      modelLayers.add(layers.modelLayer(layer.layer()));
      phy2log.add(layer.slotExperts());
    }
    return WRITER
        .toJson(maps(modelLayers, phy2log, packing.packing().experts()))
        .getBytes(StandardCharsets.UTF_8);
  }

  static Maps maps(List<Integer> layers, List<List<Integer>> phy2log, int experts) {
    List<List<List<Integer>>> log2phy = new ArrayList<>();
    List<List<Integer>> logcnt = new ArrayList<>();
    int most = 0;
    for (List<Integer> row : phy2log) {
      List<List<Integer>> slots = new ArrayList<>();
      for (int e = 0; e < experts; e++) {
        slots.add(new ArrayList<>());
      }
      for (int j = 0; j < row.size(); j++) {
        slots.get(row.get(j)).add(j);
      }
      logcnt.add(slots.stream().map(List::size).toList());
      most = Math.max(most, slots.stream().mapToInt(List::size).max().orElse(0));
      log2phy.add(slots);
    }
    for (List<List<Integer>> row : log2phy) {
      for (List<Integer> slots : row) {
        IntStream.range(slots.size(), most).forEach(i -> slots.add(-1));
      }
    }
    return new Maps(layers, phy2log, log2phy, logcnt);
  }

  @Override
  public String usage(OfferPacking packing, String file) {
    return "num_replicas %d, num_gpus %d in %s"
        .formatted(OfferFormat.slots(packing), packing.packing().accelerators(), file);
  }
}
