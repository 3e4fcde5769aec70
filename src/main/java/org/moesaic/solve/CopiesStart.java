package org.moesaic.solve;

import ai.timefold.solver.core.api.score.HardSoftScore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Origin;
import org.moesaic.solve.bound.BlockPlans;
import org.moesaic.solve.bound.BlockPlans.Blocks;
import org.moesaic.solve.bound.BlockPlans.Route;
import org.moesaic.solve.bound.Natives;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.Tariff;

/**
 * A first plan where the dense part is placed, and how it groups the streams of origins: the best
 * of whole copies and pipelines.
 *
 * <p>Idea: {@link BlockPlans} with one block, two, and four, and the whole model in each offer
 * alone in case that gives nothing; whatever scores best. Complexity: that of its programs, and
 * O(pieces) for each plan that is scored. No guarantee.
 */
final class CopiesStart {
  private static final int[] BLOCKS = {1, 2, 4};

  /** Placements to look at while pairs of offers are tried. */
  private static final double MOST_WORK = 2e7;

  /** Streams times pieces up to which each stream is a part of its own. */
  private static final double MOST_SINGLE = 1e4;

  private final Instance whole;
  private final Tariff tariffOfWhole;
  private final BooleanSupplier stop;
  private final DoubleSupplier secondsLeft;

  private @Nullable Tariff tariff;
  private @Nullable Assignment assignment;
  private @Nullable HardSoftScore score;
  private Parts parts = Parts.WHOLE;

  /**
   * @param whole the problem with its origins whole
   * @param stop ends what is under way
   * @param secondsLeft until everything has to end; infinite without a limit
   */
  CopiesStart(Instance whole, BooleanSupplier stop, DoubleSupplier secondsLeft) {
    this.whole = whole;
    this.stop = stop;
    this.secondsLeft = secondsLeft;
    tariffOfWhole = new Tariff(whole);
  }

  /** Looks for the best plan; afterwards it can be asked for. */
  void run() {
    alone();
    pairs();
    if (!Natives.available()) {
      return;
    }
    var plans = new BlockPlans(tariffOfWhole, stop, secondsLeft);
    for (int blocks : BLOCKS) {
      Blocks plan = stop.getAsBoolean() ? null : plans.solve(blocks);
      if (plan != null) {
        take(plan);
      }
    }
    Blocks packed = stop.getAsBoolean() ? null : plans.solveCutAnywhere();
    if (packed != null) {
      take(packed);
    }
    single();
  }

  /** Where the problem is small, lets the search lead each stream by itself. */
  private void single() {
    int streams = whole.problem().origins().stream().mapToInt(Origin::streams).sum();
    if ((double) streams * whole.pieces() > MOST_SINGLE) {
      return;
    }
    Assignment best = Objects.requireNonNull(assignment);
    int[] partOf =
        IntStream.range(0, parts.count())
            .flatMap(part -> IntStream.generate(() -> part).limit(parts.streams(part)))
            .toArray();
    int[][] ones = new int[whole.origins()][];
    for (int o = 0; o < ones.length; o++) {
      ones[o] = new int[whole.origin(o).streams()];
      Arrays.fill(ones[o], 1);
    }
    List<Placement> placements =
        best.placements().stream()
            .map(
                p ->
                    new Placement(
                        p.replicas(),
                        Arrays.stream(partOf).map(part -> p.servedBy()[part]).toArray()))
            .toList();
    int[][] homes =
        Arrays.stream(partOf)
            .mapToObj(
                part -> IntStream.range(0, whole.layers()).map(l -> best.home(part, l)).toArray())
            .toArray(int[][]::new);
    consider(
        Parts.of(whole.problem().origins(), ones),
        new Assignment(placements, Homes.of(homes)),
        true);
  }

  /** The whole model in one offer, whichever is best. */
  private void alone() {
    for (int i = 0; i < whole.offers() && !(stop.getAsBoolean() && assignment != null); i++) {
      int[] path = new int[whole.layers()];
      Arrays.fill(path, i);
      int[][] copies = new int[whole.layers()][];
      Arrays.fill(copies, new int[] {i});
      List<Route> routes = new ArrayList<>();
      for (int o = 0; o < whole.origins(); o++) {
        routes.add(new Route(o, whole.origin(o).streams(), path));
      }
      take(new Blocks(routes, copies));
    }
  }

  /**
   * Two offers, where the problem is small enough to try them all: a half of the layers in each,
   * and the whole model in both with each origin at either.
   */
  private void pairs() {
    int offers = whole.offers();
    double ways = 1 + Math.scalb(1.0, whole.origins());
    if (offers * (double) offers * ways * whole.pieces() * whole.origins() > MOST_WORK) {
      return;
    }
    int layers = whole.layers();
    for (int a = 0; a < offers; a++) {
      for (int b = 0; b < offers && a != b && !stop.getAsBoolean(); b++) {
        int first = a;
        int second = b;
        takeRouted((o, l) -> l < layers / 2 ? first : second);
        takeRouted((o, l) -> l < layers / 2 ? second : first);
        for (int bits = 1; bits < (1 << whole.origins()) - 1; bits++) {
          int mask = bits;
          takeRouted((o, l) -> (mask >> o & 1) == 1 ? first : second);
        }
      }
    }
  }

  /** Where all streams of an origin have a layer. */
  private interface Host {
    int of(int origin, int layer);
  }

  private void takeRouted(Host host) {
    List<Route> routes = new ArrayList<>();
    for (int o = 0; o < whole.origins(); o++) {
      int origin = o;
      int[] path = IntStream.range(0, whole.layers()).map(l -> host.of(origin, l)).toArray();
      routes.add(new Route(o, whole.origin(o).streams(), path));
    }
    int[][] copies = new int[whole.layers()][];
    for (int l = 0; l < copies.length; l++) {
      int layer = l;
      copies[l] =
          routes.stream().mapToInt(route -> route.offers()[layer]).sorted().distinct().toArray();
    }
    take(new Blocks(routes, copies));
  }

  private void take(Blocks plan) {
    Parts grouped = parts(plan);
    consider(grouped, assignment(whole.split(grouped), plan), false);
  }

  /** Takes a plan that somebody has already, if it is the best so far. */
  void take(Assignment plan) {
    consider(plan.parts(), new Assignment(plan.placements(), plan.homes()), false);
  }

  /**
   * @param placed on the problem in those parts
   * @param anyway whether it is taken even if it is no better
   */
  private void consider(Parts grouped, Assignment placed, boolean anyway) {
    Tariff at =
        grouped.isWhole()
            ? tariffOfWhole
            : grouped.equals(parts) && tariff != null
                ? tariff
                : new Tariff(whole.split(grouped), grouped);
    HardSoftScore now = Ledger.of(at, placed).score();
    if (anyway || score == null || now.compareTo(score) > 0) {
      parts = grouped;
      tariff = at;
      assignment = placed;
      score = now;
    }
  }

  private Parts parts(Blocks plan) {
    int[][] streams = new int[whole.origins()][];
    for (int o = 0; o < streams.length; o++) {
      int origin = o;
      streams[o] =
          plan.routes().stream()
              .filter(route -> route.origin() == origin)
              .mapToInt(Route::streams)
              .toArray();
    }
    return Parts.of(whole.problem().origins(), streams);
  }

  /** Routes come origin by origin, as parts do. */
  private static Assignment assignment(Instance instance, Blocks plan) {
    List<Route> routes = plan.routes();
    List<Placement> placements = new ArrayList<>(instance.shards());
    for (int s = 0; s < instance.shards(); s++) {
      int layer = instance.layerOf(s);
      int shard = s;
      int[] servedBy =
          IntStream.range(0, routes.size())
              .map(
                  part ->
                      instance.isServed(part, shard)
                          ? routes.get(part).serving()[layer]
                          : Placement.NOBODY)
              .toArray();
      placements.add(new Placement(plan.copies()[layer], servedBy));
    }
    return new Assignment(
        placements, Homes.of(routes.stream().map(Route::offers).toArray(int[][]::new)));
  }

  /** How the streams are grouped. */
  Parts parts() {
    return parts;
  }

  /** The problem in those parts. */
  Tariff tariff() {
    return Objects.requireNonNull(tariff, "The start has not been looked for.");
  }

  /** The plan, on the problem in those parts. */
  Assignment assignment() {
    return Objects.requireNonNull(assignment, "The start has not been looked for.");
  }
}
