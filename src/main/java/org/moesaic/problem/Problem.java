package org.moesaic.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Format;
import org.moesaic.json.Limits;
import org.moesaic.json.NotInFile;
import org.moesaic.json.Size;

/** A placement problem, as written in a file of the format {@value #FORMAT}. */
@Format(Problem.FORMAT)
public record Problem(
    @Doc("what people call this problem") String name,
    @Doc("the mixture-of-experts model to place") Model model,
    @Doc("metropolitan areas") @Size(min = 1, max = Limits.REGIONS) List<Region> regions,
    @Doc("clouds and their egress rates") @Size(min = 1, max = Limits.PROVIDERS)
        List<Provider> providers,
    @Doc("prices, round trips and capacities of single site pairs")
        @Default("[]")
        @Size(max = Limits.LINKS)
        List<Link> links,
    @Doc("streams of tokens") @Size(min = 1, max = Limits.ORIGINS) List<Origin> origins,
    @Doc("how often each origin calls each expert; absent: all of a layer equally often")
        @Default("{}")
        Routing routing,
    @Doc("what can be leased") @Size(min = 1, max = Limits.OFFERS) List<Offer> offers,
    @Doc("shares of the nominal capacities that can be used") @Default("{}") Usable usable,
    @Doc("the rules of the user") @Default("{}") Policy policy,
    @Doc("prices beyond the bill") @Default("{}") Objective objective,
    @Doc("the plan in force, if any") @Nullable Incumbent incumbent,
    @Doc("lower-case hex SHA-256 of the file's bytes; empty for a problem built in code") @NotInFile
        String sha256) {

  /** The value of the field {@code format}. */
  public static final String FORMAT = "moesaic/problem/1";

  public Problem {
    regions = List.copyOf(regions);
    providers = List.copyOf(providers);
    links = List.copyOf(links);
    origins = List.copyOf(origins);
    offers = List.copyOf(offers);
  }

  /** The same with other routing, for instance with what was read from its files. */
  Problem withRouting(Routing routing) {
    return with(routing, sha256);
  }

  Problem withSha256(String sha256) {
    return with(routing, sha256);
  }

  /** The same with other origins, and their routing. */
  public Problem with(List<Origin> origins, Routing routing) {
    return new Problem(
        name, model, regions, providers, links, origins, routing, offers, usable, policy, objective,
        incumbent, sha256);
  }

  private Problem with(Routing routing, String sha256) {
    return new Problem(
        name, model, regions, providers, links, origins, routing, offers, usable, policy, objective,
        incumbent, sha256);
  }
}
