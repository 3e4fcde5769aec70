package org.moesaic.solve.move;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.Guide;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.Load;
import org.moesaic.solve.model.OfferTerms;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.Tariff;

/**
 * Moves of many shards at once, so that whole nodes are saved or put to use.
 *
 * <p>Idea: nodes are leased whole, so a single shard that leaves an offer saves nothing until
 * enough others follow. To release nodes, the replicas that are cheapest to do without go, by their
 * extra traffic per unit of the resource that binds, to where there is room in nodes that are
 * leased anyway, or in one that is leased elsewhere instead. To use a node, the shards that save
 * most traffic get a replica there. With a {@link Guide}, reduced costs take the place of traffic:
 * they count what room is worth as well. Complexity: O(shards * (offers + origins)) to list the
 * options, and a sort.
 */
final class OfferMoves {
  /** Shards and their new placements. */
  record Batch(List<Integer> shards, List<Placement> placements) {}

  private record Option(int shard, Placement placement, double usd, double size) {}

  private final Tariff tariff;
  private final Instance instance;
  private final Edits edits;
  private @Nullable Guide guide;

  OfferMoves(Tariff tariff, Edits edits) {
    this.tariff = tariff;
    this.edits = edits;
    instance = tariff.instance();
  }

  /** Goes by reduced costs for all moves that follow; by traffic alone if there is no guide. */
  void guide(@Nullable Guide by) {
    guide = by;
  }

  /**
   * Lets an offer do with fewer nodes.
   *
   * @param nodes how many may stay; 0 to empty it
   * @return null if there is no way, or nothing to do
   */
  @Nullable Batch release(
      PlacementSolution solution, int offer, long nodes, RandomGenerator random) {
    return release(solution, offer, nodes, offer, random);
  }

  /**
   * Lets an offer do with fewer nodes, and leases one more of another to make up for it.
   *
   * @param nodes how many may stay; 0 to empty it
   * @param to the other offer; the same for none
   * @return null if there is no way, or nothing to do
   */
  @Nullable Batch release(
      PlacementSolution solution, int offer, long nodes, int to, RandomGenerator random) {
    Ledger ledger = solution.ledger();
    OfferTerms terms = tariff.offer(offer);
    Room room = new Room(ledger);
    room.close(offer);
    if (to != offer) {
      room.lease(to);
    }
    boolean keepReplicas = nodes > 0 && terms.memoryNeed(ledger.load(offer)) <= nodes;
    List<Option> options = new ArrayList<>();
    for (int s = 0; s < instance.pieces(); s++) {
      Placement placement = solution.placement(s);
      if (placement.holds(offer)) {
        Option option = without(s, placement, offer, keepReplicas, room);
        if (option != null) {
          options.add(option);
        } else if (nodes == 0) {
          return null;
        }
      }
    }
    // A little noise makes different batches of equally good shards.
    long salt = random.nextLong();
    options.sort(
        Comparator.comparingDouble(
            option -> option.usd / option.size * (1 + 0.1 * noise(salt, option.shard))));
    Load load = ledger.load(offer);
    Batch batch = new Batch(new ArrayList<>(), new ArrayList<>());
    for (Option option : options) {
      if (nodes > 0 && terms.nodes(load) <= nodes) {
        return batch.shards.isEmpty() ? null : batch;
      }
      // The room may have been taken since the option was listed.
      Option now =
          without(option.shard, solution.placement(option.shard), offer, keepReplicas, room);
      if (now == null) {
        if (nodes == 0) {
          return null;
        }
        continue;
      }
      room.move(option.shard, solution.placement(option.shard), now.placement);
      load =
          load.minus(tariff.load(option.shard, solution.placement(option.shard), offer))
              .plus(loadAt(option.shard, now.placement, offer));
      batch.shards.add(option.shard);
      batch.placements.add(now.placement);
    }
    boolean done = nodes == 0 ? load.pieces() == 0 : terms.nodes(load) <= nodes;
    return done && !batch.shards.isEmpty() ? batch : null;
  }

  /**
   * Opens replicas at an offer, as many as some more nodes hold, for the shards that save most
   * traffic by it.
   *
   * @param nodes how many more
   * @return null if none would save any
   */
  @Nullable Batch use(PlacementSolution solution, int offer, long nodes, RandomGenerator random) {
    Ledger ledger = solution.ledger();
    OfferTerms terms = tariff.offer(offer);
    long target =
        Math.min(terms.maxNodes(), Math.max(terms.minNodes(), ledger.nodes(offer) + nodes));
    List<Option> options = new ArrayList<>();
    for (int s = 0; s < instance.pieces(); s++) {
      Placement placement = solution.placement(s);
      if (placement.holds(offer) || !instance.mayHold(s, offer)) {
        continue;
      }
      Option option = with(s, placement, offer);
      if (option != null) {
        options.add(option);
      }
    }
    long salt = random.nextLong();
    options.sort(
        Comparator.comparingDouble(
            option -> -option.usd / option.size * (1 + 0.1 * noise(salt, option.shard))));
    Load load = ledger.load(offer);
    Batch batch = new Batch(new ArrayList<>(), new ArrayList<>());
    for (Option option : options) {
      Load more = load.plus(tariff.load(option.shard, option.placement, offer));
      if (terms.nodes(more) <= target) {
        load = more;
        batch.shards.add(option.shard);
        batch.placements.add(option.placement);
      }
    }
    return batch.shards.isEmpty() ? null : batch;
  }

  /**
   * Moves all replicas of some layers from one offer to another that may hold them, whether there
   * is room or not; where the other has one already, the first is closed.
   */
  @Nullable Batch shift(PlacementSolution solution, int firstLayer, int layers, int from, int to) {
    Batch batch = new Batch(new ArrayList<>(), new ArrayList<>());
    int end = instance.shard(firstLayer + layers, 0);
    for (int s = instance.shard(firstLayer, 0); s < end; s++) {
      Placement placement = solution.placement(s);
      if (!placement.holds(from) || !instance.mayHold(s, to)) {
        continue;
      }
      Placement moved =
          placement.holds(to)
              ? edits.close(s, placement, from)
              : edits.relocate(s, placement, from, to);
      if (tariff.keepsPlacementRules(s, moved)) {
        batch.shards.add(s);
        batch.placements.add(moved);
      }
    }
    return batch.shards.isEmpty() ? null : batch;
  }

  /**
   * The cheapest way to do without a replica.
   *
   * @param keepReplicas whether it is enough that the replica serves nobody
   */
  private @Nullable Option without(
      int shard, Placement placement, int offer, boolean keepReplicas, Room room) {
    double now = usd(shard, placement);
    double size = sizeAt(shard, placement, offer);
    Option best = null;
    if (placement.replicas().length > 1) {
      Placement closed = edits.close(shard, placement, offer);
      if (keepReplicas) {
        if (!placement.serves(offer)) {
          return null;
        }
        closed = new Placement(placement.replicas(), closed.servedBy());
      }
      if (tariff.keepsPlacementRules(shard, closed) && room.takes(shard, placement, closed)) {
        best = new Option(shard, closed, usd(shard, closed) - now, size);
      }
    }
    for (int to : tariff.holders(shard)) {
      if (placement.holds(to) || !room.takesReplica(shard, to)) {
        continue;
      }
      Placement moved = edits.relocate(shard, placement, offer, to);
      double usd = usd(shard, moved) - now;
      if ((best == null || usd < best.usd)
          && tariff.keepsPlacementRules(shard, moved)
          && room.takes(shard, placement, moved)) {
        best = new Option(shard, moved, usd, size);
      }
    }
    return best;
  }

  /** A replica more, or one moved, if that saves traffic. */
  private @Nullable Option with(int shard, Placement placement, int offer) {
    double now = usd(shard, placement);
    Option best = null;
    if (placement.replicas().length < tariff.maxReplicas(shard)) {
      Placement opened = edits.open(shard, placement, offer);
      double saved = now - usd(shard, opened);
      if (saved > 0) {
        best = new Option(shard, opened, saved, sizeAt(shard, opened, offer));
      }
      return best;
    }
    for (int replica : placement.replicas()) {
      Placement moved = edits.relocate(shard, placement, replica, offer);
      double saved = now - usd(shard, moved);
      if (saved > 0
          && (best == null || saved > best.usd)
          && tariff.keepsPlacementRules(shard, moved)) {
        best = new Option(shard, moved, saved, sizeAt(shard, moved, offer));
      }
    }
    return best;
  }

  /** What a placement costs but for nodes, or, by a guide, its reduced cost. */
  private double usd(int shard, Placement placement) {
    Guide by = guide;
    return by == null ? edits.trafficUsd(shard, placement) : by.reducedUsd(shard, placement);
  }

  private double sizeAt(int shard, Placement placement, int offer) {
    return Math.max(tariff.offer(offer).need(tariff.load(shard, placement, offer)), 1e-12);
  }

  /** What a piece puts on an offer, nothing where the offer does not hold it. */
  private Load loadAt(int piece, Placement placement, int offer) {
    return placement.holds(offer) ? tariff.load(piece, placement, offer) : Load.NONE;
  }

  private static double noise(long salt, int shard) {
    return new SplittableRandom(salt ^ (shard * 0x9E3779B97F4A7C15L)).nextDouble();
  }

  /** What is free in the nodes that are leased. */
  private final class Room {
    private final Load[] loads;
    private final long[] nodes;

    Room(Ledger ledger) {
      int n = instance.offers();
      loads = new Load[n];
      nodes = new long[n];
      for (int i = 0; i < n; i++) {
        loads[i] = ledger.load(i);
        nodes[i] = ledger.nodes(i);
      }
    }

    void lease(int offer) {
      OfferTerms terms = tariff.offer(offer);
      nodes[offer] = Math.min(terms.maxNodes(), Math.max(terms.minNodes(), nodes[offer] + 1));
    }

    void close(int offer) {
      nodes[offer] = 0;
    }

    boolean takesReplica(int shard, int offer) {
      return tariff.offer(offer).nodes(loads[offer].plus(tariff.load(shard, 0))) <= nodes[offer];
    }

    boolean takes(int shard, Placement before, Placement after) {
      for (int replica : after.replicas()) {
        Load now = loadAt(shard, before, replica);
        Load then = tariff.load(shard, after, replica);
        boolean grows =
            then.pieces() > now.pieces()
                || then.calls() > now.calls()
                || then.tokens() > now.tokens();
        if (grows
            && tariff.offer(replica).nodes(loads[replica].minus(now).plus(then)) > nodes[replica]) {
          return false;
        }
      }
      return true;
    }

    void move(int shard, Placement before, Placement after) {
      for (int replica : before.replicas()) {
        loads[replica] = loads[replica].minus(tariff.load(shard, before, replica));
      }
      for (int replica : after.replicas()) {
        loads[replica] = loads[replica].plus(tariff.load(shard, after, replica));
      }
    }
  }
}
