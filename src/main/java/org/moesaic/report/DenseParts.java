package org.moesaic.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Backbone;
import org.moesaic.plan.Plan.Part;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Problem;

/**
 * Where the dense part of each origin or part of one runs, a line each. Layers are counted from 0.
 *
 * <pre>
 * us-chat: 12 of 16 streams at oci-us-ashburn-h200, all 58 layers
 * us-chat: 4 of 16 streams, layers 0-28 at oci-us-ashburn-h200, 29-57 at azure-us-ashburn-h100
 * eu-chat: at aws-eu-stockholm-h100, all 58 layers
 * </pre>
 */
final class DenseParts {
  private DenseParts() {}

  /** The lines, each ended; empty where the dense part is not placed. */
  static String lines(Problem problem, Plan plan) {
    Map<String, Part> parts =
        plan.parts().stream().collect(Collectors.toMap(Part::id, part -> part));
    Map<String, Integer> streams = new HashMap<>();
    for (Origin origin : problem.origins()) {
      streams.put(origin.id(), origin.streams());
    }
    var lines = new StringBuilder();
    for (Backbone row : plan.backbone()) {
      Part part = parts.get(row.origin());
      String of = part == null ? row.origin() : part.origin();
      lines.append(' ').append(Texts.shown(of)).append(':');
      if (part != null) {
        lines
            .append(' ')
            .append(Figures.count(part.streams()))
            .append(" of ")
            .append(Figures.counted(PlanReport.known(streams, of), "stream"));
      }
      List<Stay> stays = stays(row.layers());
      if (stays.size() == 1) {
        int layers = row.layers().size();
        lines
            .append(" at ")
            .append(Texts.shown(stays.getFirst().offer()))
            .append(layers == 1 ? ", layer 0" : ", all " + Figures.counted(layers, "layer"));
      } else {
        lines.append(part == null ? " layers " : ", layers ");
        lines.append(stays.stream().map(Stay::toString).collect(Collectors.joining(", ")));
      }
      lines.append('\n');
    }
    return lines.toString();
  }

  /** Consecutive layers at one offer. */
  private record Stay(String offer, int first, int last) {
    @Override
    public String toString() {
      String layers = first == last ? Integer.toString(first) : first + "-" + last;
      return layers + " at " + Texts.shown(offer);
    }
  }

  private static List<Stay> stays(List<String> offers) {
    List<Stay> stays = new ArrayList<>();
    int first = 0;
    for (int l = 1; l <= offers.size(); l++) {
      if (l == offers.size() || !offers.get(l).equals(offers.get(first))) {
        stays.add(new Stay(offers.get(first), first, l - 1));
        first = l;
      }
    }
    return stays;
  }
}
