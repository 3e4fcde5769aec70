package org.moesaic.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan.Part;
import org.moesaic.plan.Plans.Objections;
import org.moesaic.problem.Origin;

/**
 * Reads how a plan divides origins into parts. Rows may be in any order: their ids, {@code
 * us-chat#1}, {@code us-chat#2}, …, tell which part is which.
 */
final class PartsReader {
  private final Instance instance;
  private final List<Part> rows;
  private final Objections objections;
  private boolean fits = true;

  /** Rows of parts whose ids are all different. */
  PartsReader(Instance instance, List<Part> rows, Objections objections) {
    this.instance = instance;
    this.rows = rows;
    this.objections = objections;
  }

  /** Empty if there was an objection. */
  Optional<Parts> parts() {
    List<List<Integer>> rowsOf = rowsByOrigin();
    int[][] streams = new int[instance.origins()][];
    for (int o = 0; o < streams.length && fits; o++) {
      streams[o] =
          instance.origin(o).streams() == 1
              ? new int[] {1}
              : streams(instance.origin(o), rowsOf.get(o));
    }
    return fits ? Optional.of(Parts.of(instance.problem().origins(), streams)) : Optional.empty();
  }

  private List<List<Integer>> rowsByOrigin() {
    Map<String, Integer> origins = new HashMap<>();
    List<List<Integer>> rowsOf = new ArrayList<>();
    for (int o = 0; o < instance.origins(); o++) {
      origins.put(instance.origin(o).id(), o);
      rowsOf.add(new ArrayList<>());
    }
    for (int i = 0; i < rows.size(); i++) {
      String id = rows.get(i).origin();
      Integer origin = origins.get(id);
      if (origin == null) {
        object(
            Texts.pointer("parts", i, "origin"),
            id,
            "The origin (%s) must be one of the problem's.".formatted(Texts.shown(id)),
            Texts.nearest(id, origins.keySet())
                .map("Maybe %s is meant."::formatted)
                .orElse("Maybe the plan answers another problem."));
      } else if (instance.origin(origin).streams() == 1) {
        object(
            Texts.pointer("parts", i, "origin"),
            id,
            "The origin (%s) must not have parts: it is one stream.".formatted(Texts.shown(id)),
            "Maybe remove the row.");
      } else {
        rowsOf.get(origin).add(i);
      }
    }
    return rowsOf;
  }

  /** Numbers of streams by the numbers of parts. */
  private int[] streams(Origin origin, List<Integer> rowsOfOrigin) {
    Map<String, Integer> numbers = new HashMap<>();
    for (int n = 0; n < rowsOfOrigin.size(); n++) {
      numbers.put(Parts.id(origin, n), n);
    }
    int[] streams = new int[rowsOfOrigin.size()];
    long sum = 0;
    for (int i : rowsOfOrigin) {
      Part row = rows.get(i);
      Integer number = numbers.get(row.id());
      sum += row.streams();
      if (number == null) {
        object(
            Texts.pointer("parts", i, "id"),
            row.id(),
            "The ids of the %d parts of origin (%s) must be %s to %s, not %s."
                .formatted(
                    streams.length,
                    Texts.shown(origin.id()),
                    Texts.shown(Parts.id(origin, 0)),
                    Texts.shown(Parts.id(origin, streams.length - 1)),
                    Texts.shown(row.id())),
            "Maybe a row is missing.");
      } else {
        streams[number] = row.streams();
      }
    }
    if (sum != origin.streams()) {
      object(
          "/parts",
          sum,
          "The streams of the parts of origin (%s) must add up to its %d streams, not to %d."
              .formatted(Texts.shown(origin.id()), origin.streams(), sum),
          rowsOfOrigin.isEmpty()
              ? "Maybe the rows of the origin are missing."
              : "Maybe the origin changed since the plan was made.");
    }
    return streams;
  }

  private void object(String pointer, @Nullable Object value, String message, String hint) {
    fits = false;
    objections.add(pointer, value, message, hint);
  }
}
