package org.moesaic.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.plan.Plans.Objections;

/** Reads the decisions of one plan, and tells why they do not fit the problem. */
final class PlanReader {
  private final Plan plan;
  private final Objections objections;
  private final Map<String, Integer> offers = new HashMap<>();
  private boolean fits = true;

  /** Of the problem; once the parts are read, of the one whose origins they are. */
  private Instance instance;

  private Parts parts = Parts.WHOLE;

  /** The parts, or the origins where they are whole. */
  private final Map<String, Integer> origins = new HashMap<>();

  /** For each shard its offers in the order of the plan; null until they are read. */
  private final int[][] replicas;

  /** For each origin and layer which of those serve it; null until that is read. */
  private List<Integer>[][] serving = servingOf(0, 0);

  /** For each origin the offers that host its layers; null until they are read. */
  private int[][] hosts = new int[0][];

  PlanReader(Instance instance, Plan plan, Objections objections) {
    this.instance = instance;
    this.plan = plan;
    this.objections = objections;
    for (int i = 0; i < instance.offers(); i++) {
      offers.put(instance.offer(i).id(), i);
    }
    replicas = new int[instance.shards()][];
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of generic lists
  private static List<Integer>[][] servingOf(int origins, int layers) {
    return new List[origins][layers];
  }

  Optional<Assignment> assignment() {
    Plans.check(plan, this::object);
    if (!plan.backbone().isEmpty() && !instance.hasBackbone()) {
      object(
          "/backbone",
          null,
          "The backbone must not be there: the problem's model has none.",
          "Maybe the plan answers another problem.");
    }
    // Rows that are there twice or name nothing would make the rest of this guess.
    if (!fits) {
      return Optional.empty();
    }
    Optional<Parts> read = new PartsReader(instance, plan.parts(), this::object).parts();
    if (read.isEmpty()) {
      return Optional.empty();
    }
    divide(read.get());
    placements();
    serving();
    if (instance.hasBackbone()) {
      backbone();
    }
    return fits ? Optional.of(decisions()) : Optional.empty();
  }

  private void divide(Parts parts) {
    this.parts = parts;
    instance = instance.split(parts);
    for (int o = 0; o < instance.origins(); o++) {
      origins.put(instance.origin(o).id(), o);
    }
    serving = servingOf(instance.origins(), instance.layers());
    hosts = new int[instance.origins()][];
  }

  private Assignment decisions() {
    List<Placement> placements = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
      placements.add(placement(s));
    }
    return new Assignment(placements, instance.hasBackbone() ? Homes.of(hosts) : Homes.OWN, parts);
  }

  private void object(String pointer, @Nullable Object value, String message, String hint) {
    fits = false;
    objections.add(pointer, value, message, hint);
  }

  private void placements() {
    boolean[] seen = new boolean[instance.layers()];
    for (int i = 0; i < plan.placements().size(); i++) {
      Plan.Placement row = plan.placements().get(i);
      if (row.layer() >= instance.layers()) {
        object(
            Texts.pointer("placements", i, "layer"),
            row.layer(),
            "The layer (%d) must be one of the model's %d; they begin at 0."
                .formatted(row.layer(), instance.layers()),
            "Maybe the plan answers another problem.");
        continue;
      }
      seen[row.layer()] = true;
      if (row.experts().size() != instance.shardsPerLayer()) {
        object(
            Texts.pointer("placements", i, "experts"),
            row.experts().size(),
            "The list experts must have %d elements, one for each shard of a layer, but has %d."
                .formatted(instance.shardsPerLayer(), row.experts().size()),
            "Maybe expertsPerShard changed since, or the plan answers another problem.");
        continue;
      }
      for (int k = 0; k < row.experts().size(); k++) {
        replicas[instance.shard(row.layer(), k)] =
            offers(row.experts().get(k), Texts.pointer("placements", i, "experts", k));
      }
    }
    for (int l = 0; l < seen.length; l++) {
      if (!seen[l]) {
        object(
            "/placements",
            null,
            "The placements must have a row for layer %d.".formatted(l),
            "Maybe a row is missing, or the plan answers another problem.");
      }
    }
  }

  private int[] offers(List<String> ids, String pointer) {
    int[] indices = new int[ids.size()];
    for (int r = 0; r < indices.length; r++) {
      Integer offer = offers.get(ids.get(r));
      if (offer == null) {
        unknown("offer", ids.get(r), offers, pointer + "/" + r);
      } else {
        indices[r] = offer;
      }
    }
    return indices;
  }

  private void unknown(String what, String id, Map<String, Integer> known, String pointer) {
    object(
        pointer,
        id,
        "The %s (%s) must be one of the problem's.".formatted(what, Texts.shown(id)),
        Texts.nearest(id, known.keySet())
            .map("Maybe %s is meant."::formatted)
            .orElse("Maybe the plan answers another problem."));
  }

  private void serving() {
    for (int i = 0; i < plan.serving().size(); i++) {
      Plan.Serving row = plan.serving().get(i);
      Integer origin = origins.get(row.origin());
      if (origin == null) {
        unknown("origin", row.origin(), origins, Texts.pointer("serving", i, "origin"));
      } else if (row.layer() < instance.layers()) {
        serving[origin][row.layer()] = row.replica();
        replicaWhereCalled(i, origin, row);
      }
    }
    for (int o = 0; o < instance.origins(); o++) {
      for (int l = 0; l < instance.layers(); l++) {
        if (serving[o][l] == null) {
          object(
              "/serving",
              null,
              "The serving must have a row for origin (%s) and layer %d."
                  .formatted(instance.origin(o).id(), l),
              "Maybe a row is missing, or the plan answers another problem.");
        }
      }
    }
  }

  private void replicaWhereCalled(int i, int origin, Plan.Serving row) {
    int shards = Math.min(row.replica().size(), instance.shardsPerLayer());
    for (int k = 0; k < shards; k++) {
      double demand = instance.demand(origin, instance.shard(row.layer(), k));
      if (row.replica().get(k) == -1 && demand > 0) {
        object(
            Texts.pointer("serving", i, "replica", k),
            -1,
            ("The replica (-1) must be an index: the origin (%s) calls shard %d of layer %d %s"
                    + " times a second.")
                .formatted(row.origin(), k, row.layer(), Texts.number(demand)),
            "Maybe the routing changed since the plan was made.");
      }
    }
  }

  private void backbone() {
    for (int i = 0; i < plan.backbone().size(); i++) {
      Plan.Backbone row = plan.backbone().get(i);
      Integer origin = origins.get(row.origin());
      if (origin == null) {
        unknown("origin", row.origin(), origins, Texts.pointer("backbone", i, "origin"));
      } else if (row.layers().size() != instance.layers()) {
        object(
            Texts.pointer("backbone", i, "layers"),
            row.layers().size(),
            "The list layers must have %d elements, one for each layer, but has %d."
                .formatted(instance.layers(), row.layers().size()),
            "Maybe the plan answers another problem.");
      } else {
        hosts[origin] = offers(row.layers(), Texts.pointer("backbone", i, "layers"));
      }
    }
    for (int o = 0; o < instance.origins(); o++) {
      if (hosts[o] == null) {
        object(
            "/backbone",
            null,
            "The backbone must have a row for origin (%s).".formatted(instance.origin(o).id()),
            "Maybe a row is missing, or the plan answers another problem.");
      }
    }
  }

  private Placement placement(int shard) {
    int[] offers = replicas[shard];
    int[] servedBy = new int[instance.origins()];
    for (int o = 0; o < servedBy.length; o++) {
      List<Integer> row = serving[o][instance.layerOf(shard)];
      servedBy[o] =
          instance.demand(o, shard) > 0
              ? offers[row.get(shard % instance.shardsPerLayer())]
              : Placement.NOBODY;
    }
    int[] ascending = offers.clone();
    Arrays.sort(ascending);
    return new Placement(ascending, servedBy);
  }
}
