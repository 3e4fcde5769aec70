package org.moesaic.problem;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Texts;
import org.moesaic.problem.Policy.Selector;

/**
 * Which offers may hold a replica of which shard, and host which layer, by availability, a maxNodes
 * above 0, pins and bans. Offers are bits by their place in the problem.
 */
public final class AllowedOffers {
  private final Problem problem;
  private final BitSet available = new BitSet();
  private final Map<String, BitSet> byId;
  private final Map<String, BitSet> byRegion;
  private final Map<String, BitSet> byProvider;

  /** Offers left by what concerns all shards, whole layers, columns of shards and single shards. */
  private final BitSet ofAll;

  private final Map<Integer, BitSet> ofLayer = new HashMap<>();
  private final Map<Integer, BitSet> ofColumn = new HashMap<>();
  private final Map<Shard, BitSet> ofShard = new HashMap<>();

  private record Shard(int layer, int column) {}

  /** Prepares a problem whose names mean something. */
  public AllowedOffers(Problem problem) {
    this.problem = problem;
    this.byId = offersBy(Offer::id);
    this.byRegion = offersBy(Offer::region);
    this.byProvider = offersBy(Offer::provider);
    for (int i = 0; i < problem.offers().size(); i++) {
      available.set(i, isAvailable(problem.offers().get(i)));
    }
    ofAll = (BitSet) available.clone();
    problem.policy().pins().forEach(pin -> restrict(pin, true));
    problem.policy().bans().forEach(ban -> restrict(ban, false));
  }

  private Map<String, BitSet> offersBy(Function<Offer, String> key) {
    var map = new HashMap<String, BitSet>();
    for (int i = 0; i < problem.offers().size(); i++) {
      map.computeIfAbsent(key.apply(problem.offers().get(i)), unused -> new BitSet()).set(i);
    }
    return map;
  }

  private boolean isAvailable(Offer offer) {
    boolean onSale = offer.maxNodes() == null || offer.maxNodes() > 0;
    return problem.policy().inTime(offer) && onSale;
  }

  private void restrict(Selector selector, boolean pin) {
    Integer layer = selector.layer();
    Integer column = column(selector);
    BitSet restricted;
    if (layer != null && column != null) {
      restricted = ofShard.computeIfAbsent(new Shard(layer, column), unused -> all());
    } else if (layer != null) {
      restricted = ofLayer.computeIfAbsent(layer, unused -> all());
    } else if (column != null) {
      restricted = ofColumn.computeIfAbsent(column, unused -> all());
    } else {
      restricted = ofAll;
    }
    if (pin) {
      restricted.and(places(selector));
    } else {
      restricted.andNot(places(selector));
    }
  }

  private @Nullable Integer column(Selector selector) {
    return selector.expert() == null ? null : selector.expert() / problem.model().expertsPerShard();
  }

  private BitSet all() {
    var all = new BitSet();
    all.set(0, problem.offers().size());
    return all;
  }

  private BitSet places(Selector selector) {
    var places = new BitSet();
    addAll(places, selector.offers(), byId);
    addAll(places, selector.regions(), byRegion);
    addAll(places, selector.providers(), byProvider);
    return places;
  }

  private static void addAll(BitSet places, List<String> names, Map<String, BitSet> offers) {
    for (String name : names) {
      BitSet named = offers.get(name);
      if (named != null) {
        places.or(named);
      }
    }
  }

  /** Offers that can be leased in time at all. */
  BitSet available() {
    return available;
  }

  /** Offers that may hold a replica of one shard; the caller must not change the set. */
  public BitSet of(int layer, int column) {
    BitSet ofThisLayer = ofLayer.get(layer);
    BitSet ofThisColumn = ofColumn.get(column);
    BitSet ofThisShard = ofShard.isEmpty() ? null : ofShard.get(new Shard(layer, column));
    if (ofThisLayer == null && ofThisColumn == null && ofThisShard == null) {
      return ofAll;
    }
    BitSet allowed = (BitSet) ofAll.clone();
    restrict(allowed, ofThisLayer);
    restrict(allowed, ofThisColumn);
    restrict(allowed, ofThisShard);
    return allowed;
  }

  /**
   * Offers that may host the dense part of a layer: pins and bans of its shards that name no expert
   * bind it too. The caller must not change the set.
   */
  public BitSet hosts(int layer) {
    BitSet ofThisLayer = ofLayer.get(layer);
    if (ofThisLayer == null) {
      return ofAll;
    }
    BitSet allowed = (BitSet) ofAll.clone();
    restrict(allowed, ofThisLayer);
    return allowed;
  }

  private static void restrict(BitSet allowed, @Nullable BitSet to) {
    if (to != null) {
      allowed.and(to);
    }
  }

  /** Offers that may hold a replica of at least one shard of a layer. */
  BitSet holders(int layer) {
    var union = new BitSet();
    for (int k = 0; k < problem.model().shardsPerLayer() && !union.equals(available); k++) {
      union.or(of(layer, k));
    }
    return union;
  }

  /** Offers that may hold a replica of at least one shard. */
  BitSet anywhere() {
    var union = new BitSet();
    for (int l = 0; l < problem.model().moeLayers() && !union.equals(available); l++) {
      union.or(holders(l));
    }
    return union;
  }

  /**
   * The pin or ban that takes the last offer from a shard that has none left, as a JSON pointer.
   */
  String culprit(int layer, int column) {
    BitSet left = (BitSet) available.clone();
    Policy policy = problem.policy();
    for (int i = 0; i < policy.pins().size(); i++) {
      if (concerns(policy.pins().get(i), layer, column)) {
        left.and(places(policy.pins().get(i)));
        if (left.isEmpty()) {
          return Texts.pointer("policy", "pins", i);
        }
      }
    }
    for (int i = 0; i < policy.bans().size(); i++) {
      if (concerns(policy.bans().get(i), layer, column)) {
        left.andNot(places(policy.bans().get(i)));
        if (left.isEmpty()) {
          return Texts.pointer("policy", "bans", i);
        }
      }
    }
    return Texts.pointer("offers");
  }

  private boolean concerns(Selector selector, int layer, int column) {
    Integer ofColumn = column(selector);
    return (selector.layer() == null || selector.layer() == layer)
        && (ofColumn == null || ofColumn == column);
  }
}
