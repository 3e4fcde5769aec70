package org.moesaic.problem;

import org.moesaic.json.Issues;
import org.moesaic.json.Limits;

/** Checks the model's own numbers against each other. */
final class ModelChecks {
  private final Problem problem;
  private final Issues issues;

  ModelChecks(Problem problem, Issues issues) {
    this.problem = problem;
    this.issues = issues;
  }

  void check() {
    Model model = problem.model();
    if (model.topK() > model.expertsPerLayer()) {
      issues.error(
          "/model/topK",
          model.topK(),
          "The topK (%d) of the model must be at most its expertsPerLayer (%d)."
              .formatted(model.topK(), model.expertsPerLayer()),
          "Maybe the two are swapped.");
    }
    long experts = (long) model.moeLayers() * model.expertsPerLayer();
    if (experts > Limits.EXPERTS) {
      issues.error(
          "/model/moeLayers",
          model.moeLayers(),
          "The model has %d experts in all; more than %d are not supported."
              .formatted(experts, Limits.EXPERTS),
          "Maybe a digit too many slipped in.");
    } else if (experts * problem.origins().size() > Limits.CELLS) {
      issues.error(
          "/origins",
          null,
          "The model's %d experts times %d origins are more than the supported %d."
              .formatted(experts, problem.origins().size(), Limits.CELLS),
          "Maybe merge origins of one site that are routed alike.");
    }
  }

  /**
   * Whether the shape of weights is known and within limits, so that it makes sense to look at
   * weights.
   */
  boolean shapeIsKnown() {
    return !issues.touches("/model") && !issues.touches("/origins");
  }
}
