package org.moesaic.solve;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.start.PricedStart;

/**
 * Finds cheap plans that keep the rules.
 *
 * <p>Immutable but for {@link #stop}; one planner may solve several problems, one after the other.
 */
public final class Planner {
  private final @Nullable Duration time;
  private final long moves;
  private final long seed;
  private final int threads;
  private final Consumer<Progress> listener;
  private final AtomicReference<@Nullable Incumbents> running = new AtomicReference<>();
  private volatile boolean stopped;

  private Planner(Builder builder) {
    time = builder.time;
    moves = builder.moves;
    seed = builder.seed;
    threads = builder.threads;
    listener = builder.listener;
  }

  /** Options, with their defaults. */
  public static Builder builder() {
    return new Builder();
  }

  Assignment assign(Instance instance) {
    long began = System.nanoTime();
    Tariff tariff = new Tariff(instance);
    Incumbents incumbents = new Incumbents(tariff, began, listener);
    Long deadline = time == null ? null : began + time.toNanos();
    Assignment start =
        new PricedStart(() -> stopped || (deadline != null && System.nanoTime() > deadline))
            .construct(tariff);
    incumbents.offer(
        PlacementSolution.of(tariff, start), Ledger.of(tariff, start).score(), "start");
    return new Portfolio(
            tariff, new Portfolio.Limits(threads, seed, moves, deadline), start, incumbents)
        .run();
  }

  public static final class Builder {
    private @Nullable Duration time;
    private long moves = Long.MAX_VALUE;
    private long seed;
    private int threads = Runtime.getRuntime().availableProcessors();
    private Consumer<Progress> listener = progress -> {};

    private Builder() {}

    public Builder time(Duration time) {
      this.time = time;
      return this;
    }

    public Builder moves(long moves) {
      this.moves = moves;
      return this;
    }

    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    public Builder threads(int threads) {
      this.threads = threads;
      return this;
    }

    public Builder listener(Consumer<Progress> listener) {
      this.listener = listener;
      return this;
    }

    public Planner build() {
      return new Planner(this);
    }
  }
}
