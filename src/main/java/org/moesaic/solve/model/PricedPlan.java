package org.moesaic.solve.model;

import ai.timefold.solver.core.api.score.HardSoftScore;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;

/**
 * A plan and what it comes to: its score, which is had at once and rounded as the money of a search
 * is, and its bill, which is not, and takes long on large problems. Each is worked out once, the
 * bill when it is first asked for.
 *
 * <p>Safe for use by several threads.
 */
public final class PricedPlan {
  private final Tariff tariff;
  private final HardSoftScore score;

  /** What the assignment is yet to be made of: most plans of a search are never looked at. */
  private @Nullable PlacementSolution solution;

  private @Nullable Assignment assignment;
  private long @Nullable [] nodes;
  private @Nullable Bill bill;

  private PricedPlan(Tariff tariff, HardSoftScore score) {
    this.tariff = tariff;
    this.score = score;
  }

  /** A plan that nobody has looked at yet. */
  public static PricedPlan of(Tariff tariff, Assignment assignment) {
    Ledger ledger = Ledger.of(tariff, assignment);
    PricedPlan plan = new PricedPlan(tariff, ledger.score());
    plan.assignment = assignment;
    plan.nodes = nodes(tariff, ledger);
    return plan;
  }

  /**
   * A plan that a search has found.
   *
   * @param solution with its score; not changed any more
   */
  public static PricedPlan of(PlacementSolution solution) {
    PricedPlan plan =
        new PricedPlan(solution.getTariff(), Objects.requireNonNull(solution.getScore()));
    plan.solution = solution;
    return plan;
  }

  private static long[] nodes(Tariff tariff, Ledger ledger) {
    return IntStream.range(0, tariff.instance().offers()).mapToLong(ledger::nodes).toArray();
  }

  /** Where everything is. */
  public synchronized Assignment assignment() {
    Assignment made = assignment;
    if (made == null) {
      made = Objects.requireNonNull(solution).toAssignment();
      assignment = made;
      solution = null;
    }
    return made;
  }

  /** Broken rules (hard) and money (soft), both negative or 0. */
  public HardSoftScore score() {
    return score;
  }

  /** Whether no rule is broken, as the score has it. */
  public boolean keepsRules() {
    return score.isFeasible();
  }

  /** What it costs as the score has it, in whole units of the search's money; USD per hour. */
  public double roundedUsdPerHour() {
    return tariff.toUsdPerHour(-score.softScore());
  }

  /** Nodes leased of each offer. */
  public synchronized long[] nodes() {
    long[] counted = nodes;
    if (counted == null) {
      counted = nodes(tariff, Ledger.of(tariff, assignment()));
      nodes = counted;
    }
    return counted.clone();
  }

  /** The bill: what proofs and plan files go by. */
  public synchronized Bill bill() {
    Bill made = bill;
    if (made == null) {
      made = Pricing.price(tariff.instance(), assignment());
      bill = made;
    }
    return made;
  }

  /** What it costs by its bill, USD per hour. */
  public double usdPerHour() {
    return bill().usdPerHour();
  }
}
