package org.moesaic.pricing;

import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;

/** At which sites an assignment hosts the layers of parts, and serves their calls. */
final class Whereabouts {
  private final Instance instance;
  private final Assignment assignment;

  /** Of an instance whose origins are the parts of the assignment. */
  Whereabouts(Instance instance, Assignment assignment) {
    this.instance = instance;
    this.assignment = assignment;
  }

  /** The offer that hosts a layer; {@link Homes#OWN_SITE} where the dense part is not placed. */
  int host(int part, int layer) {
    return assignment.home(part, layer);
  }

  /** The site that hosts a layer of a part: where its calls come from. */
  int hostSite(int part, int layer) {
    return instance.siteOfHome(part, host(part, layer));
  }

  /** Whether a part calls a shard, which is then served. */
  boolean calls(int part, int shard) {
    return instance.demand(part, shard) > 0;
  }

  /** The offer that serves a shard that a part calls. */
  int server(int part, int shard) {
    return assignment.of(shard).servedBy()[part];
  }

  /** The site of that offer. */
  int servingSite(int part, int shard) {
    return instance.siteOfOffer(server(part, shard));
  }

  /** Whether calls of a part leave the site where they come from. */
  boolean servedAway(int part, int shard) {
    return calls(part, shard)
        && servingSite(part, shard) != hostSite(part, instance.layerOf(shard));
  }
}
