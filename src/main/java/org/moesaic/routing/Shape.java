package org.moesaic.routing;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Limits;

/** What all recordings of one model have in common, as far as it is known. */
final class Shape {
  private int experts;
  private @Nullable Path expertsFrom;
  private int topK;
  private @Nullable Path topKFrom;

  /**
   * Begins with what the user says.
   *
   * @param experts per layer; 0: unknown
   * @param topK experts that a token chooses; 0: unknown
   */
  Shape(int experts, int topK) {
    this.experts = experts;
    this.topK = topK;
  }

  /** Experts of a layer; 0 if no file has said it yet. */
  int experts() {
    return experts;
  }

  /** Experts that a token chooses in a layer; 0 if no file has said it yet. */
  int topK() {
    return topK;
  }

  /** Takes the number of experts that a file has. */
  void experts(Path file, long found) {
    if (found < 1 || found > Limits.EXPERTS_PER_LAYER) {
      throw Fault.of(
          file,
          "The number of experts per layer (%d) must be from 1 to %d."
              .formatted(found, Limits.EXPERTS_PER_LAYER),
          "Maybe the dimensions are in another order: layers come before experts.");
    }
    if (experts != 0 && experts != found) {
      throw Fault.of(
          file,
          "The file has %d experts per layer, but %s %d."
              .formatted(found, said(expertsFrom, "--experts says"), experts),
          "Maybe they are recordings of different models.");
    }
    if (experts == 0) {
      experts = (int) found;
      expertsFrom = file;
    }
  }

  /** Takes the number of experts that a token chooses in a file. */
  void topK(Path file, long found) {
    if (found < 1 || found > Limits.EXPERTS_PER_LAYER) {
      throw Fault.of(
          file,
          "The number of experts per token (%d) must be from 1 to %d."
              .formatted(found, Limits.EXPERTS_PER_LAYER),
          "Maybe the dimensions are in another order: the experts of a token come last.");
    }
    if (topK != 0 && topK != found) {
      throw Fault.of(
          file,
          "The tokens of the file choose %d experts per layer, but %s %d."
              .formatted(found, said(topKFrom, "--top-k says"), topK),
          "Maybe they are recordings of different models.");
    }
    if (topK == 0) {
      topK = (int) found;
      topKFrom = file;
    }
  }

  /**
   * The number of experts once everything is read: what was said, or else one more than the
   * greatest one that was named.
   */
  int settleExperts(List<OriginTally> tallies) {
    int named = 0;
    for (OriginTally tally : tallies) {
      named = Math.max(named, tally.greatestExpert() + 1);
      if (experts != 0 && named > experts && expertsFrom != null) {
        // Tokens were read before the number was known.
        throw Fault.of(
            expertsFrom,
            "The file has %d experts per layer, but another recording%s calls expert %d."
                .formatted(
                    experts,
                    tally.origin().isEmpty() ? "" : " of origin (" + tally.origin() + ")",
                    named - 1),
            "Maybe they are recordings of different models.");
      }
    }
    return experts == 0 ? named : experts;
  }

  private static String said(@Nullable Path from, String option) {
    return from == null ? option : "those of " + from + " have";
  }
}
