package org.moesaic.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Parts;
import org.moesaic.instance.Placement;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Problem;

/**
 * Takes over what a plan of a former state of the problem decided, by ids.
 *
 * <p>Idea: replicas and hosts on offers that are gone, or that rules now forbid, are dropped. A
 * shard that is left with none goes where most of its layer is; whoever lost its replica is served
 * by the cheapest that is left to it; a layer that lost its host goes to that of the layer before.
 * Parts keep their proportions where an origin has more or fewer streams than it had; a new origin
 * is treated like another one. Complexity: linear in the plan. No guarantee: rules on sums, such as
 * capacity, may be broken; every piece is where it may be, if it may be anywhere.
 */
public final class EarlierPlan {
  private final Instance whole;
  private final Plan plan;
  private final Map<String, Integer> offers = new HashMap<>();
  private final TreeSet<String> gone = new TreeSet<>();
  private final List<String> notes = new ArrayList<>();

  /** By part of now: the row of the plan that it follows; null for none. */
  private final List<@Nullable String> rows = new ArrayList<>();

  private int dropped;
  private int rehosted;

  /** Who serves an origin, or part of one, with a layer. */
  private record Row(@Nullable String origin, int layer) {}

  private EarlierPlan(Instance whole, Plan plan) {
    this.whole = whole;
    this.plan = plan;
    for (int i = 0; i < whole.offers(); i++) {
      offers.put(whole.offer(i).id(), i);
    }
  }

  /**
   * What is left of a plan.
   *
   * @param assignment on the problem as it is now
   * @param notes what had to be left out, in sentences for the user
   */
  public record Left(Assignment assignment, List<String> notes) {
    public Left {
      notes = List.copyOf(notes);
    }
  }

  /**
   * Takes over a plan.
   *
   * @param whole the problem as it is now, with its origins whole
   * @throws IllegalArgumentException if it is of a model of another shape
   */
  public static Left take(Instance whole, Plan plan) {
    return new EarlierPlan(whole, plan).take();
  }

  private Left take() {
    requireSameShape();
    Parts parts = parts();
    Instance instance = whole.split(parts);
    Map<Row, List<Integer>> serving = new HashMap<>();
    plan.serving().forEach(row -> serving.put(new Row(row.origin(), row.layer()), row.replica()));
    Map<String, List<String>> hosts = new HashMap<>();
    plan.backbone().forEach(row -> hosts.put(row.origin(), row.layers()));
    int[][] homes = new int[parts.count()][whole.layers()];
    Placement[] placements = new Placement[whole.shards()];
    List<Plan.Placement> ascending =
        plan.placements().stream().sorted(Comparator.comparingInt(Plan.Placement::layer)).toList();
    for (Plan.Placement row : ascending) {
      int layer = row.layer();
      int usual = usual(row);
      for (int o = 0; o < homes.length; o++) {
        homes[o][layer] = whole.hasBackbone() ? host(instance, hosts, homes, o, layer, usual) : -1;
      }
      for (int k = 0; k < row.experts().size(); k++) {
        int shard = whole.shard(layer, k);
        placements[shard] = placement(instance, row.experts().get(k), serving, homes, shard, usual);
      }
    }
    tell();
    return new Left(
        new Assignment(
            Arrays.asList(placements), whole.hasBackbone() ? Homes.of(homes) : Homes.OWN, parts),
        notes);
  }

  private void requireSameShape() {
    String misfit = misfit(whole.problem(), plan);
    if (misfit != null) {
      throw new IllegalArgumentException(misfit);
    }
  }

  /**
   * Why nothing of a plan can be taken over: two lines, the second of which begins with "Maybe";
   * null if something can.
   */
  public static @Nullable String misfit(Problem problem, Plan plan) {
    int layers = problem.model().moeLayers();
    int size = problem.model().expertsPerShard();
    int shards = (problem.model().expertsPerLayer() + size - 1) / size;
    boolean same =
        plan.placements().stream().map(Plan.Placement::layer).distinct().count() == layers
            && plan.placements().size() == layers
            && plan.placements().stream()
                .allMatch(row -> row.layer() < layers && row.experts().size() == shards);
    return same
        ? null
        : "The plan to start from must have %d layers with %d shards each, as the model has.%nMaybe it answers another problem."
            .formatted(layers, shards);
  }

  private void tell() {
    if (!gone.isEmpty()) {
      notes.add(
          "Of the plan to start from, %s no longer there or allowed to hold what it held: %s."
              .formatted(
                  gone.size() == 1 ? "an offer is" : gone.size() + " offers are",
                  String.join(", ", gone.stream().map(Texts::shown).toList())));
    }
    if (dropped + rehosted > 0) {
      notes.add(
          "Of the plan to start from, %,d replicas are dropped, and %,d layers hosted elsewhere."
              .formatted(dropped, rehosted));
    }
  }

  /** The parts of now, and the rows that they follow. */
  private Parts parts() {
    List<Origin> origins = whole.problem().origins();
    int[][] streams = new int[origins.size()][];
    for (int o = 0; o < streams.length; o++) {
      Origin origin = origins.get(o);
      List<Plan.Part> old = new ArrayList<>();
      for (Plan.Part part : plan.parts()) {
        if (part.origin().equals(origin.id())) {
          old.add(part);
        }
      }
      old.sort(Comparator.comparingInt(part -> -part.streams()));
      if (old.isEmpty()) {
        streams[o] = new int[] {origin.streams()};
        rows.add(rowOf(origin));
        continue;
      }
      // Where the dense part is not placed, origins are whole.
      int[] counts =
          whole.hasBackbone()
              ? share(origin.streams(), old.stream().mapToInt(Plan.Part::streams).toArray())
              : new int[] {origin.streams()};
      List<Integer> some = new ArrayList<>();
      for (int k = 0; k < counts.length; k++) {
        if (counts[k] > 0) {
          some.add(counts[k]);
          rows.add(old.get(k).id());
        }
      }
      streams[o] = some.stream().mapToInt(count -> count).toArray();
    }
    return Parts.of(origins, streams);
  }

  /** So many streams in proportion, by the largest remainders; those before have them first. */
  private static int[] share(int streams, int[] old) {
    long all = Arrays.stream(old).asLongStream().sum();
    int[] counts = new int[old.length];
    long[] rest = new long[old.length];
    int given = 0;
    for (int k = 0; k < old.length; k++) {
      counts[k] = (int) ((long) streams * old[k] / all);
      rest[k] = (long) streams * old[k] % all;
      given += counts[k];
    }
    List<Integer> order =
        IntStream.range(0, old.length)
            .boxed()
            .sorted(Comparator.comparingLong(k -> -rest[k]))
            .toList();
    for (int k = 0; k < streams - given; k++) {
      counts[order.get(k)]++;
    }
    return counts;
  }

  /** The row of an origin that the plan has whole; for one that is new, that of any other. */
  private @Nullable String rowOf(Origin origin) {
    for (Plan.Origin row : plan.origins()) {
      if (row.id().equals(origin.id())) {
        return row.id();
      }
    }
    notes.add(
        "The plan to start from knows no origin (%s); it begins like another."
            .formatted(Texts.shown(origin.id())));
    return plan.origins().isEmpty() ? null : plan.origins().getFirst().id();
  }

  /** The offer that holds most of a layer, among those that are there still; -1 for none. */
  private int usual(Plan.Placement row) {
    int[] count = new int[whole.offers()];
    int best = -1;
    for (List<String> ids : row.experts()) {
      for (String id : ids) {
        Integer offer = offers.get(id);
        if (offer != null
            && whole.available(offer)
            && (++count[offer] > 0)
            && (best < 0 || count[offer] > count[best])) {
          best = offer;
        }
      }
    }
    return best;
  }

  private int host(
      Instance instance,
      Map<String, List<String>> hosts,
      int[][] homes,
      int part,
      int layer,
      int usual) {
    List<String> row = hosts.get(rows.get(part));
    Integer was = row == null || layer >= row.size() ? null : offers.get(row.get(layer));
    if (was != null && mayHost(instance, part, layer, was)) {
      return was;
    }
    rehosted++;
    if (row != null && layer < row.size()) {
      gone.add(row.get(layer));
    }
    if (layer > 0 && mayHost(instance, part, layer, homes[part][layer - 1])) {
      return homes[part][layer - 1];
    }
    if (usual >= 0 && mayHost(instance, part, layer, usual)) {
      return usual;
    }
    return nearest(instance, instance.siteOfOrigin(part), i -> mayHost(instance, part, layer, i));
  }

  private static boolean mayHost(Instance instance, int part, int layer, int offer) {
    return offer >= 0 && instance.mayHost(part, layer, offer);
  }

  private Placement placement(
      Instance instance,
      List<String> ids,
      Map<Row, List<Integer>> serving,
      int[][] homes,
      int shard,
      int usual) {
    TreeSet<Integer> replicas = new TreeSet<>();
    for (String id : ids) {
      Integer offer = offers.get(id);
      if (offer != null && whole.mayHold(shard, offer)) {
        replicas.add(offer);
      } else {
        gone.add(id);
        dropped++;
      }
    }
    if (replicas.isEmpty()) {
      boolean there = usual >= 0 && whole.mayHold(shard, usual);
      replicas.add(there ? usual : nearest(instance, 0, i -> whole.mayHold(shard, i)));
    }
    int layer = whole.layerOf(shard);
    int[] servedBy = new int[instance.origins()];
    for (int o = 0; o < servedBy.length; o++) {
      if (!instance.isServed(o, shard)) {
        servedBy[o] = Placement.NOBODY;
        continue;
      }
      int origin = o;
      List<Integer> row = serving.get(new Row(rows.get(o), layer));
      int k = shard % whole.shardsPerLayer();
      int index = row == null || k >= row.size() ? -1 : row.get(k);
      Integer was = index < 0 || index >= ids.size() ? null : offers.get(ids.get(index));
      if (was != null && replicas.contains(was) && instance.mayServe(o, was)) {
        servedBy[o] = was;
        continue;
      }
      int home = instance.siteOfHome(o, homes[o][layer]);
      int next = nearest(instance, home, i -> replicas.contains(i) && instance.mayServe(origin, i));
      if (!instance.mayServe(o, next) || !replicas.contains(next)) {
        next =
            nearest(instance, home, i -> whole.mayHold(shard, i) && instance.mayServe(origin, i));
        replicas.add(next);
      }
      servedBy[o] = next;
    }
    return new Placement(replicas.stream().mapToInt(i -> i).toArray(), servedBy);
  }

  /** The offer that is reached at the least price, there and back; any if none is allowed. */
  private static int nearest(Instance instance, int site, IntPredicate allowed) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < instance.offers(); i++) {
      if (allowed.test(i)) {
        int other = instance.siteOfOffer(i);
        double there = instance.usdPerGb(site, other) + instance.usdPerGb(other, site);
        double usd = site == other ? 0 : Double.isNaN(there) ? Double.MAX_VALUE : there;
        if (usd < least) {
          least = usd;
          best = i;
        }
      }
    }
    return best;
  }
}
