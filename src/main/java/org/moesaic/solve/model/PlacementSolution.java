package org.moesaic.solve.model;

import ai.timefold.solver.core.api.domain.solution.PlanningEntityCollectionProperty;
import ai.timefold.solver.core.api.domain.solution.PlanningScore;
import ai.timefold.solver.core.api.domain.solution.PlanningSolution;
import ai.timefold.solver.core.api.domain.solution.ProblemFactProperty;
import ai.timefold.solver.core.api.domain.solution.cloner.SolutionCloner;
import ai.timefold.solver.core.api.score.HardSoftScore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * A plan in the making.
 *
 * <p>Cloning: a search clones the solution at each new best one, and with tens of thousands of
 * entities that can cost more than the search itself. Here the state is one array of immutable
 * placements. A clone copies that array, and makes its entities, which are views of the array, only
 * if somebody asks for them.
 */
@PlanningSolution(solutionCloner = PlacementSolution.Cloner.class)
public class PlacementSolution implements HomeSites {
  private final Tariff tariff;
  private final Candidates candidates;
  private final @Nullable Placement[] placements;
  private final @Nullable Guide guide;
  private @Nullable List<ShardAssignment> shards;
  private @Nullable HardSoftScore score;
  private @Nullable Ledger ledger;

  private PlacementSolution(
      Tariff tariff,
      Candidates candidates,
      @Nullable Placement[] placements,
      @Nullable Guide guide) {
    this.tariff = tariff;
    this.candidates = candidates;
    this.placements = placements;
    this.guide = guide;
  }

  /** A solution in which nothing is placed yet, for Timefold's own construction and moves. */
  public static PlacementSolution unplaced(Tariff tariff) {
    return new PlacementSolution(
        tariff,
        new Candidates(tariff, true),
        new @Nullable Placement[tariff.instance().pieces()],
        null);
  }

  /** A solution that starts from an assignment. */
  public static PlacementSolution of(Tariff tariff, Assignment assignment) {
    return of(tariff, assignment, null);
  }

  /** A solution that starts from an assignment, and whose moves go by a guide if there is one. */
  public static PlacementSolution of(Tariff tariff, Assignment assignment, @Nullable Guide guide) {
    return new PlacementSolution(
        tariff,
        new Candidates(tariff, false),
        Pieces.of(tariff.instance(), assignment).toArray(Placement[]::new),
        guide);
  }

  /** The decisions as they are now; all pieces have to be placed. */
  public Assignment toAssignment() {
    return Pieces.assignment(
        tariff.instance(), Arrays.stream(placements).map(Objects::requireNonNull).toList());
  }

  /** Where a piece is now. */
  public Placement placement(int shard) {
    return Objects.requireNonNull(placements[shard]);
  }

  /** What amounts are computed with; a fact for the constraints. */
  @ProblemFactProperty
  public Tariff getTariff() {
    return tariff;
  }

  @Override
  public int site(int origin, int layer) {
    Instance instance = tariff.instance();
    if (!instance.hasBackbone()) {
      return instance.siteOfOrigin(origin);
    }
    Placement placement = placements[instance.layerPiece(layer)];
    return placement == null
        ? HomeSites.NOWHERE
        : instance.siteOfOffer(placement.servedBy()[origin]);
  }

  /** One entity per piece, in order. */
  @PlanningEntityCollectionProperty
  public List<ShardAssignment> getShards() {
    List<ShardAssignment> list = shards;
    if (list == null) {
      list = new ArrayList<>(placements.length);
      for (int s = 0; s < placements.length; s++) {
        list.add(new ShardAssignment(tariff, placements, candidates, s));
      }
      shards = list;
    }
    return list;
  }

  /** Broken rules (hard) and money (soft), both negative. */
  @PlanningScore
  public @Nullable HardSoftScore getScore() {
    return score;
  }

  /** Called by the solver. */
  public void setScore(@Nullable HardSoftScore score) {
    this.score = score;
  }

  /**
   * The sums of this working solution, for moves to see where there is room: those that its
   * calculator keeps, or where it keeps none, as under the constraint streams, new ones.
   */
  public Ledger ledger() {
    return ledger == null ? Ledger.of(tariff, toAssignment()) : ledger;
  }

  /** What moves can go by; null if nothing is known. */
  public @Nullable Guide guide() {
    return guide;
  }

  void setLedger(Ledger ledger) {
    this.ledger = ledger;
  }

  /** Copies the array of placements. */
  public static final class Cloner implements SolutionCloner<PlacementSolution> {
    @Override
    public PlacementSolution cloneSolution(PlacementSolution original) {
      PlacementSolution clone =
          new PlacementSolution(
              original.tariff, original.candidates, original.placements.clone(), original.guide);
      clone.score = original.score;
      return clone;
    }
  }
}
