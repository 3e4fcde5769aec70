package org.moesaic.solve.move;

import ai.timefold.solver.core.impl.heuristic.selector.move.factory.MoveIteratorFactory;
import ai.timefold.solver.core.impl.score.director.InnerScoreDirector;
import ai.timefold.solver.core.impl.score.director.ScoreDirector;
import ai.timefold.solver.core.preview.api.domain.metamodel.PlanningVariableMetaModel;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.ShardAssignment;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.move.OfferMoves.Batch;

/**
 * An endless, random stream of moves.
 *
 * <p>Most change one shard: move, open or close a replica, serve an origin elsewhere. Some exchange
 * two shards. A few, as rare as they are large, release or use nodes of an offer, or move a layer.
 * No move breaks a rule that concerns one shard alone, unless it was broken before.
 */
public final class PlacementMoveFactory
    implements MoveIteratorFactory<PlacementSolution, PlacementMove> {
  private @Nullable PlanningVariableMetaModel<PlacementSolution, ShardAssignment, Placement>
      variable;
  private @Nullable Moves moves;

  /** Called by the solver. */
  public PlacementMoveFactory() {}

  @Override
  public void phaseStarted(ScoreDirector<PlacementSolution> director) {
    variable =
        ((InnerScoreDirector<PlacementSolution, ?>) director)
            .getSolutionDescriptor()
            .getMetaModel()
            .genuineEntity(ShardAssignment.class)
            .basicVariable("placement", Placement.class);
    moves = null;
  }

  @Override
  public long getSize(ScoreDirector<PlacementSolution> director) {
    Instance instance = director.getWorkingSolution().getTariff().instance();
    return (long) instance.shards() * instance.offers();
  }

  @Override
  public Iterator<PlacementMove> createOriginalMoveIterator(
      ScoreDirector<PlacementSolution> director) {
    throw new UnsupportedOperationException("Placement moves are only drawn at random.");
  }

  @Override
  public Iterator<PlacementMove> createRandomMoveIterator(
      ScoreDirector<PlacementSolution> director, RandomGenerator random) {
    // Each step asks for an iterator. One serves them all, with a random of its own: that of the
    // solver checks its
    // thread at every number.
    Moves current = moves;
    if (current == null || current.solution != director.getWorkingSolution()) {
      current =
          new Moves(
              director.getWorkingSolution(),
              Objects.requireNonNull(variable),
              new SplittableRandom(random.nextLong()));
      moves = current;
    }
    return current;
  }

  private static final class Moves implements Iterator<PlacementMove> {
    /** Draws of an impossible move before giving up on finding another. */
    private static final int PATIENCE = 1000;

    private final PlacementSolution solution;
    private final PlanningVariableMetaModel<PlacementSolution, ShardAssignment, Placement> variable;
    private final SplittableRandom random;
    private final Tariff tariff;
    private final Instance instance;
    private final Edits edits;
    private final OfferMoves offerMoves;
    private final List<ShardAssignment> shards;
    private final double batchShare;

    Moves(
        PlacementSolution solution,
        PlanningVariableMetaModel<PlacementSolution, ShardAssignment, Placement> variable,
        SplittableRandom random) {
      this.solution = solution;
      this.variable = variable;
      this.random = random;
      tariff = solution.getTariff();
      instance = tariff.instance();
      edits = new Edits(tariff);
      offerMoves = new OfferMoves(tariff, edits);
      shards = solution.getShards();
      // A batch costs about as much as one move of every shard.
      batchShare = Math.min(0.05, 0.5 / instance.shards());
    }

    @Override
    public boolean hasNext() {
      return true;
    }

    @Override
    public PlacementMove next() {
      for (int tries = 0; tries < PATIENCE; tries++) {
        PlacementMove move = draw();
        if (move != null) {
          return move;
        }
      }
      int s = random.nextInt(instance.shards());
      return one("stay", s, solution.placement(s));
    }

    private @Nullable PlacementMove draw() {
      if (random.nextDouble() < batchShare) {
        return drawBatch();
      }
      int s = random.nextInt(instance.shards());
      Placement placement = solution.placement(s);
      int kind = random.nextInt(100);
      if (kind < 35) {
        return relocate(s, placement);
      } else if (kind < 55) {
        return open(s, placement);
      } else if (kind < 72) {
        return close(s, placement);
      } else if (kind < 82) {
        return serve(s, placement);
      } else if (kind < 84) {
        return exchangeService(s, placement);
      } else if (kind < 87) {
        return checked("serveCheapest", s, placement, edits.serveCheapest(s, placement));
      } else if (kind < 98) {
        return exchange(s, placement);
      } else {
        return redraw(s, placement);
      }
    }

    private int anyHolder(int s) {
      int[] holders = tariff.holders(s);
      return holders.length == 0 ? -1 : holders[random.nextInt(holders.length)];
    }

    private int anyReplica(Placement placement) {
      return placement.replicas()[random.nextInt(placement.replicas().length)];
    }

    private @Nullable PlacementMove relocate(int s, Placement placement) {
      int to = anyHolder(s);
      if (to < 0 || placement.holds(to)) {
        return null;
      }
      Placement moved = edits.relocate(placement, anyReplica(placement), to);
      if (random.nextInt(4) == 0) {
        moved = edits.serveCheapest(s, moved);
      }
      return checked("relocate", s, placement, moved);
    }

    private @Nullable PlacementMove open(int s, Placement placement) {
      int offer = anyHolder(s);
      if (offer < 0
          || placement.holds(offer)
          || placement.replicas().length >= instance.maxReplicas()) {
        return null;
      }
      return checked("open", s, placement, edits.open(placement, offer));
    }

    private @Nullable PlacementMove close(int s, Placement placement) {
      if (placement.replicas().length < 2) {
        return null;
      }
      return checked("close", s, placement, edits.close(placement, anyReplica(placement)));
    }

    private @Nullable PlacementMove serve(int s, Placement placement) {
      int origin = random.nextInt(instance.origins());
      int offer = anyReplica(placement);
      int now = placement.servedBy()[origin];
      if (now < 0 || now == offer) {
        return null;
      }
      return checked("serve", s, placement, edits.serve(placement, origin, offer));
    }

    /** Two shards change a replica against each other: the offers keep their experts. */
    private @Nullable PlacementMove exchange(int s, Placement placement) {
      int t = random.nextInt(instance.shards());
      Placement other = solution.placement(t);
      int from = anyReplica(placement);
      int to = anyReplica(other);
      if (s == t || placement.holds(to) || other.holds(from)) {
        return null;
      }
      Placement first = edits.relocate(placement, from, to);
      Placement second = edits.relocate(other, to, from);
      return both("exchange", s, placement, first, t, other, second);
    }

    /**
     * Two shards that are on the same two offers are served the other way round: the offers keep
     * their calls, nearly.
     */
    private @Nullable PlacementMove exchangeService(int s, Placement placement) {
      int t = random.nextInt(instance.shards());
      Placement other = solution.placement(t);
      int origin = random.nextInt(instance.origins());
      int from = placement.servedBy()[origin];
      int to = anyReplica(placement);
      if (s == t || from < 0 || from == to || !other.holds(from)) {
        return null;
      }
      int otherOrigin = random.nextInt(instance.origins());
      if (other.servedBy()[otherOrigin] != to) {
        return null;
      }
      Placement first = edits.serve(placement, origin, to);
      Placement second = edits.serve(other, otherOrigin, from);
      return both("exchangeService", s, placement, first, t, other, second);
    }

    /** Any replicas, anybody served by any of them. */
    private @Nullable PlacementMove redraw(int s, Placement placement) {
      int[] holders = tariff.holders(s);
      int most = Math.min(holders.length, instance.maxReplicas());
      int size = 1 + random.nextInt(Math.min(most, placement.replicas().length + 1));
      int[] replicas =
          random.ints(0, holders.length).distinct().limit(size).map(h -> holders[h]).toArray();
      Arrays.sort(replicas);
      int[] servedBy = placement.servedBy().clone();
      for (int o = 0; o < servedBy.length; o++) {
        if (servedBy[o] >= 0) {
          servedBy[o] = replicas[random.nextInt(size)];
        }
      }
      return checked("redraw", s, placement, new Placement(replicas, servedBy));
    }

    private @Nullable PlacementMove drawBatch() {
      int offer = random.nextInt(instance.offers());
      long nodes = solution.ledger().nodes(offer);
      int kind = random.nextInt(10);
      if (kind >= 5 && kind < 8) {
        return batch("use", offerMoves.use(solution, offer, random.nextInt(2), random));
      }
      if (nodes == 0) {
        return null;
      }
      if (kind < 5) {
        long stay = kind < 3 ? nodes - 1 : 0;
        return batch("release", offerMoves.release(solution, offer, stay, random));
      }
      int to = random.nextInt(instance.offers());
      if (to == offer) {
        return null;
      }
      return kind == 8
          ? batch("shift", offerMoves.shift(solution, 0, instance.layers(), offer, to))
          : batch(
              "shiftLayer",
              offerMoves.shift(solution, random.nextInt(instance.layers()), 1, offer, to));
    }

    private @Nullable PlacementMove batch(String name, @Nullable Batch batch) {
      if (batch == null) {
        return null;
      }
      return new PlacementMove(
          variable, name, batch.shards().stream().map(shards::get).toList(), batch.placements());
    }

    private @Nullable PlacementMove checked(String name, int s, Placement before, Placement after) {
      return breaks(s, before, after) ? null : one(name, s, after);
    }

    private @Nullable PlacementMove both(
        String name,
        int s,
        Placement before,
        Placement after,
        int t,
        Placement otherBefore,
        Placement otherAfter) {
      return breaks(s, before, after) || breaks(t, otherBefore, otherAfter)
          ? null
          : new PlacementMove(
              variable, name, List.of(shards.get(s), shards.get(t)), List.of(after, otherAfter));
    }

    private boolean breaks(int s, Placement before, Placement after) {
      return !tariff.keepsPlacementRules(s, after) && tariff.keepsPlacementRules(s, before);
    }

    private PlacementMove one(String name, int s, Placement placement) {
      return new PlacementMove(variable, name, List.of(shards.get(s)), List.of(placement));
    }
  }
}
