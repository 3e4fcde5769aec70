package org.moesaic.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.moesaic.check.PlanConverter;
import org.moesaic.fixture.Assignments;
import org.moesaic.fixture.Examples;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.instance.Instance;
import org.moesaic.plan.Plan;
import org.moesaic.pricing.Pricing;
import org.moesaic.pricing.UnpricedTrafficException;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Weights;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;

class OfferPackerTest {
  private static final OfferPackOptions DEFAULT = OfferPackOptions.DEFAULT;

  /** A problem whose offers say how many accelerators their nodes have. */
  private static Problem withAccelerators(Problem p, Integer perNode) {
    return withOffers(
        p,
        o ->
            new Offer(
                o.id(),
                o.provider(),
                o.region(),
                o.accelerator(),
                perNode,
                o.memoryGibPerNode(),
                o.tflopsPerNode(),
                o.networkGbpsPerNode(),
                o.fabric(),
                o.powerKwPerNode(),
                o.tenure(),
                o.usdPerNodeHour(),
                o.minNodes(),
                o.maxNodes(),
                o.availableFrom()));
  }

  private static Problem withOffers(Problem p, UnaryOperator<Offer> change) {
    return p.toBuilder().offers(p.offers().stream().map(change).toList()).build();
  }

  /**
   * Hand-computed. Origin us has 1,000 tokens/s of two calls per layer, eu half of that. In layer 0
   * us calls its experts at shares of 3/5, 2/5 and 0, everybody else a third each.
   */
  @Test
  void loadsOfTheExample() {
    Problem problem = withAccelerators(Examples.problem().build(), 1);
    Plan plan = Examples.plan(problem);

    List<OfferPacking> packings = OfferPacker.pack(problem, plan, DEFAULT);

    assertThat(packings).extracting(OfferPacking::offer).containsExactly("a", "b", "c");
    Map<String, Double> total = new TreeMap<>();
    for (OfferPacking of : packings) {
      for (LayerPacking layer : of.packing().layers()) {
        total.put(of.offer() + layer.layer(), layer.meanLoad() * of.packing().accelerators());
      }
    }
    // Offer a serves expert 0 of layer 0 to both and expert 1 to us; b all of layer 1 but what c
    // serves to eu, and but expert 2, which is a's.
    Map<String, Double> expected =
        Map.of(
            "a0", 1200 + 1000 / 3.0 + 800,
            "a1", 2000 / 3.0 + 1000 / 3.0,
            "b1", 2000 / 3.0 + 2000 / 3.0 + 1000 / 3.0,
            "c0", 1000 / 3.0 + 1000 / 3.0,
            "c1", 1000 / 3.0);
    assertThat(total.keySet()).isEqualTo(new TreeMap<>(expected).keySet());
    expected.forEach((key, load) -> assertThat(total.get(key)).isCloseTo(load, offset(1e-9)));
  }

  @Test
  void loadsAreWhatThePlanServes() {
    int checked = 0;
    for (long seed = 0; seed < 150; seed++) {
      var random = new SplittableRandom(seed);
      Problem problem =
          withAccelerators(
              RandomProblems.of(seed, new RandomProblems.Size(3, 6, 4, 3)), 1 + random.nextInt(4));
      Instance instance = Instance.of(problem);
      Plan plan;
      try {
        var assignment = RandomPlacements.anyAssignment(instance, random);
        plan =
            PlanConverter.toPlan(
                instance, assignment, Pricing.price(instance, assignment), null, null);
      } catch (UnpricedTrafficException e) {
        continue; // a price or a round trip is missing, which is not what this is about
      }
      var options =
          new OfferPackOptions(random.nextInt(3), random.nextBoolean(), random.nextBoolean(), null);
      for (OfferPacking of : OfferPacker.pack(problem, plan, options)) {
        for (LayerPacking layer : of.packing().layers()) {
          check(problem, plan, options, of, layer, "seed " + seed + ", offer " + of.offer());
          checked++;
        }
      }
    }
    assertThat(checked).isGreaterThan(300);
  }

  private static void check(
      Problem problem,
      Plan plan,
      OfferPackOptions options,
      OfferPacking of,
      LayerPacking layer,
      String replay) {
    double[] loads = served(problem, plan, of.offer(), layer.layer());
    int accelerators = of.nodes() * of.acceleratorsPerNode();
    assertThat(of.packing().accelerators()).as(replay).isEqualTo(accelerators);
    assertThat(of.nodes()).as(replay).isEqualTo(nodes(plan, of.offer()));

    int[] counts = new int[loads.length];
    layer.slotExperts().forEach(e -> counts[e]++);
    for (int e = 0; e < loads.length; e++) {
      assertThat(counts[e] > 0).as(replay).isEqualTo(!Double.isNaN(loads[e]));
    }
    int held = (int) Arrays.stream(counts).filter(count -> count > 0).count();
    int each = layer.slots() / accelerators;
    assertThat(layer.slots() % accelerators).as(replay).isZero();
    assertThat(layer.slots()).as(replay).isGreaterThanOrEqualTo(held + options.redundancy());
    if (!options.hierarchical() && !options.uniform()) {
      assertThat(layer.slots() - accelerators).as(replay).isLessThan(held + options.redundancy());
    }
    double[] load = new double[accelerators];
    for (int j = 0; j < layer.slots(); j++) {
      int e = layer.slotExperts().get(j);
      load[j / each] += loads[e] / counts[e];
    }
    double max = Arrays.stream(load).max().orElseThrow();
    double sum = Arrays.stream(load).sum();
    assertThat(layer.maxLoad()).as(replay).isCloseTo(max, offset(1e-9 * max));
    assertThat(layer.meanLoad() * accelerators).as(replay).isCloseTo(sum, offset(1e-9 * sum));
    assertThat(layer.bound()).as(replay).isLessThanOrEqualTo(layer.maxLoad());

    int shardSize = problem.model().expertsPerShard();
    if (options.hierarchical() && !of.layersAcrossNodes().contains(layer.layer())) {
      Map<Integer, Integer> nodeOf = new TreeMap<>();
      for (int j = 0; j < layer.slots(); j++) {
        int node = j / each / of.acceleratorsPerNode();
        Integer before = nodeOf.putIfAbsent(layer.slotExperts().get(j) / shardSize, node);
        assertThat(before == null || before == node).as(replay).isTrue();
      }
    }
    if (options.uniform()) {
      assertThat(of.packing().layers())
          .as(replay)
          .allMatch(other -> other.slots() == layer.slots());
    }
  }

  private static int nodes(Plan plan, String offer) {
    return plan.leases().stream()
        .filter(lease -> lease.offer().equals(offer))
        .findFirst()
        .orElseThrow()
        .nodes();
  }

  /** Calls per second of each expert of a layer at an offer, from the files; NaN if not held. */
  private static double[] served(Problem problem, Plan plan, String offer, int layer) {
    double[] loads = new double[problem.model().expertsPerLayer()];
    List<List<String>> shards =
        plan.placements().stream()
            .filter(row -> row.layer() == layer)
            .findFirst()
            .orElseThrow()
            .experts();
    for (int e = 0; e < loads.length; e++) {
      int shard = e / problem.model().expertsPerShard();
      loads[e] = shards.get(shard).contains(offer) ? 0 : Double.NaN;
      for (Plan.Serving row : plan.serving()) {
        if (row.layer() == layer && row.replica().get(shard) >= 0) {
          String by = shards.get(shard).get(row.replica().get(shard));
          loads[e] += by.equals(offer) ? calls(problem, row.origin(), layer, e) : 0;
        }
      }
    }
    return loads;
  }

  private static double calls(Problem problem, String origin, int layer, int expert) {
    double tokens =
        problem.origins().stream()
            .filter(o -> o.id().equals(origin))
            .findFirst()
            .orElseThrow()
            .tokensPerSecond();
    Weights weights =
        problem.routing().loads().stream()
            .filter(load -> origin.equals(load.origin()))
            .findFirst()
            .or(
                () ->
                    problem.routing().loads().stream()
                        .filter(load -> load.origin() == null)
                        .findFirst())
            .map(Load::weights)
            .orElse(null);
    int experts = problem.model().expertsPerLayer();
    double sum = weights == null ? 0 : Arrays.stream(weights.row(layer)).sum();
    double share = sum == 0 ? 1.0 / experts : weights.get(layer, expert) / sum;
    return tokens * problem.model().topK() * share;
  }

  /** Each node has 2 GiB, of which 80% are usable, for two accelerators. */
  @Test
  void memory() {
    for (long bytes : new long[] {1L << 30, 1L << 20}) {
      Problem problem = withAccelerators(Examples.problem().expertBytes(bytes).build(), 2);
      for (OfferPacking of : OfferPacker.pack(problem, Examples.plan(problem), DEFAULT)) {
        assertThat(of.usableBytesPerAccelerator()).isEqualTo(0.8 * (1L << 30));
        int slotsEach =
            of.packing().layers().stream()
                .mapToInt(layer -> layer.slots() / of.packing().accelerators())
                .sum();
        assertThat(of.slotBytesPerAccelerator()).isEqualTo((double) slotsEach * bytes);
        assertThat(of.fits()).isEqualTo(bytes == 1L << 20);
      }
    }
  }

  @Test
  void acceleratorsAreNotKnown() {
    for (Integer perNode : new Integer[] {null, 0}) {
      Problem problem = withAccelerators(Examples.problem().build(), perNode);
      Plan plan = Examples.plan(problem);
      assertThatThrownBy(() -> OfferPacker.pack(problem, plan, DEFAULT))
          .isInstanceOf(UnpackableException.class)
          .hasMessage(
              """
              /leases/0: The offer (a) does not say how many accelerators its nodes have.
                Maybe say it for all such offers: --accelerators-per-node 8
              /leases/1: The offer (b) does not say how many accelerators its nodes have.
                Maybe say it for all such offers: --accelerators-per-node 8
              /leases/2: The offer (c) does not say how many accelerators its nodes have.
                Maybe say it for all such offers: --accelerators-per-node 8\
              """);
      assertThat(OfferPacker.pack(problem, plan, new OfferPackOptions(0, false, false, 3)))
          .isEqualTo(OfferPacker.pack(withAccelerators(problem, 3), plan, DEFAULT));
    }
  }

  /** What an offer says itself counts, whatever the options say of the others. */
  @Test
  void acceleratorsOfSomeOffers() {
    Problem problem = withAccelerators(Examples.problem().build(), 2);
    Plan plan = Examples.plan(problem);
    assertThat(OfferPacker.pack(problem, plan, new OfferPackOptions(0, false, false, 3)))
        .isEqualTo(OfferPacker.pack(problem, plan, DEFAULT));
  }

  @Test
  void tooMuchRedundancy() {
    Problem problem = withAccelerators(Examples.problem().build(), 2);
    Plan plan = Examples.plan(problem);
    // Offer a holds two experts of layer 0: 64 slots each on all accelerators are the most.
    int accelerators = 2 * nodes(plan, "a");
    int most = 64 * accelerators - 2;
    for (int redundancy : new int[] {most + 1, 10_000_000, Integer.MAX_VALUE}) {
      for (boolean hierarchical : new boolean[] {false, true}) {
        assertThatThrownBy(
                () ->
                    OfferPacker.pack(
                        problem, plan, new OfferPackOptions(redundancy, hierarchical, true, null)))
            .isInstanceOf(UnpackableException.class)
            .hasMessageStartingWith(
                "/leases/0: The redundancy (%d) must be at most %d for the 2 experts of layer 0"
                    + " on the %d accelerators of offer (a).\n  Maybe a digit slipped in.",
                redundancy, most, accelerators);
      }
    }
  }

  @Test
  void tooManyNodes() {
    Problem problem = withAccelerators(Examples.problem().build(), 2);
    Plan plan = Examples.plan(problem);
    for (int nodes : new int[] {0, 1 << 16, Integer.MAX_VALUE}) {
      List<Plan.Lease> leases = new ArrayList<>(plan.leases());
      Plan.Lease b = leases.get(1);
      leases.set(1, new Plan.Lease(b.offer(), nodes, b.usdPerHour(), b.powerKw(), b.utilization()));
      assertThatThrownBy(
              () -> OfferPacker.pack(problem, change(plan, leases, plan.placements()), DEFAULT))
          .isInstanceOf(UnpackableException.class)
          .hasMessage(
              """
              /leases/1/nodes: The nodes (%d) of offer (b), with 2 accelerators each, must have from 1 to 65536 together, to be packed.
                Maybe the figure was edited.\
              """
                  .formatted(nodes));
    }
  }

  /** Offer b holds four experts that offer a serves: further slots are spread over all of them. */
  @Test
  void layerThatIsServedToNobody() {
    Problem problem =
        withAccelerators(
            ProblemBuilder.threeRegions()
                .model(1, 4, 2)
                .provider("p", 0.0, 0.0, 0.0)
                .origin("us", "p/east", 1000)
                .offer("a", "p/east")
                .offer("b", "p/west")
                .build(),
            2);
    Instance instance = Instance.of(problem);
    var assignment =
        Assignments.of(
            Assignments.replicas(0, 1),
            Assignments.replicas(0, 1),
            Assignments.replicas(0, 1),
            Assignments.replicas(0, 1));
    Plan plan =
        PlanConverter.toPlan(instance, assignment, Pricing.price(instance, assignment), null, null);
    for (boolean hierarchical : new boolean[] {false, true}) {
      OfferPacking b =
          OfferPacker.pack(problem, plan, new OfferPackOptions(4, hierarchical, false, null))
              .get(1);
      LayerPacking layer = b.packing().layers().getFirst();
      assertThat(layer.slotExperts()).containsExactlyInAnyOrder(0, 0, 1, 1, 2, 2, 3, 3);
      assertThat(List.of(layer.maxLoad(), layer.meanLoad(), layer.bound())).containsOnly(0.0);
    }
  }

  @Test
  void planOfAnotherProblem() {
    Problem problem = withAccelerators(Examples.problem().build(), 1);
    Plan plan = Examples.plan(problem);
    Plan shorter = change(plan, plan.leases(), plan.placements().subList(0, 1));
    assertThatThrownBy(() -> OfferPacker.pack(problem, shorter, DEFAULT))
        .isInstanceOf(UnpackableException.class)
        .hasMessageContaining(
            "/serving/1/layer: The layer (1) that serves origin (us) must have a row in"
                + " placements.")
        .hasMessageContaining("\n  Maybe ");
  }

  @Test
  void planWithoutALease() {
    Problem problem = withAccelerators(Examples.problem().build(), 1);
    Plan plan = Examples.plan(problem);
    Plan unleased = change(plan, plan.leases().subList(2, 3), plan.placements());
    assertThatThrownBy(() -> OfferPacker.pack(problem, unleased, DEFAULT))
        .hasMessageContaining(
            "/leases: The leases must have a row for each offer that holds experts, but lack: a,"
                + " b.");
  }

  private static Plan change(Plan p, List<Plan.Lease> leases, List<Plan.Placement> placements) {
    return new Plan(
        p.problem(),
        p.status(),
        p.objective(),
        p.bound(),
        leases,
        placements,
        p.serving(),
        p.parts(),
        p.backbone(),
        p.traffic(),
        p.origins(),
        p.violations(),
        p.solver());
  }

  @Test
  void redundancyBelowZero() {
    assertThatThrownBy(() -> new OfferPackOptions(-1, false, false, null))
        .hasMessageStartingWith("The redundancy (-1) must be 0 or more.");
    assertThatThrownBy(() -> new OfferPackOptions(0, false, false, 0))
        .hasMessageStartingWith("The accelerators per node (0) must be 1 or more.");
  }
}
