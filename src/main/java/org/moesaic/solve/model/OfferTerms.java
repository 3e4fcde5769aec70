package org.moesaic.solve.model;

import org.moesaic.instance.Instance;
import org.moesaic.problem.Model;
import org.moesaic.problem.Offer;

/**
 * An offer as the score sees it: from whole numbers of experts and calls to nodes, and from nodes
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
  private final double nodesPerUnit;
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
    nodesPerCall = Math.max(instance.computeNodes(index, 1), instance.networkNodes(index, 1));
    nodesPerUnit = nodesPerCall / tariff.units().callScale();
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

  /** Nodes, as a real number, of the busier of memory and service. */
  public double need(long experts, long calls) {
    // Written with care for 0 * infinity: an offer without capacity needs nothing to do nothing.
    double memory = experts == 0 ? 0 : experts * nodesPerExpert;
    double service = calls == 0 ? 0 : calls * nodesPerUnit;
    return Math.max(memory, service);
  }

  /** Nodes leased; 0 for nothing held. Saturates where the reference prices do. */
  public long nodes(long experts, long calls) {
    if (experts == 0) {
      return 0;
    }
    double need = Math.min(MAX_NODES, Instance.ceil(need(experts, calls)));
    return Math.max(minNodes, (long) need);
  }

  /** Penalty for nodes beyond the most there are. */
  public long capacityPenalty(long experts, long calls) {
    long nodes = nodes(experts, calls);
    if (nodes <= maxNodes && nodes < MAX_NODES) {
      return 0;
    }
    // The real number tells a search that it comes closer before a whole node is saved.
    double need = Math.max(Math.min(MAX_NODES, need(experts, calls)), minNodes);
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
