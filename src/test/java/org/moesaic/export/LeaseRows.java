package org.moesaic.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.moesaic.json.Issues;

/** Reads the table that {@link Leases} writes. */
final class LeaseRows {
  private LeaseRows() {}

  /** One row, as far as reading back needs it. */
  record Row(String offer, int nodes, int acceleratorsPerNode, String file) {}

  static List<Row> read(Path file, Issues issues) {
    List<Row> rows = new ArrayList<>();
    for (CsvRows.Row row : CsvRows.read(file, Leases.HEADER, issues)) {
      List<String> values = row.values();
      int nodes =
          CsvRows.index(file, row.line(), "nodes", values.get(4), Integer.MAX_VALUE, issues);
      int perNode =
          CsvRows.index(
              file, row.line(), "acceleratorsPerNode", values.get(5), Integer.MAX_VALUE, issues);
      if (nodes < 1 || perNode < 1 || (long) nodes * perNode > Integer.MAX_VALUE) {
        issues.errorAt(
            file,
            row.line(),
            nodes + " x " + perNode,
            "The nodes and acceleratorsPerNode must be 1 or more.",
            "Maybe the row was edited.");
      } else {
        rows.add(new Row(values.get(0), nodes, perNode, values.get(10)));
      }
    }
    return rows;
  }
}
