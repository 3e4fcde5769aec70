package org.moesaic.solve.model;

import org.moesaic.instance.Instance;

/**
 * One direction between two sites: what the bytes that go this way cost, and how many of them there
 * may be. Bytes per second are whole numbers in units of the tariff; see {@link Units}.
 */
public final class Way {
  private static final double SECONDS_PER_HOUR = 3600;
  private static final double BYTES_PER_GB = 1e9;

  private final int from;
  private final int to;
  private final Units units;
  private final double egressUsdPerByte;
  private final double bandwidthUsdPerByte;
  private final double maxBytes;
  private final String name;

  Way(Instance instance, Units units, int from, int to) {
    this.from = from;
    this.to = to;
    this.units = units;
    egressUsdPerByte = usdPerHour(egressUsdPerGb(instance, from, to)) / units.byteScale();
    bandwidthUsdPerByte = usdPerHour(bandwidthUsdPerGb(instance, from, to)) / units.byteScale();
    maxBytes = instance.linkBytesPerSecond(from, to) * units.byteScale();
    name = instance.sites().get(from) + "->" + instance.sites().get(to);
  }

  /**
   * Price of egress, USD per 10^9 bytes. A pair without a price never carries traffic in a plan
   * that keeps residency; it is free where one does not.
   */
  static double egressUsdPerGb(Instance instance, int from, int to) {
    double price = instance.usdPerGb(from, to);
    return Double.isNaN(price) ? 0 : price;
  }

  /** Price that the objective puts on traffic between regions, USD per 10^9 bytes. */
  static double bandwidthUsdPerGb(Instance instance, int from, int to) {
    return instance.regionOfSite(from) == instance.regionOfSite(to)
        ? 0
        : instance.problem().objective().bandwidthUsdPerGb();
  }

  /**
   * What bytes per second cost in an hour.
   *
   * @param bytesTimesPrice bytes per second, times USD per 10^9 bytes
   */
  static double usdPerHour(double bytesTimesPrice) {
    return bytesTimesPrice * SECONDS_PER_HOUR / BYTES_PER_GB;
  }

  /**
   * What a byte stream between two sites costs at most, USD per hour.
   *
   * @param out bytes per second one way
   * @param back bytes per second the other way
   */
  static double mostUsdPerHour(Instance instance, double out, double back) {
    double most = 0;
    for (int a = 0; a < instance.sites().size(); a++) {
      for (int b = 0; b < instance.sites().size(); b++) {
        most = Math.max(most, usdPerHour(instance, a, b, out, back));
      }
    }
    return most;
  }

  /** What bytes per second from one site to another, and back, cost, USD per hour. */
  static double usdPerHour(Instance instance, int from, int to, double out, double back) {
    if (from == to) {
      return 0;
    }
    double egress =
        out * egressUsdPerGb(instance, from, to) + back * egressUsdPerGb(instance, to, from);
    double bandwidth = (out + back) * bandwidthUsdPerGb(instance, from, to);
    return usdPerHour(egress) + usdPerHour(bandwidth);
  }

  int from() {
    return from;
  }

  int to() {
    return to;
  }

  /** Egress, in money of the score. */
  public long egress(long bytes) {
    return units.toMoney(bytes * egressUsdPerByte);
  }

  /** What the objective asks for bandwidth, in money of the score. */
  public long bandwidth(long bytes) {
    return bandwidthUsdPerByte == 0 ? 0 : units.toMoney(bytes * bandwidthUsdPerByte);
  }

  /** Whether there is a limit to the bytes. */
  public boolean limited() {
    return Double.isFinite(maxBytes);
  }

  /**
   * Penalty for more bytes than there may be.
   *
   * @param peak bytes as {@link Traffic#peak} counts them
   */
  public long penalty(long peak) {
    return Penalties.over(peak, maxBytes);
  }

  /** Bytes, counted as for a penalty, as a multiple of how many there may be; 0 without a limit. */
  double use(long peak) {
    return limited() ? peak / Math.max(1e-9 * units.byteScale(), maxBytes) : 0;
  }

  @Override
  public String toString() {
    return name;
  }
}
