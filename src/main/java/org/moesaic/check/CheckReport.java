package org.moesaic.check;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.plan.Plan;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Violation;

/**
 * What is wrong with a plan.
 *
 * @param bill what the plan's decisions cost, recomputed; null if they do not fit the problem and
 *     cannot be priced
 * @param recomputed the plan that follows from those decisions, without bound and solver; null
 *     where {@code bill} is
 * @param findings every place where the plan does not fit the problem or states what is not so, in
 *     the order of the plan file; empty for an honest plan
 */
public record CheckReport(@Nullable Bill bill, @Nullable Plan recomputed, List<Finding> findings) {
  public CheckReport {
    findings = List.copyOf(findings);
  }

  /** Which rules the plan breaks, whether it says so or not; empty if it cannot be priced. */
  public List<Violation> violations() {
    return bill == null ? List.of() : bill.violations();
  }

  /** The plan in one word. */
  public Verdict verdict() {
    if (bill == null || !findings.isEmpty()) {
      return Verdict.WRONG;
    }
    return bill.keepsRules() ? Verdict.RIGHT : Verdict.BREAKS_RULES;
  }

  /** What a check comes to. */
  public enum Verdict {
    /** Every figure is right, and every rule is kept. */
    RIGHT,
    /** Every figure is right, and the plan says which rules it breaks. */
    BREAKS_RULES,
    /** The plan does not fit the problem, or states what is not so. */
    WRONG
  }

  /**
   * One thing that is wrong.
   *
   * @param pointer where in the plan, as a JSON pointer
   * @param stated what the plan says there; null if it says nothing
   * @param recomputed what it should say; null if nothing
   * @param message one sentence that says what has to hold
   * @param hint one sentence that begins with "Maybe"
   */
  public record Finding(
      String pointer,
      @Nullable Object stated,
      @Nullable Object recomputed,
      String message,
      String hint) {}
}
