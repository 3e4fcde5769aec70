package org.moesaic.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.moesaic.fixture.ProblemBuilder;
import org.moesaic.problem.Problem;

/**
 * A facility location problem, which is a placement problem with the same optimum: a facility is an
 * offer of one node, at the opening cost, in a region of its own; a customer is an expert that only
 * its own origin calls, or where capacity does not matter, an origin that calls the one expert;
 * what an allocation costs is the price of the link.
 *
 * @param capacity per facility
 * @param openingUsd per facility
 * @param demand per customer
 * @param allocationUsd per customer and facility, of all the customer's demand
 * @param singleSource whether each customer has one facility, within capacities; else there are no
 *     capacities
 */
public record FacilityLocation(
    String name,
    double[] capacity,
    double[] openingUsd,
    double[] demand,
    double[][] allocationUsd,
    boolean singleSource) {

  /** An instance with its proven optimum. */
  public record Solved(FacilityLocation instance, double optimumUsd) {}

  /** The same with all costs multiplied. */
  public FacilityLocation costing(double factor) {
    return new FacilityLocation(
        name + " times " + factor,
        capacity,
        Arrays.stream(openingUsd).map(usd -> usd * factor).toArray(),
        demand,
        Arrays.stream(allocationUsd)
            .map(row -> Arrays.stream(row).map(usd -> usd * factor).toArray())
            .toArray(double[][]::new),
        singleSource);
  }

  /** The same with one more facility, next to the first, that nobody is meant to open. */
  public FacilityLocation withOneNever(double usd) {
    int m = capacity.length;
    double[] opening = Arrays.copyOf(openingUsd, m + 1);
    opening[m] = usd;
    double[] capacities = Arrays.copyOf(capacity, m + 1);
    capacities[m] = capacity[0];
    double[][] allocation = new double[demand.length][];
    for (int c = 0; c < allocation.length; c++) {
      allocation[c] = Arrays.copyOf(allocationUsd[c], m + 1);
      allocation[c][m] = allocationUsd[c][0];
    }
    return new FacilityLocation(
        name + " and one never", capacities, opening, demand, allocation, singleSource);
  }

  /** All recorded instances, single-source ones first; empty where the recordings are not here. */
  public static List<Solved> recorded() throws IOException {
    List<Solved> all = new ArrayList<>();
    for (boolean singleSource : new boolean[] {true, false}) {
      Path folder = Recordings.folder("facility-location/" + (singleSource ? "sscflp" : "ufl"));
      if (folder != null) {
        for (Map.Entry<String, Double> optimum : Recordings.optima(folder).entrySet()) {
          Path file = folder.resolve(optimum.getKey() + ".txt");
          all.add(new Solved(read(file, optimum.getKey(), singleSource), optimum.getValue()));
        }
      }
    }
    return all;
  }

  private static FacilityLocation read(Path file, String name, boolean singleSource)
      throws IOException {
    double[] numbers = Recordings.numbers(file).stream().mapToDouble(Double::doubleValue).toArray();
    int m = (int) numbers[0];
    int n = (int) numbers[1];
    int at = 2;
    double[] capacity = new double[m];
    double[] opening = new double[m];
    double[] demand = new double[n];
    double[][] allocation = new double[n][];
    if (singleSource) {
      System.arraycopy(numbers, at, capacity, 0, m);
      System.arraycopy(numbers, at + m, opening, 0, m);
      System.arraycopy(numbers, at + 2 * m, demand, 0, n);
      at += 2 * m + n;
      for (int c = 0; c < n; c++, at += m) {
        allocation[c] = Arrays.copyOfRange(numbers, at, at + m);
      }
    } else {
      for (int f = 0; f < m; f++, at += 2) {
        capacity[f] = numbers[at];
        opening[f] = numbers[at + 1];
      }
      for (int c = 0; c < n; c++, at += m + 1) {
        demand[c] = numbers[at];
        allocation[c] = Arrays.copyOfRange(numbers, at + 1, at + 1 + m);
      }
    }
    return new FacilityLocation(name, capacity, opening, demand, allocation, singleSource);
  }

  /**
   * A random single-source instance: customers and facilities in a square, allocation by distance
   * and demand, opening costs that grow with capacity.
   *
   * @param ratio capacity of all facilities over demand of all customers
   */
  public static FacilityLocation random(long seed, int facilities, int customers, double ratio) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] at = new double[facilities + customers][2];
    for (double[] point : at) {
      point[0] = random.nextDouble() * 200;
      point[1] = random.nextDouble() * 200;
    }
    double[] demand = random.ints(customers, 10, 51).asDoubleStream().toArray();
    double[] capacity = random.doubles(facilities, 0.5, 1.5).toArray();
    double scale = ratio * Arrays.stream(demand).sum() / Arrays.stream(capacity).sum();
    double[] opening = new double[facilities];
    for (int f = 0; f < facilities; f++) {
      capacity[f] = Math.rint(capacity[f] * scale);
      opening[f] = Math.rint(random.nextInt(90) + 100 + 20 * Math.sqrt(capacity[f]));
    }
    double[][] allocation = new double[customers][facilities];
    for (int c = 0; c < customers; c++) {
      double[] from = at[facilities + c];
      for (int f = 0; f < facilities; f++) {
        double distance = Math.hypot(from[0] - at[f][0], from[1] - at[f][1]);
        allocation[c][f] = Math.rint(distance * demand[c] / 30);
      }
    }
    return new FacilityLocation(
        "random-%dx%d-%d".formatted(facilities, customers, seed),
        capacity,
        opening,
        demand,
        allocation,
        true);
  }

  /** The placement problem with the same optimum. */
  public Problem toProblem() {
    int m = capacity.length;
    int n = demand.length;
    int experts = singleSource ? n : 1;
    ProblemBuilder problem =
        new ProblemBuilder()
            .model(1, experts, 1)
            .expertFlopsPerToken(1e12)
            .callBytes(1e6, 0)
            .freeProvider("x");
    for (int f = 0; f < m; f++) {
      problem.region("f" + f, region -> {});
    }
    double all = 0;
    for (int c = 0; c < n; c++) {
      double calls = calls(c);
      all += calls;
      problem.region("c" + c, region -> {}).origin("c" + c, "x/c" + c, calls);
      double[] weights = new double[experts];
      weights[singleSource ? c : 0] = 1;
      problem.load("c" + c, weights);
      for (int f = 0; f < m; f++) {
        problem.oneWayLink("x/c" + c, "x/f" + f, allocationUsd[c][f] / (3.6 * calls), 1.0, null);
      }
    }
    double uncapacitated = 10 * all;
    for (int f = 0; f < m; f++) {
      int facility = f;
      problem.offer(
          "f" + f,
          "x/f" + f,
          offer -> {
            offer.tflops = singleSource ? capacity[facility] : uncapacitated;
            offer.usdPerNodeHour = openingUsd[facility];
            offer.maxNodes = 1;
          });
    }
    return singleSource ? problem.replicas(1, 1).build() : problem.build();
  }

  /**
   * Calls per second that stand for a customer's demand; where nothing limits them, any will do.
   */
  private double calls(int customer) {
    return singleSource ? demand[customer] : Math.max(1, demand[customer]);
  }
}
