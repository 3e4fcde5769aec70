package org.moesaic.solve.model;

import org.moesaic.instance.Instance;

/**
 * The way from the site of origins to a site that serves them, there and back: calls go out with
 * {@code dispatchBytes} and come back with {@code combineBytes}.
 */
public final class Route {
  private final Tariff tariff;
  private final int from;
  private final int to;
  private final double egressUsdPerUnit;
  private final double bandwidthUsdPerUnit;
  private final double egressUsdPerCall;
  private final double dispatchBytesPerUnit;
  private final double combineBytesPerUnit;
  private final double maxBytesPerSecond;

  Route(Tariff tariff, int from, int to) {
    this.tariff = tariff;
    this.from = from;
    this.to = to;
    Instance instance = tariff.instance();
    egressUsdPerCall =
        from == to ? 0 : tariff.egressUsdPerCall(from, to) + tariff.bandwidthUsdPerCall(from, to);
    egressUsdPerUnit = from == to ? 0 : tariff.egressUsdPerCall(from, to) / tariff.callScale();
    bandwidthUsdPerUnit =
        from == to ? 0 : tariff.bandwidthUsdPerCall(from, to) / tariff.callScale();
    dispatchBytesPerUnit = instance.problem().model().dispatchBytes() / tariff.callScale();
    combineBytesPerUnit = instance.problem().model().combineBytes() / tariff.callScale();
    maxBytesPerSecond =
        from == to ? Double.POSITIVE_INFINITY : instance.linkBytesPerSecond(from, to);
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  /** Egress of calls on this route, both ways, in money of the score. */
  public long egress(long calls) {
    return tariff.toMoney(calls * egressUsdPerUnit);
  }

  /** Price of bandwidth of calls on this route, both ways, in money of the score. */
  public long bandwidth(long calls) {
    return tariff.toMoney(calls * bandwidthUsdPerUnit);
  }

  /** Egress and bandwidth of one call per second, USD per hour. */
  public double usdPerCall() {
    return egressUsdPerCall;
  }

  /** Whether the link in this direction has a capacity. */
  public boolean limited() {
    return Double.isFinite(maxBytesPerSecond);
  }

  /**
   * Penalty for traffic in this direction.
   *
   * @param out calls that go out on this route
   * @param back calls of the opposite route, whose results come back in this direction
   */
  public long linkPenalty(long out, long back) {
    return Tariff.over(bytesPerSecond(out, back), maxBytesPerSecond);
  }

  double linkUse(long out, long back) {
    return limited() ? bytesPerSecond(out, back) / Math.max(1e-9, maxBytesPerSecond) : 0;
  }

  private double bytesPerSecond(long out, long back) {
    return out * dispatchBytesPerUnit + back * combineBytesPerUnit;
  }

  @Override
  public String toString() {
    return tariff.instance().sites().get(from) + "->" + tariff.instance().sites().get(to);
  }
}
