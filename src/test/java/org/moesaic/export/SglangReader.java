package org.moesaic.export;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.moesaic.export.SglangFormat.Location;
import org.moesaic.json.Document;
import org.moesaic.json.Issues;
import org.moesaic.json.RecordReader;
import org.moesaic.json.Texts;

/** Reads what {@link SglangFormat} writes. */
final class SglangReader implements OfferReader {
  private static final RecordReader<Location> READER = RecordReader.of(Location.class);

  @Override
  public SortedMap<Integer, List<Integer>> read(Path file, OfferShape shape, Issues issues) {
    SortedMap<Integer, List<Integer>> read = new TreeMap<>();
    Document<Location> document = READER.read(file, issues);
    if (document == null || issues.hasErrors()) {
      return read;
    }
    List<List<Integer>> rows = document.value().physical_to_logical_map();
    if (rows.size() != shape.layers().count()) {
      issues.error(
          "/physical_to_logical_map",
          rows.size(),
          "The physical_to_logical_map must have %d rows, one for each layer of the model, but has %d."
              .formatted(shape.layers().count(), rows.size()),
          "Maybe dense layers are missing, or counted otherwise.");
      return read;
    }
    for (int l = 0; l < rows.size(); l++) {
      String pointer = Texts.pointer("physical_to_logical_map", l);
      List<Integer> row = rows.get(l);
      if (row.size() != rows.get(0).size()) {
        issues.error(
            pointer,
            row.size(),
            "The row of layer %d must have %d slots like the first, but has %d."
                .formatted(l, rows.get(0).size(), row.size()),
            "Maybe the file was cut.");
      }
      RowChecks.check("row of layer " + l, row, shape, (v, m, h) -> issues.error(pointer, v, m, h));
    }
    List<Integer> moeLayers = shape.layers().moeLayers();
    for (int l = 0; l < moeLayers.size(); l++) {
      read.put(l, rows.get(moeLayers.get(l)));
    }
    return read;
  }
}
