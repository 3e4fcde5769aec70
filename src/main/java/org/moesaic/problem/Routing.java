package org.moesaic.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.ExactlyOne;
import org.moesaic.json.Limits;
import org.moesaic.json.Range;
import org.moesaic.json.Size;

/** How often origins call experts. */
public record Routing(
    @Doc(
            "relative weights of experts; an origin's own load goes before one that holds for every"
                + " origin")
        @Default("[]")
        @Size(max = Limits.LOADS)
        List<Load> loads,
    @Doc("recorded choices of real tokens") @Default("[]") @Size(max = Limits.LOADS)
        List<Sample> samples) {

  /** No recordings: every expert of a layer is called equally often. */
  public static final Routing UNIFORM = new Routing(List.of(), List.of());

  public Routing {
    loads = List.copyOf(loads);
    samples = List.copyOf(samples);
  }

  /**
   * Weights of one origin, or of all. A CSV file with the column {@code origin} is read into one
   * load per origin, or, if the load names an origin, into that one's.
   */
  @ExactlyOne({"file", "weights"})
  public record Load(
      @Doc("whose load this is; absent: every origin's") @Nullable String origin,
      @Doc(
              "the CSV file that holds it, relative to the problem file and in the same folder or"
                  + " below")
          @Nullable String file,
      @Doc("the weights, written inline: one row per layer, one number per expert") @Default("[]")
          Weights weights) {}

  /**
   * A recording of the experts that tokens chose: gzip over raw unsigned bytes {@code
   * [token][layer][k]}, 16-bit little endian where there are more than 256 experts.
   */
  public record Sample(
      @Doc("whose tokens these are") String origin,
      @Doc("its file, relative to the problem file and in the same folder or below") String file,
      @Doc("how many tokens it holds") @Range(min = 1) long tokens) {}
}
