package org.moesaic.pack;

import java.util.List;
import org.moesaic.json.RecordWriter;

/**
 * Writes packings as JSON, with the names that EPLB's users know: {@code layers}, {@code phy2log}
 * (the expert in each slot of each of these layers), {@code maxLoad}, {@code meanLoad} and {@code
 * bound}. Equal packings give equal texts.
 */
public final class Packings {
  private static final RecordWriter<Layers> LAYERS = RecordWriter.of(Layers.class);
  private static final RecordWriter<Offers> OFFERS = RecordWriter.of(Offers.class);

  private Packings() {}

  private record Layers(
      List<Integer> layers,
      List<List<Integer>> phy2log,
      List<Double> maxLoad,
      List<Double> meanLoad,
      List<Double> bound) {}

  private record OfferLayers(
      String offer,
      int nodes,
      int accelerators,
      List<Integer> layers,
      List<List<Integer>> phy2log,
      List<Double> maxLoad,
      List<Double> meanLoad,
      List<Double> bound) {}

  private record Offers(List<OfferLayers> offers) {}

  /** One object with those five lists, as long as the packing has layers. */
  public static String toJson(Packing packing) {
    return LAYERS.toJson(layers(packing));
  }

  /**
   * An object whose list {@code offers} has an object for each: its id as {@code offer}, {@code
   * nodes}, {@code accelerators}, and the five lists. Layers are numbered as plans number them:
   * dense ones do not count.
   */
  public static String toJson(List<OfferPacking> packings) {
    return OFFERS.toJson(
        new Offers(
            packings.stream()
                .map(
                    of -> {
                      Layers layers = layers(of.packing());
                      return new OfferLayers(
                          of.offer(),
                          of.nodes(),
                          of.packing().accelerators(),
                          layers.layers,
                          layers.phy2log,
                          layers.maxLoad,
                          layers.meanLoad,
                          layers.bound);
                    })
                .toList()));
  }

  private static Layers layers(Packing packing) {
    List<LayerPacking> layers = packing.layers();
    return new Layers(
        layers.stream().map(LayerPacking::layer).toList(),
        layers.stream().map(LayerPacking::slotExperts).toList(),
        layers.stream().map(LayerPacking::maxLoad).toList(),
        layers.stream().map(LayerPacking::meanLoad).toList(),
        layers.stream().map(LayerPacking::bound).toList());
  }
}
