package org.moesaic.routing;

import org.jspecify.annotations.Nullable;
import org.moesaic.json.Limits;

/**
 * How recordings are read.
 *
 * @param format of all files; null: told from their names and contents
 * @param denseLayers what becomes of layers that no token calls
 * @param experts per layer; 0: as the recordings say, or the greatest that they name
 * @param topK experts that a token chooses; 0: as the recordings say
 * @param sampleTokens how many tokens of each origin a sample has, drawn evenly from all; {@link
 *     Long#MAX_VALUE}: all of them
 * @param seed chooses which
 */
public record ProfileOptions(
    @Nullable RecordingFormat format,
    DenseLayers denseLayers,
    int experts,
    int topK,
    long sampleTokens,
    long seed) {
  /** Shares of calls are then known to about a percent. */
  public static final long SAMPLE_TOKENS = 10_000;

  /** What is done without being told otherwise. */
  public static final ProfileOptions DEFAULT =
      new ProfileOptions(null, DenseLayers.DROP, 0, 0, SAMPLE_TOKENS, 0);

  /** What becomes of layers that no token calls. */
  public enum DenseLayers {
    /** They are left out, and the others numbered from 0 on, as problem files number MoE layers. */
    DROP,
    /** Layers keep the numbers that they have in the recording. */
    KEEP
  }

  public ProfileOptions {
    requireExperts(experts);
    require("topK", topK, 0, Limits.EXPERTS_PER_LAYER);
    require("sampleTokens", sampleTokens, 1, Long.MAX_VALUE);
  }

  /**
   * What the command line calls so.
   *
   * @throws IllegalArgumentException if it is neither drop nor keep
   */
  public static DenseLayers denseLayersNamed(String name) {
    return switch (name) {
      case "drop" -> DenseLayers.DROP;
      case "keep" -> DenseLayers.KEEP;
      default ->
          throw new IllegalArgumentException(
              "There is no way (%s) to treat dense layers.%nMaybe one of these is meant: drop, keep."
                  .formatted(name));
    };
  }

  static void requireExperts(int experts) {
    require("experts", experts, 0, Limits.EXPERTS_PER_LAYER);
  }

  private static void require(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "The %s (%d) must be from %d to %d.%nMaybe leave it out."
              .formatted(what, value, least, most));
    }
  }
}
