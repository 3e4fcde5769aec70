package org.moesaic.solve.model;

import ai.timefold.solver.core.api.score.stream.uni.UniConstraintCollector;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.solve.model.ShardAssignment.Holding;

/** Sums what is put on an offer. */
final class LoadCollector implements UniConstraintCollector<Holding, LoadCollector.Sum, Load> {
  static final LoadCollector LOAD = new LoadCollector();

  private LoadCollector() {}

  static final class Sum {
    private Load load = Load.NONE;
  }

  @Override
  public Supplier<Sum> supplier() {
    return Sum::new;
  }

  @Override
  public java.util.function.BiFunction<Sum, Holding, Runnable> accumulator() {
    return (sum, holding) -> {
      sum.load = sum.load.plus(holding.load());
      return () -> sum.load = sum.load.minus(holding.load());
    };
  }

  @Override
  public Function<Sum, @Nullable Load> finisher() {
    return sum -> sum.load;
  }
}
