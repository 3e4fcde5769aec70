package org.moesaic.instance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Routing;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Routing.Sample;

/**
 * How the streams of origins are grouped: a part is some streams of one origin that are hosted and
 * served alike. Parts are numbered origin by origin. Immutable.
 *
 * <p>What asks for numbers of parts needs {@link #in} first where origins may be {@link #WHOLE}.
 */
public final class Parts {
  /** Each origin as one part, whichever the origins are. */
  public static final Parts WHOLE = new Parts(new int[0][]);

  private final int[][] streams;
  private final int[] originOf;
  private final int[] first;

  private Parts(int[][] streams) {
    this.streams = streams;
    first = new int[streams.length + 1];
    for (int o = 0; o < streams.length; o++) {
      first[o + 1] = first[o] + streams[o].length;
    }
    originOf = new int[first[streams.length]];
    for (int o = 0; o < streams.length; o++) {
      Arrays.fill(originOf, first[o], first[o + 1], o);
    }
  }

  /** Each origin as one part. */
  public static Parts whole(List<Origin> origins) {
    return new Parts(
        origins.stream().map(origin -> new int[] {origin.streams()}).toArray(int[][]::new));
  }

  /** The same with the origins' numbers of streams where this is {@link #WHOLE}. */
  public Parts in(List<Origin> origins) {
    return isWhole() ? whole(origins) : this;
  }

  /**
   * Origins in parts.
   *
   * @param streams by origin, the numbers of streams of its parts: at least 1 each, and together
   *     those of the origin; copied
   */
  public static Parts of(List<Origin> origins, int[][] streams) {
    int[][] copy = Arrays.stream(streams).map(int[]::clone).toArray(int[][]::new);
    if (copy.length != origins.size()) {
      throw new IllegalArgumentException(
          "Parts of %d origins, not %d.".formatted(copy.length, origins.size()));
    }
    for (int o = 0; o < copy.length; o++) {
      long sum = 0;
      for (int count : copy[o]) {
        sum += count;
        if (count < 1) {
          throw new IllegalArgumentException("A part of %d streams.".formatted(count));
        }
      }
      if (sum != origins.get(o).streams()) {
        throw new IllegalArgumentException(
            "The parts of origin (%s) have %d streams, not %d."
                .formatted(origins.get(o).id(), sum, origins.get(o).streams()));
      }
    }
    return new Parts(copy);
  }

  /**
   * A problem whose origins are the parts, each one stream with its share of the tokens and
   * everything else of its origin: whatever holds for an origin holds for each of its parts. An
   * origin of several streams, {@code us-chat}, becomes {@code us-chat#1}, {@code us-chat#2}, …
   */
  public Problem split(Problem problem) {
    if (problem.origins().stream().allMatch(origin -> origin.streams() == 1)) {
      return problem;
    }
    return in(problem.origins()).named(problem);
  }

  private Problem named(Problem problem) {
    List<Origin> origins = new ArrayList<>();
    for (int part = 0; part < count(); part++) {
      Origin origin = problem.origins().get(originOf[part]);
      origins.add(origin.part(id(origin, number(part)), streams(part)));
    }
    Routing routing = problem.routing();
    return problem.with(
        origins,
        new Routing(
            byPart(problem, routing.loads(), Load::origin, (load, id) -> load.of(id)),
            byPart(problem, routing.samples(), Sample::origin, (sample, id) -> sample.of(id))));
  }

  /**
   * What a plan calls a part: as its origin, with a number where that has several streams.
   *
   * @param number of the part among those of its origin, from 0
   */
  public static String id(Origin origin, int number) {
    return origin.streams() == 1 ? origin.id() : origin.id() + "#" + (number + 1);
  }

  /** The number of a part among those of its origin, from 0. */
  public int number(int part) {
    return part - first[originOf[part]];
  }

  /** The same for each part that is there for an origin; what names none stays as it is. */
  private <T> List<T> byPart(
      Problem problem,
      List<T> rows,
      Function<T, @Nullable String> originOf,
      BiFunction<T, String, T> named) {
    List<T> split = new ArrayList<>();
    for (T row : rows) {
      String name = originOf.apply(row);
      if (name == null) {
        split.add(row);
      }
      for (int part = 0; part < count() && name != null; part++) {
        Origin origin = problem.origins().get(this.originOf[part]);
        if (name.equals(origin.id())) {
          split.add(named.apply(row, id(origin, number(part))));
        }
      }
    }
    return split;
  }

  /** Number of parts. */
  public int count() {
    return originOf.length;
  }

  /** The origin of a part. */
  public int origin(int part) {
    return originOf[part];
  }

  /** The first part of an origin; those after it follow, up to the next origin's first. */
  public int first(int origin) {
    return first[origin];
  }

  /** How many parts an origin has. */
  public int of(int origin) {
    return streams[origin].length;
  }

  /** Number of streams of a part. */
  public int streams(int part) {
    return streams[originOf[part]][number(part)];
  }

  /** Whether every origin is one part. */
  public boolean isWhole() {
    return count() == streams.length;
  }

  /** All that leave origins whole are equal. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Parts that
        && (isWhole() ? that.isWhole() : Arrays.deepEquals(streams, that.streams));
  }

  @Override
  public int hashCode() {
    return isWhole() ? 0 : Arrays.deepHashCode(streams);
  }

  @Override
  public String toString() {
    return isWhole() ? "whole" : Arrays.deepToString(streams);
  }
}
