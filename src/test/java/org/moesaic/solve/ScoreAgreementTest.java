package org.moesaic.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.timefold.solver.core.api.score.HardSoftScore;
import ai.timefold.solver.core.api.solver.SolverFactory;
import ai.timefold.solver.core.config.score.director.ScoreDirectorFactoryConfig;
import ai.timefold.solver.core.config.solver.EnvironmentMode;
import ai.timefold.solver.core.config.solver.SolverConfig;
import ai.timefold.solver.core.impl.score.constraint.ConstraintMatchPolicy;
import ai.timefold.solver.core.impl.score.director.InnerScoreDirector;
import ai.timefold.solver.core.impl.score.director.ScoreDirectorFactory;
import ai.timefold.solver.core.impl.solver.DefaultSolverFactory;
import ai.timefold.solver.core.preview.api.move.Move;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.pricing.Rule;
import org.moesaic.problem.Link;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Policy;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Region;
import org.moesaic.solve.model.Ledger;
import org.moesaic.solve.model.LedgerScoreCalculator;
import org.moesaic.solve.model.PlacementConstraintProvider;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.ShardAssignment;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.move.PlacementMoveFactory;
import org.moesaic.testing.Changed;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Feature;
import org.moesaic.testing.RandomProblems.Size;

/**
 * The score three times, by ledger, by streams and by the reference prices, after every one of many
 * moves on random problems.
 *
 * <p>No case is left out for lying at a limit: limits forgive a relative 1e-9, sums of whole
 * numbers and of doubles differ by about 1e-15, and a random figure is never as near as that to the
 * end of what is forgiven. Limits that are exactly met are tested on purpose.
 */
class ScoreAgreementTest {
  private static final Size[] SIZES = {
    new Size(1, 1, 1, 1),
    new Size(1, 3, 3, 2),
    new Size(2, 2, 4, 1),
    new Size(3, 2, 5, 3),
    new Size(2, 5, 8, 2),
    new Size(4, 6, 6, 4),
    new Size(2, 12, 12, 3)
  };

  private static final SolverFactory<PlacementSolution> STREAMS =
      factory(
          new ScoreDirectorFactoryConfig()
              .withConstraintProviderClass(PlacementConstraintProvider.class));
  private static final SolverFactory<PlacementSolution> LEDGERS =
      factory(
          new ScoreDirectorFactoryConfig()
              .withIncrementalScoreCalculatorClass(LedgerScoreCalculator.class));

  private static SolverFactory<PlacementSolution> factory(ScoreDirectorFactoryConfig config) {
    return SolverFactory.create(
        new SolverConfig()
            .withSolutionClass(PlacementSolution.class)
            .withEntityClasses(ShardAssignment.class)
            .withScoreDirectorFactory(config));
  }

  private static InnerScoreDirector<PlacementSolution, HardSoftScore> director(
      SolverFactory<PlacementSolution> factory,
      ConstraintMatchPolicy matches,
      PlacementSolution solution) {
    ScoreDirectorFactory<PlacementSolution, HardSoftScore> directors =
        ((DefaultSolverFactory<PlacementSolution>) factory).getScoreDirectorFactory();
    InnerScoreDirector<PlacementSolution, HardSoftScore> director =
        directors.createScoreDirectorBuilder().withConstraintMatchPolicy(matches).build();
    director.setWorkingSolution(solution);
    return director;
  }

  /** What is counted, to see that the test tests something. */
  private static final class Seen {
    final Map<String, Integer> breaks = new TreeMap<>();
    int states;
    int kept;
  }

  /** One problem, its state in a ledger and in streams, and the moves made so far. */
  private static final class Run implements AutoCloseable {
    private final String replay;
    private final Instance instance;
    private final Tariff tariff;
    private final Ledger ledger;
    private final PlacementSolution own;
    private final InnerScoreDirector<PlacementSolution, HardSoftScore> ledgers;
    private final PlacementSolution streamed;
    private final InnerScoreDirector<PlacementSolution, HardSoftScore> streams;
    private final Seen seen;
    private int moves;

    Run(String replay, Problem problem, Assignment start, Seen seen) {
      this.replay = replay;
      this.seen = seen;
      instance = Instance.of(problem);
      tariff = new Tariff(instance);
      ledger = Ledger.of(tariff, start);
      own = PlacementSolution.of(tariff, start);
      ledgers = director(LEDGERS, ConstraintMatchPolicy.DISABLED, own);
      streamed = PlacementSolution.of(tariff, start);
      streams = director(STREAMS, ConstraintMatchPolicy.ENABLED_WITHOUT_JUSTIFICATIONS, streamed);
    }

    void put(int shard, Placement placement) {
      ledgers.executeMove(change(shard, placement));
      follow();
    }

    private Move<PlacementSolution> change(int shard, Placement placement) {
      var variable =
          ledgers
              .getSolutionDescriptor()
              .getMetaModel()
              .genuineEntity(ShardAssignment.class)
              .basicVariable("placement", Placement.class);
      return view -> view.changeVariable(variable, own.getShards().get(shard), placement);
    }

    void apply(Move<PlacementSolution> move) {
      ledgers.executeMove(move);
      follow();
    }

    /** Brings the bare ledger and the streams to where the solution of the moves is. */
    private void follow() {
      moves++;
      for (int s = 0; s < instance.pieces(); s++) {
        Placement before = streamed.placement(s);
        Placement after = own.placement(s);
        if (!before.equals(after)) {
          ledger.take(s, before);
          ledger.put(s, after);
          ShardAssignment entity = streamed.getShards().get(s);
          streams.beforeVariableChanged(entity, "placement");
          entity.setPlacement(after);
          streams.afterVariableChanged(entity, "placement");
        }
      }
      streams.triggerVariableListeners();
      check();
    }

    void check() {
      String where = "%s, after move %d".formatted(replay, moves);
      Assignment assignment = own.toAssignment();
      Ledger fresh = Ledger.of(tariff, assignment);
      HardSoftScore score = ledger.score();
      assertThat(score).as("%s: kept and fresh ledger", where).isEqualTo(fresh.score());
      assertThat(ledgers.calculateScore().raw())
          .as("%s: calculator and ledger", where)
          .isEqualTo(score);
      assertThat(streams.calculateScore().raw())
          .as("%s: streams and ledger", where)
          .isEqualTo(score);

      Bill bill = Pricing.price(instance, assignment);
      double rounding =
          tariff.toUsdPerHour(1)
              * (instance.offers() + 2 * instance.sites().size() * instance.sites().size());
      assertThat(ledger.usdPerHour())
          .as("%s: cost", where)
          .isCloseTo(bill.usdPerHour(), within(1e-9 * bill.usdPerHour() + rounding));
      assertThat(tariff.toUsdPerHour(-score.softScore()))
          .as("%s: money of the score", where)
          .isEqualTo(ledger.usdPerHour());
      assertThat(score.hardScore() == 0)
          .as("%s: hard score %d, violations %s", where, score.hardScore(), bill.violations())
          .isEqualTo(bill.keepsRules());
      Set<String> broken =
          bill.violations().stream()
              .map(violation -> violation.rule().id())
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(penalized()).as("%s: rules broken", where).isEqualTo(broken);
      seen.states++;
      seen.kept += bill.keepsRules() ? 1 : 0;
      broken.forEach(rule -> seen.breaks.merge(rule, 1, Integer::sum));
    }

    private Set<String> penalized() {
      Set<String> rules = new TreeSet<>();
      streams
          .getConstraintMatchTotalMap()
          .forEach(
              (ref, total) -> {
                assertThat(total.getScore().hardScore()).isNotPositive();
                if (total.getScore().hardScore() < 0) {
                  rules.add(ref.id());
                }
              });
      return rules;
    }

    @Override
    public void close() {
      ledgers.close();
      streams.close();
    }
  }

  @Test
  void arbitraryPlacements() {
    Seen seen = new Seen();
    for (int seed = 0; seed < 700; seed++) {
      Size size = SIZES[seed % SIZES.length];
      Problem problem = RandomProblems.of(seed, size);
      Instance instance = Instance.of(problem);
      RandomGenerator random = new SplittableRandom(seed);
      Assignment start = RandomPlacements.allowedAssignment(instance, random);
      String replay = "RandomProblems.of(%d, %s)".formatted(seed, size);
      try (Run run = new Run(replay, problem, start, seen)) {
        run.check();
        // More and more of the shards keep no rule.
        for (int move = 0; move < 20; move++) {
          int s = random.nextInt(instance.shards());
          run.put(
              s,
              random.nextInt(20) < 20 - move
                  ? RandomPlacements.allowed(instance, s, random)
                  : RandomPlacements.any(instance, s, random));
        }
      }
    }
    // Only placed layers can be out of reach.
    assertThat(seen.breaks.keySet())
        .as("rules broken")
        .containsAll(
            Arrays.stream(Rule.values())
                .filter(rule -> rule != Rule.ACCESS)
                .map(Rule::id)
                .toList());
    assertThat(seen.breaks.values()).as("how often each: %s", seen.breaks).allMatch(n -> n >= 50);
    assertThat(seen.kept).as("of %d, such as keep all rules", seen.states).isGreaterThan(1000);
  }

  @Test
  void arbitraryPlacementsAndHosts() {
    Seen seen = new Seen();
    Set<Feature> features = EnumSet.of(Feature.HOSTS, Feature.ACCESS, Feature.SYNC);
    for (int seed = 3000; seed < 3200; seed++) {
      Size size = SIZES[seed % SIZES.length];
      Problem problem = RandomProblems.of(seed, size, features);
      Instance instance = Instance.of(problem);
      RandomGenerator random = new SplittableRandom(seed);
      Assignment start =
          new Assignment(
              RandomPlacements.allowedAssignment(instance, random).placements(),
              RandomPlacements.allowedHosts(instance, random));
      String replay = "RandomProblems.of(%d, %s, %s)".formatted(seed, size, features);
      try (Run run = new Run(replay, problem, start, seen)) {
        run.check();
        for (int move = 0; move < 20; move++) {
          int layer = instance.layerPiece(random.nextInt(instance.layers()));
          int[] hosts = random.ints(instance.origins(), 0, instance.offers()).toArray();
          run.put(layer, new Placement(Arrays.stream(hosts).sorted().distinct().toArray(), hosts));
          int s = random.nextInt(instance.shards());
          run.put(s, RandomPlacements.allowed(instance, s, random));
        }
      }
    }
    assertThat(seen.breaks.keySet())
        .as("rules broken")
        .containsAll(Arrays.stream(Rule.values()).map(Rule::id).toList());
    assertThat(seen.kept).as("of %d, such as keep all rules", seen.states).isPositive();
  }

  @Test
  void movesOfTheSearch() {
    Seen seen = new Seen();
    Map<String, Integer> kinds = new HashMap<>();
    for (int seed = 1000; seed < 1700; seed++) {
      Size size = SIZES[seed % SIZES.length];
      Problem problem = RandomProblems.of(seed, size);
      Instance instance = Instance.of(problem);
      RandomGenerator random = new SplittableRandom(seed);
      Assignment start = RandomPlacements.allowedAssignment(instance, random);
      String replay = "RandomProblems.of(%d, %s)".formatted(seed, size);
      try (Run run = new Run(replay, problem, start, seen)) {
        var moves = new PlacementMoveFactory();
        moves.phaseStarted(run.ledgers);
        Iterator<? extends Move<PlacementSolution>> drawn =
            moves.createRandomMoveIterator(run.ledgers, random);
        for (int move = 0; move < 24; move++) {
          Move<PlacementSolution> next = drawn.next();
          kinds.merge(next.describe(), 1, Integer::sum);
          run.apply(next);
        }
      }
    }
    assertThat(kinds.keySet()).contains("relocate", "open", "close", "serve", "exchange", "redraw");
    assertThat(seen.kept).as("of %d, such as keep all rules", seen.states).isGreaterThan(500);
  }

  /** Every limit is set to exactly what an assignment uses: it is kept; a little less, broken. */
  @Test
  void limitsThatAreExactlyMet() {
    int limits = 0;
    for (int seed = 2000; seed < 2200; seed++) {
      Size size = SIZES[seed % SIZES.length];
      Problem problem = RandomProblems.of(seed, size);
      RandomGenerator random = new SplittableRandom(seed);
      Instance instance = Instance.of(problem);
      Assignment assignment = RandomPlacements.anyAssignment(instance, random);
      Bill bill = Pricing.price(instance, assignment);
      String replay = "RandomProblems.of(%d, %s)".formatted(seed, size);
      try (Run run =
          new Run(replay + ", met", limited(instance, bill, 1), assignment, new Seen())) {
        run.check();
        assertThat(run.penalized())
            .as(replay)
            .doesNotContain("capacity", "power", "link", "latency", "providerShare");
      }
      Problem tight = limited(instance, bill, 1 - 1e-6);
      try (Run run = new Run(replay + ", missed", tight, assignment, new Seen())) {
        run.check();
        limits += run.penalized().size();
      }
    }
    assertThat(limits).isGreaterThan(400);
  }

  private static Problem limited(Instance instance, Bill bill, double factor) {
    Problem p = instance.problem();
    Map<String, Integer> nodes = new HashMap<>();
    Map<String, Double> kw = new HashMap<>();
    Map<String, Double> usd = new HashMap<>();
    for (Bill.Lease lease : bill.leases()) {
      Offer offer = instance.offer(lease.offer());
      nodes.put(offer.id(), lease.nodes());
      kw.merge(offer.region(), lease.powerKw(), Double::sum);
      usd.merge(offer.provider(), lease.usdPerHour(), Double::sum);
    }
    List<Region> regions =
        p.regions().stream()
            .map(
                r ->
                    new Region(
                        r.id(),
                        r.continent(),
                        r.country(),
                        r.latitude(),
                        r.longitude(),
                        r.powerDomain(),
                        factor * kw.getOrDefault(r.id(), 1.0)))
            .toList();
    List<Origin> origins = new ArrayList<>();
    for (int o = 0; o < p.origins().size(); o++) {
      Origin origin = p.origins().get(o);
      origins.add(
          new Origin(
              origin.id(),
              origin.provider(),
              origin.region(),
              origin.tokensPerSecond(),
              origin.servableIn(),
              factor * bill.origins().get(o).addedLatencyMs()));
    }
    List<Offer> offers =
        p.offers().stream()
            .map(
                o ->
                    Changed.offer(
                        o, o.usdPerNodeHour(), (int) (factor * nodes.getOrDefault(o.id(), 1))))
            .toList();
    double share =
        usd.values().stream().mapToDouble(v -> v).max().orElseThrow() / bill.leaseUsdPerHour();
    Policy policy = p.policy();
    return p.toBuilder()
        .regions(regions)
        .links(links(instance, bill, factor))
        .origins(origins)
        .offers(offers)
        .policy(
            new Policy(
                policy.neededBy(),
                policy.minReplicas(),
                policy.maxReplicas(),
                policy.survive(),
                factor * share,
                null,
                policy.pins(),
                policy.bans()))
        .incumbent(null)
        .build();
  }

  private static List<Link> links(Instance instance, Bill bill, double factor) {
    List<Link> links = new ArrayList<>();
    for (Bill.Traffic traffic : bill.traffic()) {
      links.add(
          new Link(
              instance.sites().get(traffic.from()).toString(),
              instance.sites().get(traffic.to()).toString(),
              false,
              instance.usdPerGb(traffic.from(), traffic.to()),
              instance.rttMs(traffic.from(), traffic.to()),
              factor * traffic.gbps() / instance.problem().usable().link()));
    }
    return links;
  }

  @ParameterizedTest
  @ValueSource(ints = {3000, 3001, 3002, 3003, 3004, 3005, 3006, 3007})
  void searchUnderAssertions(int seed) {
    Size size = SIZES[1 + seed % (SIZES.length - 1)];
    Instance instance = Instance.of(RandomProblems.of(seed, size));
    Tariff tariff = new Tariff(instance);
    Assignment start = RandomPlacements.allowedAssignment(instance, new SplittableRandom(seed));
    SolverConfig config = Search.config(seed, 1500, null);
    config.setEnvironmentMode(EnvironmentMode.FULL_ASSERT);
    config
        .getScoreDirectorFactoryConfig()
        .setAssertionScoreDirectorFactory(
            new ScoreDirectorFactoryConfig()
                .withConstraintProviderClass(PlacementConstraintProvider.class));
    PlacementSolution found =
        SolverFactory.<PlacementSolution>create(config)
            .buildSolver()
            .solve(PlacementSolution.of(tariff, start));
    assertThat(found.getScore())
        .as("RandomProblems.of(%d, %s)", seed, size)
        .isEqualTo(Ledger.of(tariff, found.toAssignment()).score())
        .isGreaterThanOrEqualTo(Ledger.of(tariff, start).score());
  }
}
