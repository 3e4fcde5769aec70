package org.moesaic.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Document;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issue;
import org.moesaic.json.Issues;
import org.moesaic.json.RecordReader;
import org.moesaic.json.Texts;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;
import org.moesaic.pack.Packing;

/**
 * Reads back what was exported. Files of engines say which expert is in which slot, and nothing of
 * loads, so that loads and sizes of what is read are 0, and limits infinite; {@link
 * LayerPacking#optimal} and {@link LayerPacking#imbalance} say nothing of it.
 */
public final class Exports {
  private static final RecordReader<Routes> ROUTES = RecordReader.of(Routes.class);

  private Exports() {}

  /**
   * Reads every offer of a folder that {@link Export#writeTo} wrote.
   *
   * @return in the order of {@code leases.csv}
   * @throws InvalidInputException if a file is wrong, with everything that is wrong with all of
   *     them
   */
  public static List<OfferPacking> read(Path folder) {
    Routes routes = routes(folder.resolve(Routes.FILE));
    ModelLayers layers =
        Objects.requireNonNull(
            ModelLayers.ofList(routes.modelLayerCount(), routes.modelLayers()), "was checked");
    Path leaseFile = folder.resolve(Leases.FILE);
    Issues issues = new Issues(leaseFile);
    List<LeaseRows.Row> leases = LeaseRows.read(leaseFile, issues);
    issues.throwIfErrors();
    List<Issue> wrong = new ArrayList<>();
    List<OfferPacking> packings = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < leases.size(); i++) {
      LeaseRows.Row lease = leases.get(i);
      ExportFormat format = formatOf(lease.file());
      if (format == null || !seen.add(lease.offer())) {
        issues.errorAt(
            leaseFile,
            i + 2,
            lease.file(),
            format == null
                ? "The file (%s) must be a name in this folder that ends as an export's does."
                    .formatted(Texts.shown(lease.file()))
                : "The offer (%s) must be there once.".formatted(Texts.shown(lease.offer())),
            "Maybe the table was edited.");
        continue;
      }
      try {
        packings.add(
            read(
                format,
                folder.resolve(lease.file()),
                new OfferShape(
                    lease.offer(),
                    lease.nodes(),
                    lease.acceleratorsPerNode(),
                    routes.expertsPerLayer(),
                    layers)));
      } catch (InvalidInputException e) {
        wrong.addAll(e.issues());
      }
    }
    wrong.addAll(issues.list());
    if (!wrong.isEmpty()) {
      throw new InvalidInputException(wrong, 0);
    }
    return packings;
  }

  private static @Nullable ExportFormat formatOf(String file) {
    for (ExportFormat format : ExportFormat.values()) {
      if (file.endsWith(format.suffix()) && !file.contains("/") && !file.contains("\\")) {
        return format;
      }
    }
    return null;
  }

  /**
   * Reads the file of one offer.
   *
   * @param shape what the file does not say
   * @throws InvalidInputException if the file is wrong, with everything that is
   */
  public static OfferPacking read(ExportFormat format, Path file, OfferShape shape) {
    var issues = new Issues(file);
    SortedMap<Integer, List<Integer>> rows = OfferReader.of(format).read(file, shape, issues);
    issues.throwIfErrors();
    List<LayerPacking> layers = new ArrayList<>();
    rows.forEach((layer, slots) -> layers.add(new LayerPacking(layer, slots, 0, 0, 0)));
    return new OfferPacking(
        shape.offer(),
        shape.nodes(),
        shape.acceleratorsPerNode(),
        new Packing(shape.accelerators(), shape.experts(), layers),
        List.of(),
        0,
        Double.POSITIVE_INFINITY);
  }

  /**
   * Reads a file of routes.
   *
   * @throws InvalidInputException if the file is wrong, with everything that is
   */
  public static Routes routes(Path file) {
    var issues = new Issues(file);
    Document<Routes> document = ROUTES.read(file, issues);
    issues.throwIfErrors();
    Routes routes = Objects.requireNonNull(document, "was thrown").value();
    if (ModelLayers.ofList(routes.modelLayerCount(), routes.modelLayers()) == null) {
      issues.error(
          "/modelLayers",
          null,
          "The modelLayers must ascend, below modelLayerCount (%d)."
              .formatted(routes.modelLayerCount()),
          "Maybe the file was edited.");
    }
    for (int i = 0; i < routes.routes().size(); i++) {
      Routes.Route route = routes.routes().get(i);
      boolean known =
          route.layer() < routes.modelLayers().size()
              && routes.modelLayers().get(route.layer()) == route.modelLayer();
      boolean served = route.offers().stream().allMatch(offer -> offer < routes.offers().size());
      if (!known || !served || route.offers().size() != routes.expertsPerLayer()) {
        issues.error(
            Texts.pointer("routes", i),
            null,
            "The route must have a layer of modelLayers, and %d indices into the %d offers."
                .formatted(routes.expertsPerLayer(), routes.offers().size()),
            "Maybe the file was edited.");
      }
    }
    issues.throwIfErrors();
    return routes;
  }
}
