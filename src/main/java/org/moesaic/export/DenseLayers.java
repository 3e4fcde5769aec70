package org.moesaic.export;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;

/**
 * Which layers of a model are dense, that is, have no experts.
 *
 * @param layers ascending, without repetition, counted from 0 over all layers of the model
 */
public record DenseLayers(List<Integer> layers) {
  /** Every layer has experts. */
  public static final DenseLayers NONE = new DenseLayers(List.of());

  /**
   * Sorts the layers and drops repetitions.
   *
   * @throws IllegalArgumentException if one is negative or beyond what a model can have
   */
  public DenseLayers {
    for (int layer : layers) {
      if (layer < 0 || layer >= Limits.LAYERS) {
        throw new IllegalArgumentException(
            "The dense layer (%d) must be a number from 0 to %d.%nMaybe a digit slipped in."
                .formatted(layer, Limits.LAYERS - 1));
      }
    }
    layers = List.copyOf(new TreeSet<>(layers));
  }

  /**
   * The first layers of a model.
   *
   * @param count how many, 0 or more
   * @throws IllegalArgumentException if it is negative or beyond what a model can have
   */
  public static DenseLayers leading(int count) {
    if (count < 0 || count > Limits.LAYERS) {
      throw new IllegalArgumentException(
          "The number (%d) of leading dense layers must be from 0 to %d.%nMaybe a digit slipped in."
              .formatted(count, Limits.LAYERS));
    }
    return new DenseLayers(IntStream.range(0, count).boxed().toList());
  }

  /**
   * Reads {@code 3}, the first three layers, or {@code 0,2,4}, these layers; a list of one ends
   * with a comma: {@code 5,}.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static DenseLayers parse(String text) {
    try {
      if (!text.contains(",")) {
        return leading(Integer.parseInt(text.strip()));
      }
      String list = text.strip();
      if (list.endsWith(",")) {
        list = list.substring(0, list.length() - 1);
      }
      List<Integer> layers = new ArrayList<>();
      for (String part : list.split(",", -1)) {
        layers.add(Integer.parseInt(part.strip()));
      }
      return new DenseLayers(layers);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "The dense layers (%s) must be a number, or layers with commas between them.%nMaybe write 3 for the first three, 0,2,4 for a list, or 5, for one layer."
              .formatted(Texts.shown(text)),
          e);
    }
  }
}
