package org.moesaic.problem;

import java.util.HashSet;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issues;
import org.moesaic.json.Texts;

/** Checks that inline weights fit the model, and that the incumbent exists. */
final class RoutingChecks {
  private final Problem problem;
  private final ProblemFolder folder;
  private final Issues issues;

  RoutingChecks(Problem problem, ProblemFolder folder, Issues issues) {
    this.problem = problem;
    this.folder = folder;
    this.issues = issues;
  }

  void checkFiles() {
    if (problem.incumbent() != null) {
      folder.find(problem.incumbent().plan(), "/incumbent/plan");
    }
  }

  /** Checks the weights that are written inline. */
  void checkShapes() {
    var loads = problem.routing().loads();
    for (int i = 0; i < loads.size(); i++) {
      String pointer = Texts.pointer("routing", "loads", i, "weights");
      if (loads.get(i).file() == null && !issues.touches(Texts.pointer("routing", "loads", i))) {
        checkShape(loads.get(i).weights(), pointer);
      }
    }
  }

  /**
   * Warns of origins that have two sources.
   *
   * @param routing with what files hold
   */
  void warnOfTwoSources(Routing routing) {
    var loaded = new HashSet<@Nullable String>();
    routing.loads().forEach(load -> loaded.add(load.origin()));
    for (int i = 0; i < routing.samples().size(); i++) {
      String origin = routing.samples().get(i).origin();
      boolean own = loaded.contains(origin);
      if (own || loaded.contains(null)) {
        issues.warning(
            Texts.pointer("routing", "samples", i),
            null,
            "The origin (%s) has a sample and %s: its calls follow the load, and what crosses with copies perSite the sample."
                .formatted(Texts.shown(origin), own ? "a load" : "the load of every origin"),
            "Maybe remove one of the two, so that they cannot differ.");
      }
    }
  }

  private void checkShape(Weights weights, String pointer) {
    int layers = problem.model().moeLayers();
    int experts = problem.model().expertsPerLayer();
    boolean swapped = weights.layers() == experts && weights.experts() == layers;
    if (weights.layers() != layers || weights.experts() != experts) {
      issues.error(
          pointer,
          null,
          "The weights (%d rows of %d) must be one row per layer (%d) with one number per expert (%d)."
              .formatted(weights.layers(), weights.experts(), layers, experts),
          swapped ? "Maybe rows and columns are swapped." : "Maybe they are of another model.");
    }
  }
}
