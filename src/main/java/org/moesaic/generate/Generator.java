package org.moesaic.generate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.moesaic.generate.Catalog.Node;
import org.moesaic.generate.Catalog.Place;
import org.moesaic.generate.Catalog.Way;
import org.moesaic.problem.Link;
import org.moesaic.problem.Model;
import org.moesaic.problem.Objective;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Origin.ServableIn;
import org.moesaic.problem.Policy;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Provider;
import org.moesaic.problem.Provider.EgressRates;
import org.moesaic.problem.Region;
import org.moesaic.problem.Routing;
import org.moesaic.problem.Routing.Load;
import org.moesaic.problem.Routing.Sample;
import org.moesaic.problem.Usable;

/** Makes one problem from options. The same options make an equal problem, on every machine. */
public final class Generator {
  private static final Set<String> EUROPEAN_UNION =
      Set.of(
          "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
          "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK");

  private final Catalog catalog = Catalog.builtIn();
  private final GeneratorOptions options;
  private final ModelShape model;
  private final Map<String, Integer> maxNodes = new HashMap<>();
  private final List<Node> nodes;
  private final List<Demand> demands;
  private final List<Place> places;
  private final List<Region> regions;

  private Generator(GeneratorOptions options) {
    this.options = options;
    model =
        options.modelFile == null
            ? named("model", options.model, catalog.models(), ModelShape::name)
            : OwnModel.read(options.modelFile);
    nodes = chooseNodes();
    demands = chooseOrigins();
    places = placesInUse();
    regions =
        catalog.regions().stream()
            .filter(r -> places.stream().anyMatch(p -> p.region().equals(r.id())))
            .map(this::capped)
            .toList();
  }

  /**
   * Makes a problem, its routing inline.
   *
   * @throws InvalidOptionException if a name is in no table, or nothing is left to lease
   */
  public static Problem generate(GeneratorOptions options) {
    return new Generator(options).problem();
  }

  /** An origin to be: where it is, and how fast. */
  private record Demand(Place place, double tokensPerSecond, int streams) {
    String id() {
      return place.provider() + "-" + place.region();
    }
  }

  private Problem problem() {
    RoutingWeights weights =
        new RoutingWeights(model, options.skew, options.specialisation, options.seed);
    return new Problem(
        options.name != null
            ? options.name
            : "%s for %d origins on %d offers"
                .formatted(model.title(), demands.size(), nodes.size()),
        toModel(),
        regions,
        providers(),
        links(),
        demands.stream().map(this::origin).toList(),
        routing(weights),
        nodes.stream()
            .map(n -> n.toOffer(maxNodes.getOrDefault(n.id(), options.maxNodes)))
            .toList(),
        usable(),
        new Policy(
            null,
            options.minReplicas,
            options.maxReplicas,
            options.survive,
            null,
            options.maxAddedLatencyMs,
            options.maxAccessMs,
            List.of(),
            List.of()),
        Objective.BILL,
        null,
        "");
  }

  private Routing routing(RoutingWeights weights) {
    if (options.samples == 0) {
      return new Routing(
          demands.stream().map(d -> new Load(d.id(), null, weights.of(d.id()))).toList(),
          List.of());
    }
    Model shape = toModel();
    return new Routing(
        List.of(),
        demands.stream()
            .map(
                d ->
                    new Sample(
                        d.id(),
                        "samples/" + d.id() + ProblemFiles.SAMPLE_SUFFIX,
                        options.samples,
                        weights.sample(d.id(), options.samples, options.coactivation, shape)))
            .toList());
  }

  private Model toModel() {
    Model calls =
        model.toModel(
            options.dtype,
            options.stateFactor,
            options.training,
            options.expertsPerShard,
            options.copies);
    return new Model(
        calls.name(),
        calls.moeLayers(),
        calls.expertsPerLayer(),
        calls.topK(),
        calls.expertBytes(),
        calls.expertFlopsPerToken(),
        calls.dispatchBytes(),
        calls.combineBytes(),
        calls.expertsPerShard(),
        calls.copies(),
        options.backbone
            ? model.toBackbone(options.dtype, options.stateFactor, options.training)
            : null,
        options.syncsPerHour > 0
            ? model.toSync(options.syncBytesPerParameter, options.syncsPerHour, options.syncWindow)
            : null);
  }

  /** Shares of nominal capacity that deployments get out; assumptions. */
  private Usable usable() {
    return new Usable(
        0.8, options.usableCompute, 0.7, 0.8, Map.of("infiniband", 0.85, "roce", 0.75));
  }

  private List<Node> chooseNodes() {
    options.clouds.forEach(c -> named("cloud", c, catalog.clouds(), Function.identity()));
    options.continents.forEach(
        c -> named("continent", c, catalog.continents(), Function.identity()));
    List<Node> table =
        options.offersFiles.isEmpty()
            ? catalog.nodes()
            : options.offersFiles.stream().flatMap(f -> OwnOffers.read(f).stream()).toList();
    List<Node> left =
        table.stream()
            .filter(n -> options.clouds.isEmpty() || options.clouds.contains(n.provider()))
            .filter(
                n ->
                    options.continents.isEmpty()
                        || options.continents.contains(catalog.region(n.region()).continent()))
            .toList();
    List<String> sites =
        choose("site", options.sites, left.stream().map(Node::site).distinct().toList(), s -> s);
    List<Node> onSites = left.stream().filter(n -> sites.contains(n.site())).toList();
    List<Node> chosen = choose("offer", withoutMaxNodes(options.offers), onSites, Node::id);
    if (chosen.isEmpty()) {
      throw new InvalidOptionException(
          "No offer is left in the clouds (%s) on the continents (%s)."
              .formatted(String.join(", ", options.clouds), String.join(", ", options.continents)),
          "leave out one of the two.");
    }
    return chosen;
  }

  /** The offers named, what follows the names kept aside. */
  private Selection withoutMaxNodes(Selection offers) {
    return switch (offers) {
      case Selection.First first -> first;
      case Selection.Named named ->
          new Selection.Named(named.names().stream().map(this::withoutMaxNodes).toList());
    };
  }

  private String withoutMaxNodes(String text) {
    int equals = text.indexOf('=');
    if (equals < 0) {
      return text;
    }
    String id = text.substring(0, equals);
    int most = 0;
    try {
      most = Integer.parseInt(text.substring(equals + 1));
    } catch (NumberFormatException e) {
      // Said below.
    }
    if (most < 1) {
      throw new InvalidOptionException(
          "The most nodes of the offer (%s) are not a whole number >= 1.".formatted(text),
          "%s=12 was meant.".formatted(id));
    }
    maxNodes.put(id, most);
    return id;
  }

  private List<Demand> chooseOrigins() {
    List<Demand> chosen =
        switch (options.origins) {
          case Selection.First first ->
              nodes.stream()
                  .map(Node::site)
                  .distinct()
                  .limit(first.count())
                  .map(site -> demand(site))
                  .toList();
          case Selection.Named named -> named.names().stream().map(this::demand).toList();
        };
    Set<String> ids = new HashSet<>();
    for (Demand demand : chosen) {
      if (!ids.add(demand.id())) {
        throw new InvalidOptionException(
            "The origin (%s) is given twice.".formatted(demand.place().site()),
            "add up its tokens per second.");
      }
    }
    return chosen;
  }

  private Demand demand(String text) {
    int equals = text.indexOf('=');
    String site = equals < 0 ? text : text.substring(0, equals);
    Place place = named("site", site, catalog.places(), Place::site);
    double rate = options.tokensPerSecond;
    int streams = options.streams;
    if (equals >= 0) {
      String[] figures = text.substring(equals + 1).split("x", 2);
      try {
        rate = Double.parseDouble(figures[0]);
        streams = figures.length == 2 ? Integer.parseInt(figures[1]) : streams;
      } catch (NumberFormatException e) {
        rate = Double.NaN;
      }
    }
    if (!(rate >= 0) || Double.isInfinite(rate) || streams < 1) {
      throw new InvalidOptionException(
          "The tokens per second of the origin (%s) are not a number >= 0.".formatted(text),
          "provider/region=1000 was meant, or provider/region=1000x4 for 4 streams that have 1000"
              + " together.");
    }
    return new Demand(place, rate, streams);
  }

  private static <T> List<T> choose(
      String what, Selection selection, List<T> from, Function<T, String> name) {
    return switch (selection) {
      case Selection.First first -> from.stream().limit(first.count()).toList();
      case Selection.Named named ->
          named.names().stream().distinct().map(n -> named(what, n, from, name)).toList();
    };
  }

  private static <T> T named(String what, String wanted, List<T> from, Function<T, String> name) {
    return from.stream()
        .filter(t -> name.apply(t).equals(wanted))
        .findFirst()
        .orElseThrow(() -> Names.unknown(what, wanted, from.stream().map(name).toList()));
  }

  /** Every site of an offer or an origin, in the order of the table. */
  private List<Place> placesInUse() {
    Set<String> sites = new LinkedHashSet<>();
    nodes.forEach(n -> sites.add(n.site()));
    demands.forEach(d -> sites.add(d.place().site()));
    return catalog.places().stream().filter(p -> sites.contains(p.site())).toList();
  }

  private Region capped(Region region) {
    return new Region(
        region.id(),
        region.continent(),
        region.country(),
        region.latitude(),
        region.longitude(),
        region.powerDomain(),
        options.powerCapKw);
  }

  private Origin origin(Demand demand) {
    return new Origin(
        demand.id(),
        demand.place().provider(),
        demand.place().region(),
        demand.tokensPerSecond(),
        demand.streams(),
        options.accessBytes,
        servableIn(catalog.region(demand.place().region())),
        null,
        null);
  }

  private @Nullable ServableIn servableIn(Region home) {
    return switch (options.residency) {
      case NONE -> null;
      case EU -> {
        if (!inEuropeanUnion(home)) {
          yield null;
        }
        yield new ServableIn(
            List.of(), countries(regions.stream().filter(Generator::inEuropeanUnion)), List.of());
      }
      case COUNTRY -> new ServableIn(List.of(), countries(Stream.of(home)), List.of());
      case CONTINENT -> new ServableIn(List.of(), List.of(), optional(home.continent()));
    };
  }

  private static List<String> optional(@Nullable String name) {
    return name == null ? List.of() : List.of(name);
  }

  private static boolean inEuropeanUnion(Region region) {
    return region.country() != null && EUROPEAN_UNION.contains(region.country());
  }

  private static List<String> countries(Stream<Region> regions) {
    return regions.flatMap(r -> optional(r.country()).stream()).distinct().sorted().toList();
  }

  /**
   * A provider's rates are those of its first site in use; sites that pay others get links of their
   * own.
   */
  private List<Provider> providers() {
    Map<String, EgressRates> rates = new LinkedHashMap<>();
    places.forEach(p -> rates.putIfAbsent(p.provider(), scaled(p)));
    return rates.entrySet().stream().map(e -> new Provider(e.getKey(), e.getValue())).toList();
  }

  private EgressRates scaled(Place place) {
    EgressRates rates = catalog.egress(place.provider(), place.region());
    return new EgressRates(
        scaled(rates.intraContinent()),
        scaled(rates.interContinent()),
        scaled(rates.otherProvider()));
  }

  /** To a millionth of a dollar, so that files stay readable. */
  private @Nullable Double scaled(@Nullable Double usdPerGb) {
    return usdPerGb == null
        ? null
        : (Double) (Math.rint(usdPerGb * options.egressScale * 1e6) / 1e6);
  }

  private List<Link> links() {
    Map<String, EgressRates> rates = new LinkedHashMap<>();
    providers().forEach(p -> rates.put(p.id(), p.egressUsdPerGb()));
    List<Link> links = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      for (int j = i + 1; j < places.size(); j++) {
        Link there = link(places.get(i), places.get(j), rates);
        Link back = link(places.get(j), places.get(i), rates);
        if (isSame(there, back)) {
          links.add(
              new Link(
                  there.from(), there.to(), true, there.usdPerGb(), there.rttMs(), there.gbps()));
        } else {
          links.add(there);
          links.add(back);
        }
      }
    }
    Predicate<Link> saysNothing =
        l -> l.usdPerGb() == null && l.rttMs() == null && l.gbps() == null;
    return links.stream().filter(saysNothing.negate()).toList();
  }

  private static boolean isSame(Link there, Link back) {
    return new Link(back.to(), back.from(), false, back.usdPerGb(), back.rttMs(), back.gbps())
        .equals(there);
  }

  private Link link(Place from, Place to, Map<String, EgressRates> providerRates) {
    Way way =
        catalog.ways().stream()
            .filter(w -> joins(w, from.site(), to.site()))
            .findFirst()
            .orElse(null);
    Double price = way == null ? null : scaled(way.usdPerGb());
    EgressRates own = scaled(from);
    if (price == null && !own.equals(providerRates.get(from.provider()))) {
      price = listPrice(own, from, to);
    }
    return new Link(
        from.site(),
        to.site(),
        false,
        price,
        way == null ? null : (Double) way.rttMs(),
        way != null && way.interconnect() ? (Double) options.interconnectGbps : options.wanGbps);
  }

  private static boolean joins(Way way, String a, String b) {
    return (way.from().equals(a) && way.to().equals(b))
        || (way.from().equals(b) && way.to().equals(a));
  }

  private @Nullable Double listPrice(EgressRates rates, Place from, Place to) {
    if (!from.provider().equals(to.provider())) {
      return rates.otherProvider();
    }
    String here = catalog.region(from.region()).continent();
    String there = catalog.region(to.region()).continent();
    return here != null && here.equals(there) ? rates.intraContinent() : rates.interContinent();
  }
}
