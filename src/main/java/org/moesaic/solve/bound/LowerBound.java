package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.solve.model.BestPlan;
import org.moesaic.solve.model.Guide;
import org.moesaic.solve.model.PricedPlan;
import org.moesaic.solve.model.Tariff;

/**
 * A lower bound on the cost of every plan that keeps the rules, and plans near it.
 *
 * <p>Idea: shards depend on each other only through nodes, links and latency. At multipliers,
 * prices of those, each shard is a small problem of its own ({@link ShardBound}), and the sum of
 * their values less the price of what there is bounds the cost from below: Lagrangian relaxation.
 * Four things follow from evaluations of that sum, and two do without.
 *
 * <ul>
 *   <li>The <em>root</em>: multipliers that make the bound greatest while nodes may be divided,
 *       found by the cutting-plane method in a box ({@link ColumnProgram}).
 *   <li><em>All of it</em>, where the problem is small: {@link ExactModel}.
 *   <li><em>By offers</em>, in turns with all that follows: {@link CallModel}.
 *   <li><em>Whole nodes, from above</em>: the mix of placements that is best within whole nodes
 *       gives nodes to lease, and a plan close to its cost ({@link Rounding}).
 *   <li><em>Whole nodes, near the best plan</em>: what a search found is one more placement to mix,
 *       and its nodes with one more, one fewer or some traded are tried where the cuts leave hope
 *       ({@link NodeTrades}).
 *   <li><em>Whole nodes, from below</em>: every evaluation is a cut on the cost as a function of
 *       the nodes; the lowest cost over whole nodes that keep the rules on nodes is the bound
 *       ({@link NodeProgram}). Evaluating at the nodes where it is lowest raises it.
 * </ul>
 *
 * <p>Rules on power, providers, capacity and fewest nodes are exact in the programs of nodes; those
 * on one shard (replicas, survival, residency, pins, bans, availability) in its problem; links are
 * priced, and so is latency, by a linear function below it. Complexity: a few dozen evaluations for
 * the root, each linear in the shards. Guarantee: every bound given is at most the cost of every
 * plan that keeps the rules, whenever the work ends; after the last step it is that of the
 * relaxation with whole nodes and shards that may be divided between placements. Source: Geoffrion,
 * "Lagrangean relaxation for integer programming" (1974) and "Generalized Benders decomposition"
 * (1972); Beasley, "Lagrangean heuristics for location problems", EJOR 65 (1993).
 *
 * <p>Not safe for use by several threads, but for {@link #interrupt}.
 */
public final class LowerBound {
  static final int GROUPS = 8;

  /** Relative difference between promise and value at which the root is done. */
  private static final double ROOT_TOLERANCE = 1e-5;

  private static final int MOST_ROOT_EVALUATIONS = 300;

  private static final int MOST_NULL_STEPS = 40;

  /** Shards times offers times origins from which on the root may end early. */
  private static final double LONG_WORK = 2e7;

  private static final int SLOW_EVALUATIONS = 10;

  /** Share of the bound that so many evaluations have to gain. */
  private static final double SLOW_GAIN = 2e-3;

  /** Share of the promise that has to come true for the center to move. */
  private static final double SERIOUS = 0.1;

  private static final double FIRST_RADIUS = 0.25;
  private static final double DIVE_RADIUS = 30;
  private static final double FIRST_RADIUS_AT_NODES = 0.1;

  /**
   * Most evaluations at given nodes before the nodes are chosen anew; more while a better plan is
   * in sight.
   */
  private static final int EVALUATIONS_AT_NODES = 6;

  private static final int MOST_EVALUATIONS_AT_NODES = 12;

  /** Relative distance below the best plan from which on it is in sight. */
  private static final double IN_SIGHT = 1e-4;

  private static final double TOLERANCE_AT_NODES = 2e-4;

  private static final int NODES_OF_TREE = 2_000;

  /** Steps without any gain after which the bound has done what it can. */
  private static final int PATIENCE = 40;

  /** The same where an integer program waits for its turn. */
  private static final int PATIENCE_BEFORE_PROGRAM = 8;

  /** Share of the gap that is a gain then. */
  private static final double SHARE_OF_GAP = 0.01;

  /** One step of so many goes by offers, where that is soon done. */
  private static final int TURNS_BETWEEN_CALLS = 4;

  /** Bounds above a plan by more than this, as a share, contradict it. */
  private static final double CONTRADICTION = 1e-9;

  /** More cuts make the program of nodes slow. */
  private static final int MOST_CUTS = 400;

  private final Relaxation relaxation;
  private final Resources resources;
  private final Solvers solvers;
  private final Evaluator evaluator;
  private final NodeProgram nodeProgram;
  private final ColumnProgram columns;
  private final Rounding rounding;
  private final NodeTrades trades;
  private final Found found;
  private final double[] scale;
  private final @Nullable ExactModel exact;

  /** Takes turns with whatever comes after the root, where a shard may have several replicas. */
  private final @Nullable CallModel calls;

  private int callTurn;

  /** Whether the integer program comes before whole nodes by multipliers, or after them. */
  private final boolean exactFirst;

  private final List<Cut> cuts = new ArrayList<>();
  private final SplittableRandom random;
  private final BooleanSupplier stop;

  private double[] center;
  private double centerUsd = Double.NEGATIVE_INFINITY;
  private double radius = FIRST_RADIUS;
  private double bestUsd = Double.NEGATIVE_INFINITY;
  private double usdBefore = Double.NEGATIVE_INFINITY;
  private final double work;
  private Phase phase = Phase.ROOT;
  private int evaluations;
  private int nullSteps;
  private int idle;
  private int turn;
  private boolean nothingNearby;
  private boolean exactDone;
  private final Set<List<Double>> tried = new HashSet<>();
  private double columnUsd = Double.POSITIVE_INFINITY;

  /** The best plan of {@link #step}'s caller or of our own, if it keeps the rules. */
  private final BestPlan known;

  private boolean noPlan;
  private boolean contradicted;

  private double[] lastNodes = {};

  /** Multipliers for moves to go by: those at the nodes of the best plan. */
  private double[] guiding = {};

  private boolean guideIsNew;

  private enum Phase {
    ROOT,
    EXACT,
    WHOLE,
    DONE
  }

  /** Who hears of what was found. */
  public interface Found {
    /** A greater bound, USD per hour. */
    void bound(double usdPerHour);

    /** A plan, which may break rules. */
    void plan(PricedPlan plan);

    /** No plan keeps all rules: proven. */
    void noPlan();

    /** Something that the user should know. */
    void note(String text);
  }

  /**
   * Begins, at no cost.
   *
   * @param stop ends what is under way soon after it turns true
   * @param secondsLeft until everything has to end; infinite without a limit
   * @param known keeps the best plan, by bills
   * @throws IllegalStateException without OR-Tools, see {@link Natives}
   */
  public LowerBound(
      Tariff tariff,
      long seed,
      Found found,
      BooleanSupplier stop,
      DoubleSupplier secondsLeft,
      BestPlan known) {
    this(tariff, seed, found, stop, secondsLeft, known, ExactModel.MOST_COMBINATIONS);
  }

  /**
   * Begins, at no cost, as above.
   *
   * @param mostCombinations of shards, callers and offers up to which a problem is solved as a
   *     whole; 0 to go by multipliers alone
   */
  public LowerBound(
      Tariff tariff,
      long seed,
      Found found,
      BooleanSupplier stop,
      DoubleSupplier secondsLeft,
      BestPlan known,
      long mostCombinations) {
    if (!Natives.available()) {
      throw new IllegalStateException("There is no OR-Tools here: " + Natives.failure());
    }
    this.found = found;
    random = new SplittableRandom(seed);
    relaxation = new Relaxation(tariff);
    resources = relaxation.resources();
    solvers = new Solvers(secondsLeft);
    BooleanSupplier ending = () -> stop.getAsBoolean() || solvers.interrupted();
    this.stop = ending;
    this.known = known;
    evaluator = new Evaluator(relaxation, GROUPS, ending);
    nodeProgram = new NodeProgram(relaxation, solvers);
    trades = new NodeTrades(nodeProgram, relaxation.offers(), ending);
    rounding = new Rounding(relaxation, ending);
    scale = scale();
    columns = new ColumnProgram(relaxation, nodeProgram, solvers, scale);
    boolean small =
        !tariff.divides()
            && relaxation.trafficIsExact()
            && (long) relaxation.instance.shards() * relaxation.offers() <= ExactModel.MOST_PAIRS;
    exactFirst = small && PlacementProgram.combinations(relaxation) <= mostCombinations;
    exact =
        exactFirst
                || (small
                    && mostCombinations > 0
                    && PlacementProgram.variables(relaxation) <= ExactModel.MOST_VARIABLES)
            ? new ExactModel(
                relaxation, nodeProgram, solvers, raising(found), known, ending, random)
            : null;
    calls =
        PlacementProgram.isSingle(relaxation) || relaxation.instance.hasBackbone()
            ? null
            : new CallModel(relaxation, nodeProgram, raising(found), known, ending);
    work = (double) relaxation.instance.shards() * relaxation.offers() * relaxation.origins();
    center = new double[resources.count()];
    for (int i = 0; i < relaxation.offers(); i++) {
      center[resources.memory(i)] = nodeProgram.usdPerNode(i) / 2;
      center[resources.service(i)] = nodeProgram.usdPerNode(i) / 2;
    }
  }

  /** Tells on, and remembers the greatest bound. */
  private Found raising(Found listener) {
    return new Found() {
      @Override
      public void bound(double usdPerHour) {
        raise(usdPerHour);
      }

      @Override
      public void plan(PricedPlan plan) {
        listener.plan(plan);
      }

      @Override
      public void noPlan() {
        tellNoPlan();
      }

      @Override
      public void note(String text) {
        listener.note(text);
      }
    };
  }

  /** What each multiplier is typically worth: how far it may move is a multiple of that. */
  private double[] scale() {
    Instance instance = relaxation.instance;
    int offers = relaxation.offers();
    int origins = relaxation.origins();
    double[] scale = new double[resources.count()];
    double usdPerNode = 0;
    for (int i = 0; i < offers; i++) {
      usdPerNode += nodeProgram.usdPerNode(i) / offers;
    }
    usdPerNode = Math.max(usdPerNode, 1e-9 * dearestRoute());
    for (int i = 0; i < offers; i++) {
      double usd = Math.max(nodeProgram.usdPerNode(i), usdPerNode / 10);
      scale[resources.memory(i)] = usd;
      scale[resources.service(i)] = usd;
    }
    double allCalls = 0;
    double allUsd = 0;
    for (int o = 0; o < origins; o++) {
      double calls =
          instance.origin(o).tokensPerSecond()
              * instance.problem().model().topK()
              * (double) instance.layers();
      double dearest = Arrays.stream(relaxation.routeUsd[o]).max().orElse(0);
      allCalls += calls;
      allUsd += calls * dearest;
      scale[resources.latency(o)] = Math.max(usdPerNode, calls * dearest / 10);
    }
    double usdPerCall = allCalls == 0 ? 0 : allUsd / allCalls / 4;
    for (int o = 0; o < origins; o++) {
      for (int i = 0; i < offers; i++) {
        for (Relaxation.LinkUse use : relaxation.linkUses(o, i)) {
          int d = resources.link(use.link());
          double usd = Math.max(relaxation.routeUsd[o][i], usdPerCall) / use.share();
          scale[d] = Math.max(scale[d], Math.max(usd, 1e-9 * usdPerNode));
        }
      }
    }
    return scale;
  }

  private double dearestRoute() {
    return Arrays.stream(relaxation.routeUsd).flatMapToDouble(Arrays::stream).max().orElse(0);
  }

  /** The greatest bound so far, USD per hour; null if there is none. */
  public @Nullable Double usdPerHour() {
    return Double.isFinite(bestUsd) ? bestUsd : null;
  }

  /** Ends what is under way, and makes all steps to come do nothing. By any thread. */
  public void interrupt() {
    solvers.interrupt();
  }

  /** Whether nodes are still divided: steps are short and few, and gain most. */
  public boolean atRoot() {
    return phase == Phase.ROOT;
  }

  /** Whether plans come out of it that a local search hardly improves. */
  public boolean findsPlans() {
    return phase == Phase.EXACT && exact != null && (!exactFirst || exact.findsPlans());
  }

  /**
   * What moves of a search can go by: the multipliers at the nodes of the best plan, or until there
   * are some those of the root.
   *
   * @return null if there is nothing new, or it was stopped
   */
  public @Nullable Guide guide() {
    if (!guideIsNew || phase != Phase.WHOLE) {
      return null;
    }
    guideIsNew = false;
    return Guidance.at(relaxation, Multipliers.of(guiding), stop);
  }

  /**
   * Does a bit of work: an evaluation at first, later some with an integer program before them.
   *
   * @param threads to share evaluations out to; null for none
   * @param incumbent the best plan that others found; null if there is none
   * @return whether there is more to do; not if it was stopped
   */
  public boolean step(@Nullable ExecutorService threads, @Nullable PricedPlan incumbent) {
    if (incumbent != null) {
      known.offer(incumbent);
    }
    leaveOut();
    if (solvers.interrupted()) {
      return false;
    }
    if (phase != Phase.ROOT && calls != null && !calls.done()) {
      int turns = calls.grows() ? 2 : TURNS_BETWEEN_CALLS;
      if (callTurn++ % turns == 0 || phase == Phase.DONE) {
        calls.step();
        return !noPlan && bestUsd < known.usdPerHour() && (phase != Phase.DONE || !calls.done());
      }
    }
    boolean more =
        switch (phase) {
          case ROOT -> root(threads);
          case EXACT -> exact != null && exact.step();
          case WHOLE -> whole(threads);
          case DONE -> false;
        };
    if (!more && phase == Phase.EXACT && !solvers.interrupted()) {
      // Not closed: what multipliers give is left.
      phase = Phase.WHOLE;
      exactDone = true;
      more = true;
    } else if (!more && phase == Phase.WHOLE && programWaits() && !solvers.interrupted()) {
      phase = Phase.EXACT;
      more = true;
    }
    if (!more || noPlan || bestUsd >= known.usdPerHour()) {
      phase = Phase.DONE;
    }
    boolean proved = noPlan || bestUsd >= known.usdPerHour();
    return phase != Phase.DONE || (!proved && calls != null && !calls.done());
  }

  private boolean root(@Nullable ExecutorService threads) {
    if (evaluations == 0) {
      if (nodeProgram.provesNothingKeepsRules()) {
        tellNoPlan();
        return false;
      }
      Evaluation first = evaluate(Multipliers.of(center), null, threads);
      if (first == null) {
        return false;
      }
      centerUsd = divided(cuts);
      raise(centerUsd);
      ColumnProgram.Mix mix = columns.best(center, radius, null);
      return mix != null && plan(mix, ceil(mix.nodes()));
    }
    ColumnProgram.Mix mix = columns.best(center, radius, null);
    if (mix == null) {
      return endRoot();
    }
    double promise = mix.usdPerHour() - centerUsd;
    if (promise <= ROOT_TOLERANCE * Math.abs(centerUsd)) {
      if (mix.inside() || radius > 16) {
        return endRoot();
      }
      radius *= 4;
      return true;
    }
    Evaluation next = evaluate(mix.at(), null, threads);
    if (next == null) {
      return false;
    }
    double usd = divided(List.of(cuts.getLast()));
    raise(usd);
    double gain = usd - centerUsd;
    if (gain > SERIOUS * promise) {
      center = mix.at().copy();
      centerUsd = usd;
      if (!mix.inside() && gain > promise / 2) {
        radius *= 2;
      }
      nullSteps = 0;
    } else {
      // What a search had to leave open can keep a promise from ever coming true.
      if (gain < 0 || nullSteps % 3 == 2) {
        radius /= 2;
      }
      if (nullSteps++ >= MOST_NULL_STEPS) {
        return endRoot();
      }
    }
    if (Integer.bitCount(evaluations) == 1 && !plan(mix, ceil(mix.nodes()))) {
      return false;
    }
    return (evaluations < MOST_ROOT_EVALUATIONS && !slow()) || endRoot();
  }

  /**
   * Whether evaluations are so long, and of late have brought so little, that looking at whole
   * nodes, which brings evaluations too, is better.
   */
  private boolean slow() {
    if (evaluations % SLOW_EVALUATIONS != 0) {
      return false;
    }
    double before = usdBefore;
    usdBefore = bestUsd;
    return work > LONG_WORK
        && evaluations > SLOW_EVALUATIONS
        && bestUsd - before < SLOW_GAIN * Math.abs(bestUsd);
  }

  private boolean endRoot() {
    raise(divided(cuts));
    guiding = center;
    guideIsNew = true;
    phase = exactFirst ? Phase.EXACT : Phase.WHOLE;
    return true;
  }

  /** The bound with nodes that may be divided; minus infinity if the solver failed. */
  private double divided(List<Cut> by) {
    NodeProgram.Choice choice = nodeProgram.lowest(by, false, 0);
    return choice == null ? Double.NEGATIVE_INFINITY : choice.usdPerHour();
  }

  private boolean whole(@Nullable ExecutorService threads) {
    columns.trim(MOST_CUTS);
    int now = turn++ % 3;
    if (now == 1) {
      double[] next = nearby();
      nothingNearby = next == null;
      if (next != null) {
        return at(next, threads);
      }
      now = turn++ % 3;
    }
    return now == 0 ? fromAbove(threads) : fromBelow(threads);
  }

  /** The nodes of the best plan, or some close to them, to try next; null if none has hope. */
  private double @Nullable [] nearby() {
    PricedPlan incumbent = known.plan();
    if (incumbent == null) {
      return null;
    }
    double[] nodes = nodesOf(incumbent);
    if (known.usdPerHour() < columnUsd) {
      columnUsd = known.usdPerHour();
      columns.add(evaluator.of(incumbent.assignment(), columns.evaluations().getLast().at()));
    }
    return isNew(nodes) ? nodes : trades.best(nodes, cuts, known.usdPerHour(), this::isNew);
  }

  /** Makes a plan at given nodes, if there may be a better one; false if it was stopped. */
  private boolean at(double[] wanted, @Nullable ExecutorService threads) {
    // A solver's -0 is not equal to 0.
    double[] nodes = Arrays.stream(wanted).map(n -> n + 0.0).toArray();
    tried.add(Arrays.stream(nodes).boxed().toList());
    AtNodes at = atNodes(nodes, false, threads);
    if (at == null) {
      return false;
    }
    if (at.mix == null) {
      return true;
    }
    double before = known.usdPerHour();
    PricedPlan best = known.plan();
    if (!plan(at.mix, nodes)) {
      return false;
    }
    if (known.usdPerHour() < before || best == null || Arrays.equals(nodes, nodesOf(best))) {
      guiding = at.multipliers;
      guideIsNew = true;
    }
    return true;
  }

  private boolean programWaits() {
    return exact != null && !exactFirst && !exactDone;
  }

  private int patience() {
    return programWaits() ? PATIENCE_BEFORE_PROGRAM : PATIENCE;
  }

  private boolean isNew(double[] nodes) {
    return !tried.contains(Arrays.stream(nodes).boxed().toList());
  }

  private static double[] nodesOf(PricedPlan plan) {
    return Arrays.stream(plan.nodes()).asDoubleStream().toArray();
  }

  private boolean fromAbove(@Nullable ExecutorService threads) {
    ColumnProgram.Mix whole = work > LONG_WORK ? null : columns.whole(NODES_OF_TREE);
    if (whole == null) {
      // So far out that nobody does without nodes.
      whole = columns.dive(center, DIVE_RADIUS);
    }
    if (whole == null) {
      return idle++ < patience();
    }
    if (Arrays.equals(whole.nodes(), lastNodes)) {
      idle++;
    }
    lastNodes = whole.nodes();
    return at(whole.nodes(), threads);
  }

  private boolean fromBelow(@Nullable ExecutorService threads) {
    NodeProgram.Choice choice = nodeProgram.lowest(cuts, true, NODES_OF_TREE);
    if (choice == null) {
      return idle++ < patience();
    }
    raise(choice.usdPerHour());
    if (bestUsd >= known.usdPerHour()) {
      return false;
    }
    AtNodes at = atNodes(choice.nodes(), true, threads);
    if (at == null) {
      return false;
    }
    if (at.mix != null
        && at.mix.usdPerHour() < known.usdPerHour()
        && !plan(at.mix, choice.nodes())) {
      return false;
    }
    // Where these nodes cost no more than the cuts said, no cut raises the bound any further.
    boolean tight =
        at.mix != null
            && at.mix.inside()
            && at.mix.usdPerHour() <= choice.usdPerHour() * (1 + ROOT_TOLERANCE);
    boolean end = tight && (nothingNearby || programWaits());
    return !end && idle++ < patience();
  }

  /**
   * What was found at given nodes.
   *
   * @param mix null if no plan there is better than the best one, or the solver failed
   * @param multipliers the best ones
   */
  private record AtNodes(ColumnProgram.@Nullable Mix mix, double[] multipliers) {}

  /**
   * Evaluates at multipliers that suit given nodes.
   *
   * @param closing whether offers without nodes get prices on opening instead of ever higher
   *     multipliers
   * @return null if it was stopped
   */
  private @Nullable AtNodes atNodes(
      double[] nodes, boolean closing, @Nullable ExecutorService threads) {
    int offers = relaxation.offers();
    double[] open = new double[offers];
    boolean allOpen = true;
    for (int i = 0; i < offers; i++) {
      open[i] = nodes[i] > 0 ? 1 : 0;
      allOpen &= nodes[i] > 0;
    }
    double lease = nodeProgram.leaseUsd(nodes);
    double[] near = center;
    double reach = FIRST_RADIUS_AT_NODES;
    double best = Double.NEGATIVE_INFINITY;
    ColumnProgram.Mix mix = null;
    for (int k = 0; k < MOST_EVALUATIONS_AT_NODES; k++) {
      if (k >= EVALUATIONS_AT_NODES && (closing || !inSight(best))) {
        break;
      }
      mix = columns.best(near, reach, nodes);
      if (mix == null) {
        break;
      }
      if (k > 0 && mix.usdPerHour() - best <= TOLERANCE_AT_NODES * Math.abs(best) && mix.inside()) {
        break;
      }
      double[] at = mix.at().copy();
      for (int i = 0; i < offers && closing; i++) {
        if (nodes[i] == 0) {
          at[resources.memory(i)] = center[resources.memory(i)];
          at[resources.service(i)] = center[resources.service(i)];
        }
      }
      Evaluation next = evaluate(Multipliers.of(at), closing && !allOpen ? open : null, threads);
      if (next == null) {
        return null;
      }
      double usd = cuts.getLast().at(nodes, open) + lease;
      if (usd > best) {
        best = usd;
        near = at;
        reach *= 2;
      } else {
        reach /= 2;
      }
      if (best >= known.usdPerHour()) {
        // No plan at these nodes is better than what there is.
        break;
      }
    }
    return new AtNodes(best >= known.usdPerHour() ? null : mix, near);
  }

  private boolean inSight(double usdPerHour) {
    return Double.isFinite(known.usdPerHour()) && usdPerHour < known.usdPerHour() * (1 - IN_SIGHT);
  }

  private @Nullable Evaluation evaluate(
      Multipliers at, double @Nullable [] open, @Nullable ExecutorService threads) {
    Evaluation evaluation = evaluator.evaluate(at, open, threads);
    if (evaluation != null) {
      if (!Double.isFinite(evaluation.value())) {
        // Some shard can be nowhere, or a price is out of all proportion.
        return null;
      }
      evaluations++;
      columns.add(evaluation);
      cuts.add(Cut.of(resources, evaluation, relaxation.instance.pieces()));
      if (cuts.size() > MOST_CUTS) {
        // Any cuts are valid; the old ones are those of far away.
        cuts.removeFirst();
      }
    }
    return evaluation;
  }

  /** Rounds a mix; false if it was stopped. */
  private boolean plan(ColumnProgram.Mix mix, double[] nodes) {
    Assignment assignment =
        rounding.round(columns.evaluations(), mix, nodes, phase != Phase.ROOT, random);
    if (assignment == null) {
      return false;
    }
    PricedPlan plan = PricedPlan.of(relaxation.tariff, assignment);
    if (known.offer(plan)) {
      idle = 0;
    }
    found.plan(plan);
    return true;
  }

  private static double[] ceil(double[] nodes) {
    return Arrays.stream(nodes).map(n -> Math.ceil(n - 1e-6)).toArray();
  }

  private void raise(double proven) {
    if (known.plan() == null && proven > nodeProgram.mostUsdPerHour()) {
      tellNoPlan();
      return;
    }
    if (proven > known.usdPerHour() * (1 + CONTRADICTION) + Double.MIN_NORMAL) {
      // Better none than a false one.
      if (!contradicted) {
        found.note(
            "A bound of %s USD/h is not used: there is a plan of %s."
                .formatted(proven, known.usdPerHour()));
      }
      contradicted = true;
      return;
    }
    double usdPerHour = Math.min(proven, known.usdPerHour());
    if (Double.isFinite(usdPerHour) && usdPerHour > bestUsd) {
      double gain = 1e-6 * Math.abs(bestUsd);
      if (programWaits() && Double.isFinite(known.usdPerHour())) {
        gain = Math.max(gain, SHARE_OF_GAP * (known.usdPerHour() - bestUsd));
      }
      if (usdPerHour > bestUsd + gain) {
        idle = 0;
      }
      bestUsd = usdPerHour;
      found.bound(usdPerHour);
    }
  }

  private void tellNoPlan() {
    if (!noPlan && known.plan() == null) {
      noPlan = true;
      found.noPlan();
    }
  }

  /**
   * Leaves out what costs more than the best plan; and brings down multipliers that the prices of
   * such offers began at, lest they drown all others.
   */
  private void leaveOut() {
    double usdPerHour = known.usdPerHour();
    if (Double.isInfinite(usdPerHour)) {
      return;
    }
    nodeProgram.leaveOut(usdPerHour);
    if (usdPerHour > 0) {
      for (int d = 0; d < center.length; d++) {
        if (resources.offerOf(d) != Resources.NO_OFFER) {
          center[d] = Math.min(center[d], usdPerHour);
          scale[d] = Math.min(scale[d], usdPerHour);
        }
      }
    }
  }
}
