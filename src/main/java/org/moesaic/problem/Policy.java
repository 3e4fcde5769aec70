package org.moesaic.problem;

import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the user; an absent one does not bind.
 *
 * @param neededBy the day on which every used offer has to be available
 * @param minReplicas fewest replicas of a shard, &gt;= 1
 * @param maxReplicas most replicas of a shard; absent: unlimited
 * @param survive kinds of domain of which no single one may hold all replicas of a shard
 * @param maxProviderShare most that one provider may have of the lease, 0 to 1
 * @param maxAddedLatencyMs most latency that placement may add, ms, for origins without a limit of
 *     their own
 * @param pins every replica of the shards named lies in the places named
 * @param bans no replica of the shards named lies in the places named
 */
public record Policy(
    @Nullable LocalDate neededBy,
    int minReplicas,
    @Nullable Integer maxReplicas,
    Set<DomainKind> survive,
    @Nullable Double maxProviderShare,
    @Nullable Double maxAddedLatencyMs,
    List<Selector> pins,
    List<Selector> bans) {

  /** No rules but one replica of each shard. */
  public static final Policy NONE =
      new Policy(null, 1, null, Set.of(), null, null, List.of(), List.of());

  public Policy {
    survive = Set.copyOf(survive);
    pins = List.copyOf(pins);
    bans = List.copyOf(bans);
  }

  /** What can be lost as one. */
  public enum DomainKind {
    REGION,
    PROVIDER,
    POWER_DOMAIN
  }

  /**
   * Some shards and some places.
   *
   * @param layer the layer; absent: all
   * @param expert the expert within its layer; absent: all
   * @param offers offer ids
   * @param regions region ids
   * @param providers provider ids
   */
  public record Selector(
      @Nullable Integer layer,
      @Nullable Integer expert,
      List<String> offers,
      List<String> regions,
      List<String> providers) {
    public Selector {
      offers = List.copyOf(offers);
      regions = List.copyOf(regions);
      providers = List.copyOf(providers);
    }

    /** Whether an offer lies in one of the places. */
    public boolean includes(Offer offer) {
      return offers.contains(offer.id())
          || regions.contains(offer.region())
          || providers.contains(offer.provider());
    }
  }
}
