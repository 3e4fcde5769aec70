package org.moesaic.generate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.moesaic.generate.Catalog.Accelerator;
import org.moesaic.generate.Catalog.Node;
import org.moesaic.generate.Catalog.Place;

/**
 * Offers of one's own, from a CSV file with the columns {@code
 * provider,region,accelerator,usdPerNodeHour} and, if need be, {@code
 * accelerators,networkGbps,fabric,instance}; or from a catalogue of SkyPilot, one provider's {@code
 * vms.csv} as it is, of which the cheapest row of each region and accelerator with 8 of them is
 * taken. Sites and accelerators are those of {@link Catalog}: they say what is near and what it
 * holds.
 */
final class OwnOffers {
  private static final int USUAL_ACCELERATORS = 8;

  private final Catalog catalog = Catalog.builtIn();
  private final Path file;
  private final @Nullable String provider;
  private final Map<String, Integer> columns = new LinkedHashMap<>();

  private OwnOffers(Path file, @Nullable String provider) {
    this.file = file;
    this.provider = provider;
  }

  /**
   * Reads offers.
   *
   * @param text the file, or {@code PROVIDER=FILE} for a catalogue of SkyPilot
   * @throws InvalidOptionException if the file cannot be read, lacks columns, or names what is in
   *     no table
   */
  static List<Node> read(String text) {
    int equals = text.indexOf('=');
    Path file = Path.of(equals < 0 ? text : text.substring(equals + 1));
    return new OwnOffers(file, equals < 0 ? null : text.substring(0, equals)).read();
  }

  private List<Node> read() {
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new InvalidOptionException(
          "The offers (%s) cannot be read: %s.".formatted(file, e), "look at its name.");
    }
    lines = lines.stream().filter(l -> !l.isBlank() && !l.startsWith("#")).toList();
    if (lines.isEmpty()) {
      throw new InvalidOptionException(
          "The offers (%s) are empty.".formatted(file), "look at its name.");
    }
    List<String> header = cells(lines.get(0));
    for (int c = 0; c < header.size(); c++) {
      columns.put(header.get(c).strip(), c);
    }
    boolean skyPilot = columns.containsKey("AcceleratorName");
    require(
        skyPilot
            ? List.of("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region")
            : List.of("provider", "region", "accelerator", "usdPerNodeHour"));
    if (skyPilot && provider == null) {
      throw new InvalidOptionException(
          "A catalogue of SkyPilot (%s) does not say whose it is.".formatted(file),
          "aws=%s was meant, or another of %s."
              .formatted(file, String.join(", ", catalog.clouds())));
    }
    List<Node> nodes = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      List<String> cells = cells(line);
      if (skyPilot) {
        addCheapest(nodes, ofSkyPilot(cells));
      } else {
        nodes.add(ofOwn(cells, line));
      }
    }
    if (nodes.isEmpty()) {
      throw new InvalidOptionException(
          "The offers (%s) have no row of a known region and accelerator.".formatted(file),
          "it is that of another cloud.");
    }
    return nodes;
  }

  private void require(List<String> names) {
    List<String> missing = names.stream().filter(n -> !columns.containsKey(n)).toList();
    if (!missing.isEmpty()) {
      throw new InvalidOptionException(
          "The offers (%s) lack columns: %s.".formatted(file, String.join(", ", missing)),
          "the first line is to name them.");
    }
  }

  private Node ofOwn(List<String> cells, String line) {
    String cloud = cell(cells, "provider");
    String region = cell(cells, "region");
    Place place =
        catalog.places().stream()
            .filter(p -> p.provider().equals(cloud))
            .filter(p -> p.region().equals(region) || p.providerRegion().equals(region))
            .findFirst()
            .orElseThrow(
                () ->
                    Names.unknown(
                        "site of an own offer",
                        cloud + "/" + region,
                        catalog.places().stream().map(Place::site).toList()));
    Accelerator accelerator =
        accelerator(cell(cells, "accelerator"))
            .orElseThrow(
                () ->
                    Names.unknown(
                        "accelerator of an own offer",
                        cell(cells, "accelerator"),
                        catalog.accelerators().stream().map(Accelerator::name).toList()));
    String count = cell(cells, "accelerators");
    String network = cell(cells, "networkGbps");
    double usd = number(cell(cells, "usdPerNodeHour"), line);
    return new Node(
        place.provider(),
        place.region(),
        cell(cells, "instance"),
        accelerator,
        count.isEmpty() ? USUAL_ACCELERATORS : (int) number(count, line),
        network.isEmpty() ? null : (Double) number(network, line),
        cell(cells, "fabric").isEmpty() ? "ethernet" : cell(cells, "fabric"),
        usd,
        file.getFileName().toString());
  }

  private @Nullable Node ofSkyPilot(List<String> cells) {
    Optional<Accelerator> accelerator = accelerator(cell(cells, "AcceleratorName"));
    Optional<Place> place =
        catalog.places().stream()
            .filter(p -> p.provider().equals(provider))
            .filter(p -> p.providerRegion().equalsIgnoreCase(cell(cells, "Region")))
            .findFirst();
    String price = cell(cells, "Price");
    String count = cell(cells, "AcceleratorCount");
    if (accelerator.isEmpty()
        || place.isEmpty()
        || price.isEmpty()
        || count.isEmpty()
        || number(count, count) != USUAL_ACCELERATORS) {
      return null;
    }
    String instance = cell(cells, "InstanceType");
    // Catalogues do not tell the fabric; the table does where it knows the instance.
    Optional<Node> known =
        catalog.nodes().stream()
            .filter(n -> n.provider().equals(provider))
            .filter(
                n ->
                    n.instance().equals(instance)
                        || n.accelerator().name().equals(accelerator.get().name()))
            .findFirst();
    return new Node(
        place.get().provider(),
        place.get().region(),
        instance,
        accelerator.get(),
        USUAL_ACCELERATORS,
        known.map(Node::networkGbps).orElse(null),
        known.map(Node::fabric).orElse("ethernet"),
        number(price, price),
        "SkyPilot's catalogue " + file.getFileName());
  }

  private static void addCheapest(List<Node> nodes, @Nullable Node node) {
    if (node == null) {
      return;
    }
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).id().equals(node.id())) {
        if (node.usdPerNodeHour() < nodes.get(i).usdPerNodeHour()) {
          nodes.set(i, node);
        }
        return;
      }
    }
    nodes.add(node);
  }

  /** By its name, or as SkyPilot spells it: {@code A100-80GB}. */
  private Optional<Accelerator> accelerator(String name) {
    String plain = name.toUpperCase(Locale.ROOT).replace("A100-80GB", "A100");
    // SkyPilot's A100 alone is that of 40 GB.
    boolean small = columns.containsKey("AcceleratorName") && name.equals("A100");
    return catalog.accelerators().stream()
        .filter(a -> !small && a.name().equals(plain))
        .findFirst();
  }

  private double number(String text, String line) {
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new InvalidOptionException(
          "A row of the offers (%s) has no number >= 0 where one belongs: %s".formatted(file, line),
          "a column is missing.");
    }
    return value;
  }

  private String cell(List<String> cells, String column) {
    Integer at = columns.get(column);
    return at == null || at >= cells.size() ? "" : cells.get(at).strip();
  }

  /** Cells of a line, in quotes where they have commas (RFC 4180, without breaks in a cell). */
  private static List<String> cells(String line) {
    List<String> cells = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        cell.append(c);
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString());
    return cells;
  }
}
