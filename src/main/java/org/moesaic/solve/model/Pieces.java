package org.moesaic.solve.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * Assignments as one list of placements: of the shards, and after them of the dense part of each
 * layer, where that is placed. A layer lies where it is hosted for somebody; whoever hosts an
 * origin serves it.
 */
public final class Pieces {
  private Pieces() {}

  /** The placements of all pieces of an assignment. */
  public static List<Placement> of(Instance instance, Assignment assignment) {
    if (!instance.hasBackbone()) {
      return assignment.placements();
    }
    List<Placement> placements = new ArrayList<>(instance.pieces());
    placements.addAll(assignment.placements());
    for (int l = 0; l < instance.layers(); l++) {
      int[] hosts = new int[instance.origins()];
      for (int o = 0; o < hosts.length; o++) {
        hosts[o] = assignment.home(o, l);
      }
      placements.add(new Placement(Arrays.stream(hosts).sorted().distinct().toArray(), hosts));
    }
    return placements;
  }

  /** The assignment of placements of all pieces. */
  public static Assignment assignment(Instance instance, List<Placement> placements) {
    if (!instance.hasBackbone()) {
      return new Assignment(placements);
    }
    int[][] hosts = new int[instance.origins()][instance.layers()];
    for (int l = 0; l < instance.layers(); l++) {
      int[] servedBy = placements.get(instance.layerPiece(l)).servedBy();
      for (int o = 0; o < hosts.length; o++) {
        hosts[o][l] = servedBy[o];
      }
    }
    return new Assignment(placements.subList(0, instance.shards()), Homes.of(hosts));
  }
}
