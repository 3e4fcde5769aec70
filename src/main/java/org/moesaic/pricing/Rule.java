package org.moesaic.pricing;

/** The rules that a plan must keep. */
public enum Rule {
  /** An offer's nodes are at most its {@code maxNodes}. */
  CAPACITY("capacity"),
  /** An offer that is used is {@code availableFrom} the day {@code neededBy} or earlier. */
  AVAILABILITY("availability"),
  /** A shard has at least {@code minReplicas} and at most {@code maxReplicas} replicas. */
  REPLICAS("replicas"),
  /**
   * An origin is served, and its layers hosted, in a region, country or continent of its {@code
   * servableIn}.
   */
  RESIDENCY("residency"),
  /**
   * The replicas of a shard do not lie in one domain alone, for each kind of domain in {@code
   * survive}.
   */
  SURVIVAL("survival"),
  /** The nodes leased in a region draw at most its {@code powerCapKw}. */
  POWER("power"),
  /**
   * Traffic from one site to another, its sync divided by {@code sync.window}, is at most the
   * link's {@code gbps} times {@code usable.link}.
   */
  LINK("link"),
  /** An origin's added latency is at most its own {@code maxAddedLatencyMs}, else the policy's. */
  LATENCY("latency"),
  /**
   * The round trip from an origin's site to the one that hosts its first layer is at most its own
   * {@code maxAccessMs}, else the policy's.
   */
  ACCESS("access"),
  /** The lease of one provider is at most {@code maxProviderShare} of all leases. */
  PROVIDER_SHARE("providerShare"),
  /**
   * Every replica of the shards that a pin names lies in one of its places, and every host of its
   * layers if it names no expert.
   */
  PIN("pin"),
  /**
   * No replica of the shards that a ban names lies in one of its places, and no host of its layers
   * if it names no expert.
   */
  BAN("ban");

  private final String id;

  Rule(String id) {
    this.id = id;
  }

  /** As the plan file names it. */
  public String id() {
    return id;
  }
}
