package org.moesaic.solve.model;

import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * Calls that each ship a copy of their own: out from where the origin's layer is at home, and back
 * with a result.
 *
 * <p>Complexity: O(origins) for a shard, O(sites) for a layer of an origin that moves. Memory:
 * O(origins * layers * sites) where layers can move. The floor is exact, as bytes are in proportion
 * to calls, unless layers can move: then none is left, as every layer may be where its experts are.
 */
final class CallTraffic implements Traffic {
  private final Instance instance;
  private final boolean placed;
  private final double dispatchBytes;
  private final double combineBytes;

  CallTraffic(Instance instance) {
    this.instance = instance;
    placed = instance.hasBackbone();
    dispatchBytes = instance.problem().model().dispatchBytes();
    combineBytes = instance.problem().model().combineBytes();
  }

  @Override
  public double mostBytesPerSecond() {
    return Units.mostCalls(instance) * (dispatchBytes + combineBytes);
  }

  @Override
  public double mostUsdPerHour() {
    return Units.mostCalls(instance) * Way.mostUsdPerHour(instance, dispatchBytes, combineBytes);
  }

  @Override
  public Meter meter(Tariff tariff, HomeSites homes) {
    return placed ? new Moving(tariff, homes) : new Resting(tariff, homes);
  }

  /** Bytes of calls in units, out or back. */
  private double scale(Tariff tariff, double bytesPerCall) {
    return bytesPerCall * tariff.units().byteScale() / tariff.units().callScale();
  }

  /** Layers stay where they are. */
  private final class Resting implements Meter {
    private final Tariff tariff;
    private final HomeSites homes;
    private final double out;
    private final double back;

    Resting(Tariff tariff, HomeSites homes) {
      this.tariff = tariff;
      this.homes = homes;
      out = scale(tariff, dispatchBytes);
      back = scale(tariff, combineBytes);
    }

    @Override
    public void change(int shard, Placement placement, int sign, Bytes bytes) {
      int layer = instance.layerOf(shard);
      int[] servedBy = placement.servedBy();
      for (int o = 0; o < servedBy.length; o++) {
        int server = servedBy[o];
        if (server < 0) {
          continue;
        }
        int home = homes.site(o, layer);
        int site = instance.siteOfOffer(server);
        if (home != site) {
          send(home, site, out, back, sign, tariff.calls(o, shard), bytes);
        }
      }
    }
  }

  /** Layers move: what each calls at each site is kept. */
  private final class Moving implements Meter {
    private final Tariff tariff;
    private final HomeSites homes;
    private final double out;
    private final double back;
    private final int sites = instance.sites().size();
    private final long[][] outAt = new long[instance.origins() * instance.layers()][];
    private final long[][] backAt = new long[instance.origins() * instance.layers()][];

    Moving(Tariff tariff, HomeSites homes) {
      this.tariff = tariff;
      this.homes = homes;
      out = scale(tariff, dispatchBytes);
      back = scale(tariff, combineBytes);
    }

    @Override
    public void change(int piece, Placement placement, int sign, Bytes bytes) {
      if (!instance.isShard(piece)) {
        return;
      }
      int layer = instance.layerOf(piece);
      int[] servedBy = placement.servedBy();
      for (int o = 0; o < servedBy.length; o++) {
        int server = servedBy[o];
        if (server < 0) {
          continue;
        }
        int row = o * instance.layers() + layer;
        if (outAt[row] == null) {
          outAt[row] = new long[sites];
          backAt[row] = new long[sites];
        }
        int site = instance.siteOfOffer(server);
        long calls = tariff.calls(o, piece);
        outAt[row][site] += out > 0 ? sign * scaled(calls, out) : 0;
        backAt[row][site] += back > 0 ? sign * scaled(calls, back) : 0;
        int home = homes.site(o, layer);
        if (home != NOWHERE && home != site) {
          send(home, site, out, back, sign, calls, bytes);
        }
      }
    }

    @Override
    public void rehome(int origin, int layer, int from, int to, Bytes bytes) {
      long[] outs = outAt[origin * instance.layers() + layer];
      long[] backs = backAt[origin * instance.layers() + layer];
      for (int site = 0; outs != null && backs != null && site < sites; site++) {
        if (outs[site] != 0 || backs[site] != 0) {
          move(from, site, -outs[site], -backs[site], bytes);
          move(to, site, outs[site], backs[site], bytes);
        }
      }
    }

    private void move(int home, int site, long outs, long backs, Bytes bytes) {
      if (home != NOWHERE && home != site) {
        bytes.add(home, site, outs);
        bytes.add(site, home, backs);
      }
    }
  }

  private static final int NOWHERE = HomeSites.NOWHERE;

  /** The calls of one origin to one shard elsewhere. */
  static void send(int home, int site, double out, double back, int sign, long calls, Bytes bytes) {
    if (out > 0) {
      bytes.add(home, site, sign * scaled(calls, out));
    }
    if (back > 0) {
      bytes.add(site, home, sign * scaled(calls, back));
    }
  }

  /** What calls from one site to another put on ways, in units. */
  void send(Tariff tariff, int home, int site, long calls, Bytes bytes) {
    if (home != site) {
      send(home, site, scale(tariff, dispatchBytes), scale(tariff, combineBytes), 1, calls, bytes);
    }
  }

  /** Never 0 where there is a call: ways may be closed to the least of bytes. */
  static long scaled(long calls, double bytesPerCall) {
    return calls == 0 ? 0 : Math.max(1, (long) (calls * bytesPerCall));
  }

  @Override
  public void floor(Role role, int origin, int site, Flow flow) {
    int home = instance.siteOfOrigin(origin);
    if (role == Role.SHARD && !placed && home != site) {
      flow.add(home, site, dispatchBytes);
      flow.add(site, home, combineBytes);
    }
  }

  @Override
  public boolean byPiece() {
    return !placed;
  }

  @Override
  public double peak() {
    return 1;
  }

  @Override
  public boolean floorIsExact() {
    return !placed;
  }
}
