package org.moesaic.pricing;

import java.util.ArrayList;
import java.util.List;
import org.moesaic.instance.Instance;
import org.moesaic.pricing.Bill.Service;

/** How each part of an origin is hosted and served: what is local, and what it waits for. */
final class Services {
  private final Instance instance;
  private final Whereabouts where;

  private Services(Instance instance, Whereabouts where) {
    this.instance = instance;
    this.where = where;
  }

  /** One for each part, in order. */
  static List<Service> of(Instance instance, Whereabouts where) {
    var services = new Services(instance, where);
    List<Service> all = new ArrayList<>();
    for (int part = 0; part < instance.origins(); part++) {
      all.add(services.of(part));
    }
    return all;
  }

  private Service of(int part) {
    Waits waits = new Waits();
    for (int l = 0; l < instance.layers(); l++) {
      calls(part, l, waits);
    }
    if (instance.hasBackbone()) {
      steps(part, waits);
    }
    return new Service(part, localShare(part), waits.ms, waits.estimated, accessMs(part));
  }

  /** Round trips that add up. */
  private static final class Waits {
    private double ms;
    private boolean estimated;
  }

  private double localShare(int part) {
    double calls = 0;
    double local = 0;
    for (int s = 0; s < instance.shards(); s++) {
      calls += instance.demand(part, s);
      local += where.servedAway(part, s) ? 0 : instance.demand(part, s);
    }
    return calls == 0 ? 1 : local / calls;
  }

  /** The calls of one layer run side by side: no longer than the longest round trip. */
  private void calls(int part, int layer, Waits waits) {
    int host = where.hostSite(part, layer);
    double maxRttMs = 0;
    double sumRttMs = 0;
    for (int s = instance.shard(layer, 0); s < instance.shard(layer + 1, 0); s++) {
      if (where.servedAway(part, s)) {
        int server = where.servingSite(part, s);
        double rttMs = instance.rttMs(host, server);
        maxRttMs = Math.max(maxRttMs, rttMs);
        sumRttMs += instance.callProbability(part, s) * rttMs;
        waits.estimated |= instance.rttEstimated(host, server);
      }
    }
    waits.ms += Math.min(maxRttMs, sumRttMs);
  }

  /** Each step takes half a round trip; the last layer hands the token back to the first. */
  private void steps(int part, Waits waits) {
    for (int l = 0; l < instance.layers(); l++) {
      int from = where.hostSite(part, l);
      int to = where.hostSite(part, (l + 1) % instance.layers());
      if (from != to) {
        waits.ms += instance.rttMs(from, to) / 2;
        waits.estimated |= instance.rttEstimated(from, to);
      }
    }
  }

  private double accessMs(int part) {
    return instance.hasBackbone()
        ? instance.rttMs(instance.siteOfOrigin(part), where.hostSite(part, 0))
        : 0;
  }
}
