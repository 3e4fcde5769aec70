package org.moesaic.report;

import static com.github.freva.asciitable.HorizontalAlign.LEFT;
import static com.github.freva.asciitable.HorizontalAlign.RIGHT;
import static org.moesaic.report.Tables.column;

import com.github.freva.asciitable.ColumnData;
import java.util.List;
import java.util.Locale;
import org.moesaic.json.Texts;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;
import org.moesaic.pack.Packing;

/**
 * Packings for people: tables and a verdict. A gap is {@code maxLoad / bound - 1}: by how much the
 * fullest accelerator may at most be fuller than it has to be.
 */
public final class PackReport {
  private static final double GIB = 1L << 30;

  private PackReport() {}

  /** A row per layer. */
  public static String table(Packing packing, Ink ink) {
    return table(
        "Layers: %s on %s"
            .formatted(
                Figures.count(packing.layers().size()),
                Figures.counted(packing.accelerators(), "accelerator")),
        packing.layers(),
        List.of(
            column("layer", RIGHT, layer -> Figures.count(layer.layer())),
            column("slots", RIGHT, layer -> Figures.count(layer.slots())),
            column("mean load", RIGHT, layer -> Figures.rounded(layer.meanLoad())),
            column("largest", RIGHT, layer -> Figures.rounded(layer.maxLoad())),
            column("largest/mean", RIGHT, layer -> ratio(layer.imbalance())),
            column("gap", RIGHT, PackReport::gap)),
        ink);
  }

  /** A row per offer. */
  public static String table(List<OfferPacking> packings, Ink ink) {
    return table(
        "Offers: %s".formatted(Figures.count(packings.size())),
        packings,
        List.of(
            column("offer", LEFT, of -> Texts.shown(of.offer())),
            column("nodes", RIGHT, of -> Figures.count(of.nodes())),
            column("accelerators", RIGHT, of -> Figures.count(of.packing().accelerators())),
            column("layers", RIGHT, of -> Figures.count(of.packing().layers().size())),
            column("slots", RIGHT, of -> slots(of.packing())),
            column("largest/mean", RIGHT, of -> ratio(averageImbalance(of.packing().layers()))),
            column("worst", RIGHT, of -> ratio(worstImbalance(of.packing().layers()))),
            column("worst gap", RIGHT, of -> percent(worstGap(of.packing().layers()))),
            column("GiB of slots", RIGHT, of -> Figures.tenths(of.slotBytesPerAccelerator() / GIB)),
            column(
                "usable",
                RIGHT,
                of ->
                    Double.isInfinite(of.usableBytesPerAccelerator())
                        ? Figures.NONE
                        : Figures.tenths(of.usableBytesPerAccelerator() / GIB))),
        ink);
  }

  /** One line such as {@code Packed 58 layers: ...}. */
  public static String verdict(Packing packing, Ink ink) {
    return ink.good(verdict(packing.layers()));
  }

  /** One line over the layers of all offers. */
  public static String verdict(List<OfferPacking> packings, Ink ink) {
    String line = verdict(packings.stream().flatMap(of -> of.packing().layers().stream()).toList());
    return packings.stream().allMatch(OfferPacking::fits) ? ink.good(line) : ink.bad(line);
  }

  private static String verdict(List<LayerPacking> layers) {
    if (layers.isEmpty()) {
      return "Packed nothing: no layer has any load.";
    }
    long optimal = layers.stream().filter(LayerPacking::optimal).count();
    return ("Packed %s: the fullest accelerator has %s times the mean load on average, %s at worst;"
            + " %s proven optimal, gap %s on average, %s at worst.")
        .formatted(
            Figures.counted(layers.size(), "layer"),
            ratio(averageImbalance(layers)),
            ratio(worstImbalance(layers)),
            Figures.count(optimal),
            percent(layers.stream().mapToDouble(PackReport::gapOf).average().orElse(0)),
            percent(worstGap(layers)));
  }

  private static double averageImbalance(List<LayerPacking> layers) {
    return layers.stream().mapToDouble(LayerPacking::imbalance).average().orElse(1);
  }

  private static double worstImbalance(List<LayerPacking> layers) {
    return layers.stream().mapToDouble(LayerPacking::imbalance).max().orElse(1);
  }

  private static double worstGap(List<LayerPacking> layers) {
    return layers.stream().mapToDouble(PackReport::gapOf).max().orElse(0);
  }

  private static double gapOf(LayerPacking layer) {
    return layer.optimal() ? 0 : layer.maxLoad() / layer.bound() - 1;
  }

  private static String gap(LayerPacking layer) {
    return layer.optimal() ? "optimal" : percent(gapOf(layer));
  }

  private static String slots(Packing packing) {
    int least = packing.layers().stream().mapToInt(LayerPacking::slots).min().orElse(0);
    int most = packing.layers().stream().mapToInt(LayerPacking::slots).max().orElse(0);
    return least == most
        ? Figures.count(most)
        : Figures.count(least) + " to " + Figures.count(most);
  }

  private static String ratio(double ratio) {
    return String.format(Locale.ROOT, "%.5f", ratio);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.3f%%", 100 * share);
  }

  private static <T> String table(
      String heading, List<T> rows, List<ColumnData<T>> columns, Ink ink) {
    return ink.heading(heading) + "\n" + Tables.table(rows, columns);
  }
}
