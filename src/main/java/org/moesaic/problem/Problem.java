package org.moesaic.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Format;
import org.moesaic.json.Limits;
import org.moesaic.json.NotInFile;
import org.moesaic.json.Size;

/**
 * A placement problem, as written in a file of the format {@value #FORMAT}. In code, {@link
 * #builder} begins one, and {@link #toBuilder} one that differs in some parts.
 */
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

  /** Begins a problem. Whatever is not given is as in a file that leaves it out. */
  public static Builder builder(String name, Model model) {
    return new Builder(name, model);
  }

  /** Begins a problem that is like this one in all that is not given anew. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** The same with other routing, for instance with what was read from its files. */
  Problem withRouting(Routing routing) {
    return new Builder(this).routing(routing).sha256(sha256).build();
  }

  Problem withSha256(String sha256) {
    return new Builder(this).sha256(sha256).build();
  }

  /** The same with other origins, and their routing. */
  public Problem with(List<Origin> origins, Routing routing) {
    return new Builder(this).origins(origins).routing(routing).sha256(sha256).build();
  }

  /**
   * Puts a problem together, field by field. There have to be regions, providers, origins and
   * offers before anything can be placed; what they say is not checked here.
   *
   * <p>Not safe for use by several threads.
   */
  public static final class Builder {
    private String name;
    private Model model;
    private List<Region> regions = List.of();
    private List<Provider> providers = List.of();
    private List<Link> links = List.of();
    private List<Origin> origins = List.of();
    private Routing routing = Routing.UNIFORM;
    private List<Offer> offers = List.of();
    private Usable usable = Usable.ALL;
    private Policy policy = Policy.NONE;
    private Objective objective = Objective.BILL;
    private @Nullable Incumbent incumbent;

    /** Whatever it is built from, what comes out is not what the bytes of a file say. */
    private String sha256 = "";

    private Builder(String name, Model model) {
      this.name = name;
      this.model = model;
    }

    private Builder(Problem problem) {
      this(problem.name, problem.model);
      regions = problem.regions;
      providers = problem.providers;
      links = problem.links;
      origins = problem.origins;
      routing = problem.routing;
      offers = problem.offers;
      usable = problem.usable;
      policy = problem.policy;
      objective = problem.objective;
      incumbent = problem.incumbent;
    }

    /** What people call the problem. */
    public Builder name(String name) {
      this.name = name;
      return this;
    }

    /** The model to place. */
    public Builder model(Model model) {
      this.model = model;
      return this;
    }

    /** Metropolitan areas; none unless given. */
    public Builder regions(List<Region> regions) {
      this.regions = regions;
      return this;
    }

    /** Clouds and their egress rates; none unless given. */
    public Builder providers(List<Provider> providers) {
      this.providers = providers;
      return this;
    }

    /** Prices, round trips and capacities of single site pairs; none unless given. */
    public Builder links(List<Link> links) {
      this.links = links;
      return this;
    }

    /** Streams of tokens; none unless given. */
    public Builder origins(List<Origin> origins) {
      this.origins = origins;
      return this;
    }

    /** How often each origin calls each expert; all of a layer equally often unless given. */
    public Builder routing(Routing routing) {
      this.routing = routing;
      return this;
    }

    /** What can be leased; nothing unless given. */
    public Builder offers(List<Offer> offers) {
      this.offers = offers;
      return this;
    }

    /** Shares of the nominal capacities that can be used; all unless given. */
    public Builder usable(Usable usable) {
      this.usable = usable;
      return this;
    }

    /** The rules of the user; {@link Policy#NONE} unless given. */
    public Builder policy(Policy policy) {
      this.policy = policy;
      return this;
    }

    /** Prices beyond the bill; none unless given. */
    public Builder objective(Objective objective) {
      this.objective = objective;
      return this;
    }

    /** The plan in force; null for none, as unless given. */
    public Builder incumbent(@Nullable Incumbent incumbent) {
      this.incumbent = incumbent;
      return this;
    }

    private Builder sha256(String sha256) {
      this.sha256 = sha256;
      return this;
    }

    /** The problem, whose {@link Problem#sha256()} is empty. */
    public Problem build() {
      return new Problem(
          name, model, regions, providers, links, origins, routing, offers, usable, policy,
          objective, incumbent, sha256);
    }
  }
}
