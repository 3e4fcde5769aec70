package org.moesaic.solve.model;

import ai.timefold.solver.core.api.score.HardSoftScore;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * The running sums of an assignment and the score that follows from them.
 *
 * <p>Idea: a shard is put in or taken out by adding or subtracting whole numbers in a few arrays;
 * the offers, ways and origins touched are marked, and only their amounts are computed again when
 * the score is asked for. Complexity: put and take O(replicas + origins), score O(touched) plus
 * O(providers) where a provider's share is limited. Memory: O(origins * layers * sites) where
 * latency is limited, else O(offers + sites^2). Exact: all sums are of {@code long}.
 */
public final class Ledger {
  private final Tariff tariff;
  private final Instance instance;
  private final Homes homes;

  private final long[] experts;
  private final long[] calls;
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

  /** An empty ledger, of layers that are at home at their origins' own sites. */
  public Ledger(Tariff tariff) {
    this(tariff, Homes.OWN);
  }

  /** An empty ledger. */
  public Ledger(Tariff tariff, Homes homes) {
    this.tariff = tariff;
    this.homes = homes;
    instance = tariff.instance();
    int n = instance.offers();
    sites = instance.sites().size();
    experts = new long[n];
    calls = new long[n];
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
    Ledger ledger = new Ledger(tariff, assignment.homes());
    for (int s = 0; s < tariff.instance().shards(); s++) {
      ledger.put(s, assignment.of(s));
    }
    return ledger;
  }

  /** Enters a shard. */
  public void put(int shard, Placement placement) {
    change(shard, placement, 1);
  }

  /** Takes a shard out again. */
  public void take(int shard, Placement placement) {
    change(shard, placement, -1);
  }

  private void change(int shard, Placement placement, int sign) {
    placementPenalty += sign * tariff.penalties().placement(shard, placement);
    long size = sign * (long) instance.sizeOf(shard);
    for (int replica : placement.replicas()) {
      experts[replica] += size;
      offerMarks.mark(replica);
    }
    int[] servedBy = placement.servedBy();
    for (int o = 0; o < servedBy.length; o++) {
      int server = servedBy[o];
      if (server < 0) {
        continue;
      }
      long demand = sign * tariff.calls(o, shard);
      calls[server] += demand;
      if (tariff.latencyLimited() && tariff.latencyLimited(o)) {
        int layer = instance.layerOf(shard);
        int home = home(o, layer);
        int site = instance.siteOfOffer(server);
        if (site != home) {
          layerSum[o][layer] += sign * tariff.latency(o, shard, home, site);
          layerAt[o][layer][site] += sign;
          layerMarks.mark(o * instance.layers() + layer);
        }
      }
    }
    for (int kind = 0; kind < meters.length; kind++) {
      meters[kind].change(shard, placement, sign, onWays[kind]);
    }
  }

  /** The site where an origin's layer is at home. */
  private int home(int origin, int layer) {
    return instance.siteOfHome(origin, homes.offer(origin, layer));
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
    long capacity = offer.capacityPenalty(experts[i], calls[i]);
    rulePenalty += capacity - capacityPenalty[i];
    capacityPenalty[i] = capacity;
    long now = offer.nodes(experts[i], calls[i]);
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
        longest = Math.max(longest, tariff.roundTrip(home(origin, layer), site));
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

  /** Experts that an offer holds. */
  public long experts(int offer) {
    return experts[offer];
  }

  /** Calls that an offer serves, in units of the tariff. */
  public long calls(int offer) {
    return calls[offer];
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
    return tariff.offer(offer).nodes(experts[offer], calls[offer]);
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
