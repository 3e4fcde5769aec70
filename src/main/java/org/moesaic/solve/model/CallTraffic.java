package org.moesaic.solve.model;

import org.moesaic.instance.Homes;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * Calls that each ship a copy of their own: out from where the origin's layer is at home, and back
 * with a result.
 *
 * <p>Complexity: O(origins) for a shard. The floor is exact: bytes are in proportion to calls.
 */
final class CallTraffic implements Traffic {
  private final Instance instance;
  private final double dispatchBytes;
  private final double combineBytes;

  CallTraffic(Instance instance) {
    this.instance = instance;
    dispatchBytes = instance.problem().model().dispatchBytes();
    combineBytes = instance.problem().model().combineBytes();
  }

  @Override
  public double mostBytesPerSecond() {
    return Units.mostCalls(instance) * (dispatchBytes + combineBytes);
  }

  @Override
  public double mostUsdPerHour() {
    double most = 0;
    for (int a = 0; a < instance.sites().size(); a++) {
      for (int b = 0; b < instance.sites().size(); b++) {
        most = Math.max(most, usdPerCall(a, b));
      }
    }
    return Units.mostCalls(instance) * most;
  }

  @Override
  public Meter meter(Tariff tariff, Homes homes) {
    double unit = tariff.units().byteScale() / tariff.units().callScale();
    double out = dispatchBytes * unit;
    double back = combineBytes * unit;
    return (shard, placement, sign, bytes) ->
        change(tariff, homes, shard, placement, sign, out, back, bytes);
  }

  private void change(
      Tariff tariff,
      Homes homes,
      int shard,
      Placement placement,
      int sign,
      double out,
      double back,
      Bytes bytes) {
    int layer = instance.layerOf(shard);
    int[] servedBy = placement.servedBy();
    for (int o = 0; o < servedBy.length; o++) {
      int server = servedBy[o];
      if (server < 0) {
        continue;
      }
      int home = instance.siteOfHome(o, homes.offer(o, layer));
      int site = instance.siteOfOffer(server);
      if (home != site) {
        long calls = tariff.calls(o, shard);
        if (out > 0) {
          bytes.add(home, site, sign * scaled(calls, out));
        }
        if (back > 0) {
          bytes.add(site, home, sign * scaled(calls, back));
        }
      }
    }
  }

  /** Never 0 where there is a call: ways may be closed to the least of bytes. */
  private static long scaled(long calls, double bytesPerCall) {
    return calls == 0 ? 0 : Math.max(1, (long) (calls * bytesPerCall));
  }

  @Override
  public void floor(int origin, int home, int site, Flow flow) {
    if (home != site) {
      flow.add(home, site, dispatchBytes);
      flow.add(site, home, combineBytes);
    }
  }

  @Override
  public double floorUsd(int origin, int home, int site) {
    return usdPerCall(home, site);
  }

  private double usdPerCall(int home, int site) {
    if (home == site) {
      return 0;
    }
    double egress =
        dispatchBytes * Way.egressUsdPerGb(instance, home, site)
            + combineBytes * Way.egressUsdPerGb(instance, site, home);
    double bandwidth = (dispatchBytes + combineBytes) * Way.bandwidthUsdPerGb(instance, home, site);
    return Way.usdPerHour(egress) + Way.usdPerHour(bandwidth);
  }

  @Override
  public boolean byShard() {
    return true;
  }

  @Override
  public double peak() {
    return 1;
  }

  @Override
  public boolean floorIsExact() {
    return true;
  }
}
