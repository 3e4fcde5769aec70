package org.moesaic.export;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.moesaic.instance.Instance;
import org.moesaic.instance.UnsupportedProblemException;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issues;
import org.moesaic.json.RecordWriter;
import org.moesaic.json.Texts;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPackOptions;
import org.moesaic.pack.OfferPacker;
import org.moesaic.pack.OfferPacking;
import org.moesaic.pack.Packing;
import org.moesaic.plan.Plan;
import org.moesaic.problem.Problem;

/**
 * Turns a plan into files that serving engines load: packs the experts of each offer onto its
 * accelerators, and writes one file per offer, a table of leases and the routes.
 *
 * <p>The engines run a model on one cluster each, and expect every expert there. A plan may spread
 * a layer over several offers; which experts an offer lacks is then an error that lists them, or,
 * on request and where the format can say it, a note: calls to these go to other offers, as the
 * routes say, and something in front of the engines has to send them there.
 */
public final class Exporter {
  private static final RecordWriter<Routes> ROUTES = RecordWriter.of(Routes.class);

  private final Problem problem;
  private final Plan plan;
  private final ExportOptions options;
  private final ModelLayers layers;
  private final Issues issues;
  private final List<String> notes = new ArrayList<>();

  private Exporter(Problem problem, Plan plan, ExportOptions options, Issues issues) {
    this.problem = problem;
    this.plan = plan;
    this.options = options;
    this.layers = ModelLayers.of(problem.model().moeLayers(), options.denseLayers());
    this.issues = issues;
  }

  /**
   * Exports a plan.
   *
   * @param planFile where the plan was read from; errors name it
   * @throws InvalidInputException if the plan answers another problem or does not fit it, cannot be
   *     packed as asked, or holds what the format cannot say
   * @throws UnsupportedProblemException if the problem uses what cannot be planned yet
   * @throws IllegalArgumentException if the dense layers do not fit the model
   */
  public static Export export(Problem problem, Plan plan, Path planFile, ExportOptions options) {
    return new Exporter(problem, plan, options, new Issues(planFile)).export();
  }

  private Export export() {
    requireSameProblem();
    List<OfferPacking> packings =
        OfferPacker.pack(
            problem,
            plan,
            new OfferPackOptions(
                options.redundancy(),
                options.hierarchical(),
                options.format().uniform(),
                options.acceleratorsPerNode()),
            issues::error);
    issues.throwIfErrors();
    if (plan.status() == Plan.Status.INFEASIBLE) {
      notes.add(
          "The plan breaks %d of the problem's rules; moesaic check says which."
              .formatted(plan.violations().size()));
    }
    Routes routes = Routes.of(problem, plan, layers, packings);
    if (!options.format().files().repeats()) {
      packings = spread(packings, routes);
    }
    packings.forEach(this::check);
    issues.throwIfErrors();
    requireServed(routes, packings);
    return files(packings, routes);
  }

  private void requireSameProblem() {
    String sha256 = plan.problem().sha256();
    if (!sha256.equals(problem.sha256())) {
      issues.error(
          "/problem/sha256",
          sha256,
          "The sha256 of the plan's problem (%s) must be that of the problem's file, %s."
              .formatted(
                  Texts.shown(plan.problem().name()),
                  problem.sha256().isEmpty() ? "which has none" : shortened(problem.sha256())),
          "Maybe the problem was edited since; solve it again.");
      issues.throwIfErrors();
    }
  }

  private static String shortened(String sha256) {
    return sha256.length() <= 12 ? sha256 : sha256.substring(0, 12) + "…";
  }

  /** The packings, where no accelerator holds an expert twice, as far as that is possible. */
  private List<OfferPacking> spread(List<OfferPacking> packings, Routes routes) {
    Instance instance = Instance.of(problem);
    Map<String, Integer> origins = new HashMap<>();
    for (int o = 0; o < instance.origins(); o++) {
      origins.put(instance.origin(o).id(), o);
    }
    Map<Integer, List<Routes.Route>> byLayer =
        routes.routes().stream().collect(Collectors.groupingBy(Routes.Route::layer));
    List<OfferPacking> spread = new ArrayList<>();
    for (int i = 0; i < packings.size(); i++) {
      OfferPacking packing = packings.get(i);
      int accelerators = packing.packing().accelerators();
      List<LayerPacking> layers = new ArrayList<>();
      for (LayerPacking layer : packing.packing().layers()) {
        if (Rows.repeat(layer.slotExperts(), accelerators) == null) {
          layers.add(layer);
          continue;
        }
        double[] loads = new double[packing.packing().experts()];
        for (Routes.Route route : byLayer.getOrDefault(layer.layer(), List.of())) {
          double[] calls =
              instance.expertDemand(
                  Objects.requireNonNull(origins.get(route.origin()), "the plan fits"),
                  layer.layer());
          for (int e = 0; e < loads.length; e++) {
            loads[e] += route.offers().get(e) == i ? calls[e] : 0;
          }
        }
        boolean withinNodes =
            options.hierarchical() && !packing.layersAcrossNodes().contains(layer.layer());
        layers.add(
            Spreading.spread(layer, loads, accelerators, withinNodes ? packing.nodes() : 1)
                .orElse(layer));
      }
      spread.add(
          new OfferPacking(
              packing.offer(),
              packing.nodes(),
              packing.acceleratorsPerNode(),
              new Packing(accelerators, packing.packing().experts(), layers),
              packing.layersAcrossNodes(),
              packing.slotBytesPerAccelerator(),
              packing.usableBytesPerAccelerator()));
    }
    return spread;
  }

  private void check(OfferPacking packing) {
    OfferFormat format = options.format().files();
    int accelerators = packing.packing().accelerators();
    int slots = OfferFormat.slots(packing);
    checkComplete(packing);
    for (LayerPacking layer : packing.packing().layers()) {
      if (layer.slots() % accelerators != 0 || (format.uniform() && layer.slots() != slots)) {
        throw new IllegalStateException(
            "The packing of offer (%s) has %d slots in layer %d."
                .formatted(packing.offer(), layer.slots(), layer.layer()));
      }
      Rows.Repeat repeat = format.repeats() ? null : Rows.repeat(layer.slotExperts(), accelerators);
      if (repeat != null) {
        error(
            packing,
            "The offer (%s) would hold expert %d of layer %d twice on accelerator %d, which %s cannot say."
                .formatted(
                    Texts.shown(packing.offer()),
                    repeat.expert(),
                    layer.layer(),
                    repeat.accelerator(),
                    options.format().title()),
            "Maybe take a smaller redundancy or fewer nodes, or another format.");
        break;
      }
    }
    if (!packing.layersAcrossNodes().isEmpty()) {
      notes.add(
          "The offer (%s) holds fewer shards than it has nodes in %d layers; their replicas may lie on any node."
              .formatted(Texts.shown(packing.offer()), packing.layersAcrossNodes().size()));
    }
    if (!packing.fits()) {
      notes.add(
          String.format(
              Locale.ROOT,
              "The slots of offer (%s) take %.1f GiB on each accelerator, but experts can use"
                  + " %.1f.",
              Texts.shown(packing.offer()),
              packing.slotBytesPerAccelerator() / (1L << 30),
              packing.usableBytesPerAccelerator() / (1L << 30)));
    }
  }

  private void checkComplete(OfferPacking packing) {
    OfferFormat format = options.format().files();
    Gaps gaps = Gaps.of(packing, layers.moeLayers().size());
    if (gaps.isEmpty() || format.partial() == OfferFormat.Partial.ALWAYS) {
      return;
    }
    String title = options.format().title();
    if (options.allowPartial() && format.partial() == OfferFormat.Partial.ON_REQUEST) {
      notes.add(
          "The file of offer (%s) leaves out %d experts that it does not hold (%s); calls to them go where %s says, and %s."
              .formatted(
                  Texts.shown(packing.offer()),
                  gaps.count(),
                  gaps.describe(),
                  Routes.FILE,
                  format.needsAll()));
      return;
    }
    error(
        packing,
        "The offer (%s) must hold every expert to be exported to %s: %s. It lacks %d (%s); the plan serves them elsewhere."
            .formatted(
                Texts.shown(packing.offer()),
                title,
                format.needsAll(),
                gaps.count(),
                gaps.describe()),
        format.partial() == OfferFormat.Partial.ON_REQUEST
            ? "Maybe export what it does hold with --allow-partial, and send the other calls where %s says."
                .formatted(Routes.FILE)
            : "Maybe take a format that can leave experts out, with --allow-partial: %s."
                .formatted(String.join(", ", ExportFormat.partialTitles())));
  }

  /** Reports what is wrong with the packing of an offer, at its lease. */
  private void error(OfferPacking packing, String message, String hint) {
    int lease = 0;
    while (!plan.leases().get(lease).offer().equals(packing.offer())) {
      lease++;
    }
    issues.error(Texts.pointer("leases", lease), packing.offer(), message, hint);
  }

  /** Makes sure that every call ends where its expert is. */
  private static void requireServed(Routes routes, List<OfferPacking> packings) {
    List<Map<Integer, Set<Integer>>> held = new ArrayList<>();
    for (OfferPacking packing : packings) {
      Map<Integer, Set<Integer>> layers = new HashMap<>();
      packing
          .packing()
          .layers()
          .forEach(layer -> layers.put(layer.layer(), new HashSet<>(layer.slotExperts())));
      held.add(layers);
    }
    for (Routes.Route route : routes.routes()) {
      for (int e = 0; e < route.offers().size(); e++) {
        int offer = route.offers().get(e);
        if (offer != Routes.NONE
            && !held.get(offer).getOrDefault(route.layer(), Set.of()).contains(e)) {
          throw new IllegalStateException(
              "The packing of offer (%s) lacks expert %d of layer %d."
                  .formatted(packings.get(offer).offer(), e, route.layer()));
        }
      }
    }
  }

  private Export files(List<OfferPacking> packings, Routes routes) {
    ExportFormat format = options.format();
    List<String> names =
        FileNames.of(packings.stream().map(OfferPacking::offer).toList(), format.suffix());
    List<Export.OfferFile> offers = new ArrayList<>();
    List<Export.Content> files = new ArrayList<>();
    for (int i = 0; i < packings.size(); i++) {
      OfferPacking packing = packings.get(i);
      String name = names.get(i);
      offers.add(new Export.OfferFile(packing, name, format.files().usage(packing, name)));
      files.add(new Export.Content(name, format.files().write(packing, layers)));
    }
    files.add(new Export.Content(Leases.FILE, Leases.write(problem, plan, packings, names)));
    files.add(
        new Export.Content(Routes.FILE, ROUTES.toJson(routes).getBytes(StandardCharsets.UTF_8)));
    return new Export(format, offers, files, notes);
  }
}
