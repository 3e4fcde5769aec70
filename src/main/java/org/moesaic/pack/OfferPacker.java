package org.moesaic.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.moesaic.check.PlanConverter;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.instance.Unsupported;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Lease;
import org.moesaic.plan.Plans.Objections;
import org.moesaic.problem.Model;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Problem;

/**
 * Packs the experts that each offer of a plan holds onto the accelerators that the plan leases
 * there. The load of an expert at an offer is the calls per second that the plan serves there: of
 * every origin whose calls to the expert's shard go to that offer. An expert that is held for
 * nobody has none.
 */
public final class OfferPacker {
  private final Instance instance;
  private final Assignment assignment;
  private final OfferPackOptions options;

  private OfferPacker(Instance instance, Assignment assignment, OfferPackOptions options) {
    this.instance = instance;
    this.assignment = assignment;
    this.options = options;
  }

  /**
   * Packs every offer that holds something.
   *
   * @return one packing per offer, in the order of the problem; a layer of which an offer holds
   *     nothing is absent from its packing
   * @throws UnpackableException if the plan does not fit the problem, or an offer that is used does
   *     not say how many accelerators its nodes have
   */
  public static List<OfferPacking> pack(Problem problem, Plan plan, OfferPackOptions options) {
    List<String> objections = new ArrayList<>();
    List<OfferPacking> packings =
        pack(
            problem,
            plan,
            options,
            (pointer, value, message, hint) ->
                objections.add("%s: %s\n  %s".formatted(pointer, message, hint)));
    if (!objections.isEmpty()) {
      throw new UnpackableException(
          String.join("\n", objections), "Maybe the plan answers another problem.");
    }
    return packings;
  }

  /**
   * Packs every offer that holds something, or says why the plan does not fit the problem.
   *
   * @param objections receives every reason why the plan does not fit the problem
   * @return one packing per offer, in the order of the problem; none if there was an objection
   * @throws UnpackableException if an offer that is used does not say how many accelerators its
   *     nodes have
   */
  public static List<OfferPacking> pack(
      Problem problem, Plan plan, OfferPackOptions options, Objections objections) {
    Unsupported.refuse(problem);
    Instance instance = Instance.of(problem);
    Optional<Assignment> assignment = PlanConverter.toAssignment(instance, plan, objections);
    if (assignment.isEmpty()) {
      return List.of();
    }
    Map<String, Integer> nodes =
        plan.leases().stream().collect(Collectors.toMap(Lease::offer, Lease::nodes));
    var packer = new OfferPacker(instance, assignment.get(), options);
    List<OfferPacking> packings = new ArrayList<>();
    boolean leased = true;
    boolean[] used = packer.used();
    for (int i = 0; i < used.length; i++) {
      if (!used[i]) {
        continue;
      }
      Integer leasedNodes = nodes.get(instance.offer(i).id());
      if (leasedNodes == null) {
        leased = false;
        objections.add(
            "/leases",
            null,
            "The leases must have a row for offer (%s), which holds experts."
                .formatted(instance.offer(i).id()),
            "Maybe a row is missing.");
      } else if (leased) {
        packings.add(packer.pack(i, leasedNodes));
      }
    }
    return leased ? packings : List.of();
  }

  private boolean[] used() {
    boolean[] used = new boolean[instance.offers()];
    for (int s = 0; s < instance.shards(); s++) {
      for (int i : assignment.of(s).replicas()) {
        used[i] = true;
      }
    }
    return used;
  }

  private OfferPacking pack(int i, int nodes) {
    Offer offer = instance.offer(i);
    Integer perNode = offer.acceleratorsPerNode();
    if (perNode == null || perNode < 1) {
      throw new UnpackableException(
          "The offer (%s) must say how many accelerators its nodes have.".formatted(offer.id()),
          "Maybe add acceleratorsPerNode to it in the problem.");
    }
    Model model = instance.problem().model();
    int accelerators = Math.multiplyExact(nodes, perNode);
    int[] eachOfLayer =
        IntStream.range(0, instance.layers()).map(l -> each(i, l, nodes, perNode)).toArray();
    if (options.uniform()) {
      int most = Arrays.stream(eachOfLayer).max().orElse(0);
      Arrays.setAll(eachOfLayer, l -> eachOfLayer[l] == 0 ? 0 : most);
    }
    List<LayerPacking> layers =
        IntStream.range(0, instance.layers())
            .filter(l -> eachOfLayer[l] > 0)
            .parallel()
            .mapToObj(l -> pack(i, l, nodes, accelerators, eachOfLayer[l]))
            .toList();
    return new OfferPacking(
        offer.id(),
        nodes,
        perNode,
        new Packing(accelerators, model.expertsPerLayer(), layers),
        IntStream.range(0, instance.layers())
            .filter(l -> options.hierarchical() && eachOfLayer[l] > 0)
            .filter(l -> shards(i, l).length < nodes)
            .boxed()
            .toList(),
        (double) Arrays.stream(eachOfLayer).asLongStream().sum() * model.expertBytes(),
        instance.memoryBytesPerNode(i) / perNode);
  }

  /** The slots of a layer on each accelerator of an offer; 0 if it holds nothing of the layer. */
  private int each(int i, int layer, int nodes, int perNode) {
    int[] shards = shards(i, layer);
    if (shards.length == 0) {
      return 0;
    }
    int accelerators = Math.multiplyExact(nodes, perNode);
    int slots = Math.addExact(experts(shards).length, options.redundancy());
    int each = Math.ceilDiv(slots, accelerators);
    if (options.hierarchical() && shards.length >= nodes) {
      int size = Arrays.stream(shards).map(instance::sizeOf).max().orElse(1);
      while (!NodePacker.fits(shards.length, size, nodes, Math.multiplyExact(each, perNode))) {
        each++;
      }
    }
    Math.multiplyExact(each, accelerators); // or the slots cannot be counted
    return each;
  }

  private LayerPacking pack(int i, int layer, int nodes, int accelerators, int each) {
    int[] shards = shards(i, layer);
    int[] ids = experts(shards);
    double[] all = loads(i, layer);
    double[] loads = Arrays.stream(ids).mapToDouble(e -> all[e]).toArray();
    if (!options.hierarchical() || nodes == 1 || shards.length < nodes) {
      return LayerPacker.pack(layer, loads, ids, accelerators, each * accelerators);
    }
    int[][] groups = new int[shards.length][];
    int first = 0;
    for (int g = 0; g < groups.length; g++) {
      int size = instance.sizeOf(shards[g]);
      groups[g] = IntStream.range(first, first + size).toArray();
      first += size;
    }
    return LayerPacker.pack(
        layer, loads, ids, accelerators, each * accelerators, groups, nodes, false);
  }

  /** The shards of a layer that an offer holds, ascending. */
  private int[] shards(int offer, int layer) {
    return IntStream.range(instance.shard(layer, 0), instance.shard(layer + 1, 0))
        .filter(s -> assignment.of(s).holds(offer))
        .toArray();
  }

  /** The experts of shards, ascending. */
  private int[] experts(int[] shards) {
    return Arrays.stream(shards)
        .flatMap(
            s ->
                IntStream.range(
                    instance.firstExpertOf(s), instance.firstExpertOf(s) + instance.sizeOf(s)))
        .toArray();
  }

  /** Calls per second of each expert of a layer that an offer serves. */
  private double[] loads(int offer, int layer) {
    double[] loads = new double[instance.problem().model().expertsPerLayer()];
    for (int o = 0; o < instance.origins(); o++) {
      double[] calls = instance.expertDemand(o, layer);
      for (int s = instance.shard(layer, 0); s < instance.shard(layer + 1, 0); s++) {
        Placement placement = assignment.of(s);
        if (placement.servedBy()[o] == offer) {
          int first = instance.firstExpertOf(s);
          for (int e = first; e < first + instance.sizeOf(s); e++) {
            loads[e] += calls[e];
          }
        }
      }
    }
    return loads;
  }
}
