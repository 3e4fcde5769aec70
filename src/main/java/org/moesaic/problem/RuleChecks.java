package org.moesaic.problem;

import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issues;
import org.moesaic.json.Texts;

/** Checks numbers against each other where no reading of the problem could make sense of them. */
final class RuleChecks {
  private final Problem problem;
  private final Issues issues;

  RuleChecks(Problem problem, Issues issues) {
    this.problem = problem;
    this.issues = issues;
  }

  void check() {
    checkRegions();
    checkOffers();
    checkPolicy();
    if (problem.model().backbone() == null) {
      warnOfAccess();
    }
  }

  /** Where the dense part is not placed, it runs at the origin's own site: there is no access. */
  private void warnOfAccess() {
    for (int i = 0; i < problem.origins().size(); i++) {
      Origin origin = problem.origins().get(i);
      String of = " of origin (%s)".formatted(Texts.shown(origin.id()));
      if (origin.accessBytes() > 0) {
        warnOfAccess(of, origin.accessBytes(), "origins", i, "accessBytes");
      }
      if (origin.maxAccessMs() != null) {
        warnOfAccess(of, origin.maxAccessMs(), "origins", i, "maxAccessMs");
      }
    }
    Double ofPolicy = problem.policy().maxAccessMs();
    if (ofPolicy != null) {
      warnOfAccess(" of the policy", ofPolicy, "policy", "maxAccessMs");
    }
  }

  private void warnOfAccess(String of, double value, Object... at) {
    issues.warning(
        Texts.pointer(at),
        value,
        "The %s%s does nothing: without a backbone, the dense part runs at the origin's own site."
            .formatted(at[at.length - 1], of),
        "Maybe the model's field backbone is missing.");
  }

  private void checkRegions() {
    for (int i = 0; i < problem.regions().size(); i++) {
      Region region = problem.regions().get(i);
      if ((region.latitude() == null) != (region.longitude() == null)) {
        String missing = region.latitude() == null ? "latitude" : "longitude";
        issues.error(
            Texts.pointer("regions", i, missing),
            null,
            "The %s of region (%s) is missing; a place has both coordinates."
                .formatted(missing, Texts.shown(region.id())),
            "Maybe add it, or remove the other.");
      }
    }
  }

  private void checkOffers() {
    Set<String> capped =
        problem.regions().stream()
            .filter(region -> region.powerCapKw() != null)
            .map(Region::id)
            .collect(Collectors.toSet());
    for (int i = 0; i < problem.offers().size(); i++) {
      Offer offer = problem.offers().get(i);
      Integer maxNodes = offer.maxNodes();
      if (maxNodes != null && maxNodes > 0 && offer.minNodes() > maxNodes) {
        issues.error(
            Texts.pointer("offers", i, "minNodes"),
            offer.minNodes(),
            "The minNodes (%d) of offer (%s) must be at most its maxNodes (%d)."
                .formatted(offer.minNodes(), Texts.shown(offer.id()), maxNodes),
            "Maybe the two are swapped; maxNodes 0 turns an offer off.");
      }
      if (offer.powerKwPerNode() == 0 && capped.contains(offer.region())) {
        issues.warning(
            Texts.pointer("offers", i, "powerKwPerNode"),
            null,
            "The powerKwPerNode of offer (%s) is 0, so the powerCapKw of region (%s) does not bind it."
                .formatted(Texts.shown(offer.id()), Texts.shown(offer.region())),
            "Maybe add it: the power draw of a node, kW.");
      }
    }
  }

  private void checkPolicy() {
    Policy policy = problem.policy();
    Integer maxReplicas = policy.maxReplicas();
    if (maxReplicas == null) {
      return;
    }
    if (policy.minReplicas() > maxReplicas) {
      error(
          "minReplicas",
          policy.minReplicas(),
          "The minReplicas (%d) of the policy must be at most its maxReplicas (%d)."
              .formatted(policy.minReplicas(), maxReplicas),
          "Maybe the two are swapped.");
    } else if (maxReplicas == 1 && !policy.survive().isEmpty()) {
      error(
          "maxReplicas",
          maxReplicas,
          "The maxReplicas (1) of the policy must be at least 2 to survive the loss of a domain.",
          "Maybe raise it, or remove survive.");
    }
  }

  private void error(String field, @Nullable Object value, String message, String hint) {
    issues.error(Texts.pointer("policy", field), value, message, hint);
  }
}
