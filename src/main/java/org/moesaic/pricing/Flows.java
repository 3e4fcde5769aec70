package org.moesaic.pricing;

import java.util.Arrays;
import java.util.BitSet;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.pricing.SpanningTrees.Edge;
import org.moesaic.problem.SampledTokens;

/**
 * What an assignment makes flow from site to site, bytes per second, by kind: calls and their
 * results, what crosses from layer to layer, access to the first and the last of them, and the sync
 * of replicas. Nothing flows within a site.
 */
final class Flows {
  private final Instance instance;
  private final Assignment assignment;
  private final Whereabouts where;
  private final double[][] calls;
  private final double[][] cuts;
  private final double[][] access;
  private final double[][] sync;

  /**
   * Adds up all that flows.
   *
   * @param instance whose origins are the parts of the assignment
   * @throws UnpricedTrafficException if replicas have to be kept in step and a price is missing
   *     without which the cheapest tree between their sites is not known
   */
  Flows(Instance instance, Assignment assignment, Whereabouts where) {
    this.instance = instance;
    this.assignment = assignment;
    this.where = where;
    int n = instance.sites().size();
    calls = new double[n][n];
    cuts = new double[n][n];
    access = new double[n][n];
    sync = new double[n][n];
    for (int part = 0; part < instance.origins(); part++) {
      if (instance.sharesCopies()) {
        addSharedCalls(part);
      } else {
        addCalls(part);
      }
      if (instance.hasBackbone()) {
        addCuts(part);
        addAccess(part);
      }
    }
    addSync();
  }

  /** Dispatched calls and results from one site to another. */
  double calls(int from, int to) {
    return calls[from][to];
  }

  /** Activations and gradients between layers. */
  double cuts(int from, int to) {
    return cuts[from][to];
  }

  /** Tokens between origins' sites and those of their first and last layers. */
  double access(int from, int to) {
    return access[from][to];
  }

  /** What keeps replicas, and hosted layers, in step. */
  double sync(int from, int to) {
    return sync[from][to];
  }

  /** All of it: what is paid for. */
  double all(int from, int to) {
    return calls[from][to] + cuts[from][to] + access[from][to] + sync[from][to];
  }

  /** What counts against a link: a sync has to be through within its window. */
  double onLink(int from, int to) {
    return calls[from][to]
        + cuts[from][to]
        + access[from][to]
        + sync[from][to] / instance.syncWindow();
  }

  private static void add(double[][] bytes, int from, int to, double bytesPerSecond) {
    if (from != to) {
      bytes[from][to] += bytesPerSecond;
    }
  }

  /** Calls and results between the site that hosts a layer and one that serves it. */
  private void addCalls(int host, int server, double copiesPerSecond) {
    add(calls, host, server, copiesPerSecond * instance.problem().model().dispatchBytes());
    add(calls, server, host, copiesPerSecond * instance.problem().model().combineBytes());
  }

  private void addCalls(int part) {
    for (int s = 0; s < instance.shards(); s++) {
      if (where.calls(part, s)) {
        int host = where.hostSite(part, instance.layerOf(s));
        addCalls(host, where.servingSite(part, s), instance.demand(part, s));
      }
    }
  }

  /** A token goes once to each site that serves one of its experts. */
  private void addSharedCalls(int part) {
    double tokensPerSecond = instance.origin(part).tokensPerSecond();
    SampledTokens sample = instance.sample(part);
    for (int l = 0; l < instance.layers(); l++) {
      double[] shares = sample == null ? expectedShares(part, l) : sampledShares(part, l, sample);
      for (int site = 0; site < shares.length; site++) {
        addCalls(where.hostSite(part, l), site, tokensPerSecond * shares[site]);
      }
    }
  }

  /** By site, the share of tokens with an expert there, if each chose experts independently. */
  private double[] expectedShares(int part, int layer) {
    double[] shares = new double[instance.sites().size()];
    for (int s = instance.shard(layer, 0); s < instance.shard(layer + 1, 0); s++) {
      if (where.calls(part, s)) {
        shares[where.servingSite(part, s)] += instance.logMiss(part, s);
      }
    }
    for (int site = 0; site < shares.length; site++) {
      shares[site] = -Math.expm1(shares[site]);
    }
    return shares;
  }

  /** By site, the share of recorded tokens with an expert there. */
  private double[] sampledShares(int part, int layer, SampledTokens sample) {
    int[] siteOfShard = new int[instance.shardsPerLayer()];
    Arrays.setAll(
        siteOfShard,
        k -> {
          int s = instance.shard(layer, k);
          return where.calls(part, s) ? where.servingSite(part, s) : -1;
        });
    int[] tokens = new int[instance.sites().size()];
    BitSet seen = new BitSet();
    for (int token = 0; token < sample.tokens(); token++) {
      seen.clear();
      for (int k = 0; k < sample.topK(); k++) {
        int expert = sample.expert(token, layer, k);
        int site = siteOfShard[expert / instance.problem().model().expertsPerShard()];
        if (site >= 0 && !seen.get(site)) {
          seen.set(site);
          tokens[site]++;
        }
      }
    }
    return Arrays.stream(tokens).mapToDouble(count -> (double) count / sample.tokens()).toArray();
  }

  /** The last layer does not lead to the first: the next token begins anew. */
  private void addCuts(int part) {
    double tokensPerSecond = instance.origin(part).tokensPerSecond();
    for (int l = 0; l + 1 < instance.layers(); l++) {
      int from = where.hostSite(part, l);
      int to = where.hostSite(part, l + 1);
      add(cuts, from, to, tokensPerSecond * instance.activationBytes());
      add(cuts, to, from, tokensPerSecond * instance.gradientBytes());
    }
  }

  private void addAccess(int part) {
    double bytesPerSecond = instance.origin(part).tokensPerSecond() * instance.accessBytes(part);
    int own = instance.siteOfOrigin(part);
    add(access, own, where.hostSite(part, 0), bytesPerSecond);
    add(access, where.hostSite(part, instance.layers() - 1), own, bytesPerSecond);
  }

  private void addSync() {
    SpanningTrees trees = new SpanningTrees(instance);
    for (int s = 0; s < instance.shards(); s++) {
      BitSet sites = new BitSet();
      for (int offer : assignment.of(s).replicas()) {
        sites.set(instance.siteOfOffer(offer));
      }
      addSync(trees, sites, instance.syncBytesPerSecond(s));
    }
    for (int l = 0; l < instance.layers() && instance.hasBackbone(); l++) {
      BitSet sites = new BitSet();
      for (int part = 0; part < instance.origins(); part++) {
        sites.set(where.hostSite(part, l));
      }
      addSync(trees, sites, instance.layerSyncBytesPerSecond());
    }
  }

  private void addSync(SpanningTrees trees, BitSet sites, double bytesPerSecond) {
    if (bytesPerSecond > 0) {
      for (Edge edge : trees.over(sites)) {
        add(sync, edge.a(), edge.b(), bytesPerSecond);
        add(sync, edge.b(), edge.a(), bytesPerSecond);
      }
    }
  }
}
