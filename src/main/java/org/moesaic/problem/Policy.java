package org.moesaic.problem;

import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Limits;
import org.moesaic.json.Range;
import org.moesaic.json.Size;

/** The rules of the user; an absent one does not bind. */
public record Policy(
    @Doc("the day on which every used offer has to be available") @Nullable LocalDate neededBy,
    @Doc("fewest replicas of a shard") @Default("1") @Range(min = 1) int minReplicas,
    @Doc("most replicas of a shard; absent: unlimited") @Range(min = 1)
        @Nullable Integer maxReplicas,
    @Doc("kinds of domain of which no single one may hold all replicas of a shard") @Default("[]")
        Set<DomainKind> survive,
    @Doc("most that one provider may have of the lease, as a share") @Range(min = 0, max = 1)
        @Nullable Double maxProviderShare,
    @Doc("most latency that placement may add, ms, for origins without a limit of their own")
        @Range(min = 0)
        @Nullable Double maxAddedLatencyMs,
    @Doc(
            "longest round trip to the site that hosts the first layer, ms, for origins without a"
                + " limit of their own")
        @Range(min = 0)
        @Nullable Double maxAccessMs,
    @Doc("every replica of the shards named lies in the places named")
        @Default("[]")
        @Size(max = Limits.SELECTORS)
        List<Selector> pins,
    @Doc("no replica of the shards named lies in the places named")
        @Default("[]")
        @Size(max = Limits.SELECTORS)
        List<Selector> bans) {

  /** No rules but one replica of each shard. */
  public static final Policy NONE =
      new Policy(null, 1, null, Set.of(), null, null, null, List.of(), List.of());

  public Policy {
    survive = Set.copyOf(survive);
    pins = List.copyOf(pins);
    bans = List.copyOf(bans);
  }

  /** Rules without a limit to access. */
  public Policy(
      @Nullable LocalDate neededBy,
      int minReplicas,
      @Nullable Integer maxReplicas,
      Set<DomainKind> survive,
      @Nullable Double maxProviderShare,
      @Nullable Double maxAddedLatencyMs,
      List<Selector> pins,
      List<Selector> bans) {
    this(
        neededBy,
        minReplicas,
        maxReplicas,
        survive,
        maxProviderShare,
        maxAddedLatencyMs,
        null,
        pins,
        bans);
  }

  /** Whether an offer is there by the day on which it has to be. */
  public boolean inTime(Offer offer) {
    return neededBy == null
        || offer.availableFrom() == null
        || !offer.availableFrom().isAfter(neededBy);
  }

  /** What can be lost as one. */
  public enum DomainKind {
    REGION,
    PROVIDER,
    POWER_DOMAIN
  }

  /** Some shards and some places. */
  public record Selector(
      @Doc("the layer, counted from 0; absent: all") @Range(min = 0) @Nullable Integer layer,
      @Doc("the expert within its layer, counted from 0; absent: all") @Range(min = 0)
          @Nullable Integer expert,
      @Doc("offer ids") @Default("[]") List<String> offers,
      @Doc("region ids") @Default("[]") List<String> regions,
      @Doc("provider ids") @Default("[]") List<String> providers) {
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
