package org.moesaic.export;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.moesaic.json.Doc;
import org.moesaic.json.Format;
import org.moesaic.json.Limits;
import org.moesaic.json.OneLine;
import org.moesaic.json.Range;
import org.moesaic.json.Size;
import org.moesaic.pack.OfferPacking;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.ProblemId;
import org.moesaic.problem.Problem;

/**
 * Which offer serves each expert of each layer to each origin, as written in {@value #FILE}, a file
 * of the format {@value #FORMAT}.
 */
@Format(Routes.FORMAT)
public record Routes(
    @Doc("the problem that the plan answers") ProblemId problem,
    @Doc("experts of each layer that has them") @Range(min = 1, max = Limits.EXPERTS_PER_LAYER)
        int expertsPerLayer,
    @Doc("number of all layers of the model, dense ones too") @Range(min = 1) int modelLayerCount,
    @Doc("for each layer of the plan its number among all layers of the model")
        @Size(min = 1, max = Limits.LAYERS)
        @Range(min = 0)
        List<Integer> modelLayers,
    @Doc("the offers that hold something") List<String> offers,
    @Doc("who is served by which, one row per origin and layer") List<Route> routes) {

  /** The value of the field {@code format}. */
  public static final String FORMAT = "moesaic/routes/1";

  /** The name of the file. */
  public static final String FILE = "routes.json";

  /** Stands for no offer, where an origin never calls an expert. */
  public static final int NONE = -1;

  public Routes {
    modelLayers = List.copyOf(modelLayers);
    offers = List.copyOf(offers);
    routes = List.copyOf(routes);
  }

  /** Who serves one origin in one layer. */
  @OneLine
  public record Route(
      @Doc("the origin") String origin,
      @Doc("the layer of the plan, from 0") @Range(min = 0) int layer,
      @Doc("the layer of the model, from 0") @Range(min = 0) int modelLayer,
      @Doc("for each expert an index into offers; -1 where the origin never calls it")
          @Range(min = -1)
          List<Integer> offers) {
    public Route {
      offers = List.copyOf(offers);
    }
  }

  /** The routes of a plan that fits its problem, in the order of its serving. */
  static Routes of(Problem problem, Plan plan, ModelLayers layers, List<OfferPacking> packings) {
    Map<String, Integer> indices = new HashMap<>();
    packings.forEach(packing -> indices.put(packing.offer(), indices.size()));
    Map<Integer, Plan.Placement> placements = new HashMap<>();
    plan.placements().forEach(row -> placements.put(row.layer(), row));
    int experts = problem.model().expertsPerLayer();
    int perShard = problem.model().expertsPerShard();
    List<Route> routes = new ArrayList<>();
    for (Plan.Serving row : plan.serving()) {
      List<List<String>> held =
          Objects.requireNonNull(placements.get(row.layer()), "the plan fits").experts();
      List<Integer> offers = new ArrayList<>();
      for (int e = 0; e < experts; e++) {
        int replica = row.replica().get(e / perShard);
        offers.add(
            replica < 0
                ? NONE
                : Objects.requireNonNull(
                    indices.get(held.get(e / perShard).get(replica)), "what holds is packed"));
      }
      routes.add(new Route(row.origin(), row.layer(), layers.modelLayer(row.layer()), offers));
    }
    return new Routes(
        plan.problem(),
        experts,
        layers.count(),
        layers.moeLayers(),
        packings.stream().map(OfferPacking::offer).toList(),
        routes);
  }
}
