package org.moesaic.problem;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;

/** Which offers may serve an origin, by its residency rule alone. */
public final class ServableOffers {
  private final Problem problem;

  /** Prepares a problem. */
  public ServableOffers(Problem problem) {
    this.problem = problem;
  }

  /** The offers, as bits by their place in the problem. */
  public BitSet of(Origin origin) {
    var servable = new BitSet();
    var servableIn = origin.servableIn();
    if (servableIn == null) {
      servable.set(0, problem.offers().size());
      return servable;
    }
    // Sets, so that the time does not depend on how long the lists are.
    Set<String> ids = new HashSet<>(servableIn.regions());
    Set<String> countries = new HashSet<>(servableIn.countries());
    Set<String> continents = new HashSet<>(servableIn.continents());
    Set<String> places = new HashSet<>();
    for (Region region : problem.regions()) {
      if (ids.contains(region.id())
          || (region.country() != null && countries.contains(region.country()))
          || (region.continent() != null && continents.contains(region.continent()))) {
        places.add(region.id());
      }
    }
    for (int i = 0; i < problem.offers().size(); i++) {
      servable.set(i, places.contains(problem.offers().get(i).region()));
    }
    return servable;
  }
}
