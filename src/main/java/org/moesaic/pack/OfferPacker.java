package org.moesaic.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.moesaic.check.PlanConverter;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.instance.Unsupported;
import org.moesaic.instance.UnsupportedProblemException;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans.Objections;
import org.moesaic.problem.Model;
import org.moesaic.problem.Problem;

/**
 * Packs the experts that each offer of a plan holds onto the accelerators that the plan leases
 * there. The load of an expert at an offer is the calls per second that the plan serves there: of
 * every origin whose calls to the expert's shard go to that offer. An expert that is held for
 * nobody has none; a layer of which all are is packed as if its experts were called alike.
 */
public final class OfferPacker {
  private final Instance instance;
  private final Assignment assignment;
  private final OfferPackOptions options;
  private final Objections objections;

  private OfferPacker(
      Instance instance, Assignment assignment, OfferPackOptions options, Objections objections) {
    this.instance = instance;
    this.assignment = assignment;
    this.options = options;
    this.objections = objections;
  }

  /**
   * Packs every offer that holds something.
   *
   * @return one packing per offer, in the order of the problem; a layer of which an offer holds
   *     nothing is absent from its packing
   * @throws UnpackableException with every reason why the plan does not fit the problem or cannot
   *     be packed as asked, such as an offer that is used and does not say how many accelerators
   *     its nodes have
   * @throws UnsupportedProblemException if the problem uses what cannot be planned yet
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
      throw new UnpackableException(String.join("\n", objections));
    }
    return packings;
  }

  /**
   * Packs every offer that holds something, or says why not.
   *
   * @param objections receives every reason why the plan does not fit the problem or cannot be
   *     packed as asked, such as an offer that is used and does not say how many accelerators its
   *     nodes have
   * @return one packing per offer, in the order of the problem; none if there was an objection
   * @throws UnsupportedProblemException if the problem uses what cannot be planned yet
   */
  public static List<OfferPacking> pack(
      Problem problem, Plan plan, OfferPackOptions options, Objections objections) {
    Unsupported.refuseToPack(problem);
    Instance instance = Instance.of(problem);
    Optional<Assignment> assignment = PlanConverter.toAssignment(instance, plan, objections);
    if (assignment.isEmpty()) {
      return List.of();
    }
    var packer = new OfferPacker(instance, assignment.get(), options, objections);
    int[] used = packer.used();
    Map<String, Integer> rows = new HashMap<>();
    for (int row = 0; row < plan.leases().size(); row++) {
      rows.put(plan.leases().get(row).offer(), row);
    }
    List<String> unleased =
        IntStream.of(used)
            .mapToObj(i -> instance.offer(i).id())
            .filter(id -> !rows.containsKey(id))
            .toList();
    boolean fits = unleased.isEmpty();
    if (!fits) {
      objections.add(
          "/leases",
          null,
          "The leases must have a row for each offer that holds experts, but lack: %s."
              .formatted(String.join(", ", unleased)),
          "Maybe the plan was edited.");
    }
    int[] nodes = new int[instance.offers()];
    for (int i : used) {
      Integer row = rows.get(instance.offer(i).id());
      if (row != null) {
        nodes[i] = plan.leases().get(row).nodes();
        fits &= packer.canPack(i, row, nodes[i]);
      }
    }
    return fits ? IntStream.of(used).mapToObj(i -> packer.pack(i, nodes[i])).toList() : List.of();
  }

  /** Whether an offer can be packed as asked; says why not. */
  private boolean canPack(int i, int row, int nodes) {
    String id = instance.offer(i).id();
    int perNode = perNode(i);
    if (perNode < 1) {
      objections.add(
          Texts.pointer("leases", row),
          id,
          "The offer (%s) does not say how many accelerators its nodes have."
              .formatted(Texts.shown(id)),
          // Adding it to the problem would make that another one, which the plan does not answer.
          "Maybe say it for all such offers: --accelerators-per-node 8");
      return false;
    }
    long accelerators = (long) nodes * perNode;
    long mostAccelerators = LayerPacker.mostAccelerators(instance.layers());
    if (nodes < 1 || accelerators > mostAccelerators) {
      objections.add(
          Texts.pointer("leases", row, "nodes"),
          nodes,
          "The nodes (%d) of offer (%s), with %d accelerators each, must have from 1 to %d together, to be packed."
              .formatted(nodes, Texts.shown(id), perNode, mostAccelerators),
          "Maybe the figure was edited.");
      return false;
    }
    for (int l = 0; l < instance.layers(); l++) {
      int held = experts(shards(i, l)).length;
      long most = LayerPacker.mostSlots(instance.layers(), held, accelerators) - held;
      if (held > 0 && options.redundancy() > most) {
        objections.add(
            Texts.pointer("leases", row),
            id,
            "The redundancy (%d) must be at most %d for the %d experts of layer %d on the %d accelerators of offer (%s)."
                .formatted(options.redundancy(), most, held, l, accelerators, Texts.shown(id)),
            "Maybe a digit slipped in.");
        return false;
      }
    }
    return true;
  }

  /** Accelerators of a node, 0 if neither the offer nor the options say it. */
  private int perNode(int offer) {
    Integer own = instance.offer(offer).acceleratorsPerNode();
    return own != null && own > 0
        ? own
        : Objects.requireNonNullElse(options.acceleratorsPerNode(), 0);
  }

  /** The offers that hold something, ascending. */
  private int[] used() {
    boolean[] used = new boolean[instance.offers()];
    for (int s = 0; s < instance.shards(); s++) {
      for (int i : assignment.of(s).replicas()) {
        used[i] = true;
      }
    }
    return IntStream.range(0, used.length).filter(i -> used[i]).toArray();
  }

  private OfferPacking pack(int i, int nodes) {
    int perNode = perNode(i);
    Model model = instance.problem().model();
    int accelerators = nodes * perNode;
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
        instance.offer(i).id(),
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
    int slots = experts(shards).length + options.redundancy();
    int each = Math.ceilDiv(slots, nodes * perNode);
    if (options.hierarchical() && shards.length >= nodes) {
      int size = Arrays.stream(shards).map(instance::sizeOf).max().orElse(1);
      while (!NodePacker.fits(shards.length, size, nodes, each * perNode)) {
        each++;
      }
    }
    return each;
  }

  private LayerPacking pack(int i, int layer, int nodes, int accelerators, int each) {
    int[] shards = shards(i, layer);
    int[] ids = experts(shards);
    double[] all = loads(i, layer);
    double[] loads = Arrays.stream(ids).mapToDouble(e -> all[e]).toArray();
    boolean idle = Arrays.stream(loads).noneMatch(load -> load > 0);
    if (idle) {
      // Whom it may serve one day is not known: further slots go round.
      Arrays.fill(loads, 1);
    }
    LayerPacking packing = pack(layer, loads, ids, shards, nodes, accelerators, each);
    return idle ? new LayerPacking(layer, packing.slotExperts(), 0, 0, 0) : packing;
  }

  private LayerPacking pack(
      int layer, double[] loads, int[] ids, int[] shards, int nodes, int accelerators, int each) {
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
