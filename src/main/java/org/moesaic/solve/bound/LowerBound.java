package org.moesaic.solve.bound;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
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
 * Some phases follow from evaluations of that sum, others do without; what they find they leave on
 * a {@link Blackboard}.
 *
 * <ul>
 *   <li>{@link Root}: multipliers that make the bound greatest while nodes may be divided.
 *   <li>{@link HostModel}: where layers are placed, a bound that knows of calls and cuts between
 *       them.
 *   <li>{@link StreamModel}: where layers are placed, a bound that counts streams, and knows what
 *       their copies have to agree on.
 *   <li>{@link CopyModel}: where copies are shared, a bound that knows which experts are chosen
 *       together, and plans of whole layers.
 *   <li>{@link WholeNodes}: bounds and plans with whole nodes, by multipliers.
 *   <li>{@link ExactModel}: all of it, where the problem is small; before whole nodes by
 *       multipliers where it is very small, else after them.
 *   <li>{@link ExactHosts}: the same where layers are placed.
 *   <li>{@link CallModel}: by offers, in turns with all that follows the root.
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
  /** One step of so many goes by offers, where that is soon done. */
  private static final int TURNS_BETWEEN_CALLS = 4;

  private final Blackboard board;
  private final Evaluations evaluations;

  private final Root root;

  /** In order. */
  private final List<Phase> phases;

  /** Number of the phase that is under way; that of all phases once they are done. */
  private int current;

  /** Takes turns with whatever comes after the root; null where or once it has nothing to do. */
  private @Nullable CallModel calls;

  private int callTurn;

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
    Relaxation relaxation = new Relaxation(tariff);
    Solvers solvers = new Solvers(secondsLeft);
    board =
        new Blackboard(
            relaxation,
            solvers,
            new SplittableRandom(seed),
            () -> stop.getAsBoolean() || solvers.interrupted(),
            found,
            known);
    evaluations = new Evaluations(board);
    root = new Root(board, evaluations);
    phases = phases(mostCombinations);
    calls = CallModel.suits(relaxation) ? new CallModel(board) : null;
  }

  private List<Phase> phases(long mostCombinations) {
    var whole = new WholeNodes(board, evaluations);
    if (ExactModel.suits(board.relaxation, mostCombinations)) {
      return List.of(root, new ExactModel(board), whole);
    } else if (mostCombinations > 0 && ExactModel.suitsAfterMultipliers(board.relaxation)) {
      board.programWaits(true);
      return List.of(root, whole, new ExactModel(board), whole);
    }
    if (CopyBound.fits(board.relaxation)) {
      return List.of(root, new CopyModel(board, evaluations), whole);
    }
    List<Phase> all = new ArrayList<>(List.of(root));
    if (mostCombinations > 0 && ExactHosts.suits(board.relaxation)) {
      all.add(new ExactHosts(board));
    }
    if (HostBound.fits(board.relaxation)) {
      all.add(new HostModel(board, evaluations));
    }
    if (StreamProgram.fits(board.relaxation)) {
      // Soon done, and again once there are cuts to take along.
      var streams = new StreamModel(board, evaluations);
      all.addFirst(streams);
      all.add(streams);
    }
    all.add(whole);
    return all;
  }

  /** The greatest bound so far, USD per hour; null if there is none. */
  public @Nullable Double usdPerHour() {
    return Double.isFinite(board.boundUsd()) ? board.boundUsd() : null;
  }

  /** Ends what is under way, and makes all steps to come do nothing. By any thread. */
  public void interrupt() {
    board.solvers.interrupt();
  }

  /** Whether nodes are still divided: steps are short and few, and gain most. */
  public boolean atRoot() {
    return current <= phases.indexOf(root);
  }

  /** Whether plans come out of it that a local search hardly improves. */
  public boolean findsPlans() {
    return !done() && phases.get(current).findsPlans();
  }

  private boolean done() {
    return current == phases.size();
  }

  /**
   * What moves of a search can go by: the multipliers at the nodes of the best plan, or until there
   * are some those of the root.
   *
   * @return null if there is nothing new, or it was stopped
   */
  public @Nullable Guide guide() {
    if (done() || !(phases.get(current) instanceof WholeNodes)) {
      return null;
    }
    Multipliers at = board.takeGuide();
    return at == null ? null : Guidance.at(board.relaxation, at, board.stop);
  }

  /**
   * Does a bit of work: an evaluation at first, later some with an integer program before them.
   *
   * @param threads to share evaluations out to; null for none
   * @param incumbent the best plan that others found; null if there is none
   * @return whether there is more to do; not if it was stopped
   */
  public boolean step(@Nullable ExecutorService threads, @Nullable PricedPlan incumbent) {
    board.know(incumbent);
    evaluations.cap(board.planUsd());
    if (board.solvers.interrupted()) {
      return false;
    }
    CallModel byOffers = calls;
    if (byOffers != null && !atRoot() && isTurnOf(byOffers)) {
      calls = byOffers.step(threads) == Phase.Then.MORE ? byOffers : null;
    } else if (!done()) {
      current = after(phases.get(current).step(threads));
    }
    return !board.proved() && (!done() || calls != null);
  }

  private boolean isTurnOf(CallModel byOffers) {
    int turns = byOffers.grows() ? 2 : TURNS_BETWEEN_CALLS;
    return callTurn++ % turns == 0 || done();
  }

  /** Number of the phase after a step of the current one. */
  private int after(Phase.Then then) {
    boolean stopped = then == Phase.Then.NEXT && board.solvers.interrupted();
    if (then == Phase.Then.END || stopped || board.proved()) {
      return phases.size();
    }
    return then == Phase.Then.NEXT ? current + 1 : current;
  }
}
