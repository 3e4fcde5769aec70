package org.moesaic.solve;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.Version;
import org.moesaic.check.EarlierPlan;
import org.moesaic.check.PlanConverter;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Unsupported;
import org.moesaic.plan.Plan;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.problem.Problem;
import org.moesaic.solve.model.PricedPlan;
import org.moesaic.solve.model.Tariff;

/**
 * Finds cheap plans that keep the rules.
 *
 * <pre>{@code
 * Problem problem = Problems.read(Path.of("problem.json"));
 * Plan plan = Planner.builder().time(Duration.ofSeconds(30)).build().solve(problem);
 * }</pre>
 *
 * <p>The same problem, seed, steps and threads give the same plan, unless time or {@link #stop}
 * ends the search first. Safe for use by several threads.
 */
public final class Planner {
  private static final Duration TICK = Duration.ofSeconds(1);

  /** By how large a share rounding may lift a bound above the cost. */
  private static final double ROUNDING = 1e-9;

  private static final Duration LONGEST = Duration.ofDays(36_500);

  private final @Nullable Duration time;
  private final long steps;
  private final long seed;
  private final int threads;
  private final double gap;
  private final Consumer<Progress> listener;
  private final @Nullable Duration every;
  private final Consumer<Plan> checkpoint;
  private final @Nullable Plan from;
  private final Stop stop = new Stop();

  private Planner(Builder builder) {
    time = builder.time == null && builder.steps == Long.MAX_VALUE ? DEFAULT_TIME : builder.time;
    steps = builder.steps;
    seed = builder.seed;
    threads = builder.threads;
    gap = builder.gap;
    listener = builder.listener;
    every = builder.every;
    checkpoint = builder.checkpoint;
    from = builder.from;
  }

  /** Time for the bill of a shard and an origin: a million take some 1.5 s. */
  private static final long NANOS_PER_CELL = 1_500;

  /** The reserve is no more than this part of the time. */
  private static final long MOST_OF_TIME = 8;

  /** How long a planner searches that was given neither a time nor a number of steps. */
  public static final Duration DEFAULT_TIME = Duration.ofSeconds(60);

  /** The largest gap of a plan that is called optimal. */
  public static final double OPTIMAL_GAP = PlanConverter.OPTIMAL_GAP;

  /** Options, with their defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Searches until the gap is small enough, until the time or the steps are used up, until it is
   * stopped, or until small problems seem to hold nothing better.
   *
   * @param problem a valid one, as the reader returns it
   * @return the best plan found; of status {@code infeasible}, with its violations, if none keeps
   *     the rules
   * @throws org.moesaic.instance.UnsupportedProblemException if the problem uses what cannot be
   *     planned yet
   * @throws org.moesaic.pricing.UnpricedTrafficException if residency cannot be kept, and where it
   *     is broken traffic flows that has no price
   * @throws IllegalArgumentException if plans can cost more than can be summed exactly, some 10^18
   *     USD per hour
   */
  public Plan solve(Problem problem) {
    Unsupported.refuse(problem);
    long began = System.nanoTime();
    Instance whole = Instance.of(problem);
    Long deadline = time == null ? null : began + nanos(time) - reserve(whole, time);
    EarlierPlan.Left earlier = from == null ? null : EarlierPlan.take(whole, from);
    CopiesStart start = whole.hasBackbone() ? copies(whole, earlier, deadline) : null;
    Tariff tariff = start == null ? new Tariff(whole) : start.tariff();
    Parts parts = start == null ? Parts.WHOLE : start.parts();
    Incumbents incumbents = new Incumbents(began, listener);
    Assignment given =
        start != null ? start.assignment() : earlier == null ? null : earlier.assignment();
    if (earlier != null) {
      earlier.notes().forEach(incumbents::note);
    }
    PricedPlan best;
    try (var unused = new Checkpoints(incumbents, whole, parts)) {
      best = search(tariff, given, incumbents, deadline);
    }
    incumbents.throwListenerFailure();
    return plan(whole, parts, best, incumbents);
  }

  /** The first plan where the dense part is placed, and the parts of origins that it needs. */
  private CopiesStart copies(
      Instance whole, EarlierPlan.@Nullable Left earlier, @Nullable Long deadline) {
    DoubleSupplier secondsLeft =
        () -> deadline == null ? Double.POSITIVE_INFINITY : (deadline - System.nanoTime()) / 1e9;
    var start =
        new CopiesStart(
            whole, () -> stop.requested() || secondsLeft.getAsDouble() <= 0, secondsLeft);
    if (earlier != null) {
      start.take(earlier.assignment());
    }
    start.run();
    return start;
  }

  private Plan plan(Instance whole, Parts parts, PricedPlan best, Incumbents incumbents) {
    Assignment assignment =
        EqualParts.joined(
            whole,
            new Assignment(best.assignment().placements(), best.assignment().homes(), parts));
    Bill bill = parts.isWhole() ? best.bill() : Pricing.price(whole, assignment);
    Plan.Solver solver =
        new Plan.Solver(
            Version.current().toString(),
            seed,
            incumbents.elapsed().toMillis() / 1e3,
            Math.round(incumbents.movesPerSecond()));
    return PlanConverter.toPlan(whole, assignment, bill, bound(bill, incumbents), solver);
  }

  /**
   * The bound, but no more than the cost: the two are rounded differently. One that contradicts the
   * plan is left out and said to be: a plan is never lost for its bound.
   */
  private static @Nullable Double bound(Bill bill, Incumbents incumbents) {
    Double usdPerHour = incumbents.boundUsdPerHour();
    if (usdPerHour == null || !bill.keepsRules()) {
      return null;
    }
    double cost = bill.usdPerHour();
    if (usdPerHour > cost * (1 + ROUNDING)) {
      incumbents.note(
          "A bound of %s USD/h is not used: the plan costs %s.".formatted(usdPerHour, cost));
      return null;
    }
    return Math.min(usdPerHour, cost);
  }

  /** Hands on the best plan now and then, by a thread of its own. */
  private final class Checkpoints implements AutoCloseable {
    private final Incumbents incumbents;
    private final Instance whole;
    private final Parts parts;
    private final @Nullable ScheduledExecutorService thread;
    private @Nullable PricedPlan last;
    private boolean failed;

    Checkpoints(Incumbents incumbents, Instance whole, Parts parts) {
      this.incumbents = incumbents;
      this.whole = whole;
      this.parts = parts;
      Duration interval = every;
      if (interval == null) {
        thread = null;
        return;
      }
      thread =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().daemon().name("moesaic-checkpoint").factory());
      long nanos = nanos(interval);
      var unused = thread.scheduleWithFixedDelay(this::pass, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    private void pass() {
      PricedPlan best = incumbents.bestKeepingRules();
      if (best == null || best == last || failed) {
        return;
      }
      try {
        checkpoint.accept(plan(whole, parts, best, incumbents));
        last = best;
      } catch (RuntimeException e) {
        // The search goes on: the plan at its end matters more.
        failed = true;
        incumbents.note("The best plan so far could not be kept: " + e);
      }
    }

    /** Waits for one that is under way, so that what comes after it is not overtaken. */
    @Override
    public void close() {
      if (thread != null) {
        thread.close();
      }
    }
  }

  private PricedPlan search(
      Tariff tariff, @Nullable Assignment start, Incumbents incumbents, @Nullable Long deadline) {
    Instance instance = tariff.instance();
    incumbents.tellStarted(
        instance.shards(), instance.offers(), instance.sites().size(), instance.origins());
    ScheduledExecutorService ticker =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("moesaic-ticker").factory());
    try {
      Runnable tick =
          () -> {
            // A solver that is just beginning forgets that it was told to end.
            stop.repeat();
            incumbents.tellWorking();
          };
      var unused =
          ticker.scheduleAtFixedRate(tick, TICK.toNanos(), TICK.toNanos(), TimeUnit.NANOSECONDS);
      return new Portfolio(
              tariff,
              start,
              new Portfolio.Limits(threads, seed, steps, deadline, gap),
              incumbents,
              stop)
          .run();
    } finally {
      ticker.shutdownNow();
    }
  }

  /** What a search leaves of its time for the bill and the plan of a large problem, ns. */
  private static long reserve(Instance instance, Duration time) {
    long cells = (long) instance.shards() * instance.origins();
    return Math.min(cells * NANOS_PER_CELL, nanos(time) / MOST_OF_TIME);
  }

  /** At most so many that an instant of {@link System#nanoTime} and they still compare. */
  private static long nanos(Duration time) {
    return time.compareTo(LONGEST) < 0 ? time.toNanos() : LONGEST.toNanos();
  }

  /**
   * Ends the search that is under way, and any that begins later, as if its time were up: the best
   * plan so far is returned. May be called by any thread.
   */
  public void stop() {
    stop.request();
  }

  /** Collects options. */
  public static final class Builder {
    private @Nullable Duration time;
    private long steps = Long.MAX_VALUE;
    private long seed;
    private int threads = Runtime.getRuntime().availableProcessors();
    private double gap = OPTIMAL_GAP;
    private Consumer<Progress> listener = progress -> {};
    private @Nullable Duration every;
    private Consumer<Plan> checkpoint = plan -> {};
    private @Nullable Plan from;

    private Builder() {}

    /**
     * A plan to start from as well, such as that of a former state of the problem: what is left of
     * it is taken over by ids, and the plan that is found never scores worse. Moving away from it
     * costs nothing. A plan of a model of another shape makes {@link Planner#solve} throw an {@link
     * IllegalArgumentException}.
     */
    public Builder from(Plan plan) {
      from = plan;
      return this;
    }

    /**
     * Most time to take, &gt; 0; without, {@link #DEFAULT_TIME} if there is no limit of steps
     * either.
     */
    public Builder time(Duration time) {
      if (!time.isPositive()) {
        throw new IllegalArgumentException(
            "The time (%s) must be positive.%nMaybe use stop() to end a search.".formatted(time));
      }
      this.time = time;
      return this;
    }

    /** Most steps of each thread, &gt;= 0; a step tries one move. Without, no limit. */
    public Builder steps(long steps) {
      if (steps < 0) {
        throw new IllegalArgumentException(
            "The number of steps (%d) must not be negative.%nMaybe leave it out for no limit."
                .formatted(steps));
      }
      this.steps = steps;
      return this;
    }

    /** Of the random numbers; 0 if not set. */
    public Builder seed(long seed) {
      this.seed = seed;
      return this;
    }

    /** Threads that search, &gt;= 1; as many as there are processors if not set. */
    public Builder threads(int threads) {
      if (threads < 1) {
        throw new IllegalArgumentException(
            "The number of threads (%d) must be at least 1.%nMaybe leave it out for one per processor."
                .formatted(threads));
      }
      this.threads = threads;
      return this;
    }

    /**
     * The gap at which to end: how much less than the plan any plan could cost, as a share of its
     * cost, 0 to below 1; {@link #OPTIMAL_GAP} if not set.
     */
    public Builder gap(double gap) {
      if (!(gap >= 0 && gap < 1)) {
        throw new IllegalArgumentException(
            "The gap (%s) must be at least 0 and less than 1.%nMaybe 0.01 for one percent."
                .formatted(gap));
      }
      this.gap = gap;
      return this;
    }

    /**
     * Who hears of the progress; called by the planner's threads, one at a time, and should return
     * soon.
     */
    public Builder listener(Consumer<Progress> listener) {
      this.listener = listener;
      return this;
    }

    /**
     * Who gets the best plan so far, now and then while the planner works, if there is a new one
     * that keeps the rules; so that it is not lost whatever ends the process.
     *
     * @param every how long to wait after each, &gt; 0
     * @param to called by a thread of the planner's own; what it throws ends the checkpoints, not
     *     the search
     */
    public Builder checkpoint(Duration every, Consumer<Plan> to) {
      if (!every.isPositive()) {
        throw new IllegalArgumentException(
            "The time between checkpoints (%s) must be positive.%nMaybe leave them out."
                .formatted(every));
      }
      this.every = every;
      checkpoint = to;
      return this;
    }

    /** A planner with these options. */
    public Planner build() {
      return new Planner(this);
    }
  }
}
