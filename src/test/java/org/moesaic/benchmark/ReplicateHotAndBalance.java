package org.moesaic.benchmark;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.problem.Policy;
import org.moesaic.problem.Policy.DomainKind;
import org.moesaic.solve.model.OfferTerms;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.start.Construction;

/**
 * Balances load as DeepSeek's EPLB does within one cluster: the experts with the highest load get
 * more replicas, and all replicas are packed so that nodes are equally busy. It knows loads,
 * capacities and the price of nodes, but neither distances nor links nor the price of egress.
 *
 * <p>Idea: lease nodes in the order of their price per unit of work, enough for every shard and
 * {@link #REDUNDANT} more. Then layer by layer: every leased slot beyond one per shard goes to the
 * shard whose replicas have the highest load; the heaviest replica is placed first, on the offer
 * whose nodes have least to do; and the heaviest origin is served first, by the replica whose offer
 * has least to do.
 *
 * <p>EPLB's GPUs become offers here, which differ in size. So load counts relative to what an
 * offer's nodes can serve, each layer gets its even part of an offer's memory, replicas of a shard
 * lie on different offers, and each layer continues from the load that those before it left. Rules
 * of single shards are kept where some offer allows it, and a region's power limits what is leased
 * there; rules on links, latency and providers' shares are not looked at.
 *
 * <p>Complexity O(slots * (shards per layer + offers * origins)); no guarantee. A baseline. Source:
 * EPLB, the Expert Parallelism Load Balancer, <a
 * href="https://github.com/deepseek-ai/EPLB">github.com/deepseek-ai/EPLB</a>.
 */
public final class ReplicateHotAndBalance implements Construction {
  /** Slots beyond one per shard: EPLB's deployments have 288 for 256 experts. */
  private static final double REDUNDANT = 0.125;

  /**
   * Part of a layer's shards for which each offer keeps slots free of redundant replicas: a shard
   * that needs two replicas cannot take both from the one offer that has slots left.
   */
  private static final double SPARE = 1.0 / 16;

  @Override
  public Assignment construct(Tariff tariff) {
    return new Cluster(tariff).balance();
  }

  /** The nodes leased, and what is on them so far. */
  private static final class Cluster {
    private final Tariff tariff;
    private final Instance instance;
    private final Policy policy;
    private final int offers;
    private final long[] shardsThatMayBeHere;
    private final int[] byPrice;
    private final int[] rank;
    private final long[] nodes;
    private final double[] powerKw;
    private final int copies;
    private final double[] capacity;
    private final double[] load;
    private final long[] held;

    /** Slots per offer that the layers so far have left; below 0 if they took more. */
    private final long[] room;

    Cluster(Tariff tariff) {
      this.tariff = tariff;
      instance = tariff.instance();
      policy = instance.problem().policy();
      offers = instance.offers();
      shardsThatMayBeHere = new long[offers];
      for (int s = 0; s < instance.shards(); s++) {
        for (int i : tariff.holders(s)) {
          shardsThatMayBeHere[i]++;
        }
      }
      byPrice =
          IntStream.range(0, offers)
              .boxed()
              .sorted(Comparator.comparingDouble(this::usdForEverything))
              .mapToInt(i -> i)
              .toArray();
      rank = new int[offers];
      for (int r = 0; r < offers; r++) {
        rank[byPrice[r]] = r;
      }
      nodes = new long[offers];
      powerKw = new double[instance.problem().regions().size()];
      copies = leaseNodes();
      capacity = new double[offers];
      Arrays.setAll(capacity, i -> Math.max(1, nodes[i]) * callsPerNode(i));
      load = new double[offers];
      held = new long[offers];
      room = new long[offers];
    }

    private double usdForEverything(int i) {
      OfferTerms offer = tariff.offer(i);
      double memory = nodesPerShard(i) * instance.shards();
      double service = calls(o -> true) / callsPerNode(i);
      return Math.max(memory, service) * offer.usdPerNodeHour();
    }

    private double nodesPerShard(int i) {
      return tariff.offer(i).nodesPerExpert() * instance.problem().model().expertsPerShard();
    }

    /**
     * Positive and finite, so that nodes share load evenly even if nothing limits their service.
     */
    private double callsPerNode(int i) {
      return 1 / Math.clamp(tariff.offer(i).nodesPerCall(), 1e-30, 1e30);
    }

    /** Calls per second of some origins. */
    private double calls(IntPredicate origins) {
      return IntStream.range(0, instance.origins())
          .filter(origins)
          .mapToDouble(o -> instance.origin(o).tokensPerSecond())
          .map(tokens -> tokens * instance.problem().model().topK() * instance.layers())
          .sum();
    }

    private boolean mayServe(BitSet origins, int i) {
      return origins.stream().allMatch(o -> instance.mayServe(o, i));
    }

    /**
     * Leases nodes, first for a replica of every shard where residency lets it be served, then for
     * everything else.
     *
     * @return replicas of each shard that its rules ask for
     */
    private int leaseNodes() {
      BitSet everywhere =
          IntStream.range(0, instance.origins())
              .filter(o -> IntStream.range(0, offers).allMatch(i -> instance.mayServe(o, i)))
              .collect(BitSet::new, BitSet::set, BitSet::or);
      int replicas = 0;
      for (BitSet open = origins(); !open.isEmpty(); replicas++) {
        BitSet served = mostServedByOne(open);
        if (served.isEmpty()) {
          break;
        }
        lease(
            i -> mayServe(served, i),
            instance.shards(),
            calls(o -> served.get(o) && !everywhere.get(o)) * (1 + REDUNDANT),
            Long.MAX_VALUE);
        open.andNot(served);
      }
      replicas = Math.max(replicas, policy.survive().isEmpty() ? 1 : 2);
      replicas = Math.min(instance.maxReplicas(), Math.max(replicas, policy.minReplicas()));
      lease(
          i -> true,
          (long) Math.ceil(instance.shards() * (replicas + REDUNDANT)),
          calls(o -> true) * (1 + REDUNDANT),
          instance.shards() * Math.max(1, replicas - 1L));
      return replicas;
    }

    private BitSet origins() {
      BitSet origins = new BitSet();
      origins.set(0, instance.origins());
      return origins;
    }

    private BitSet mostServedByOne(BitSet origins) {
      BitSet most = new BitSet();
      for (int i : byPrice) {
        BitSet served = (BitSet) origins.clone();
        origins.stream().filter(o -> !instance.mayServe(o, i)).forEach(served::clear);
        if (shardsThatMayBeHere[i] > 0 && served.cardinality() > most.cardinality()) {
          most = served;
        }
      }
      return most;
    }

    /**
     * Adds nodes of some offers, the cheapest first, until they have enough slots and serve enough.
     *
     * @param callsPerSecond that all of them together serve
     * @param mostPerDomain slots that count of one domain whose loss shards have to survive
     */
    private void lease(IntPredicate among, long slots, double callsPerSecond, long mostPerDomain) {
      for (int i : byPrice) {
        if (!among.test(i) || shardsThatMayBeHere[i] == 0) {
          continue;
        }
        long slotsLeft = slots - slots(among, mostPerDomain);
        for (DomainKind kind : policy.survive()) {
          int domain = instance.domain(kind, i);
          long there = slots(j -> among.test(j) && instance.domain(kind, j) == domain);
          slotsLeft = Math.min(slotsLeft, mostPerDomain - there);
        }
        double callsLeft = callsPerSecond;
        for (int j = 0; j < offers; j++) {
          callsLeft -= among.test(j) ? nodes[j] * callsPerNode(j) : 0;
        }
        double now = nodes[i];
        if (slotsLeft > 0) {
          long wanted = Math.min(shardsThatMayBeHere[i], slots(i, nodes[i]) + slotsLeft);
          now = Math.max(now, Math.max(1, Instance.ceil(wanted * nodesPerShard(i))));
        }
        if (callsLeft > 0) {
          now = Math.max(now, Instance.ceil(nodes[i] + callsLeft / callsPerNode(i)));
        }
        double leased = now == 0 ? 0 : Math.max(now, tariff.offer(i).minNodes());
        long more = (long) Math.min(leased, mostNodes(i)) - nodes[i];
        if (more > 0 && nodes[i] + more >= tariff.offer(i).minNodes()) {
          nodes[i] += more;
          powerKw[instance.regionOfSite(instance.siteOfOffer(i))] +=
              more * instance.offer(i).powerKwPerNode();
        }
      }
    }

    /** Nodes of an offer at most, with what its region's power leaves. */
    private long mostNodes(int i) {
      int region = instance.regionOfSite(instance.siteOfOffer(i));
      Double capKw = instance.problem().regions().get(region).powerCapKw();
      double kw = instance.offer(i).powerKwPerNode();
      long most = tariff.offer(i).maxNodes();
      return capKw == null || kw == 0
          ? most
          : Math.min(most, nodes[i] + (long) Math.max(0, (capKw - powerKw[region]) / kw));
    }

    /** Shards that some nodes of an offer hold, each once. */
    private long slots(int i, long nodesOfOffer) {
      double slots = nodesOfOffer == 0 ? 0 : nodesOfOffer * (1 + 1e-9) / nodesPerShard(i);
      return (long) Math.min(shardsThatMayBeHere[i], slots);
    }

    private long slots(IntPredicate among) {
      return IntStream.range(0, offers).filter(among).mapToLong(i -> slots(i, nodes[i])).sum();
    }

    /** Slots of some offers, of no domain more than a number of them. */
    private long slots(IntPredicate among, long mostPerDomain) {
      long least = slots(among);
      for (DomainKind kind : policy.survive()) {
        long[] slotsOfDomain = new long[offers];
        for (int i = 0; i < offers; i++) {
          slotsOfDomain[instance.domain(kind, i)] += among.test(i) ? slots(i, nodes[i]) : 0;
        }
        least =
            Math.min(
                least,
                Arrays.stream(slotsOfDomain).map(slots -> Math.min(slots, mostPerDomain)).sum());
      }
      return least;
    }

    Assignment balance() {
      Placement[] placements = new Placement[instance.shards()];
      for (int l = 0; l < instance.layers(); l++) {
        balance(l, placements);
      }
      return new Assignment(Arrays.asList(placements));
    }

    private void balance(int layer, Placement[] placements) {
      int shards = instance.shardsPerLayer();
      int first = instance.shard(layer, 0);
      long open = 0;
      for (int i = 0; i < offers; i++) {
        long all = slots(i, nodes[i]);
        // Not all layers round the same way: in the end every slot of the offer was given.
        room[i] += all * (layer + 1) / instance.layers() - all * layer / instance.layers();
        open += Math.clamp(room[i] - spareSlots(), 0, shards);
      }
      double[] weights = new double[shards];
      int[] least = new int[shards];
      int[] most = new int[shards];
      for (int k = 0; k < shards; k++) {
        int callers = 0;
        for (int o = 0; o < instance.origins(); o++) {
          double demand = instance.demand(o, first + k);
          weights[k] += demand;
          callers += demand > 0 ? 1 : 0;
        }
        int[] holders = tariff.holders(first + k);
        int leased = (int) Arrays.stream(holders).filter(i -> nodes[i] > 0).count();
        least[k] = Math.min(copies, holders.length);
        // An origin is served by one replica, so more of them than origins would be idle.
        most[k] = Math.max(least[k], Math.min(instance.maxReplicas(), Math.min(leased, callers)));
      }
      int[] counts = BalancedReplicas.count(weights, open, least, most);
      int[][] placed =
          BalancedReplicas.pack(
              weights, counts, load.clone(), capacity, new LayerBins(first, least));
      serve(first, weights, placed, placements);
    }

    private int spareSlots() {
      return (int) Math.ceil(SPARE * instance.shardsPerLayer());
    }

    /** Which offers may, can and should hold the shards of a layer. */
    private final class LayerBins implements BalancedReplicas.Bins {
      private final int firstShard;
      private final int[] least;

      LayerBins(int firstShard, int[] least) {
        this.firstShard = firstShard;
        this.least = least;
      }

      @Override
      public long misfit(int k, int[] placed, int i) {
        int shard = firstShard + k;
        boolean taken = Arrays.stream(placed).anyMatch(p -> p == i);
        if (taken || Arrays.binarySearch(tariff.holders(shard), i) < 0) {
          return BalancedReplicas.NEVER;
        }
        if (placed.length >= least[k] && room[i] <= spareSlots()) {
          // What no rule asks for is not worth another node.
          return BalancedReplicas.NEVER;
        }
        if (room[i] > 0) {
          return brokenRules(shard, placed, i) * 4L * offers;
        }
        long full;
        if (held[i] < slots(i, nodes[i])) {
          full = 1;
        } else {
          full = held[i] < slots(i, mostNodes(i)) ? 2 : 3;
        }
        // Where more nodes are leased after all, the cheapest are.
        return (brokenRules(shard, placed, i) * 4L + full) * offers + (full > 1 ? rank[i] : 0);
      }

      /** Origins that nobody may serve, and kinds of domains that take all replicas with them. */
      private int brokenRules(int shard, int[] placed, int i) {
        int broken = 0;
        for (int o = 0; o < instance.origins(); o++) {
          int origin = o;
          if (instance.demand(o, shard) > 0
              && !instance.mayServe(o, i)
              && Arrays.stream(placed).noneMatch(p -> instance.mayServe(origin, p))) {
            broken++;
          }
        }
        for (DomainKind kind : policy.survive()) {
          int domain = instance.domain(kind, i);
          if (Arrays.stream(placed).allMatch(p -> instance.domain(kind, p) == domain)) {
            broken++;
          }
        }
        return broken;
      }

      @Override
      public void put(int k, int i) {
        room[i]--;
        held[i]++;
      }
    }

    /**
     * Serves origins, the heaviest first, where least is to do; those without a choice go first.
     */
    private void serve(int first, double[] weights, int[][] placed, Placement[] placements) {
      Integer[] order = IntStream.range(0, placed.length).boxed().toArray(Integer[]::new);
      Arrays.sort(
          order,
          Comparator.<Integer>comparingInt(k -> placed[k].length)
              .thenComparingDouble(k -> -weights[k]));
      for (int k : order) {
        int shard = first + k;
        int[] replicas = placed[k].clone();
        Arrays.sort(replicas);
        int[] servedBy = new int[instance.origins()];
        Arrays.fill(servedBy, Placement.NOBODY);
        IntStream.range(0, servedBy.length)
            .filter(o -> instance.demand(o, shard) > 0)
            .boxed()
            .sorted(Comparator.comparingDouble(o -> -instance.demand(o, shard)))
            .forEach(
                o -> {
                  servedBy[o] = leastBusy(o, shard, replicas);
                  load[servedBy[o]] += instance.demand(o, shard);
                });
        placements[shard] = new Placement(replicas, servedBy);
      }
    }

    private int leastBusy(int origin, int shard, int[] replicas) {
      return Arrays.stream(replicas)
          .boxed()
          .min(
              Comparator.<Integer, Boolean>comparing(i -> !instance.mayServe(origin, i))
                  .thenComparingDouble(
                      i -> (load[i] + instance.demand(origin, shard)) / capacity[i]))
          .orElseThrow();
    }
  }
}
