package org.moesaic.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;

/**
 * Joins parts of an origin that are hosted and served alike: one part of a plan then says what many
 * would, and costs the same.
 */
final class EqualParts {
  private EqualParts() {}

  /**
   * The same plan in as few parts as can say it.
   *
   * @param whole the problem with its origins whole
   * @param assignment in parts of these
   */
  static Assignment joined(Instance whole, Assignment assignment) {
    Parts parts = assignment.parts();
    if (parts.isWhole()) {
      return assignment;
    }
    // By part that stays: those that it stands for begin with it.
    List<Integer> kept = new ArrayList<>();
    int[][] streams = new int[whole.origins()][];
    for (int o = 0; o < streams.length; o++) {
      List<Integer> ofOrigin = new ArrayList<>();
      int[] counts = new int[parts.first(o + 1) - parts.first(o)];
      for (int p = parts.first(o); p < parts.first(o + 1); p++) {
        int part = p;
        int same =
            IntStream.range(0, ofOrigin.size())
                .filter(k -> areAlike(whole, assignment, ofOrigin.get(k), part))
                .findFirst()
                .orElse(ofOrigin.size());
        if (same == ofOrigin.size()) {
          ofOrigin.add(part);
        }
        counts[same] += parts.streams(part);
      }
      streams[o] = Arrays.copyOf(counts, ofOrigin.size());
      kept.addAll(ofOrigin);
    }
    if (kept.size() == parts.count()) {
      return assignment;
    }
    List<Placement> placements =
        assignment.placements().stream()
            .map(
                p ->
                    new Placement(
                        p.replicas(), kept.stream().mapToInt(k -> p.servedBy()[k]).toArray()))
            .toList();
    int[][] homes =
        kept.stream()
            .map(
                k ->
                    IntStream.range(0, whole.layers())
                        .map(layer -> assignment.home(k, layer))
                        .toArray())
            .toArray(int[][]::new);
    return new Assignment(
        placements, Homes.of(homes), Parts.of(whole.problem().origins(), streams));
  }

  private static boolean areAlike(Instance whole, Assignment assignment, int one, int other) {
    for (int layer = 0; layer < whole.layers(); layer++) {
      if (assignment.home(one, layer) != assignment.home(other, layer)) {
        return false;
      }
    }
    return assignment.placements().stream().allMatch(p -> p.servedBy()[one] == p.servedBy()[other]);
  }
}
