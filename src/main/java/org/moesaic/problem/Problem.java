package org.moesaic.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A placement problem, as written in a file of the format {@value #FORMAT}.
 *
 * @param name what people call this problem
 * @param model the mixture-of-experts model to place
 * @param regions metropolitan areas; at least one
 * @param providers clouds and their egress rates; at least one
 * @param links prices, round trips and capacities of single site pairs; may be empty
 * @param origins streams of tokens; at least one
 * @param routing how often each origin calls each expert
 * @param offers what can be leased; at least one
 * @param usable shares of the nominal capacities that can be used
 * @param policy the rules of the user
 * @param objective prices beyond the bill
 * @param incumbent the plan in force, if any
 * @param sha256 lower-case hex SHA-256 of the file's bytes; empty for a problem built in code
 */
public record Problem(
    String name,
    Model model,
    List<Region> regions,
    List<Provider> providers,
    List<Link> links,
    List<Origin> origins,
    Routing routing,
    List<Offer> offers,
    Usable usable,
    Policy policy,
    Objective objective,
    @Nullable Incumbent incumbent,
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
}
