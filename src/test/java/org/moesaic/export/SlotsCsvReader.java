package org.moesaic.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.moesaic.json.Issues;
import org.moesaic.json.Texts;

/** Reads what {@link SlotsCsvFormat} writes. */
final class SlotsCsvReader implements OfferReader {
  @Override
  public SortedMap<Integer, List<Integer>> read(Path file, OfferShape shape, Issues issues) {
    SortedMap<Integer, List<Integer>> read = new TreeMap<>();
    SortedMap<Integer, List<int[]>> accelerators = new TreeMap<>();
    for (CsvRows.Row row : CsvRows.read(file, SlotsCsvFormat.HEADER, issues)) {
      List<String> values = row.values();
      if (!values.get(0).equals(shape.offer())) {
        issues.errorAt(
            file,
            row.line(),
            values.get(0),
            "The offer (%s) must be %s."
                .formatted(Texts.shown(values.get(0)), Texts.shown(shape.offer())),
            "Maybe the tables of several offers were joined.");
        return read;
      }
      int layers = shape.layers().moeLayers().size();
      int layer = CsvRows.index(file, row.line(), "layer", values.get(1), layers, issues);
      int accelerator =
          CsvRows.index(
              file, row.line(), "accelerator", values.get(2), shape.accelerators(), issues);
      int expert =
          CsvRows.index(file, row.line(), "expert", values.get(4), shape.experts(), issues);
      List<Integer> slots = read.computeIfAbsent(Math.max(0, layer), l -> new ArrayList<>());
      if (!values.get(3).equals(Integer.toString(slots.size()))) {
        issues.errorAt(
            file,
            row.line(),
            values.get(3),
            "The slot (%s) must be %d: slots of a layer count up from 0."
                .formatted(Texts.shown(values.get(3)), slots.size()),
            "Maybe rows are missing or were sorted otherwise.");
        return read;
      }
      slots.add(expert);
      accelerators
          .computeIfAbsent(Math.max(0, layer), l -> new ArrayList<>())
          .add(new int[] {accelerator, row.line()});
    }
    read.forEach(
        (layer, slots) -> {
          RowChecks.check(
              "layer " + layer, slots, shape, (v, m, h) -> issues.errorAt(file, 0, v, m, h));
          checkAccelerators(
              file, slots.size(), accelerators.getOrDefault(layer, List.of()), shape, issues);
        });
    return read;
  }

  private static void checkAccelerators(
      Path file, int slots, List<int[]> accelerators, OfferShape shape, Issues issues) {
    if (issues.hasErrors()) {
      return;
    }
    int each = slots / shape.accelerators();
    for (int j = 0; j < slots; j++) {
      int[] row = accelerators.get(j);
      if (row[0] != j / each) {
        issues.errorAt(
            file,
            row[1],
            row[0],
            "The accelerator (%d) of slot %d must be %d: each has %d slots."
                .formatted(row[0], j, j / each, each),
            "Maybe rows were sorted otherwise.");
        return;
      }
    }
  }
}
