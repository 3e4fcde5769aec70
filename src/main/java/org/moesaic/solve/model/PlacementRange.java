package org.moesaic.solve.model;

import ai.timefold.solver.core.api.domain.valuerange.ValueRange;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Placement;

/**
 * All placements of a shard, of which only some are listed. There are too many to list: Timefold's
 * own construction and moves choose from the list, our moves go where they like.
 *
 * <p>Not a record: the solver asks every shard's range for its hash, and a list of thousands takes
 * long to answer.
 */
final class PlacementRange implements ValueRange<Placement> {
  private final List<Placement> listed;

  /** With what is enumerated and drawn; not empty. */
  PlacementRange(List<Placement> listed) {
    this.listed = listed;
  }

  @Override
  public boolean isEmpty() {
    return listed.isEmpty();
  }

  @Override
  public boolean contains(@Nullable Placement value) {
    return value != null;
  }

  @Override
  public long getSize() {
    // A local search that believes there is only one value for each shard does not begin.
    return Math.max(2, listed.size());
  }

  @Override
  public Placement get(long index) {
    return listed.get(Math.toIntExact(index) % listed.size());
  }

  @Override
  public Iterator<Placement> createOriginalIterator() {
    return listed.iterator();
  }

  @Override
  public Iterator<Placement> createRandomIterator(RandomGenerator random) {
    return random.ints(0, listed.size()).mapToObj(listed::get).iterator();
  }

  @Override
  public String toString() {
    return listed.size() + " listed placements";
  }
}
