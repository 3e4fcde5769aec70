package org.moesaic.plan;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan.Backbone;
import org.moesaic.plan.Plan.Part;
import org.moesaic.plan.Plan.Placement;
import org.moesaic.plan.Plan.Serving;
import org.moesaic.plan.Plan.Traffic;
import org.moesaic.plan.Plans.Objections;

/** Checks whether the parts of a plan fit each other. */
final class PlanShape {
  private final Plan plan;
  private final Objections objections;

  PlanShape(Plan plan, Objections objections) {
    this.plan = plan;
    this.objections = objections;
  }

  void check() {
    unique("leases", plan.leases(), "offer", lease -> lease.offer());
    unique("placements", plan.placements(), "layer", row -> row.layer());
    unique("serving", plan.serving(), "layer", row -> new OriginLayer(row.origin(), row.layer()));
    unique("parts", plan.parts(), "id", Part::id);
    unique("backbone", plan.backbone(), "origin", Backbone::origin);
    unique("traffic", plan.traffic(), "to", row -> new Way(row.from(), row.to()));
    unique("origins", plan.origins(), "id", Plan.Origin::id);
    replicas();
    serving();
    traffic();
  }

  private record OriginLayer(String origin, int layer) {
    @Override
    public String toString() {
      return origin + ", layer " + layer;
    }
  }

  private record Way(String from, String to) {
    @Override
    public String toString() {
      return from + " -> " + to;
    }
  }

  /** What tells one row of a list from the others. */
  @FunctionalInterface
  private interface Key<T> {
    Object of(T row);
  }

  private <T> void unique(String list, List<T> rows, String field, Key<T> key) {
    Set<Object> seen = new HashSet<>();
    for (int i = 0; i < rows.size(); i++) {
      Object id = key.of(rows.get(i));
      if (!seen.add(id)) {
        object(
            id,
            "The row for (%s) in %s must be there once.".formatted(Texts.shown(id), list),
            "Maybe remove one of the two.",
            list,
            i,
            field);
      }
    }
  }

  private void replicas() {
    for (int i = 0; i < plan.placements().size(); i++) {
      List<List<String>> experts = plan.placements().get(i).experts();
      for (int k = 0; k < experts.size(); k++) {
        Set<String> seen = new HashSet<>();
        for (int r = 0; r < experts.get(k).size(); r++) {
          String offer = experts.get(k).get(r);
          if (!seen.add(offer)) {
            object(
                offer,
                "The offer (%s) must hold at most one replica of a shard."
                    .formatted(Texts.shown(offer)),
                "Maybe remove one of the two.",
                "placements",
                i,
                "experts",
                k,
                r);
          }
        }
      }
    }
  }

  private void serving() {
    Map<Integer, Placement> placements = new HashMap<>();
    plan.placements().forEach(row -> placements.putIfAbsent(row.layer(), row));
    for (int i = 0; i < plan.serving().size(); i++) {
      Serving row = plan.serving().get(i);
      Placement placement = placements.get(row.layer());
      if (placement == null) {
        object(
            row.layer(),
            "The layer (%d) that serves origin (%s) must have a row in placements."
                .formatted(row.layer(), Texts.shown(row.origin())),
            "Maybe the number is wrong; layers begin at 0.",
            "serving",
            i,
            "layer");
      } else if (row.replica().size() != placement.experts().size()) {
        object(
            row.replica().size(),
            "The list replica must have %d elements, one for each shard of layer %d, but has %d."
                .formatted(placement.experts().size(), row.layer(), row.replica().size()),
            "Maybe the row belongs to another plan.",
            "serving",
            i,
            "replica");
      } else {
        replicasExist(i, row, placement);
      }
    }
  }

  private void replicasExist(int i, Serving row, Placement placement) {
    for (int k = 0; k < row.replica().size(); k++) {
      int replica = row.replica().get(k);
      int replicas = placement.experts().get(k).size();
      if (replica < -1 || replica >= replicas) {
        object(
            replica,
            "The replica (%d) must be -1 or an index into the %d offers of shard %d of layer %d."
                .formatted(replica, replicas, k, row.layer()),
            "Maybe it counts from 1; indices begin at 0.",
            "serving",
            i,
            "replica",
            k);
      }
    }
  }

  private void traffic() {
    for (int i = 0; i < plan.traffic().size(); i++) {
      Traffic row = plan.traffic().get(i);
      if (row.from().equals(row.to())) {
        object(
            row.to(),
            "The site (%s) must not have traffic with itself: within a site it is not counted."
                .formatted(Texts.shown(row.to())),
            "Maybe remove the row.",
            "traffic",
            i,
            "to");
      }
    }
  }

  private void object(@Nullable Object value, String message, String hint, Object... pointer) {
    objections.add(Texts.pointer(pointer), value, message, hint);
  }
}
