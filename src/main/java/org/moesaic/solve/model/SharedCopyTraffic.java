package org.moesaic.solve.model;

import org.jspecify.annotations.Nullable;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * Calls where a token goes once to each site, however many of its experts are served there: out
 * from where the origin's layer is at home, and back with one result.
 *
 * <p>Idea: {@link SharedCopies} counts the tokens of each origin, layer and site. Complexity:
 * O(origins) for a shard without recorded tokens, with them also O(tokens that chose it) for each
 * origin; O(sites) for a layer of an origin that moves. Memory: O(origins * layers * sites), and
 * two bytes for each recorded token at each of these places where anything is served. The floor is
 * what copies are at least for each call, and none where layers can move: then every layer may be
 * where its experts are.
 */
final class SharedCopyTraffic implements Traffic {
  private static final int NOWHERE = HomeSites.NOWHERE;

  private final Instance instance;
  private final SharedCopies shared;
  private final boolean placed;
  private final double dispatchBytes;
  private final double combineBytes;

  SharedCopyTraffic(Instance instance) {
    this.instance = instance;
    shared = new SharedCopies(instance);
    placed = instance.hasBackbone();
    dispatchBytes = instance.problem().model().dispatchBytes();
    combineBytes = instance.problem().model().combineBytes();
  }

  /** What counts the copies. */
  SharedCopies shared() {
    return shared;
  }

  @Override
  public double mostBytesPerSecond() {
    return Units.mostCalls(instance) * (dispatchBytes + combineBytes);
  }

  @Override
  public double mostUsdPerHour() {
    return Units.mostCalls(instance) * Way.mostUsdPerHour(instance, dispatchBytes, combineBytes);
  }

  /** Copies that a share of an origin's tokens is, in units of calls. */
  private static long copies(Tariff tariff, int origin, double share) {
    return share == 0 ? 0 : Math.max(1, Math.round(tariff.tokens(origin) * share));
  }

  /** What a share of an origin's tokens puts on ways. */
  void send(Tariff tariff, int origin, int home, int site, double share, Bytes bytes) {
    double unit = tariff.units().byteScale() / tariff.units().callScale();
    long copies = copies(tariff, origin, share);
    CallTraffic.send(home, site, dispatchBytes * unit, combineBytes * unit, 1, copies, bytes);
  }

  @Override
  public Meter meter(Tariff tariff, HomeSites homes) {
    return new Copies(tariff, homes);
  }

  /** Counts copies by origin, layer and site. */
  private final class Copies implements Meter {
    private final Tariff tariff;
    private final HomeSites homes;
    private final double out;
    private final double back;
    private final int sites = instance.sites().size();

    /** Null where nothing was ever served. */
    private final SharedCopies.@Nullable Tally[] tallies =
        new SharedCopies.Tally[instance.origins() * instance.layers() * sites];

    /** In units of calls. */
    private final long[] copies = new long[tallies.length];

    Copies(Tariff tariff, HomeSites homes) {
      this.tariff = tariff;
      this.homes = homes;
      double unit = tariff.units().byteScale() / tariff.units().callScale();
      out = dispatchBytes * unit;
      back = combineBytes * unit;
    }

    private int cell(int origin, int layer, int site) {
      return (origin * instance.layers() + layer) * sites + site;
    }

    @Override
    public void change(int piece, Placement placement, int sign, Bytes bytes) {
      if (!instance.isShard(piece)) {
        return;
      }
      int layer = instance.layerOf(piece);
      int[] servedBy = placement.servedBy();
      for (int o = 0; o < servedBy.length; o++) {
        if (servedBy[o] < 0) {
          continue;
        }
        int site = instance.siteOfOffer(servedBy[o]);
        int cell = cell(o, layer, site);
        SharedCopies.Tally tally = tallies[cell];
        if (tally == null) {
          tally = shared.tally(o);
          tallies[cell] = tally;
        }
        tally.change(piece, sign);
        long before = copies[cell];
        copies[cell] = copies(tariff, o, tally.share());
        int home = homes.site(o, layer);
        send(home, site, -1, before, bytes);
        send(home, site, 1, copies[cell], bytes);
      }
    }

    @Override
    public void rehome(int origin, int layer, int from, int to, Bytes bytes) {
      for (int site = 0; site < sites; site++) {
        long sent = copies[cell(origin, layer, site)];
        send(from, site, -1, sent, bytes);
        send(to, site, 1, sent, bytes);
      }
    }

    private void send(int home, int site, int sign, long sent, Bytes bytes) {
      if (sent > 0 && home != NOWHERE && home != site) {
        CallTraffic.send(home, site, out, back, sign, sent, bytes);
      }
    }
  }

  @Override
  public void floor(Role role, int origin, int site, Flow flow) {
    int home = instance.siteOfOrigin(origin);
    if (role == Role.SHARD && !placed && home != site) {
      double copies = shared.fewestPerCall(origin);
      flow.add(home, site, copies * dispatchBytes);
      flow.add(site, home, copies * combineBytes);
    }
  }

  @Override
  public boolean byPiece() {
    return false;
  }

  @Override
  public double peak() {
    return 1;
  }

  @Override
  public boolean floorIsExact() {
    return false;
  }
}
