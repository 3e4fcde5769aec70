package org.moesaic.generate;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.moesaic.problem.Model;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Provider.EgressRates;
import org.moesaic.problem.Region;

/** The tables that problems are made from. Every row says where its figures were published. */
public final class Catalog {
  /**
   * Power of a whole node over that of its accelerators: a DGX H100 draws up to 10.2 kW for 8 x 700
   * W, a DGX B200 14.3 kW for 8 x 1000 W, by their datasheets.
   */
  private static final double NODE_POWER = 1.8;

  /** Power of a data centre over that of its machines; an assumption, usual for new ones. */
  private static final double PUE = 1.2;

  private static final Catalog BUILT_IN = new Catalog();

  private final List<ModelShape> models;
  private final List<Region> regions;
  private final List<Place> places;
  private final List<Accelerator> accelerators;
  private final List<Node> nodes;
  private final List<Rate> rates;
  private final List<Way> ways;

  private Catalog() {
    models = rows("models.csv", ModelShape::of);
    regions =
        rows(
            "regions.csv",
            row ->
                new Region(
                    row.text("id"),
                    row.text("continent"),
                    row.text("country"),
                    row.number("latitude"),
                    row.number("longitude"),
                    row.text("powerDomain"),
                    null));
    places =
        rows(
            "sites.csv",
            row ->
                new Place(
                    row.text("provider"),
                    row.text("region"),
                    row.text("providerRegion"),
                    row.source()));
    accelerators =
        rows(
            "accelerators.csv",
            row ->
                new Accelerator(
                    row.text("name"),
                    row.number("memoryGib"),
                    row.number("tflops"),
                    row.number("tdpWatts"),
                    row.source()));
    nodes =
        rows(
            "offers.csv",
            row ->
                new Node(
                    row.text("provider"),
                    row.text("region"),
                    row.text("instance"),
                    named(accelerators, a -> a.name().equals(row.text("accelerator"))),
                    row.integer("accelerators"),
                    row.numberIfAny("networkGbps"),
                    row.text("fabric"),
                    row.number("usdPerNodeHour"),
                    row.source()));
    rates =
        rows(
            "egress.csv",
            row ->
                new Rate(
                    row.text("provider"),
                    Set.of(row.text("from").split("\\+")),
                    new EgressRates(
                        row.number("intraContinent"),
                        row.number("interContinent"),
                        row.number("otherProvider")),
                    row.source()));
    ways =
        rows(
            "links.csv",
            row ->
                new Way(
                    row.text("from"),
                    row.text("to"),
                    row.numberIfAny("usdPerGb"),
                    row.number("rttMs"),
                    row.text("kind").equals("interconnect"),
                    row.source()));
  }

  private static <T> List<T> rows(String table, Function<Table.Row, T> read) {
    return Table.read(table).stream().map(read).toList();
  }

  private static <T> T named(List<T> list, Predicate<T> is) {
    return list.stream().filter(is).findFirst().orElseThrow();
  }

  /** The tables of this version of Moesaic. */
  public static Catalog builtIn() {
    return BUILT_IN;
  }

  /** Shapes of models. */
  public List<ModelShape> models() {
    return models;
  }

  /**
   * The shape of a problem's model, if it is one of the table: by its title or name, in any case,
   * with as many layers and experts.
   */
  public Optional<ModelShape> shapeOf(Model model) {
    return models.stream()
        .filter(
            m ->
                m.title().equalsIgnoreCase(model.name()) || m.name().equalsIgnoreCase(model.name()))
        .filter(
            m ->
                m.moeLayers() == model.moeLayers()
                    && m.expertsPerLayer() == model.expertsPerLayer())
        .findFirst();
  }

  /** Metropolitan areas, with the operator of the grid as their power domain. */
  public List<Region> regions() {
    return regions;
  }

  /** Sites, whether they have nodes in {@link #nodes()} or not. */
  public List<Place> places() {
    return places;
  }

  /** What nodes have in them. */
  List<Accelerator> accelerators() {
    return accelerators;
  }

  /** Nodes for lease; earlier ones are taken first. */
  public List<Node> nodes() {
    return nodes;
  }

  /** Egress rates; the first that matches holds. */
  public List<Rate> rates() {
    return rates;
  }

  /** What is known of the ways between sites. */
  public List<Way> ways() {
    return ways;
  }

  /** The region of an id that is in the table. */
  Region region(String id) {
    return named(regions, r -> r.id().equals(id));
  }

  /** The egress rates of a provider's sites in a region. */
  EgressRates egress(String provider, String region) {
    String continent = region(region).continent();
    return named(rates, r -> r.provider().equals(provider) && r.holdsIn(continent)).usdPerGb();
  }

  /** Names of all clouds. */
  public List<String> clouds() {
    return distinct(places.stream().map(Place::provider));
  }

  /** Names of all continents. */
  public List<String> continents() {
    return distinct(regions.stream().map(r -> String.valueOf(r.continent())));
  }

  private static List<String> distinct(Stream<String> names) {
    return names.distinct().toList();
  }

  /**
   * An accelerator.
   *
   * @param name e.g. {@code H100}
   * @param memoryGib of one, 2^30 bytes
   * @param tflops dense peak of one, 10^12 operations per second: FP8 where it has FP8, else BF16
   * @param tdpWatts thermal design power of one, W
   * @param source who published it
   */
  public record Accelerator(
      String name, double memoryGib, double tflops, double tdpWatts, String source) {}

  /**
   * A provider's data centres in one region.
   *
   * @param provider provider id
   * @param region region id
   * @param providerRegion what the provider calls it
   * @param source who published it
   */
  public record Place(String provider, String region, String providerRegion, String source) {
    /** As options and links spell it: {@code provider/region}. */
    public String site() {
      return provider + "/" + region;
    }
  }

  /**
   * Nodes of one kind in one place, at an on-demand list price.
   *
   * @param provider provider id
   * @param region region id
   * @param instance the provider's name of the kind
   * @param accelerator what is in it
   * @param accelerators how many
   * @param networkGbps fabric bandwidth of a node, 10^9 bits per second; absent: not published
   * @param fabric kind of fabric
   * @param usdPerNodeHour price of a node, USD per hour
   * @param source who published the price
   */
  public record Node(
      String provider,
      String region,
      String instance,
      Accelerator accelerator,
      int accelerators,
      @Nullable Double networkGbps,
      String fabric,
      double usdPerNodeHour,
      String source) {

    /** {@code provider-region-accelerator}. */
    public String id() {
      return provider + "-" + region + "-" + accelerator.name().toLowerCase(Locale.ROOT);
    }

    /** {@code provider/region}. */
    public String site() {
      return provider + "/" + region;
    }

    /** Power of a node with its share of cooling, kW, to 10 W. */
    public double powerKw() {
      double kw = accelerators * accelerator.tdpWatts() / 1000 * NODE_POWER * PUE;
      return Math.round(kw * 100) / 100.0;
    }

    Offer toOffer(int maxNodes) {
      return new Offer(
          id(),
          provider,
          region,
          accelerator.name(),
          accelerators,
          accelerators * accelerator.memoryGib(),
          accelerators * accelerator.tflops(),
          networkGbps,
          fabric,
          powerKw(),
          "lease",
          usdPerNodeHour,
          0,
          maxNodes,
          null);
    }
  }

  /**
   * What leaves a provider's sites costs this.
   *
   * @param provider provider id
   * @param continents where the sites are; {@code *} is everywhere
   * @param usdPerGb the rates
   * @param source who published it
   */
  public record Rate(String provider, Set<String> continents, EgressRates usdPerGb, String source) {
    boolean holdsIn(@Nullable String continent) {
      return continents.contains("*") || (continent != null && continents.contains(continent));
    }
  }

  /**
   * What is known of the way between two sites, in both directions.
   *
   * @param from a site
   * @param to another
   * @param usdPerGb price, USD per 10^9 bytes; absent: the rate of the provider
   * @param rttMs round trip, ms
   * @param interconnect whether it is a private link of ports of a known capacity
   * @param source who published it
   */
  public record Way(
      String from,
      String to,
      @Nullable Double usdPerGb,
      double rttMs,
      boolean interconnect,
      String source) {}
}
