package org.moesaic.solve.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.instance.Placement;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Feature;
import org.moesaic.testing.RandomProblems.Size;

/** What every kind of traffic keeps to, whatever it counts. */
class TrafficContractTest {
  private static final int PROBLEMS = 400;
  private static final Size SIZE = new Size(2, 6, 6, 3);

  /** Every kind of traffic; a few problems have nothing beside shards. */
  private static Set<Feature> features(int seed) {
    Set<Feature> features = EnumSet.noneOf(Feature.class);
    SplittableRandom random = new SplittableRandom(seed);
    for (Feature feature : Feature.values()) {
      if (random.nextInt(3) > 0) {
        features.add(feature);
      }
    }
    return features;
  }

  /** A random problem, and an assignment that may break its rules. */
  private record Case(String replay, Instance instance, Tariff tariff, Assignment assignment) {
    static Case of(int seed) {
      SplittableRandom random = new SplittableRandom(seed);
      Set<Feature> features = features(seed);
      Instance whole = Instance.of(RandomProblems.of(seed, SIZE, features));
      Instance instance = whole.split(RandomPlacements.anyParts(whole, random));
      return new Case(
          "RandomProblems.of(%d, %s, %s)".formatted(seed, SIZE, features),
          instance,
          new Tariff(instance),
          new Assignment(
              RandomPlacements.anyAssignment(instance, random).placements(),
              RandomPlacements.anyHosts(instance, random)));
    }

    int sites() {
      return instance.sites().size();
    }

    /** Most of all kinds together, bytes per second. */
    double mostBytesPerSecond() {
      return tariff.traffic().stream().mapToDouble(Traffic::mostBytesPerSecond).sum();
    }

    /** Bytes per second of a kind by way, counted as pieces come in any order. */
    double[][] bytes(Traffic kind, int seed) {
      var count = new Count(this, kind);
      count.everything(1, seed);
      return Arrays.stream(count.bytes)
          .map(row -> Arrays.stream(row).mapToDouble(b -> b / tariff.units().byteScale()).toArray())
          .toArray(double[][]::new);
    }

    /** The floor of a kind by way. */
    double[][] floor(Traffic kind) {
      double[][] floor = new double[sites()][sites()];
      List<Placement> placements = Pieces.of(instance, assignment);
      for (int p = 0; p < placements.size(); p++) {
        for (int o = 0; o < instance.origins(); o++) {
          double calls = instance.demand(o, p);
          if (calls > 0) {
            int site = instance.siteOfOffer(placements.get(p).servedBy()[o]);
            kind.floor(
                Role.of(instance, p),
                o,
                site,
                (from, to, bytes) -> floor[from][to] += calls * bytes);
          }
        }
      }
      return floor;
    }
  }

  /** What the meter of a kind counts by way. */
  private static final class Count {
    final long[][] bytes;
    private final Instance instance;
    private final List<Placement> placements;
    private final int[][] homes;
    private final Traffic.Meter meter;

    Count(Case random, Traffic kind) {
      instance = random.instance;
      placements = Pieces.of(instance, random.assignment);
      bytes = new long[random.sites()][random.sites()];
      homes = new int[instance.origins()][instance.layers()];
      for (int[] row : homes) {
        Arrays.fill(row, HomeSites.NOWHERE);
      }
      HomeSites where =
          instance.hasBackbone() ? (o, l) -> homes[o][l] : HomeSites.own(random.instance);
      meter = kind.meter(random.tariff, where);
    }

    /** All pieces come or go. */
    void everything(int sign, int seed) {
      List<Integer> pieces =
          new ArrayList<>(IntStream.range(0, placements.size()).boxed().toList());
      Collections.shuffle(pieces, new Random(seed));
      for (int p : pieces) {
        meter.change(p, placements.get(p), sign, this::add);
        if (!instance.isShard(p)) {
          move(instance.layerOf(p), sign > 0 ? placements.get(p).servedBy() : null);
        }
      }
    }

    private void move(int layer, int[] hosts) {
      for (int o = 0; o < instance.origins(); o++) {
        int to = hosts == null ? HomeSites.NOWHERE : instance.siteOfOffer(hosts[o]);
        meter.rehome(o, layer, homes[o][layer], to, this::add);
        homes[o][layer] = to;
      }
    }

    /** Every layer goes where another one is, and back. */
    void wander() {
      int[][] before = Arrays.stream(homes).map(int[]::clone).toArray(int[][]::new);
      for (int turn = 0; turn < 2 && instance.hasBackbone(); turn++) {
        for (int o = 0; o < homes.length; o++) {
          for (int l = 0; l < homes[o].length; l++) {
            int to = turn == 0 ? before[(o + 1) % homes.length][l] : before[o][l];
            meter.rehome(o, l, homes[o][l], to, this::add);
            homes[o][l] = to;
          }
        }
      }
    }

    private void add(int from, int to, long sent) {
      bytes[from][to] += sent;
    }
  }

  @Test
  void bytesOfAllKindsAreThoseOfTheBill() {
    int ways = 0;
    for (int seed = 0; seed < PROBLEMS; seed++) {
      Case random = Case.of(seed);
      double[][] billed = new double[random.sites()][random.sites()];
      for (Bill.Traffic row : Pricing.price(random.instance, random.assignment).traffic()) {
        billed[row.from()][row.to()] = row.bytesPerSecond();
        ways++;
      }
      for (Traffic kind : random.tariff.traffic()) {
        double[][] bytes = random.bytes(kind, seed);
        for (int a = 0; a < bytes.length; a++) {
          for (int b = 0; b < bytes.length; b++) {
            billed[a][b] -= bytes[a][b];
          }
        }
      }
      double most = Math.max(1, random.mostBytesPerSecond()) * 1e-12;
      for (double[] row : billed) {
        for (double left : row) {
          assertThat(left).as(random.replay).isCloseTo(0, within(most));
        }
      }
    }
    assertThat(ways).isGreaterThan(PROBLEMS);
  }

  @Test
  void floorIsNeverAboveTheBytesAndEqualWhereItIsSaidToBe() {
    Set<Class<?>> seen = new HashSet<>();
    for (int seed = 0; seed < PROBLEMS; seed++) {
      Case random = Case.of(seed);
      for (Traffic kind : random.tariff.traffic()) {
        seen.add(kind.getClass());
        double[][] bytes = random.bytes(kind, seed);
        double[][] floor = random.floor(kind);
        for (int a = 0; a < bytes.length; a++) {
          for (int b = 0; b < bytes.length; b++) {
            double rounding = 1e-9 * Math.max(1, bytes[a][b]);
            assertThat(floor[a][b]).as(random.replay).isLessThanOrEqualTo(bytes[a][b] + rounding);
            if (kind.floorIsExact()) {
              assertThat(floor[a][b]).as(random.replay).isCloseTo(bytes[a][b], within(rounding));
            }
          }
        }
      }
    }
    assertThat(seen)
        .as("kinds tried")
        .containsExactlyInAnyOrder(Traffic.class.getPermittedSubclasses());
  }

  @Test
  void floorOfSharedCopiesIsAllThereIsWhereAllOfALayerIsAtOnePlace() {
    int tried = 0;
    for (int seed = 0; seed < PROBLEMS; seed++) {
      // One layer, as the least of several is the floor of all.
      Instance instance =
          Instance.of(
              RandomProblems.of(seed, new Size(1, 6, 3, 2), EnumSet.of(Feature.SHARED_COPIES)));
      Tariff tariff = new Tariff(instance);
      for (int o = 0; o < instance.origins(); o++) {
        double calls = 0;
        double missed = 1;
        boolean capped = false;
        for (double demand : instance.expertDemand(o, 0)) {
          calls += demand;
          double chosen = demand / Math.max(1e-9, instance.origin(o).tokensPerSecond());
          missed *= 1 - Math.min(1, chosen);
          capped |= chosen > 1;
        }
        if (calls > 0 && !capped) {
          tried++;
          assertThat(tariff.fewestCopies(o) * calls)
              .as("seed %d", seed)
              .isCloseTo(instance.origin(o).tokensPerSecond() * (1 - missed), within(1e-9 * calls));
        }
      }
    }
    assertThat(tried).isGreaterThan(100);
  }

  @Test
  void floorCostsWhatItsBytesDo() {
    for (int seed = 0; seed < PROBLEMS; seed++) {
      Case random = Case.of(seed);
      Instance instance = random.instance;
      double bandwidthUsdPerGb = instance.problem().objective().bandwidthUsdPerGb();
      for (Role role : Role.values()) {
        for (int site = 0; site < random.sites(); site++) {
          double[] usd = {0};
          for (Traffic kind : random.tariff.traffic()) {
            kind.floor(
                role,
                0,
                site,
                (from, to, bytes) -> {
                  double price = instance.usdPerGb(from, to);
                  usd[0] += bytes * 3600 / 1e9 * (Double.isNaN(price) ? 0 : price);
                  usd[0] +=
                      instance.regionOfSite(from) == instance.regionOfSite(to)
                          ? 0
                          : bytes * 3600 / 1e9 * bandwidthUsdPerGb;
                });
          }
          assertThat(random.tariff.floorUsd(role, 0, site))
              .as(random.replay)
              .isCloseTo(usd[0], within(1e-12 * usd[0]));
        }
      }
    }
  }

  @Test
  void nothingIsLeftOfWhatWasTakenOutOrMovedBack() {
    for (int seed = 0; seed < PROBLEMS; seed++) {
      Case random = Case.of(seed);
      for (Traffic kind : random.tariff.traffic()) {
        var count = new Count(random, kind);
        count.everything(1, seed);
        long[][] before = Arrays.stream(count.bytes).map(long[]::clone).toArray(long[][]::new);
        count.wander();
        assertThat(count.bytes).as(random.replay).isDeepEqualTo(before);
        count.everything(-1, ~seed);
        for (long[] row : count.bytes) {
          assertThat(row).as(random.replay).containsOnly(0);
        }
      }
    }
  }

  @Test
  void neverComesToMoreThanTheMostThereIs() {
    for (int seed = 0; seed < PROBLEMS; seed++) {
      Case random = Case.of(seed);
      Bill bill = Pricing.price(random.instance, random.assignment);
      double mostUsd = random.tariff.traffic().stream().mapToDouble(Traffic::mostUsdPerHour).sum();
      double bytes = bill.traffic().stream().mapToDouble(Bill.Traffic::bytesPerSecond).sum();
      assertThat(bytes)
          .as(random.replay)
          .isLessThanOrEqualTo(random.mostBytesPerSecond() * (1 + 1e-9));
      assertThat(bill.egressUsdPerHour() + bill.bandwidthUsdPerHour())
          .as(random.replay)
          .isLessThanOrEqualTo(mostUsd * (1 + 1e-9));
    }
  }
}
