package org.moesaic.export;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.moesaic.export.EplbFormat.Maps;
import org.moesaic.json.Document;
import org.moesaic.json.Issues;
import org.moesaic.json.RecordReader;
import org.moesaic.json.Texts;

/** Reads what {@link EplbFormat} writes. */
final class EplbReader implements OfferReader {
  private static final RecordReader<Maps> READER = RecordReader.of(Maps.class);

  @Override
  public SortedMap<Integer, List<Integer>> read(Path file, OfferShape shape, Issues issues) {
    SortedMap<Integer, List<Integer>> read = new TreeMap<>();
    Document<Maps> document = READER.read(file, issues);
    if (document == null || issues.hasErrors()) {
      return read;
    }
    Maps maps = document.value();
    if (maps.layers().size() != maps.phy2log().size()) {
      issues.error(
          "/layers",
          maps.layers().size(),
          "The layers must be as many as the rows of phy2log, %d, but are %d."
              .formatted(maps.phy2log().size(), maps.layers().size()),
          "Maybe the file was cut.");
      return read;
    }
    for (int i = 0; i < maps.layers().size(); i++) {
      int layer = shape.layers().moeLayers().indexOf(maps.layers().get(i));
      String pointer = Texts.pointer("phy2log", i);
      if (layer < 0 || read.containsKey(layer)) {
        issues.error(
            Texts.pointer("layers", i),
            maps.layers().get(i),
            "The layer (%d) must be one of the model's layers with experts, and there once."
                .formatted(maps.layers().get(i)),
            "Maybe dense layers are counted otherwise.");
      } else {
        List<Integer> row = maps.phy2log().get(i);
        RowChecks.check("row " + i, row, shape, (v, m, h) -> issues.error(pointer, v, m, h));
        read.put(layer, row);
      }
    }
    if (!issues.hasErrors()) {
      Maps right = EplbFormat.maps(maps.layers(), maps.phy2log(), shape.experts());
      agree(maps.logcnt(), right.logcnt(), "logcnt", issues);
      agree(sorted(maps.log2phy()), sorted(right.log2phy()), "log2phy", issues);
    }
    return read;
  }

  /** The slots of an expert may come in any order. */
  private static List<List<List<Integer>>> sorted(List<List<List<Integer>>> log2phy) {
    return log2phy.stream()
        .map(row -> row.stream().map(slots -> slots.stream().sorted().toList()).toList())
        .toList();
  }

  private static void agree(List<?> found, List<?> right, String field, Issues issues) {
    if (!found.equals(right)) {
      int row = 0;
      while (row < Math.min(found.size(), right.size()) && found.get(row).equals(right.get(row))) {
        row++;
      }
      issues.error(
          row < found.size() ? Texts.pointer(field, row) : Texts.pointer(field),
          null,
          "The %s must follow from phy2log, but its row %d does not.".formatted(field, row),
          "Maybe one of the two was edited.");
    }
  }
}
