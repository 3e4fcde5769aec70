package org.moesaic.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often origins call experts.
 *
 * @param loads relative weights of experts; an origin's own load goes before one that holds for
 *     every origin
 * @param samples recorded choices of real tokens
 */
public record Routing(List<Load> loads, List<Sample> samples) {

  /** No recordings: every expert of a layer is called equally often. */
  public static final Routing UNIFORM = new Routing(List.of(), List.of());

  public Routing {
    loads = List.copyOf(loads);
    samples = List.copyOf(samples);
  }

  /**
   * Weights of one origin, or of all. A CSV file with the column {@code origin} is read into one
   * load per origin.
   *
   * @param origin whose load this is; absent: every origin's
   * @param file the CSV file that it came from, relative to the problem file; absent: written
   *     inline
   * @param weights the weights
   */
  public record Load(@Nullable String origin, @Nullable String file, Weights weights) {}

  /**
   * A recording of the experts that tokens chose: gzip over raw unsigned bytes {@code
   * [token][layer][k]}, 16-bit little endian where there are more than 256 experts.
   *
   * @param origin whose tokens these are
   * @param file relative to the problem file
   * @param tokens how many tokens it holds, &gt;= 1
   */
  public record Sample(String origin, String file, long tokens) {}
}
