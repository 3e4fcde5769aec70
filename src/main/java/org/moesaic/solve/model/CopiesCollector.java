package org.moesaic.solve.model;

import ai.timefold.solver.core.api.function.TriFunction;
import ai.timefold.solver.core.api.score.stream.bi.BiConstraintCollector;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.solve.model.PlacementConstraintProvider.Home;
import org.moesaic.solve.model.ShardAssignment.Service;

/** The share of an origin's tokens that have an expert among the shards that it is served with. */
final class CopiesCollector
    implements BiConstraintCollector<Service, Home, CopiesCollector.Shards, Double> {
  static final CopiesCollector SHARE = new CopiesCollector();

  private CopiesCollector() {}

  /** Those of one origin and layer. */
  static final class Shards {
    private SharedCopies.@Nullable Tally tally;

    private Runnable add(Service service) {
      SharedCopies.Tally of = tally == null ? service.tally() : tally;
      tally = of;
      int shard = service.shard().getShard();
      of.change(shard, 1);
      return () -> of.change(shard, -1);
    }

    private double share() {
      return tally == null ? 0 : tally.share();
    }
  }

  @Override
  public Supplier<Shards> supplier() {
    return Shards::new;
  }

  @Override
  public TriFunction<Shards, Service, Home, Runnable> accumulator() {
    return (shards, service, home) -> shards.add(service);
  }

  @Override
  public Function<Shards, @Nullable Double> finisher() {
    return Shards::share;
  }
}
