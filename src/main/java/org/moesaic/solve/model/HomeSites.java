package org.moesaic.solve.model;

import org.moesaic.instance.Instance;

/** Where the dense part of each origin's layers runs, so that calls go out from there. */
public interface HomeSites {
  /** Stands for a site where a layer is hosted nowhere as yet. */
  int NOWHERE = -1;

  /** The site of an origin's layer; {@link #NOWHERE} where it is not placed as yet. */
  int site(int origin, int layer);

  /** All layers at their origins' own sites, as where the dense part is not placed. */
  static HomeSites own(Instance instance) {
    return (origin, layer) -> instance.siteOfOrigin(origin);
  }
}
