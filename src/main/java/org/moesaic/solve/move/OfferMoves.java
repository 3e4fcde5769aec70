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
    boolean keepReplicas = nodes > 0 && terms.need(ledger.experts(offer), 0) <= nodes;
    List<Option> options = new ArrayList<>();
    for (int s = 0; s < instance.shards(); s++) {
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
    long experts = ledger.experts(offer);
    long calls = ledger.calls(offer);
    Batch batch = new Batch(new ArrayList<>(), new ArrayList<>());
    for (Option option : options) {
      if (nodes > 0 && terms.nodes(experts, calls) <= nodes) {
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
      experts -= now.placement.holds(offer) ? 0 : instance.sizeOf(option.shard);
      calls -= callsAt(option.shard, solution.placement(option.shard), offer);
      batch.shards.add(option.shard);
      batch.placements.add(now.placement);
    }
    boolean done = nodes == 0 ? experts == 0 : terms.nodes(experts, calls) <= nodes;
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
    for (int s = 0; s < instance.shards(); s++) {
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
    long experts = ledger.experts(offer);
    long calls = ledger.calls(offer);
    Batch batch = new Batch(new ArrayList<>(), new ArrayList<>());
    for (Option option : options) {
      long moreExperts = experts + instance.sizeOf(option.shard);
      long moreCalls = calls + callsAt(option.shard, option.placement, offer);
      if (terms.nodes(moreExperts, moreCalls) <= target) {
        experts = moreExperts;
        calls = moreCalls;
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
          placement.holds(to) ? edits.close(placement, from) : edits.relocate(placement, from, to);
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
      Placement closed = edits.close(placement, offer);
      if (keepReplicas) {
        if (callsAt(shard, placement, offer) == 0) {
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
      Placement moved = edits.relocate(placement, offer, to);
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
    if (placement.replicas().length < instance.maxReplicas()) {
      Placement opened = edits.open(placement, offer);
      double saved = now - usd(shard, opened);
      if (saved > 0) {
        best = new Option(shard, opened, saved, sizeAt(shard, opened, offer));
      }
      return best;
    }
    for (int replica : placement.replicas()) {
      Placement moved = edits.relocate(placement, replica, offer);
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
    return Math.max(
        tariff.offer(offer).need(instance.sizeOf(shard), callsAt(shard, placement, offer)), 1e-12);
  }

  private long callsAt(int shard, Placement placement, int offer) {
    long calls = 0;
    for (int o = 0; o < placement.servedBy().length; o++) {
      calls += placement.servedBy()[o] == offer ? tariff.calls(o, shard) : 0;
    }
    return calls;
  }

  private static double noise(long salt, int shard) {
    return new SplittableRandom(salt ^ (shard * 0x9E3779B97F4A7C15L)).nextDouble();
  }

  /** What is free in the nodes that are leased. */
  private final class Room {
    private final long[] experts;
    private final long[] calls;
    private final long[] nodes;

    Room(Ledger ledger) {
      int n = instance.offers();
      experts = new long[n];
      calls = new long[n];
      nodes = new long[n];
      for (int i = 0; i < n; i++) {
        experts[i] = ledger.experts(i);
        calls[i] = ledger.calls(i);
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
      return tariff.offer(offer).nodes(experts[offer] + instance.sizeOf(shard), calls[offer])
          <= nodes[offer];
    }

    boolean takes(int shard, Placement before, Placement after) {
      for (int replica : after.replicas()) {
        long e = experts[replica] + (before.holds(replica) ? 0 : instance.sizeOf(shard));
        long more = callsAt(shard, after, replica) - callsAt(shard, before, replica);
        boolean grows = e > experts[replica] || more > 0;
        if (grows && tariff.offer(replica).nodes(e, calls[replica] + more) > nodes[replica]) {
          return false;
        }
      }
      return true;
    }

    void move(int shard, Placement before, Placement after) {
      for (int replica : before.replicas()) {
        experts[replica] -= instance.sizeOf(shard);
        calls[replica] -= callsAt(shard, before, replica);
      }
      for (int replica : after.replicas()) {
        experts[replica] += instance.sizeOf(shard);
        calls[replica] += callsAt(shard, after, replica);
      }
    }
  }
}
