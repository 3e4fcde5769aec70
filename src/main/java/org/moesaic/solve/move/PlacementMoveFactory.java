package org.moesaic.solve.move;

import ai.timefold.solver.core.impl.heuristic.selector.move.factory.MoveIteratorFactory;
import ai.timefold.solver.core.impl.score.director.InnerScoreDirector;
import ai.timefold.solver.core.impl.score.director.ScoreDirector;
import ai.timefold.solver.core.preview.api.domain.metamodel.PlanningVariableMetaModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.Guide;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.ShardAssignment;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.move.OfferMoves.Batch;

/**
 * An endless, random stream of moves.
 *
 * <p>Most change one shard: move, open or close a replica, serve an origin elsewhere. Some exchange
 * two shards. A few, as rare as they are large, release, trade or use nodes of offers, or move a
 * layer. Where the lower bound has prices ({@link Guide}), some of them go by reduced costs: these
 * choose the shards to move, the offers to move them to, and who makes room. No move breaks a rule
 * that concerns one shard alone, unless it was broken before.
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
    return (long) instance.pieces() * instance.offers();
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

    /** Percent of moves that go by the prices of the bound, where there are some. */
    private static final int GUIDED = 20;

    /** Percent of batches that go by reduced costs instead of traffic, where there are some. */
    private static final int GUIDED_BATCHES = 50;

    /** Percent of releases that lease a node elsewhere instead. */
    private static final int TRADES = 30;

    /** Moves of stays in as many moves as there are pieces. */
    private static final double STAYS = 4;

    /** Shards of which the one most out of its way is moved. */
    private static final int CONTESTANTS = 4;

    /** Shards to ask whether they would make room. */
    private static final int PARTNERS = 6;

    private final PlacementSolution solution;
    private final PlanningVariableMetaModel<PlacementSolution, ShardAssignment, Placement> variable;
    private final SplittableRandom random;
    private final Tariff tariff;
    private final Instance instance;
    private final Edits edits;
    private final OfferMoves offerMoves;
    private final StayMoves stayMoves;
    private final List<ShardAssignment> shards;
    private final double batchShare;
    private final double stayShare;
    private final @Nullable Guide guide;

    Moves(
        PlacementSolution solution,
        PlanningVariableMetaModel<PlacementSolution, ShardAssignment, Placement> variable,
        SplittableRandom random) {
      this.solution = solution;
      this.variable = variable;
      this.random = random;
      tariff = solution.getTariff();
      instance = tariff.instance();
      edits = new Edits(tariff, solution);
      offerMoves = new OfferMoves(tariff, edits);
      stayMoves = new StayMoves(tariff, edits);
      shards = solution.getShards();
      guide = solution.guide();
      // A batch costs about as much as one move of every shard.
      batchShare = Math.min(0.05, 0.5 / instance.pieces());
      stayShare = instance.hasBackbone() ? Math.min(0.2, STAYS / instance.pieces()) : 0;
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
      int s = random.nextInt(instance.pieces());
      return one("stay", s, solution.placement(s));
    }

    private @Nullable PlacementMove draw() {
      double draw = random.nextDouble();
      if (draw < batchShare) {
        return drawBatch();
      }
      if (draw < batchShare + stayShare) {
        return drawStay();
      }
      if (guide != null && random.nextInt(100) < GUIDED) {
        return drawGuided(guide);
      }
      int s = random.nextInt(instance.pieces());
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

    /** A shard that is out of its way is brought nearer to what it would choose at the prices. */
    private @Nullable PlacementMove drawGuided(Guide by) {
      int s = misplaced(by);
      Placement placement = solution.placement(s);
      int kind = random.nextInt(8);
      if (kind < 2) {
        Placement then = kind == 0 ? by.cheapest(s) : servePriced(by, s, placement);
        return then.equals(placement)
            ? null
            : checked(kind == 0 ? "adopt" : "servePriced", s, placement, then);
      }
      int to = attractive(by, s);
      if (to < 0 || placement.holds(to)) {
        return null;
      }
      if (kind < 4) {
        return placement.replicas().length < tariff.maxReplicas(s)
            ? checked("open", s, placement, edits.open(s, placement, to))
            : null;
      }
      int from = leastWanted(by, s, placement);
      Placement moved = edits.relocate(s, placement, from, to);
      if (kind < 6) {
        return checked("relocate", s, placement, moved);
      }
      // Somebody there who would as soon be here makes room.
      for (int tries = 0; tries < PARTNERS; tries++) {
        int t = random.nextInt(instance.pieces());
        Placement other = solution.placement(t);
        if (t != s && other.holds(to) && !other.holds(from) && wants(by, t, from)) {
          Placement back = edits.relocate(t, other, to, from);
          return both("exchange", s, placement, moved, t, other, back);
        }
      }
      return null;
    }

    /** Of some shards, the one whose placement has the highest reduced cost. */
    private int misplaced(Guide by) {
      int worst = random.nextInt(instance.pieces());
      double worstUsd = by.reducedUsd(worst, solution.placement(worst));
      for (int k = 1; k < CONTESTANTS; k++) {
        int s = random.nextInt(instance.pieces());
        double usd = by.reducedUsd(s, solution.placement(s));
        if (usd > worstUsd) {
          worstUsd = usd;
          worst = s;
        }
      }
      return worst;
    }

    /** An offer of low reduced cost, each next one half as likely. */
    private int attractive(Guide by, int s) {
      int[] offers = by.offers(s);
      int rank = Integer.numberOfTrailingZeros(random.nextInt() | 1 << (offers.length));
      return offers.length == 0 ? -1 : offers[Math.min(rank, offers.length - 1)];
    }

    private static boolean wants(Guide by, int s, int offer) {
      int[] offers = by.offers(s);
      for (int k = 0; k < Math.min(4, offers.length); k++) {
        if (offers[k] == offer) {
          return true;
        }
      }
      return false;
    }

    /** A replica that the cheapest placement does not have, else any. */
    private int leastWanted(Guide by, int s, Placement placement) {
      Placement cheapest = by.cheapest(s);
      int start = random.nextInt(placement.replicas().length);
      for (int k = 0; k < placement.replicas().length; k++) {
        int replica = placement.replicas()[(start + k) % placement.replicas().length];
        if (!cheapest.holds(replica)) {
          return replica;
        }
      }
      return placement.replicas()[start];
    }

    private Placement servePriced(Guide by, int s, Placement placement) {
      int[] servedBy = placement.servedBy().clone();
      for (int o = 0; o < servedBy.length; o++) {
        if (servedBy[o] >= 0) {
          int server = by.cheapestServer(s, o, placement.replicas());
          servedBy[o] = server < 0 ? servedBy[o] : server;
        }
      }
      return new Placement(placement.replicas(), servedBy);
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
      Placement moved = edits.relocate(s, placement, anyReplica(placement), to);
      if (random.nextInt(4) == 0) {
        moved = edits.serveCheapest(s, moved);
      }
      return checked("relocate", s, placement, moved);
    }

    private @Nullable PlacementMove open(int s, Placement placement) {
      int offer = anyHolder(s);
      if (offer < 0
          || placement.holds(offer)
          || placement.replicas().length >= tariff.maxReplicas(s)) {
        return null;
      }
      return checked("open", s, placement, edits.open(s, placement, offer));
    }

    private @Nullable PlacementMove close(int s, Placement placement) {
      if (placement.replicas().length < 2) {
        return null;
      }
      return checked("close", s, placement, edits.close(s, placement, anyReplica(placement)));
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
      int t = random.nextInt(instance.pieces());
      Placement other = solution.placement(t);
      int from = anyReplica(placement);
      int to = anyReplica(other);
      if (s == t || placement.holds(to) || other.holds(from)) {
        return null;
      }
      Placement first = edits.relocate(s, placement, from, to);
      Placement second = edits.relocate(t, other, to, from);
      return both("exchange", s, placement, first, t, other, second);
    }

    /**
     * Two shards that are on the same two offers are served the other way round: the offers keep
     * their calls, nearly.
     */
    private @Nullable PlacementMove exchangeService(int s, Placement placement) {
      int t = random.nextInt(instance.pieces());
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
      int most = Math.min(holders.length, tariff.maxReplicas(s));
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
      offerMoves.guide(random.nextInt(100) < GUIDED_BATCHES ? guide : null);
      int kind = random.nextInt(10);
      if (kind < 5 && nodes > 0 && random.nextInt(100) < TRADES) {
        long stay = kind < 3 ? nodes - 1 : 0;
        return batch(
            "trade",
            offerMoves.release(solution, offer, stay, random.nextInt(instance.offers()), random));
      }
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

    private @Nullable PlacementMove drawStay() {
      int origin = random.nextInt(instance.origins());
      StayMoves.Range range = stayMoves.range(solution, origin, random);
      int[] servers = solution.placement(instance.layerPiece(range.first())).replicas();
      int host = servers[random.nextInt(servers.length)];
      int to = random.nextInt(instance.offers());
      int kind = random.nextInt(10);
      if (kind < 6) {
        // Half of them to where others are already.
        return batch(
            "stay",
            stayMoves.host(solution, origin, range, random.nextBoolean() ? to : host, kind < 5));
      }
      if (kind < 8) {
        return to == host ? null : batch("shiftStay", stayMoves.shift(solution, range, host, to));
      }
      return batch("merge", stayMoves.merge(solution, range, host));
    }

    private @Nullable PlacementMove batch(String name, @Nullable Batch batch) {
      if (batch == null) {
        return null;
      }
      List<Placement> placements = new ArrayList<>(batch.placements());
      for (int m = 0; m < placements.size(); m++) {
        placements.set(m, edits.trimLayer(batch.shards().get(m), placements.get(m)));
      }
      return new PlacementMove(
          variable, name, batch.shards().stream().map(shards::get).toList(), placements);
    }

    private @Nullable PlacementMove checked(String name, int s, Placement before, Placement made) {
      Placement after = edits.trimLayer(s, made);
      return breaks(s, before, after) || after.equals(before) && !instance.isShard(s)
          ? null
          : one(name, s, after);
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
              variable,
              name,
              List.of(shards.get(s), shards.get(t)),
              List.of(edits.trimLayer(s, after), edits.trimLayer(t, otherAfter)));
    }

    private boolean breaks(int s, Placement before, Placement after) {
      return !tariff.keepsPlacementRules(s, after) && tariff.keepsPlacementRules(s, before);
    }

    private PlacementMove one(String name, int s, Placement placement) {
      return new PlacementMove(variable, name, List.of(shards.get(s)), List.of(placement));
    }
  }
}
