package org.moesaic.solve.model;

import org.moesaic.instance.Instance;
import org.moesaic.problem.Model;
import org.moesaic.problem.Offer;

/**
 * An offer as the score sees it: from what it carries, in whole numbers, to nodes, and from nodes
 * to money.
 */
public final class OfferTerms {
  /** Where nodes stop growing, so that an offer without capacity still has a price. */
  static final long MAX_NODES = Integer.MAX_VALUE;

  private final int index;
  private final int site;
  private final int region;
  private final String provider;
  private final double nodesPerExpert;
  private final double nodesPerCall;
  private final double nodesPerLayer;
  private final double nodesPerToken;
  private final double nodesPerMemory;
  private final double computePerCall;
  private final double networkPerCall;
  private final double computePerToken;
  private final long minNodes;
  private final long maxNodes;
  private final double usdPerNodeHour;
  private final double powerKwPerNode;
  private final Tariff tariff;

  OfferTerms(Tariff tariff, int index) {
    this.tariff = tariff;
    this.index = index;
    Instance instance = tariff.instance();
    Model model = instance.problem().model();
    Offer offer = instance.offer(index);
    site = instance.siteOfOffer(index);
    region = instance.regionOfSite(site);
    provider = offer.provider();
    nodesPerExpert = instance.memoryNodes(index, model.expertBytes());
    nodesPerMemory = instance.memoryNodes(index, tariff.units().memoryUnitBytes());
    double compute = instance.computeNodes(index, 1);
    double network = instance.networkNodes(index, 1);
    nodesPerCall = Math.max(compute, network);
    Model.Backbone backbone = model.backbone();
    nodesPerLayer = backbone == null ? 0 : instance.memoryNodes(index, backbone.bytesPerLayer());
    nodesPerToken = instance.computeNodes(index, 0, 1);
    double callScale = tariff.units().callScale();
    computePerCall = compute / callScale;
    networkPerCall = network / callScale;
    computePerToken = nodesPerToken / callScale;
    minNodes = Math.max(1, offer.minNodes());
    Integer max = offer.maxNodes();
    maxNodes = max == null ? MAX_NODES : max;
    usdPerNodeHour = offer.usdPerNodeHour();
    powerKwPerNode = offer.powerKwPerNode();
  }

  /** The offer's index. */
  public int index() {
    return index;
  }

  int site() {
    return site;
  }

  int region() {
    return region;
  }

  String provider() {
    return provider;
  }

  /** Nodes, as a real number, that one expert's memory takes. */
  public double nodesPerExpert() {
    return nodesPerExpert;
  }

  /** Nodes, as a real number, that one served call per second takes. */
  public double nodesPerCall() {
    return nodesPerCall;
  }

  /** Nodes, as a real number, that the memory of one layer's dense part takes. */
  public double nodesPerLayer() {
    return nodesPerLayer;
  }

  /** Nodes, as a real number, that one token per second through a hosted layer takes of compute. */
  public double nodesPerToken() {
    return nodesPerToken;
  }

  /** Nodes, as a real number, of the busiest of memory, compute and network. */
  public double need(Load load) {
    return need(load.memory(), load.calls(), load.tokens());
  }

  private double need(long memory, long calls, long tokens) {
    return Math.max(memoryNeed(memory), serviceNeed(calls, tokens));
  }

  /** Nodes, as a real number, of memory alone. */
  public double memoryNeed(Load load) {
    return memoryNeed(load.memory());
  }

  private double memoryNeed(long memory) {
    // Written with care for 0 * infinity: an offer without capacity needs nothing to do nothing.
    return memory == 0 ? 0 : memory * nodesPerMemory;
  }

  /** Nodes, as a real number, of the busier of compute and network. */
  public double serviceNeed(Load load) {
    return serviceNeed(load.calls(), load.tokens());
  }

  private double serviceNeed(long calls, long tokens) {
    double compute = calls == 0 ? 0 : calls * computePerCall;
    double network = calls == 0 ? 0 : calls * networkPerCall;
    return Math.max(tokens == 0 ? compute : compute + tokens * computePerToken, network);
  }

  /** Nodes leased; 0 for nothing held. Saturates where the reference prices do. */
  public long nodes(Load load) {
    return nodes(load.pieces(), load.memory(), load.calls(), load.tokens());
  }

  long nodes(long pieces, long memory, long calls, long tokens) {
    if (pieces == 0) {
      return 0;
    }
    double need = Math.min(MAX_NODES, Instance.ceil(need(memory, calls, tokens)));
    return Math.max(minNodes, (long) need);
  }

  /** Penalty for nodes beyond the most there are. */
  public long capacityPenalty(Load load) {
    return capacityPenalty(load.pieces(), load.memory(), load.calls(), load.tokens());
  }

  long capacityPenalty(long pieces, long memory, long calls, long tokens) {
    long nodes = nodes(pieces, memory, calls, tokens);
    if (nodes <= maxNodes && nodes < MAX_NODES) {
      return 0;
    }
    // The real number tells a search that it comes closer before a whole node is saved.
    double need = Math.max(Math.min(MAX_NODES, need(memory, calls, tokens)), minNodes);
    return Penalties.of((need - maxNodes) / Math.max(1, maxNodes));
  }

  /** Price of nodes, in money of the score. */
  public long lease(long nodes) {
    return tariff.units().leaseMoney(nodes * usdPerNodeHour);
  }

  /** Power of nodes, in units of the tariff. */
  public long power(long nodes) {
    return tariff.units().toPower(nodes * powerKwPerNode);
  }

  /** Price of one node, USD per hour. */
  public double usdPerNodeHour() {
    return usdPerNodeHour;
  }

  /** Fewest nodes if any are leased, at least 1. */
  public long minNodes() {
    return minNodes;
  }

  /** Most nodes. */
  public long maxNodes() {
    return maxNodes;
  }

  @Override
  public String toString() {
    return tariff.instance().offer(index).id();
  }
}
