package org.moesaic.solve.move;

import ai.timefold.solver.core.preview.api.domain.metamodel.PlanningVariableMetaModel;
import ai.timefold.solver.core.preview.api.move.Move;
import ai.timefold.solver.core.preview.api.move.MutableSolutionView;
import java.util.List;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.ShardAssignment;

/** Gives some shards new placements, all at once. */
final class PlacementMove implements Move<PlacementSolution> {
  private final PlanningVariableMetaModel<PlacementSolution, ShardAssignment, Placement> variable;
  private final String name;
  private final List<ShardAssignment> shards;
  private final List<Placement> placements;

  PlacementMove(
      PlanningVariableMetaModel<PlacementSolution, ShardAssignment, Placement> variable,
      String name,
      List<ShardAssignment> shards,
      List<Placement> placements) {
    this.variable = variable;
    this.name = name;
    this.shards = shards;
    this.placements = placements;
  }

  @Override
  public void execute(MutableSolutionView<PlacementSolution> view) {
    for (int m = 0; m < shards.size(); m++) {
      view.changeVariable(variable, shards.get(m), placements.get(m));
    }
  }

  @Override
  public String describe() {
    return name;
  }

  @Override
  public String toString() {
    return shards.size() == 1
        ? name + " " + shards.getFirst() + " to " + placements.getFirst()
        : name + " " + shards.size() + " shards";
  }
}
