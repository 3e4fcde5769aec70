package org.moesaic.solve.move;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.move.OfferMoves.Batch;

/**
 * Moves of stays: consecutive layers of an origin that one offer hosts, with the experts they call.
 *
 * <p>Idea: a layer and the experts that it calls belong together, and consecutive layers too, as
 * every site left costs a cut; so they move together, from a single layer at the end of a stay to
 * the whole of an origin. Experts are copied where they are missing, and what then serves nobody is
 * closed. Complexity: O(shards of the layers * (replicas + origins)).
 */
final class StayMoves {
  private final Tariff tariff;
  private final Instance instance;
  private final Edits edits;

  StayMoves(Tariff tariff, Edits edits) {
    this.tariff = tariff;
    this.edits = edits;
    instance = tariff.instance();
  }

  /** Layers from one to before another. */
  record Range(int first, int end) {}

  /** Layers of an origin to move: all, a stay, the end of a stay, or any that follow each other. */
  Range range(PlacementSolution solution, int origin, RandomGenerator random) {
    int layers = instance.layers();
    int kind = random.nextInt(10);
    if (kind < 3) {
      return new Range(0, layers);
    }
    int layer = random.nextInt(layers);
    int first = layer;
    int end = layer + 1;
    int host = host(solution, origin, layer);
    while (first > 0 && host(solution, origin, first - 1) == host) {
      first--;
    }
    while (end < layers && host(solution, origin, end) == host) {
      end++;
    }
    if (kind < 5) {
      return new Range(first, end);
    }
    int length = 1 + random.nextInt(kind < 8 ? Math.min(4, end - first) : layers);
    if (kind < 8) {
      return random.nextBoolean()
          ? new Range(first, Math.min(end, first + length))
          : new Range(Math.max(first, end - length), end);
    }
    int start = Math.min(layer, layers - length);
    return new Range(start, start + length);
  }

  private int host(PlacementSolution solution, int origin, int layer) {
    return solution.placement(instance.layerPiece(layer)).servedBy()[origin];
  }

  /**
   * Layers of an origin go to another offer.
   *
   * @param follow whether it is served there as well, with experts copied where they are missing
   * @return null if there is nothing to do, or the offer may not host them
   */
  @Nullable Batch host(
      PlacementSolution solution, int origin, Range range, int to, boolean follow) {
    if (!instance.mayServe(origin, to)
        || (range.first == 0 && tariff.penalties().access(origin, to) > 0)) {
      return null;
    }
    List<Integer> pieces = new ArrayList<>();
    List<Placement> placements = new ArrayList<>();
    for (int l = range.first; l < range.end; l++) {
      int layer = instance.layerPiece(l);
      Placement now = solution.placement(layer);
      if (!instance.mayHold(layer, to)) {
        return null;
      }
      add(pieces, placements, layer, now, served(layer, now, origin, to));
      for (int s = instance.shard(l, 0); follow && s < instance.shard(l + 1, 0); s++) {
        if (instance.isServed(origin, s)) {
          Placement before = solution.placement(s);
          add(pieces, placements, s, before, near(s, before, origin, to));
        }
      }
    }
    return pieces.isEmpty() ? null : new Batch(pieces, placements);
  }

  private static void add(
      List<Integer> pieces, List<Placement> placements, int piece, Placement now, Placement then) {
    if (!then.equals(now)) {
      pieces.add(piece);
      placements.add(then);
    }
  }

  /** Served by the offer, or one at its site that holds the shard already. */
  private Placement near(int shard, Placement placement, int origin, int to) {
    if (placement.holds(to)) {
      return edits.trim(shard, edits.serve(placement, origin, to));
    }
    for (int replica : placement.replicas()) {
      if (instance.siteOfOffer(replica) == instance.siteOfOffer(to)
          && instance.mayServe(origin, replica)) {
        return edits.trim(shard, edits.serve(placement, origin, replica));
      }
    }
    if (!instance.mayHold(shard, to)) {
      return placement;
    }
    Placement copied = served(shard, placement, origin, to);
    return copied.replicas().length <= tariff.maxReplicas(shard)
            && (tariff.keepsPlacementRules(shard, copied)
                || !tariff.keepsPlacementRules(shard, placement))
        ? copied
        : placement;
  }

  /** Served by the offer, which gets a replica if it has none; what serves nobody goes. */
  private Placement served(int piece, Placement placement, int origin, int to) {
    int[] replicas = placement.replicas();
    if (!placement.holds(to)) {
      replicas = Arrays.copyOf(replicas, replicas.length + 1);
      replicas[replicas.length - 1] = to;
      Arrays.sort(replicas);
    }
    return edits.trim(
        piece, edits.serve(new Placement(replicas, placement.servedBy()), origin, to));
  }

  /**
   * An offer gives up its copies of some layers wherever there are others: whom it hosted and
   * served goes to those.
   *
   * @return null if there are none
   */
  @Nullable Batch merge(PlacementSolution solution, Range range, int offer) {
    List<Integer> pieces = new ArrayList<>();
    List<Placement> placements = new ArrayList<>();
    for (int l = range.first; l < range.end; l++) {
      merge(solution, instance.layerPiece(l), offer, pieces, placements);
      for (int s = instance.shard(l, 0); s < instance.shard(l + 1, 0); s++) {
        merge(solution, s, offer, pieces, placements);
      }
    }
    return pieces.isEmpty() ? null : new Batch(pieces, placements);
  }

  private void merge(
      PlacementSolution solution,
      int piece,
      int offer,
      List<Integer> pieces,
      List<Placement> placements) {
    Placement now = solution.placement(piece);
    if (now.holds(offer) && now.replicas().length > 1) {
      Placement closed = edits.close(piece, now, offer);
      if (tariff.keepsPlacementRules(piece, closed)) {
        add(pieces, placements, piece, now, closed);
      }
    }
  }

  /**
   * Everything that an offer has of some layers goes to another, whether there is room or not.
   *
   * @return null if there is nothing
   */
  @Nullable Batch shift(PlacementSolution solution, Range range, int from, int to) {
    List<Integer> pieces = new ArrayList<>();
    List<Placement> placements = new ArrayList<>();
    for (int l = range.first; l < range.end; l++) {
      shift(solution, instance.layerPiece(l), from, to, pieces, placements);
      for (int s = instance.shard(l, 0); s < instance.shard(l + 1, 0); s++) {
        shift(solution, s, from, to, pieces, placements);
      }
    }
    return pieces.isEmpty() ? null : new Batch(pieces, placements);
  }

  private void shift(
      PlacementSolution solution,
      int piece,
      int from,
      int to,
      List<Integer> pieces,
      List<Placement> placements) {
    Placement now = solution.placement(piece);
    if (!now.holds(from) || !instance.mayHold(piece, to)) {
      return;
    }
    Placement moved =
        now.holds(to) ? handedOver(piece, now, from, to) : edits.relocate(piece, now, from, to);
    if (tariff.keepsPlacementRules(piece, moved)) {
      add(pieces, placements, piece, now, edits.trim(piece, moved));
    }
  }

  /** Both are there: the one serves whom the other served, as far as it may. */
  private Placement handedOver(int piece, Placement placement, int from, int to) {
    Placement moved = placement;
    for (int o = 0; o < placement.servedBy().length; o++) {
      if (placement.servedBy()[o] == from && instance.mayServe(o, to)) {
        moved = edits.serve(moved, o, to);
      }
    }
    return moved.serves(from) ? moved : edits.close(piece, moved, from);
  }
}
