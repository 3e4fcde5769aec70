package org.moesaic.benchmark;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.PackOptions;
import org.moesaic.pack.Packer;
import org.moesaic.pack.Packing;
import org.moesaic.problem.Weights;

/** Packings against EPLB's, as Markdown. */
final class PackFigures {
  /** Of EPLB's README. */
  private static final double[][] README = {
    {90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86},
    {20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27}
  };

  private static final int WARM_UPS = 3;

  private final PrintStream out;
  private final int runs;

  PackFigures(PrintStream out, int runs) {
    this.out = out;
    this.runs = runs;
  }

  void print() {
    out.printf(
        "EPLB's README example, largest load of its two layers:%n%n| policy | EPLB | Moesaic |"
            + " bound | mean |%n|---|---|---|---|---|%n");
    var readme = Weights.of(README);
    for (PackOptions options : List.of(PackOptions.global(8, 16), new PackOptions(8, 16, 2, 4))) {
      List<LayerPacking> layers = Packer.pack(readme, options).layers();
      out.printf(
          "| %s | %s | %s | %s | %s |%n",
          options.hierarchical() ? "hierarchical, 4 groups on 2 nodes" : "global",
          cells(eplb(readme, options)),
          cells(layers.stream().mapToDouble(LayerPacking::maxLoad).toArray()),
          cells(layers.stream().mapToDouble(LayerPacking::bound).toArray()),
          cells(layers.stream().mapToDouble(LayerPacking::meanLoad).toArray()));
    }
    out.printf(
        "%nRecorded loads, 288 slots; largest load by the mean, over 58 layers. The gap is that to"
            + " the bound; worse: layers where EPLB's packing is better.%n%n"
            + "| loads | accelerators | policy | EPLB average | worst | Moesaic average | worst |"
            + " least that is possible, worst layer | gap average | worst | worse | EPLB ms |"
            + " Moesaic ms |%n|---|---|---|---|---|---|---|---|---|---|---|---|---|%n");
    for (String name :
        List.of(
            "prefill_in4096", "prefill_in1024", "decode_in2000out100", "decode_in1000out1000")) {
      Weights loads = Recordings.deepSeekR1(name);
      for (int accelerators : new int[] {32, 72, 144}) {
        print(name, loads, PackOptions.global(accelerators, 288));
        print(name, loads, new PackOptions(accelerators, 288, 4, 8));
      }
    }
  }

  private void print(String name, Weights loads, PackOptions options) {
    double[] ms = new double[runs];
    Packing packing = Packer.pack(loads, options);
    double[] eplb = eplb(loads, options);
    double[] eplbMs = new double[runs];
    for (int run = -WARM_UPS; run < runs; run++) {
      long began = System.nanoTime();
      eplb(loads, options);
      long between = System.nanoTime();
      Packing again = Packer.pack(loads, options);
      long ended = System.nanoTime();
      if (!again.equals(packing)) {
        throw new IllegalStateException("The same loads were packed in two ways.");
      }
      if (run >= 0) {
        eplbMs[run] = (between - began) / 1e6;
        ms[run] = (ended - between) / 1e6;
      }
    }
    List<LayerPacking> layers = packing.layers();
    double[] eplbRatio = new double[layers.size()];
    double[] ratio = new double[layers.size()];
    double[] gap = new double[layers.size()];
    double[] least = new double[layers.size()];
    int worse = 0;
    for (int l = 0; l < ratio.length; l++) {
      LayerPacking layer = layers.get(l);
      eplbRatio[l] = eplb[l] / layer.meanLoad();
      ratio[l] = layer.imbalance();
      least[l] = layer.bound() / layer.meanLoad();
      gap[l] = 100 * (layer.maxLoad() / layer.bound() - 1);
      worse += layer.maxLoad() > eplb[l] * (1 + 1e-12) ? 1 : 0;
    }
    out.printf(
        Locale.ROOT,
        "| %s | %d | %s | %.4f | %.4f | %.5f | %.5f | %.5f | %.4f%% | %.4f%% | %d | %s | %s |%n",
        name,
        options.accelerators(),
        options.hierarchical() ? "hierarchical" : "global",
        average(eplbRatio),
        worst(eplbRatio),
        average(ratio),
        worst(ratio),
        worst(least),
        average(gap),
        worst(gap),
        worse,
        Figures.spread(eplbMs, "%.0f"),
        Figures.spread(ms, "%.0f"));
  }

  /** The largest load of each layer as EPLB packs it. */
  private static double[] eplb(Weights loads, PackOptions options) {
    double[] max = new double[loads.layers()];
    for (int l = 0; l < max.length; l++) {
      double[] row = loads.row(l);
      int[] slots =
          Eplb.slotExperts(
              row, options.slots(), options.groups(), options.nodes(), options.accelerators());
      max[l] = Eplb.maxLoad(row, slots, options.accelerators());
    }
    return max;
  }

  private static String cells(double[] values) {
    return Arrays.stream(values)
        .mapToObj(v -> String.format(Locale.ROOT, "%.3f", v).replaceFirst("\\.?0+$", ""))
        .collect(Collectors.joining(", "));
  }

  private static double average(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }

  private static double worst(double[] values) {
    return Arrays.stream(values).max().orElse(0);
  }
}
