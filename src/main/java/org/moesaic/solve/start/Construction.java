package org.moesaic.solve.start;

import org.moesaic.instance.Assignment;
import org.moesaic.solve.model.Tariff;

/** A way to an assignment from nothing. */
public interface Construction {
  /** An assignment in which every shard is placed; it may break rules. */
  Assignment construct(Tariff tariff);
}
