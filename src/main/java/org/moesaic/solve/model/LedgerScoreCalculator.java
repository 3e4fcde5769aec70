package org.moesaic.solve.model;

import ai.timefold.solver.core.api.score.HardSoftScore;
import ai.timefold.solver.core.api.score.calculator.IncrementalScoreCalculator;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Placement;

/** Keeps a {@link Ledger} of the working solution. */
public final class LedgerScoreCalculator
    implements IncrementalScoreCalculator<PlacementSolution, HardSoftScore> {
  private @Nullable Ledger ledger;

  @Override
  public void resetWorkingSolution(PlacementSolution solution) {
    ledger = new Ledger(solution.getTariff());
    for (ShardAssignment shard : solution.getShards()) {
      afterVariableChanged(shard, "placement");
    }
    solution.setLedger(ledger);
  }

  @Override
  public void beforeVariableChanged(Object entity, String variableName) {
    ShardAssignment shard = (ShardAssignment) entity;
    Placement placement = shard.getPlacement();
    if (placement != null) {
      ledger().take(shard.getShard(), placement);
    }
  }

  @Override
  public void afterVariableChanged(Object entity, String variableName) {
    ShardAssignment shard = (ShardAssignment) entity;
    Placement placement = shard.getPlacement();
    if (placement != null) {
      ledger().put(shard.getShard(), placement);
    }
  }

  @Override
  public HardSoftScore calculateScore() {
    return ledger().score();
  }

  private Ledger ledger() {
    if (ledger == null) {
      throw new IllegalStateException("There is no working solution yet.");
    }
    return ledger;
  }
}
