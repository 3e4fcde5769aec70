package org.moesaic.solve.model;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.moesaic.instance.Instance;
import org.moesaic.problem.Model;

/**
 * The whole numbers in which a score sums: units of money, calls, bytes, power and latency.
 *
 * <p>Idea: a score that is kept up to date by adding and subtracting must not drift, so everything
 * that is summed is a {@code long} in a fixed unit, chosen per instance as fine as its totals
 * allow: calls and bytes per second, power and latency in powers of two, money in a power of ten of
 * a USD per hour. Only the last step, from a sum to an amount, computes in doubles.
 */
public final class Units {
  /** Offers dearer than the median by this factor are not meant to be leased. */
  private static final double NEVER = 1e4;

  /** What all that a plan costs comes to at most, in money of the score. */
  private static final double MOST_MONEY = 1e17;

  /** What it comes to at least, so that a cent of it is not lost where all of it is cents. */
  private static final double LEAST_MONEY = 1e8;

  private static final double FINEST_SCALE = 1e30;

  /** Bytes of a layer that whole numbers tell exactly. */
  private static final double MOST_BYTES = 0x1p53;

  /** Binary digits of a layer's bytes that are no whole number. */
  private static final int FINEST_PART = 40;

  private final Instance instance;
  private final double usdScale;
  private final double memoryUnitBytes;
  private final double callScale;
  private final double byteScale;
  private final double powerScale;
  private final double latencyScale;

  Units(Instance instance, List<Traffic> kinds) {
    this.instance = instance;
    double totalCalls = mostCalls(instance);
    double bytes = 0;
    double trafficUsd = 0;
    for (Traffic kind : kinds) {
      bytes += kind.mostBytesPerSecond() * kind.peak();
      trafficUsd += kind.mostUsdPerHour();
    }
    memoryUnitBytes = memoryUnitBytes(instance);
    callScale = powerOfTwoFor(totalCalls);
    byteScale = powerOfTwoFor(bytes);
    usdScale = usdScaleFor(mostLeaseUsdPerHour(totalCalls) + trafficUsd);
    powerScale = powerOfTwoFor(mostKw(totalCalls));
    latencyScale = powerOfTwoFor(mostLatencyMs());
  }

  /** Calls per second of all origins to all layers. */
  static double mostCalls(Instance instance) {
    double calls = 0;
    for (int o = 0; o < instance.origins(); o++) {
      calls +=
          instance.origin(o).tokensPerSecond()
              * instance.problem().model().topK()
              * (double) instance.layers();
    }
    return calls;
  }

  /**
   * One expert where nothing else takes memory; else the greatest unit of which experts and layers
   * are multiples, so that what fits exactly still does.
   */
  private static double memoryUnitBytes(Instance instance) {
    Model model = instance.problem().model();
    Model.Backbone backbone = model.backbone();
    if (backbone == null || backbone.bytesPerLayer() == 0) {
      return model.expertBytes();
    }
    double layer = backbone.bytesPerLayer();
    double most = (layer + (double) model.expertBytes() * model.expertsPerLayer());
    double least = Math.scalb(most * model.moeLayers() * instance.offers(), -60);
    if (layer == Math.rint(layer) && layer < MOST_BYTES) {
      BigInteger common =
          BigInteger.valueOf(model.expertBytes()).gcd(BigInteger.valueOf((long) layer));
      return Math.max(least, common.doubleValue());
    }
    return Math.max(least, Math.scalb(1.0, Math.getExponent(layer) - FINEST_PART));
  }

  private static double powerOfTwoFor(double most) {
    return most <= 0 ? 1 : Math.scalb(1.0, Math.min(60 - Math.getExponent(most) - 1, 60));
  }

  private double mostNodes(int offer, double totalCalls) {
    double bytes =
        (double) instance.problem().model().expertBytes()
            * instance.layers()
            * instance.problem().model().expertsPerLayer();
    return Math.min(OfferTerms.MAX_NODES, instance.nodes(offer, bytes, totalCalls));
  }

  private double mostKw(double totalCalls) {
    double most = 0;
    for (int i = 0; i < instance.offers(); i++) {
      most += mostNodes(i, totalCalls) * instance.offer(i).powerKwPerNode();
    }
    return most;
  }

  /** Most that a plan leases without offers whose price says never. */
  private double mostLeaseUsdPerHour(double totalCalls) {
    double[] prices = new double[instance.offers()];
    Arrays.setAll(prices, i -> instance.offer(i).usdPerNodeHour());
    Arrays.sort(prices);
    double never = NEVER * prices[prices.length / 2];
    double most = 0;
    for (int i = 0; i < instance.offers(); i++) {
      double price = instance.offer(i).usdPerNodeHour();
      if (price <= never || never == 0) {
        most += mostNodes(i, totalCalls) * price;
      }
    }
    return most;
  }

  private static double usdScaleFor(double most) {
    double scale = 1e9;
    while (scale > 1 && most * scale > MOST_MONEY) {
      scale /= 10;
    }
    while (most > 0 && most * scale < LEAST_MONEY && scale < FINEST_SCALE) {
      scale *= 10;
    }
    if (most * scale > 1e18) {
      throw new CostOverflowException(most);
    }
    return scale;
  }

  private double mostLatencyMs() {
    double rtt = 0;
    for (int a = 0; a < instance.sites().size(); a++) {
      for (int b = 0; b < instance.sites().size(); b++) {
        if (instance.rttMs(a, b) > rtt) {
          rtt = instance.rttMs(a, b);
        }
      }
    }
    return rtt * instance.layers() * instance.problem().model().topK();
  }

  /** Bytes in a unit of memory; 0 where nothing takes any. */
  double memoryUnitBytes() {
    return memoryUnitBytes;
  }

  /** Memory in units. */
  long toMemory(double bytes) {
    return bytes == 0 ? 0 : Math.max(1, Math.round(bytes / memoryUnitBytes));
  }

  /** Units of calls in one call per second. */
  double callScale() {
    return callScale;
  }

  /** Units of bytes in one byte per second. */
  double byteScale() {
    return byteScale;
  }

  double latencyScale() {
    return latencyScale;
  }

  double powerScale() {
    return powerScale;
  }

  long toCalls(double callsPerSecond) {
    return callsPerSecond > 0 ? Math.max(1, Math.round(callsPerSecond * callScale)) : 0;
  }

  long toPower(double kw) {
    return Math.round(kw * powerScale);
  }

  /** Power in units of the tariff as kW. */
  double toKw(long power) {
    return power / powerScale;
  }

  /**
   * Price of a lease in money of the score. That of an offer that is not meant to be leased is cut
   * off, far above what plans without it cost: so it needs no coarser money for all others.
   */
  long leaseMoney(double usdPerHour) {
    double most = MOST_MONEY / Math.max(1, instance.offers());
    long money = Math.round(Math.min(usdPerHour * usdScale, 2 * most));
    // Nothing costs nothing but what is free: shares of a lease go by it.
    return usdPerHour > 0 ? Math.max(1, money) : money;
  }

  long toMoney(double usdPerHour) {
    return Math.round(usdPerHour * usdScale);
  }

  /** Money of a score as USD per hour. */
  public double toUsdPerHour(long money) {
    return money / usdScale;
  }

  /** Latency, in units. */
  long toLatency(double ms) {
    return Math.round(ms * latencyScale);
  }

  double toMs(long latency) {
    return latency / latencyScale;
  }
}
