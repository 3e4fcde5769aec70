package org.moesaic.solve.model;

import org.moesaic.instance.Instance;

/**
 * Access: tokens from their origin's site to the one that hosts its first layer, and back from the
 * one that hosts its last.
 *
 * <p>Complexity: O(origins) for a layer. The floor is exact.
 */
final class AccessTraffic implements Traffic {
  private final Instance instance;

  AccessTraffic(Instance instance) {
    this.instance = instance;
  }

  private double bytesPerSecond() {
    double bytes = 0;
    for (int o = 0; o < instance.origins(); o++) {
      bytes += instance.origin(o).tokensPerSecond() * instance.accessBytes(o);
    }
    return bytes;
  }

  @Override
  public double mostBytesPerSecond() {
    return 2 * bytesPerSecond();
  }

  @Override
  public double mostUsdPerHour() {
    return bytesPerSecond() * Way.mostUsdPerHour(instance, 1, 1);
  }

  @Override
  public Meter meter(Tariff tariff, HomeSites homes) {
    double unit = tariff.units().byteScale() / tariff.units().callScale();
    return (piece, placement, sign, bytes) -> {
      Role role = Role.of(instance, piece);
      if (!role.takesIn() && !role.givesOut()) {
        return;
      }
      int[] hosts = placement.servedBy();
      for (int o = 0; o < hosts.length; o++) {
        if (hosts[o] < 0 || instance.accessBytes(o) == 0) {
          continue;
        }
        int own = instance.siteOfOrigin(o);
        int site = instance.siteOfOffer(hosts[o]);
        if (own != site) {
          long sent = sign * CallTraffic.scaled(tariff.tokens(o), instance.accessBytes(o) * unit);
          if (role.takesIn()) {
            bytes.add(own, site, sent);
          }
          if (role.givesOut()) {
            bytes.add(site, own, sent);
          }
        }
      }
    };
  }

  @Override
  public void floor(Role role, int origin, int site, Flow flow) {
    int own = instance.siteOfOrigin(origin);
    if (own == site) {
      return;
    }
    if (role.takesIn()) {
      flow.add(own, site, instance.accessBytes(origin));
    }
    if (role.givesOut()) {
      flow.add(site, own, instance.accessBytes(origin));
    }
  }

  @Override
  public boolean byPiece() {
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
