package org.moesaic.solve.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.pricing.Bill;
import org.moesaic.pricing.Pricing;
import org.moesaic.testing.RandomPlacements;
import org.moesaic.testing.RandomProblems;
import org.moesaic.testing.RandomProblems.Size;

/** What every kind of traffic keeps to, whatever it counts. */
class TrafficContractTest {
  private static final int PROBLEMS = 200;
  private static final Size SIZE = new Size(2, 6, 6, 3);

  /** A random problem, and an assignment that may break its rules. */
  private record Case(String replay, Instance instance, Tariff tariff, Assignment assignment) {
    static Case of(int seed) {
      Instance instance = Instance.of(RandomProblems.of(seed, SIZE));
      return new Case(
          "RandomProblems.of(%d, %s)".formatted(seed, SIZE),
          instance,
          new Tariff(instance),
          RandomPlacements.anyAssignment(instance, new SplittableRandom(seed)));
    }

    int sites() {
      return instance.sites().size();
    }

    /** Bytes per second of a kind by way, counted as the shards go in. */
    double[][] bytes(Traffic kind) {
      long[][] counted = new long[sites()][sites()];
      Traffic.Meter meter = kind.meter(tariff, HomeSites.own(instance));
      for (int s = 0; s < instance.shards(); s++) {
        meter.change(s, assignment.of(s), 1, (from, to, bytes) -> counted[from][to] += bytes);
      }
      double[][] bytes = new double[sites()][sites()];
      for (int a = 0; a < sites(); a++) {
        for (int b = 0; b < sites(); b++) {
          bytes[a][b] = counted[a][b] / tariff.units().byteScale();
        }
      }
      return bytes;
    }

    /** The floor of a kind by way. */
    double[][] floor(Traffic kind) {
      double[][] floor = new double[sites()][sites()];
      for (int s = 0; s < instance.shards(); s++) {
        for (int o = 0; o < instance.origins(); o++) {
          double calls = instance.demand(o, s);
          if (calls > 0) {
            kind.floor(
                Role.SHARD,
                o,
                instance.siteOfOffer(assignment.of(s).servedBy()[o]),
                (from, to, bytes) -> floor[from][to] += calls * bytes);
          }
        }
      }
      return floor;
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
        double[][] bytes = random.bytes(kind);
        for (int a = 0; a < bytes.length; a++) {
          for (int b = 0; b < bytes.length; b++) {
            billed[a][b] -= bytes[a][b];
          }
        }
      }
      double most = Math.max(1, Units.mostCalls(random.instance)) * 1e-9;
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
        double[][] bytes = random.bytes(kind);
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
    assertThat(seen).as("kinds tried").contains(CallTraffic.class);
  }

  @Test
  void floorCostsWhatItsBytesDo() {
    for (int seed = 0; seed < PROBLEMS; seed++) {
      Case random = Case.of(seed);
      Instance instance = random.instance;
      double bandwidthUsdPerGb = instance.problem().objective().bandwidthUsdPerGb();
      for (Traffic kind : random.tariff.traffic()) {
        for (int site = 0; site < random.sites(); site++) {
          double[] usd = {0};
          kind.floor(
              Role.SHARD,
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
          assertThat(random.tariff.floorUsd(Role.SHARD, 0, site))
              .as(random.replay)
              .isCloseTo(usd[0], within(1e-12 * usd[0]));
        }
      }
    }
  }

  @Test
  void nothingIsLeftOfWhatWasTakenOut() {
    for (int seed = 0; seed < PROBLEMS; seed++) {
      Case random = Case.of(seed);
      for (Traffic kind : random.tariff.traffic()) {
        long[][] counted = new long[random.sites()][random.sites()];
        Traffic.Bytes count = (from, to, bytes) -> counted[from][to] += bytes;
        Traffic.Meter meter = kind.meter(random.tariff, HomeSites.own(random.instance));
        List<Integer> shards = new ArrayList<>();
        for (int s = 0; s < random.instance.shards(); s++) {
          shards.add(s);
          meter.change(s, random.assignment.of(s), 1, count);
        }
        Collections.shuffle(shards, new Random(seed));
        for (int s : shards) {
          meter.change(s, random.assignment.of(s), -1, count);
        }
        for (long[] row : counted) {
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
      double most = 0;
      double mostUsd = 0;
      for (Traffic kind : random.tariff.traffic()) {
        most += kind.mostBytesPerSecond();
        mostUsd += kind.mostUsdPerHour();
      }
      double bytes = bill.traffic().stream().mapToDouble(Bill.Traffic::bytesPerSecond).sum();
      assertThat(bytes).as(random.replay).isLessThanOrEqualTo(most * (1 + 1e-9));
      assertThat(bill.egressUsdPerHour() + bill.bandwidthUsdPerHour())
          .as(random.replay)
          .isLessThanOrEqualTo(mostUsd * (1 + 1e-9));
    }
  }
}
