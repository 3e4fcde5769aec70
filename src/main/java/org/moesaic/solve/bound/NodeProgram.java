package org.moesaic.solve.bound;

import com.google.ortools.linearsolver.MPConstraint;
import com.google.ortools.linearsolver.MPSolver;
import com.google.ortools.linearsolver.MPSolver.ResultStatus;
import com.google.ortools.linearsolver.MPVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Region;
import org.moesaic.solve.model.Role;
import org.moesaic.solve.model.Traffic;

/**
 * Which nodes to lease, as far as the cuts tell: the lowest cost of lease and traffic over all
 * numbers of nodes that keep the rules on nodes.
 *
 * <p>Idea: the rules that concern nodes alone (most and fewest nodes, power, providers' shares) are
 * exact here; of the traffic, only the cuts are known. So the lowest cost is a lower bound on every
 * plan's, whatever cuts there are. Rows that every plan keeps anyway, such as enough memory for all
 * experts, make it tighter while there are few cuts. As a linear program it is solved by GLOP, as
 * an integer program by SCIP.
 */
final class NodeProgram {
  /** Tolerance that the solvers work to. */
  /** USD per hour of a cut beyond what solvers tell from infinity. */
  private static final double HUGE_USD = 1e18;

  /** Traffic of such a part of the price of a node is small beside it. */
  private static final double SMALL_PART = 1e-3;

  /** A cut of so many times the cost of a known plan is of no use. */
  private static final double HUGE_RATIO = 1e9;

  private static final double SOLVER_TOLERANCE = 1e-7;

  private static final double GAP = 1e-6;

  /** Share of the time left that whole nodes may take. */
  private static final double SHARE_OF_TIME = 0.1;

  private final Relaxation relaxation;
  private final Solvers solvers;
  private final Instance instance;
  private final int offers;
  private final double[] usdPerNode;
  private final double[] fewest;
  private final double[] most;

  /** Most that the traffic of any plan costs. */
  private final double mostTrafficUsd;

  /** What the plans that are looked at cost at most. */
  private double mostUsd = Double.POSITIVE_INFINITY;

  private final List<Row> rows = new ArrayList<>();

  /** Sum of coefficient * nodes + openCoefficient * open >= least. */
  private record Row(double[] coefficient, double[] openCoefficient, double least) {
    double at(double[] nodes) {
      double sum = 0;
      for (int i = 0; i < nodes.length; i++) {
        if (nodes[i] > 0) {
          sum += coefficient[i] * nodes[i] + openCoefficient[i];
        }
      }
      return sum;
    }

    /** Whether more nodes can make it less. */
    boolean falls() {
      return Arrays.stream(coefficient).anyMatch(c -> c < 0);
    }
  }

  /**
   * @param usdPerHour lower bound
   * @param nodes per offer
   * @param open per offer, 0 to 1
   */
  record Choice(double usdPerHour, double[] nodes, double[] open) {}

  NodeProgram(Relaxation relaxation, Solvers solvers) {
    this.relaxation = relaxation;
    this.solvers = solvers;
    instance = relaxation.instance;
    offers = relaxation.offers();
    usdPerNode = new double[offers];
    fewest = new double[offers];
    most = new double[offers];
    double experts = 0;
    for (int s = 0; s < instance.shards(); s++) {
      experts += instance.sizeOf(s);
    }
    double[] everything = everything();
    for (int i = 0; i < offers; i++) {
      Offer offer = instance.offer(i);
      usdPerNode[i] = offer.usdPerNodeHour();
      fewest[i] = relaxation.tariff.offer(i).minNodes();
      double need = 0;
      for (int resource : relaxation.resources().of(i)) {
        need = Math.max(need, everything[resource]);
      }
      most[i] =
          Math.min(relaxation.tariff.offer(i).maxNodes(), Math.max(fewest[i], Math.ceil(need)));
      Double capKw =
          instance
              .problem()
              .regions()
              .get(instance.regionOfSite(instance.siteOfOffer(i)))
              .powerCapKw();
      if (capKw != null && offer.powerKwPerNode() > 0) {
        most[i] =
            Math.min(
                most[i],
                Math.floor(capKw / offer.powerKwPerNode() * (1 + 2 * Relaxation.TOLERANCE)));
      }
      if (most[i] < fewest[i]) {
        most[i] = 0;
      }
    }
    mostTrafficUsd = mostTrafficUsd();
    powerRows();
    providerRows();
    coverRows();
    capacityRows(experts);
  }

  /** What each offer would use that held all pieces once and served everybody. */
  private double[] everything() {
    double[] use = new double[relaxation.resources().count()];
    var sink =
        new Resources.Sink() {
          @Override
          public void use(int resource, double amount) {
            use[resource] += amount;
          }

          @Override
          public void pay(double usdPerHour) {
            // Only what is used matters.
          }
        };
    double experts = 0;
    double calls = 0;
    for (int s = 0; s < instance.shards(); s++) {
      experts += instance.sizeOf(s);
      for (int o = 0; o < instance.origins(); o++) {
        calls += instance.demand(o, s);
      }
    }
    for (int i = 0; i < offers; i++) {
      if (experts > 0) {
        relaxation.holdExperts(experts, i, sink);
      }
      if (calls > 0) {
        relaxation.serveCalls(calls, 0, i, sink);
      }
      for (int p = instance.shards(); p < instance.pieces(); p++) {
        relaxation.holdLayer(i, sink);
        for (int o = 0; o < instance.origins(); o++) {
          relaxation.pass(Role.LAYER, instance.demand(o, p), o, i, sink);
        }
      }
    }
    return use;
  }

  private double mostTrafficUsd() {
    double sum = 0;
    for (int o = 0; o < instance.origins(); o++) {
      double dearest = 0;
      for (int i = 0; i < offers; i++) {
        dearest = instance.mayServe(o, i) ? Math.max(dearest, relaxation.routeUsd[o][i]) : dearest;
      }
      double calls = 0;
      for (int s = 0; s < instance.shards(); s++) {
        calls += instance.demand(o, s);
      }
      sum += calls * dearest + mostAccessUsd(o);
    }
    return sum * (1 + Relaxation.TOLERANCE);
  }

  private double mostAccessUsd(int origin) {
    if (!instance.hasBackbone()) {
      return 0;
    }
    double in = 0;
    double out = 0;
    for (int site = 0; site < instance.sites().size(); site++) {
      in = Math.max(in, relaxation.tariff.floorUsd(Role.FIRST_LAYER, origin, site));
      out = Math.max(out, relaxation.tariff.floorUsd(Role.LAST_LAYER, origin, site));
    }
    return instance.origin(origin).tokensPerSecond() * (in + out);
  }

  /** Most that traffic can cost beyond its floor. */
  private double mostUsdAboveFloor() {
    double sum = 0;
    for (Traffic kind : relaxation.tariff.traffic()) {
      sum += kind.floorIsExact() ? 0 : kind.mostUsdPerHour() * (1 + Relaxation.TOLERANCE);
    }
    return sum;
  }

  /** Most that any plan costs that keeps the rules: a greater lower bound proves there is none. */
  double mostUsdPerHour() {
    double sum = mostTrafficUsd + mostUsdAboveFloor();
    for (int i = 0; i < offers; i++) {
      sum += most[i] * usdPerNode[i] * (1 + Relaxation.TOLERANCE);
    }
    return sum;
  }

  /**
   * Looks only at plans that cost no more than one that is known: numbers of nodes that alone cost
   * more are out, and so are numbers out of all proportion that their prices would bring in. Bounds
   * are that plan's cost at most from now on.
   *
   * @param usdPerHour what the plan costs; infinite for none
   */
  void leaveOut(double usdPerHour) {
    if (usdPerHour >= mostUsd) {
      return;
    }
    mostUsd = usdPerHour;
    for (int i = 0; i < offers; i++) {
      if (usdPerNode[i] > 0) {
        double affordable = usdPerHour * (1 + Relaxation.TOLERANCE) / usdPerNode[i];
        most[i] = affordable < fewest[i] ? 0 : Math.min(most[i], Math.floor(affordable));
      }
    }
  }

  private void powerRows() {
    List<Region> regions = instance.problem().regions();
    for (int r = 0; r < regions.size(); r++) {
      Double cap = regions.get(r).powerCapKw();
      if (cap == null) {
        continue;
      }
      double[] coefficient = new double[offers];
      for (int i = 0; i < offers; i++) {
        if (instance.regionOfSite(instance.siteOfOffer(i)) == r) {
          coefficient[i] = -instance.offer(i).powerKwPerNode();
        }
      }
      rows.add(new Row(coefficient, new double[offers], -cap * (1 + Relaxation.TOLERANCE)));
    }
  }

  private void providerRows() {
    Double share = instance.problem().policy().maxProviderShare();
    if (share == null) {
      return;
    }
    Map<String, double[]> coefficients = new LinkedHashMap<>();
    for (int i = 0; i < offers; i++) {
      coefficients.computeIfAbsent(instance.offer(i).provider(), p -> new double[offers]);
    }
    coefficients.forEach(
        (provider, coefficient) -> {
          for (int i = 0; i < offers; i++) {
            boolean own = instance.offer(i).provider().equals(provider);
            coefficient[i] =
                usdPerNode[i] * (share * (1 + 2 * Relaxation.TOLERANCE) - (own ? 1 : 0));
          }
          rows.add(new Row(coefficient, new double[offers], 0));
        });
  }

  /** Each shard is somewhere, each of its callers is served somewhere. */
  private void coverRows() {
    Set<List<Integer>> seen = new LinkedHashSet<>();
    boolean[][] called = new boolean[instance.holderGroups()][instance.origins()];
    int[] shardOfGroup = new int[instance.holderGroups()];
    boolean[] ofShards = new boolean[instance.holderGroups()];
    for (int s = 0; s < instance.pieces(); s++) {
      int group = instance.holderGroup(s);
      shardOfGroup[group] = s;
      ofShards[group] |= instance.isShard(s);
      for (int o = 0; o < instance.origins(); o++) {
        called[group][o] |= instance.isServed(o, s);
      }
    }
    for (int group = 0; group < called.length; group++) {
      int[] holders = instance.holders(shardOfGroup[group]);
      List<boolean[]> needs = new ArrayList<>(ofShards[group] ? relaxation.outside : List.of());
      boolean[] all = new boolean[offers];
      Arrays.fill(all, true);
      needs.add(all);
      for (int o = 0; o < instance.origins(); o++) {
        if (called[group][o]) {
          boolean[] serve = new boolean[offers];
          for (int i = 0; i < offers; i++) {
            serve[i] = instance.mayServe(o, i);
          }
          needs.add(serve);
        }
      }
      for (boolean[] need : needs) {
        cover(Arrays.stream(holders).filter(i -> need[i]).boxed().toList(), seen);
      }
    }
    for (int o = 0; o < instance.origins() && instance.hasBackbone(); o++) {
      int origin = o;
      int first = instance.layerPiece(0);
      Role role = relaxation.role(first);
      cover(
          Arrays.stream(instance.holders(first))
              .filter(i -> relaxation.mayServe(role, origin, i))
              .boxed()
              .toList(),
          seen);
    }
  }

  /** One of some offers is leased. */
  private void cover(List<Integer> some, Set<List<Integer>> seen) {
    if (seen.add(some)) {
      double[] open = new double[offers];
      some.forEach(i -> open[i] = 1);
      rows.add(new Row(new double[offers], open, 1));
    }
  }

  /** Enough memory for all experts, enough service for all calls, and for those of each origin. */
  private void capacityRows(double experts) {
    double[] memory = new double[offers];
    double[] service = new double[offers];
    boolean memoryLimited = true;
    boolean serviceLimited = true;
    for (int i = 0; i < offers; i++) {
      memoryLimited &= relaxation.nodesPerExpert[i] > 0;
      serviceLimited &= relaxation.nodesPerCall[i] > 0;
      memory[i] = 1 / relaxation.nodesPerExpert[i];
      service[i] = 1 / relaxation.nodesPerCall[i];
    }
    if (memoryLimited) {
      addScaled(memory, experts * relaxation.minReplicas);
    }
    if (!serviceLimited) {
      return;
    }
    Map<List<Boolean>, double[]> servable = new LinkedHashMap<>();
    for (int o = 0; o < instance.origins(); o++) {
      List<Boolean> where = new ArrayList<>();
      for (int i = 0; i < offers; i++) {
        where.add(instance.mayServe(o, i));
      }
      servable.computeIfAbsent(where, w -> new double[1]);
    }
    servable.computeIfAbsent(
        new ArrayList<>(Collections.nCopies(offers, true)), w -> new double[1]);
    servable.forEach(
        (where, sum) -> {
          double calls = 0;
          for (int o = 0; o < instance.origins(); o++) {
            boolean within = true;
            for (int i = 0; i < offers; i++) {
              within &= where.get(i) || !instance.mayServe(o, i);
            }
            for (int s = 0; s < instance.shards() && within; s++) {
              calls += instance.demand(o, s);
            }
          }
          double[] coefficient = new double[offers];
          for (int i = 0; i < offers; i++) {
            coefficient[i] = where.get(i) ? service[i] : 0;
          }
          addScaled(coefficient, calls);
        });
  }

  private void addScaled(double[] coefficient, double least) {
    if (least > 0) {
      double[] scaled = Arrays.stream(coefficient).map(c -> c / least).toArray();
      rows.add(new Row(scaled, new double[offers], 1 - 1e-9));
    }
  }

  /** Whether numbers of nodes keep the rules on nodes. */
  boolean allows(double[] nodes) {
    return rows.stream().allMatch(row -> row.at(nodes) >= row.least - SOLVER_TOLERANCE);
  }

  /** Whether any numbers of nodes up to these can keep the rules on nodes. */
  boolean allowsUpTo(double[] most) {
    return rows.stream()
        .allMatch(row -> row.falls() || row.at(most) >= row.least - SOLVER_TOLERANCE);
  }

  double usdPerNode(int offer) {
    return usdPerNode[offer];
  }

  /** Fewest nodes that an offer has if it has any. */
  double fewest(int offer) {
    return fewest[offer];
  }

  /** Most nodes that an offer can have and that any plan needs of it. */
  double most(int offer) {
    return most[offer];
  }

  /** Price of nodes, USD per hour. */
  double leaseUsd(double[] nodes) {
    double sum = 0;
    for (int i = 0; i < offers; i++) {
      sum += nodes[i] * usdPerNode[i];
    }
    return sum;
  }

  /** Adds the rules on nodes that are linear in them, such as power, to another program. */
  void addRules(MPSolver solver, MPVariable[] nodes) {
    for (Row row : rows) {
      if (Arrays.stream(row.openCoefficient).allMatch(c -> c == 0)) {
        set(solver.makeConstraint(row.least, MPSolver.infinity()), row.coefficient, nodes, 1);
      }
    }
  }

  /** Adds all rules on nodes to another program, and how open hangs together with nodes. */
  void addAll(LinearProgram program, int[] nodes, int[] open) {
    for (int i = 0; i < offers; i++) {
      int atLeast = program.row(0, Double.POSITIVE_INFINITY);
      program.term(atLeast, nodes[i], 1);
      program.term(atLeast, open[i], -fewest[i]);
      int atMost = program.row(0, Double.POSITIVE_INFINITY);
      program.term(atMost, nodes[i], -1);
      program.term(atMost, open[i], most[i]);
    }
    for (Row row : rows) {
      int r = program.row(row.least, Double.POSITIVE_INFINITY);
      add(program, r, row.coefficient, nodes);
      add(program, r, row.openCoefficient, open);
    }
  }

  private void add(LinearProgram program, int row, double[] coefficients, int[] variables) {
    for (int i = 0; i < offers; i++) {
      if (most[i] > 0) {
        program.term(row, variables[i], coefficients[i]);
      }
    }
  }

  /** Adds the fewest nodes that an offer has if it has any, where they are more than one. */
  void addFewest(MPSolver solver, int offer, MPVariable nodes) {
    if (fewest[offer] > 1) {
      MPVariable open = solver.makeIntVar(0, 1, "");
      MPConstraint atLeast = solver.makeConstraint(0, MPSolver.infinity());
      atLeast.setCoefficient(nodes, 1);
      atLeast.setCoefficient(open, -fewest[offer]);
      MPConstraint atMost = solver.makeConstraint(0, MPSolver.infinity());
      atMost.setCoefficient(nodes, -1);
      atMost.setCoefficient(open, most[offer]);
    }
  }

  /**
   * The lowest cost.
   *
   * @param integer whether nodes are whole
   * @param nodesOfTree most nodes of the search tree
   * @return null if the solver found none, or if no nodes keep the rules
   */
  @Nullable Choice lowest(List<Cut> cuts, boolean integer, long nodesOfTree) {
    return solvers.with(
        integer ? "SCIP" : "GLOP",
        integer ? SHARE_OF_TIME : 1,
        solver -> new Model(cuts, integer).lowest(solver, nodesOfTree));
  }

  /** Whether it is proved that no nodes keep the rules on nodes. */
  boolean provesNothingKeepsRules() {
    Boolean proved = solvers.with("GLOP", solver -> new Model(List.of(), false).isEmpty(solver));
    return proved != null && proved;
  }

  /** Traffic that is next to nothing beside the price of a node. */
  double smallUsd() {
    double usd = 0;
    for (int i = 0; i < offers; i++) {
      usd = Math.max(usd, most[i] > 0 ? SMALL_PART * usdPerNode[i] : 0);
    }
    return usd;
  }

  /**
   * Whether a solver can make anything of a cut. One at multipliers that ran away, far above what
   * any plan costs, tells nothing and would drown the others in its rounding; to leave it out is
   * always right.
   */
  boolean isUseful(Cut cut) {
    double most = Math.min(HUGE_USD, HUGE_RATIO * mostUsd);
    boolean useful = Math.abs(cut.constant()) <= most;
    for (int i = 0; i < offers && useful; i++) {
      useful = this.most[i] == 0 || (cut.perNode()[i] <= most && cut.perOpen()[i] <= most);
    }
    return useful;
  }

  /** The program with its cuts. */
  private final class Model {
    private final LinearProgram program = new LinearProgram();
    private final int[] nodes = new int[offers];
    private final int[] open = new int[offers];
    private final boolean integer;

    /** Money in units that make the traffic about 1000; a power of two, so that no cent is lost. */
    private final double unit;

    Model(List<Cut> all, boolean integer) {
      this.integer = integer;
      List<Cut> cuts = all.stream().filter(NodeProgram.this::isUseful).toList();
      double scale = 0;
      for (Cut cut : cuts) {
        scale = Math.max(scale, Math.abs(cut.constant()));
      }
      // Cuts that say next to nothing must not make nodes infinitely dear beside them.
      unit = LinearProgram.unit(Math.max(scale, smallUsd()) / 1000);
      for (int i = 0; i < offers; i++) {
        nodes[i] = program.variable(0, most[i], integer);
        open[i] = program.variable(0, most[i] > 0 ? 1 : 0, integer);
        program.cost(nodes[i], most[i] > 0 ? usdPerNode[i] / unit : 0);
      }
      addAll(program, nodes, open);
      double mostTraffic = Math.min(mostTrafficUsd, mostUsd) * (1 + Relaxation.TOLERANCE) / unit;
      int traffic = program.variable(0, mostTraffic, false);
      program.cost(traffic, 1);
      int aboveFloor = program.variable(0, Math.min(mostUsdAboveFloor(), mostUsd) / unit, false);
      program.cost(aboveFloor, 1);
      for (Cut cut : cuts) {
        int row = program.row(cut.constant() / unit, Double.POSITIVE_INFINITY);
        program.term(row, traffic, 1);
        program.term(row, aboveFloor, cut.ofAllTraffic() ? 1 : 0);
        add(cut, row, cut.perNode(), nodes);
        add(cut, row, cut.perOpen(), open);
      }
    }

    private void add(Cut cut, int row, double[] coefficients, int[] variables) {
      for (int i = 0; i < offers; i++) {
        if (most[i] > 0) {
          // One whole node is enough where it takes all of the constant.
          double coefficient =
              integer ? Math.min(coefficients[i], Math.max(0, cut.constant())) : coefficients[i];
          program.term(row, variables[i], coefficient / unit);
        }
      }
    }

    @Nullable Choice lowest(MPSolver solver, long nodesOfTree) {
      LinearProgram.Loaded loaded = integer ? program.loadRelaxed(solver, 0) : program.load(solver);
      double bound;
      if (integer) {
        LinearProgram.Whole whole = program.solveWhole(solver, loaded, nodesOfTree, GAP, "");
        if (!whole.solved()) {
          return null;
        }
        bound = whole.usd();
      } else if (solver.solve() == ResultStatus.OPTIMAL) {
        bound = program.prove(loaded.multipliers()).usd();
      } else {
        return null;
      }
      return new Choice(
          Math.min(mostUsd, bound * unit), values(loaded, nodes), values(loaded, open));
    }

    private double[] values(LinearProgram.Loaded loaded, int[] variables) {
      return Arrays.stream(variables)
          .mapToDouble(loaded::value)
          .map(value -> integer ? LinearProgram.whole(value) : value)
          .toArray();
    }

    /** By multipliers of the rows that make of nothing something. */
    boolean isEmpty(MPSolver solver) {
      LinearProgram.Loaded loaded = program.loadElastic(solver);
      return solver.solve() == ResultStatus.OPTIMAL && program.proveEmpty(loaded.multipliers());
    }
  }

  private static void set(
      MPConstraint constraint, double[] coefficients, MPVariable[] variables, double unit) {
    for (int i = 0; i < coefficients.length; i++) {
      if (coefficients[i] != 0) {
        constraint.setCoefficient(variables[i], coefficients[i] / unit);
      }
    }
  }
}
