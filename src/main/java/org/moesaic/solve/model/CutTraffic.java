package org.moesaic.solve.model;

import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;

/**
 * Cuts between layers: the activations of every token from the site that hosts a layer to the one
 * that hosts the next, and their gradients back.
 *
 * <p>Complexity: O(1) for a layer of an origin that moves. There is no floor: two layers may always
 * be at one site.
 */
final class CutTraffic implements Traffic {
  private final Instance instance;
  private final double activationBytes;
  private final double gradientBytes;

  CutTraffic(Instance instance) {
    this.instance = instance;
    activationBytes = instance.activationBytes();
    gradientBytes = instance.gradientBytes();
  }

  private double mostCuts() {
    double tokens = 0;
    for (int o = 0; o < instance.origins(); o++) {
      tokens += instance.origin(o).tokensPerSecond();
    }
    return tokens * (instance.layers() - 1);
  }

  @Override
  public double mostBytesPerSecond() {
    return mostCuts() * (activationBytes + gradientBytes);
  }

  @Override
  public double mostUsdPerHour() {
    return mostCuts() * Way.mostUsdPerHour(instance, activationBytes, gradientBytes);
  }

  @Override
  public Meter meter(Tariff tariff, HomeSites homes) {
    return new Meter() {
      @Override
      public void change(int piece, Placement placement, int sign, Bytes bytes) {
        // A layer alone is no cut.
      }

      @Override
      public void rehome(int origin, int layer, int from, int to, Bytes bytes) {
        if (layer > 0) {
          int before = homes.site(origin, layer - 1);
          cut(tariff, origin, before, from, -1, bytes);
          cut(tariff, origin, before, to, 1, bytes);
        }
        if (layer < instance.layers() - 1) {
          int after = homes.site(origin, layer + 1);
          cut(tariff, origin, from, after, -1, bytes);
          cut(tariff, origin, to, after, 1, bytes);
        }
      }
    };
  }

  /** What one cut of an origin puts on ways. */
  void cut(Tariff tariff, int origin, int from, int to, int sign, Bytes bytes) {
    if (from == to || from == HomeSites.NOWHERE || to == HomeSites.NOWHERE) {
      return;
    }
    double unit = tariff.units().byteScale() / tariff.units().callScale();
    long tokens = tariff.tokens(origin);
    if (activationBytes > 0) {
      bytes.add(from, to, sign * CallTraffic.scaled(tokens, activationBytes * unit));
    }
    if (gradientBytes > 0) {
      bytes.add(to, from, sign * CallTraffic.scaled(tokens, gradientBytes * unit));
    }
  }

  @Override
  public void floor(Role role, int origin, int site, Flow flow) {
    // Two layers may always be at one site.
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
