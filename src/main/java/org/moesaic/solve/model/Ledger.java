package org.moesaic.solve.model;

import ai.timefold.solver.core.api.score.HardSoftScore;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * The running sums of an assignment and the score that follows from them.
 *
 * <p>Idea: a piece is put in or taken out by adding or subtracting whole numbers in a few arrays;
 * the offers, ways and origins touched are marked, and only their amounts are computed again when
 * the score is asked for. A layer that is taken out and put in again next has moved for those
 * origins alone whose host is another site, and only their calls are counted anew. Complexity: put
 * and take O(replicas + origins), and for each origin whose layer moves O(sites), or O(shards of
 * the layer) where its latency is limited; score O(touched) plus O(providers) where a provider's
 * share is limited. Memory: O(origins * layers * sites) where latency is limited or layers are
 * placed, else O(offers + sites^2). Exact: all sums are of {@code long}.
 */
public final class Ledger {
  private static final int NONE = -1;

  private final Tariff tariff;
  private final Instance instance;
  private final HomeSites homes;

  /** By origin and layer, where layers are placed: the site that hosts it. */
  private final int[][] homeOf;

  /** What is entered, where latency depends on where layers are. */
  private final @Nullable Placement[] entered;

  /** The layer's piece that was taken out last, whose origins are still where they were. */
  private int leaving = NONE;

  private final long[] pieces;
  private final long[] memory;
  private final long[] calls;
  private final long[] tokens;
  private final long[] nodes;
  private final long[] lease;
  private final long[] capacityPenalty;
  private final long[] power;
  private final long[] powerPenalty;
  private final int[] providerOf;
  private final long[] providerLease;

  private final Traffic.Meter[] meters;
  private final Traffic.Bytes[] onWays;

  /** Of each way, numbered {@code from * sites + to}: bytes that cost, and that have to fit. */
  private final long[] wayBytes;

  /** The same array where no kind of traffic tells the two apart. */
  private final long[] wayPeak;

  private final Way[] ways;

  private final long[] wayMoney;
  private final long[] wayPenalty;

  private final long[][] layerLatency;
  private final long[][] layerSum;
  private final int[][][] layerAt;
  private final long[] latency;
  private final long[] latencyPenalty;

  private final Marks offerMarks;
  private final Marks wayMarks;
  private final Marks layerMarks;
  private final int sites;

  private long placementPenalty;
  private long rulePenalty;
  private long leaseMoney;
  private long trafficMoney;

  /** An empty ledger. */
  public Ledger(Tariff tariff) {
    this.tariff = tariff;
    instance = tariff.instance();
    boolean placed = instance.hasBackbone();
    homeOf = new int[placed ? instance.origins() : 0][instance.layers()];
    for (int[] row : homeOf) {
      Arrays.fill(row, HomeSites.NOWHERE);
    }
    homes = placed ? (origin, layer) -> homeOf[origin][layer] : HomeSites.own(instance);
    entered = new Placement[placed && tariff.latencyLimited() ? instance.shards() : 0];
    int n = instance.offers();
    sites = instance.sites().size();
    pieces = new long[n];
    memory = new long[n];
    calls = new long[n];
    tokens = new long[n];
    nodes = new long[n];
    lease = new long[n];
    capacityPenalty = new long[n];
    power = new long[instance.problem().regions().size()];
    powerPenalty = new long[power.length];
    Map<String, Integer> providers = new LinkedHashMap<>();
    providerOf = new int[n];
    for (int i = 0; i < n; i++) {
      Integer next = providers.size();
      Integer known = providers.putIfAbsent(tariff.offer(i).provider(), next);
      providerOf[i] = known == null ? next : known;
    }
    providerLease = new long[providers.size()];
    meters =
        tariff.traffic().stream()
            .map(kind -> kind.meter(tariff, homes))
            .toArray(Traffic.Meter[]::new);
    wayBytes = new long[sites * sites];
    boolean level = tariff.traffic().stream().allMatch(kind -> kind.peak() == 1);
    wayPeak = level ? wayBytes : new long[sites * sites];
    ways = new Way[sites * sites];
    Arrays.setAll(ways, way -> tariff.way(way / sites, way % sites));
    onWays = tariff.traffic().stream().map(this::onWays).toArray(Traffic.Bytes[]::new);
    wayMoney = new long[sites * sites];
    wayPenalty = new long[sites * sites];
    int limited = tariff.latencyLimited() ? instance.origins() : 0;
    layerLatency = new long[limited][instance.layers()];
    layerSum = new long[limited][instance.layers()];
    layerAt = new int[limited][instance.layers()][sites];
    latency = new long[limited];
    latencyPenalty = new long[limited];
    offerMarks = new Marks(n);
    wayMarks = new Marks(sites * sites);
    layerMarks = new Marks(limited * instance.layers());
  }

  /** A ledger of a whole assignment. */
  public static Ledger of(Tariff tariff, Assignment assignment) {
    Ledger ledger = new Ledger(tariff);
    List<Placement> placements = Pieces.of(tariff.instance(), assignment);
    for (int p = 0; p < placements.size(); p++) {
      ledger.put(p, placements.get(p));
    }
    return ledger;
  }

  /** Enters a piece. */
  public void put(int piece, Placement placement) {
    change(piece, placement, 1);
    if (!instance.isShard(piece)) {
      leaving = NONE;
      moveLayer(instance.layerOf(piece), placement);
    }
  }

  /** Takes a piece out again. */
  public void take(int piece, Placement placement) {
    change(piece, placement, -1);
    if (!instance.isShard(piece)) {
      leaving = piece;
    }
  }

  private void change(int piece, Placement placement, int sign) {
    settleLeaving(piece);
    placementPenalty += sign * tariff.penalties().placement(piece, placement);
    for (int replica : placement.replicas()) {
      pieces[replica] += sign;
      memory[replica] += sign * tariff.memory(piece);
      offerMarks.mark(replica);
    }
    boolean shard = instance.isShard(piece);
    long[] served = shard ? calls : tokens;
    int[] servedBy = placement.servedBy();
    for (int o = 0; o < servedBy.length; o++) {
      if (servedBy[o] >= 0) {
        served[servedBy[o]] += sign * tariff.calls(o, piece);
      }
    }
    if (shard && tariff.latencyLimited()) {
      if (entered.length > 0) {
        entered[piece] = sign > 0 ? placement : null;
      }
      int layer = instance.layerOf(piece);
      for (int o = 0; o < servedBy.length; o++) {
        if (servedBy[o] >= 0 && tariff.latencyLimited(o)) {
          delay(o, piece, homes.site(o, layer), servedBy[o], sign);
        }
      }
    }
    for (int kind = 0; kind < meters.length; kind++) {
      meters[kind].change(piece, placement, sign, onWays[kind]);
    }
  }

  /** A shard of an origin whose latency is limited. */
  private void delay(int origin, int shard, int home, int server, int sign) {
    int site = instance.siteOfOffer(server);
    if (site != home && home != HomeSites.NOWHERE) {
      int layer = instance.layerOf(shard);
      layerSum[origin][layer] += sign * tariff.latency(origin, shard, home, site);
      layerAt[origin][layer][site] += sign;
      layerMarks.mark(origin * instance.layers() + layer);
    }
  }

  /** A layer that left and is not put in again next is nowhere. */
  private void settleLeaving(int piece) {
    if (leaving == NONE || leaving == piece) {
      return;
    }
    int layer = instance.layerOf(leaving);
    leaving = NONE;
    moveLayer(layer, null);
  }

  private void moveLayer(int layer, @Nullable Placement placement) {
    for (int o = 0; o < instance.origins(); o++) {
      int host = placement == null ? Placement.NOBODY : placement.servedBy()[o];
      int to = host < 0 ? HomeSites.NOWHERE : instance.siteOfOffer(host);
      if (homeOf[o][layer] != to) {
        rehome(o, layer, homeOf[o][layer], to);
      }
    }
  }

  private void rehome(int origin, int layer, int from, int to) {
    for (int kind = 0; kind < meters.length; kind++) {
      meters[kind].rehome(origin, layer, from, to, onWays[kind]);
    }
    if (tariff.latencyLimited(origin)) {
      int first = instance.shard(layer, 0);
      for (int s = first; s < first + instance.shardsPerLayer(); s++) {
        Placement placement = entered[s];
        if (placement != null && placement.servedBy()[origin] >= 0) {
          delay(origin, s, from, placement.servedBy()[origin], -1);
          delay(origin, s, to, placement.servedBy()[origin], 1);
        }
      }
      step(origin, layer, from, -1);
      step(origin, layer, to, 1);
      layerMarks.mark(origin * instance.layers() + layer);
    }
    homeOf[origin][layer] = to;
  }

  /** What the steps to and from a layer add to the latency of an origin, if it is at a site. */
  private void step(int origin, int layer, int site, int sign) {
    int layers = instance.layers();
    if (layers > 1) {
      int before = homes.site(origin, Math.floorMod(layer - 1, layers));
      int after = homes.site(origin, (layer + 1) % layers);
      latency[origin] += sign * (tariff.halfTrip(before, site) + tariff.halfTrip(site, after));
    }
  }

  private Traffic.Bytes onWays(Traffic kind) {
    if (wayPeak == wayBytes) {
      return (from, to, bytes) -> {
        int way = from * sites + to;
        wayBytes[way] += bytes;
        wayMarks.mark(way);
      };
    }
    double peak = kind.peak();
    return (from, to, bytes) -> {
      int way = from * sites + to;
      wayBytes[way] += bytes;
      wayPeak[way] += Traffic.peak(bytes, peak);
      wayMarks.mark(way);
    };
  }

  /** The score of what is entered. */
  public HardSoftScore score() {
    settle();
    long hard = placementPenalty + rulePenalty;
    if (tariff.providerShareLimited()) {
      for (long part : providerLease) {
        hard += tariff.penalties().providerShare(part, leaseMoney);
      }
    }
    return HardSoftScore.of(-hard, -(leaseMoney + trafficMoney));
  }

  private void settle() {
    settleLeaving(NONE);
    for (int m = 0; m < offerMarks.count; m++) {
      settleOffer(offerMarks.marked[m]);
    }
    offerMarks.clear();
    for (int m = 0; m < wayMarks.count; m++) {
      settleWay(wayMarks.marked[m]);
    }
    wayMarks.clear();
    for (int m = 0; m < layerMarks.count; m++) {
      settleLayer(
          layerMarks.marked[m] / instance.layers(), layerMarks.marked[m] % instance.layers());
    }
    layerMarks.clear();
  }

  private void settleOffer(int i) {
    OfferTerms offer = tariff.offer(i);
    long capacity = offer.capacityPenalty(pieces[i], memory[i], calls[i], tokens[i]);
    rulePenalty += capacity - capacityPenalty[i];
    capacityPenalty[i] = capacity;
    long now = offer.nodes(pieces[i], memory[i], calls[i], tokens[i]);
    if (now == nodes[i]) {
      return;
    }
    int region = offer.region();
    power[region] += offer.power(now) - offer.power(nodes[i]);
    nodes[i] = now;
    long overPower = tariff.penalties().power(region, power[region]);
    rulePenalty += overPower - powerPenalty[region];
    powerPenalty[region] = overPower;
    long money = offer.lease(now);
    leaseMoney += money - lease[i];
    providerLease[providerOf[i]] += money - lease[i];
    lease[i] = money;
  }

  private void settleWay(int w) {
    Way way = ways[w];
    long bytes = wayBytes[w];
    long money = way.egress(bytes) + way.bandwidth(bytes);
    trafficMoney += money - wayMoney[w];
    wayMoney[w] = money;
    if (way.limited()) {
      long penalty = way.penalty(wayPeak[w]);
      rulePenalty += penalty - wayPenalty[w];
      wayPenalty[w] = penalty;
    }
  }

  private void settleLayer(int origin, int layer) {
    long longest = 0;
    for (int site = 0; site < sites; site++) {
      if (layerAt[origin][layer][site] > 0) {
        longest = Math.max(longest, tariff.roundTrip(homes.site(origin, layer), site));
      }
    }
    long now = Math.min(longest, layerSum[origin][layer]);
    latency[origin] += now - layerLatency[origin][layer];
    layerLatency[origin][layer] = now;
    long penalty = tariff.penalties().latency(origin, latency[origin]);
    rulePenalty += penalty - latencyPenalty[origin];
    latencyPenalty[origin] = penalty;
  }

  /** What amounts are computed with. */
  public Tariff tariff() {
    return tariff;
  }

  /** What an offer carries. */
  public Load load(int offer) {
    return new Load(pieces[offer], memory[offer], calls[offer], tokens[offer]);
  }

  /** Where layers are. */
  public HomeSites homes() {
    settleLeaving(NONE);
    return homes;
  }

  /** Added latency of an origin whose latency is limited, ms. */
  public double latencyMs(int origin) {
    settle();
    return tariff.units().toMs(latency[origin]);
  }

  /** Cost of what is entered, USD per hour. */
  public double usdPerHour() {
    settle();
    return tariff.toUsdPerHour(leaseMoney + trafficMoney);
  }

  /** Power drawn in a region, as a multiple of its cap; 0 without a cap. */
  public double powerUse(int region) {
    settle();
    Double capKw = instance.problem().regions().get(region).powerCapKw();
    return capKw == null ? 0 : tariff.units().toKw(power[region]) / Math.max(1e-9, capKw);
  }

  /** Part of the lease that an offer's provider has, 0 to 1. */
  public double providerShare(int offer) {
    settle();
    return leaseMoney == 0 ? 0 : (double) providerLease[providerOf[offer]] / leaseMoney;
  }

  /** Traffic on a link, as a multiple of its capacity; 0 without a capacity. */
  public double linkUse(int from, int to) {
    return tariff.way(from, to).use(wayPeak[from * sites + to]);
  }

  /** Nodes that an offer leases. */
  public long nodes(int offer) {
    return tariff.offer(offer).nodes(pieces[offer], memory[offer], calls[offer], tokens[offer]);
  }

  /** A set of small numbers that is quick to fill and to empty. */
  private static final class Marks {
    final int[] marked;
    final boolean[] isMarked;
    int count;

    Marks(int size) {
      marked = new int[size];
      isMarked = new boolean[size];
    }

    void mark(int i) {
      if (!isMarked[i]) {
        isMarked[i] = true;
        marked[count++] = i;
      }
    }

    void clear() {
      for (int m = 0; m < count; m++) {
        isMarked[marked[m]] = false;
      }
      count = 0;
    }
  }
}
