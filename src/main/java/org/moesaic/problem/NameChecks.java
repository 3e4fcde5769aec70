package org.moesaic.problem;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issue.Severity;
import org.moesaic.json.Issues;
import org.moesaic.json.Texts;
import org.moesaic.problem.Origin.ServableIn;
import org.moesaic.problem.Policy.Selector;

/** Checks that ids are unique and that every name means something. */
final class NameChecks {
  private final Problem problem;
  private final Issues issues;
  private final Ids<Region> regions;
  private final Ids<Provider> providers;
  private final Ids<Origin> origins;
  private final Ids<Offer> offers;

  NameChecks(Problem problem, Issues issues) {
    this.problem = problem;
    this.issues = issues;
    this.regions = Ids.of("region", "regions", problem.regions(), Region::id, issues);
    this.providers = Ids.of("provider", "providers", problem.providers(), Provider::id, issues);
    this.origins = Ids.of("origin", "origins", problem.origins(), Origin::id, issues);
    this.offers = Ids.of("offer", "offers", problem.offers(), Offer::id, issues);
  }

  void check() {
    for (int i = 0; i < problem.offers().size(); i++) {
      Offer offer = problem.offers().get(i);
      String of = " of offer (%s)".formatted(Texts.shown(offer.id()));
      providers.require(offer.provider(), Texts.pointer("offers", i, "provider"), of);
      regions.require(offer.region(), Texts.pointer("offers", i, "region"), of);
    }
    for (int i = 0; i < problem.origins().size(); i++) {
      Origin origin = problem.origins().get(i);
      String of = " of origin (%s)".formatted(Texts.shown(origin.id()));
      providers.require(origin.provider(), Texts.pointer("origins", i, "provider"), of);
      regions.require(origin.region(), Texts.pointer("origins", i, "region"), of);
      if (origin.servableIn() != null) {
        check(origin.servableIn(), Texts.pointer("origins", i, "servableIn"), of);
      }
    }
    checkLinks();
    checkSelectors(problem.policy().pins(), "pins", "pin");
    checkSelectors(problem.policy().bans(), "bans", "ban");
    checkRouting();
  }

  private void check(ServableIn servableIn, String pointer, String of) {
    if (servableIn.regions().isEmpty()
        && servableIn.countries().isEmpty()
        && servableIn.continents().isEmpty()) {
      issues.error(
          pointer,
          null,
          "The servableIn%s must name a place.".formatted(of),
          "Maybe the name of its list is mistyped: regions, countries or continents.");
    }
    regions.requireAll(servableIn.regions(), pointer + "/regions", of);
    requirePlaces(servableIn.countries(), "country", Region::country, pointer + "/countries", of);
    requirePlaces(
        servableIn.continents(), "continent", Region::continent, pointer + "/continents", of);
  }

  /**
   * A place without any region is no error, since one list may serve many problems; but it may be a
   * typing error.
   */
  private void requirePlaces(
      List<String> names,
      String what,
      Function<Region, @Nullable String> place,
      String pointer,
      String of) {
    if (names.isEmpty()) {
      return;
    }
    Set<String> known = places(place);
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (!known.contains(name) && issues.keepsMore(Severity.WARNING)) {
        issues.warning(
            pointer + "/" + i,
            name,
            "The %s (%s)%s is not one that a region lies in."
                .formatted(what, Texts.shown(name), of),
            Texts.nearest(name, known)
                .map("Maybe %s is meant."::formatted)
                .orElse("Maybe regions lack the field %s.".formatted(what)));
      }
    }
  }

  @SuppressWarnings("NullAway") // the filter leaves no null
  private Set<String> places(Function<Region, @Nullable String> place) {
    return problem.regions().stream()
        .map(place)
        .filter(name -> name != null)
        .collect(Collectors.toSet());
  }

  private void checkLinks() {
    var directions = new HashMap<Direction, Integer>();
    for (int i = 0; i < problem.links().size(); i++) {
      Link link = problem.links().get(i);
      String pointer = Texts.pointer("links", i);
      checkSite(link.from(), pointer + "/from");
      checkSite(link.to(), pointer + "/to");
      if (link.from().equals(link.to()) && !link.from().isBlank()) {
        issues.error(
            pointer + "/to",
            link.to(),
            "The link from %s must lead to another site.".formatted(Texts.shown(link.from())),
            "Maybe remove it: traffic within a site is free.");
        continue;
      }
      claim(new Direction(link.from(), link.to()), i, directions);
      if (link.bidirectional()) {
        claim(new Direction(link.to(), link.from()), i, directions);
      }
    }
  }

  private record Direction(String from, String to) {}

  private void claim(Direction direction, int link, Map<Direction, Integer> directions) {
    Integer earlier = directions.putIfAbsent(direction, link);
    if (earlier != null) {
      issues.error(
          Texts.pointer("links", link),
          null,
          "The way from %s to %s must have one link, but links (%d) and (%d) both describe it."
              .formatted(Texts.shown(direction.from), Texts.shown(direction.to), earlier, link),
          "Maybe one of them is bidirectional and need not be.");
    }
  }

  private void checkSite(String site, String pointer) {
    int slash = site.indexOf('/');
    if (slash < 0) {
      issues.error(
          pointer,
          site,
          "The site (%s) of a link must have the form provider/region."
              .formatted(Texts.shown(site)),
          site.isBlank()
              ? "Maybe it has not been filled in yet."
              : "Maybe the provider is missing.");
      return;
    }
    String of = " of site (%s)".formatted(Texts.shown(site));
    String provider = site.substring(0, slash);
    String region = site.substring(slash + 1);
    if (provider.isBlank() || region.isBlank()) {
      issues.error(
          pointer,
          site,
          "The site (%s) of a link must have the form provider/region."
              .formatted(Texts.shown(site)),
          "Maybe one of the two is missing.");
      return;
    }
    providers.require(provider, pointer, of);
    regions.require(region, pointer, of);
  }

  private void checkSelectors(List<Selector> selectors, String field, String what) {
    Model model = problem.model();
    for (int i = 0; i < selectors.size(); i++) {
      Selector selector = selectors.get(i);
      String pointer = Texts.pointer("policy", field, i);
      String of = " of %s (%d)".formatted(what, i);
      checkIndex("layer", selector.layer(), model.moeLayers(), pointer, of);
      checkIndex("expert", selector.expert(), model.expertsPerLayer(), pointer, of);
      offers.requireAll(selector.offers(), pointer + "/offers", of);
      regions.requireAll(selector.regions(), pointer + "/regions", of);
      providers.requireAll(selector.providers(), pointer + "/providers", of);
      if (selector.offers().isEmpty()
          && selector.regions().isEmpty()
          && selector.providers().isEmpty()) {
        issues.error(
            pointer,
            null,
            "The %s (%d) must name an offer, a region or a provider.".formatted(what, i),
            "Maybe remove it: it names no place.");
      }
    }
  }

  private void checkIndex(
      String what, @Nullable Integer index, int end, String pointer, String of) {
    if (index != null && index >= end && !issues.touches("/model")) {
      issues.error(
          pointer + "/" + what,
          index,
          "The %s (%d)%s must be less than %d.".formatted(what, index, of, end),
          index == end ? "Maybe it counts from 1 instead of 0." : "Maybe it is of another model.");
    }
  }

  private void checkRouting() {
    var loads = problem.routing().loads();
    for (int i = 0; i < loads.size(); i++) {
      String origin = loads.get(i).origin();
      if (origin != null) {
        origins.require(
            origin, Texts.pointer("routing", "loads", i, "origin"), " of load (%d)".formatted(i));
      }
    }
    var owners = new HashMap<String, Integer>();
    var samples = problem.routing().samples();
    for (int i = 0; i < samples.size(); i++) {
      String origin = samples.get(i).origin();
      String pointer = Texts.pointer("routing", "samples", i, "origin");
      origins.require(origin, pointer, " of sample (%d)".formatted(i));
      Integer earlier = owners.putIfAbsent(origin, i);
      if (earlier != null) {
        issues.error(
            pointer,
            origin,
            "The origin (%s) must have one sample, but samples (%d) and (%d) are both its own."
                .formatted(Texts.shown(origin), earlier, i),
            "Maybe join the two recordings.");
      }
    }
  }
}
