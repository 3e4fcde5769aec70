package org.moesaic.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.moesaic.generate.ProblemFiles;
import org.moesaic.instance.Assignment;
import org.moesaic.instance.Instance;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plans;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.report.Ink;
import org.moesaic.report.ProgressLog;
import org.moesaic.solve.Planner;
import org.moesaic.solve.SearchFigures;
import org.moesaic.solve.SearchFigures.Calculator;
import org.moesaic.solve.SearchFigures.Run;
import org.moesaic.solve.bound.BoundFigures;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.ShardAssignment;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.start.PricedStart;

/**
 * Prints the figures of {@code docs/benchmarks.md}, as Markdown.
 *
 * <pre>{@code
 * mvn -q -DskipTests package
 * mvn -q -Pquick,bench test -DskipTests -Dbench.args="moves best read compare startup"
 * }</pre>
 */
public final class Figures {
  private static final Path FULL_SIZE = Path.of("problems", "calls", "03-seven-clouds.json");

  /** So many moves stand for a second where a machine's speed must not matter. */
  private static final long GUIDED_MOVES_PER_SECOND = 400_000;

  private static int seeds = 3;
  private static boolean logged;
  private static int mb = 1_000;
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  private Figures() {}

  /**
   * Prints some figures.
   *
   * @param args any of {@code moves guided best read compare startup facility fleet evaluations
   *     paths scale endings sigterm callers pack profile tokens napkin}; before them {@code
   *     seconds=N} shortens the runs, {@code seeds=N} says how many there are of Moesaic, {@code
   *     only=PREFIX} which problems, {@code rows=PREFIX,PREFIX} which rows of {@code compare}, and
   *     {@code mb=N} how large the recordings of {@code profile} are
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int seconds = 60;
    String only = "";
    String rows = "";
    for (String arg : args) {
      switch (arg.split("=")[0]) {
        case "seconds" -> seconds = Integer.parseInt(arg.split("=")[1]);
        case "seeds" -> seeds = Integer.parseInt(arg.split("=")[1]);
        case "only" -> only = arg.split("=")[1];
        case "log" -> logged = true;
        case "rows" -> rows = arg.split("=")[1];
        case "moves" -> moves(Duration.ofSeconds(seconds), only);
        case "guided" -> guided(GUIDED_MOVES_PER_SECOND * seconds, only);
        case "best" -> newBest();
        case "read" -> read();
        case "readInThisProcess" -> readInThisProcess();
        case "compare" -> compare(Duration.ofSeconds(seconds), only, rows);
        case "startup" -> startup();
        case "facility" -> facility(Duration.ofSeconds(seconds), only);
        case "evaluations" -> evaluations();
        case "paths" -> paths();
        case "mb" -> mb = Integer.parseInt(arg.split("=")[1]);
        case "profile" -> new ProfileFigures(mb, seeds, OUT).print(only);
        case "scale" -> scale(Duration.ofSeconds(seconds), only);
        case "endings" -> endings(Duration.ofSeconds(seconds));
        case "sigterm" -> sigterm(Duration.ofSeconds(seconds));
        case "callers" -> callers(Duration.ofSeconds(seconds), only);
        case "pack" -> new PackFigures(OUT, seeds).print();
        case "tokens" ->
            new TokenFigures(seeds, OUT, Figures::planner).print(Duration.ofSeconds(seconds), only);
        case "napkin" -> napkin(Duration.ofSeconds(seconds), only);
        case "fleet" -> fleet(Duration.ofSeconds(seconds), only);
        default -> throw new IllegalArgumentException("There are no figures (%s).".formatted(arg));
      }
    }
  }

  /**
   * Moves per second of our search on the ledger and on the streams, where improvements are rare:
   * of calls alone, and with everything on.
   */
  private static void moves(Duration time, String only) {
    OUT.printf("| problem | calculator | moves/s, median (min to max) | new bests | heap, MiB |%n");
    OUT.printf("|---|---|---|---|---|%n");
    if ("calls".startsWith(only)) {
      Tariff tariff = new Tariff(Instance.of(Problems.read(FULL_SIZE)));
      moves("calls", tariff, new PricedStart(() -> false).construct(tariff), time);
    }
    if ("fabric".startsWith(only)) {
      SearchFigures.Started started =
          SearchFigures.copies(FleetProblems.fabric(58, 256, 24, 6, 16));
      moves("fabric", started.tariff(), started.assignment(), time);
    }
  }

  private static void moves(String name, Tariff tariff, Assignment from, Duration time) {
    Assignment start = from;
    // Improvements are rare once a search has gone on for a while.
    for (int warmUp = 0; warmUp < 3; warmUp++) {
      start =
          SearchFigures.localSearch(tariff, start, Calculator.INCREMENTAL, 100 + warmUp, time)
              .best()
              .toAssignment();
    }
    for (Calculator calculator : Calculator.values()) {
      double[] speeds = new double[seeds];
      int improvements = 0;
      for (int seed = 0; seed < seeds; seed++) {
        Run run = SearchFigures.localSearch(tariff, start, calculator, seed, time.dividedBy(3));
        speeds[seed] = run.movesPerSecond();
        improvements += run.improvements();
      }
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      OUT.printf(
          "| %s | %s | %s | %d | %,d |%n",
          name,
          calculator.name().toLowerCase(Locale.ROOT),
          spread(speeds, "%,.0f"),
          improvements,
          (runtime.totalMemory() - runtime.freeMemory()) >> 20);
    }
  }

  /** One thread's search from the same plan of the bound, by its prices and without. */
  private static void guided(long moves, String only) throws IOException {
    OUT.printf(
        "| problem | start's gap, %% | searched without, %% | by reduced costs, %% | moves/s"
            + " without | moves/s by reduced costs |%n|---|---|---|---|---|---|%n");
    try (Stream<Path> files = Files.list(FULL_SIZE.getParent())) {
      for (Path file : files.filter(f -> isProblem(f, only)).sorted().toList()) {
        Tariff tariff = new Tariff(Instance.of(Problems.read(file)));
        double[] startGap = new double[seeds];
        double[][] gap = new double[2][seeds];
        double[][] speed = new double[2][seeds];
        for (int seed = 0; seed < seeds; seed++) {
          SearchFigures.Guided from = SearchFigures.guided(tariff, seed);
          startGap[seed] = 100 * Plan.Bound.gap(from.usdPerHour(), from.boundUsdPerHour());
          for (int by = 0; by < 2; by++) {
            Run run =
                SearchFigures.localSearch(
                    tariff, from.start(), by == 0 ? null : from.guide(), seed, moves);
            double usdPerHour =
                tariff.toUsdPerHour(-Objects.requireNonNull(run.best().getScore()).softScore());
            gap[by][seed] = 100 * Plan.Bound.gap(usdPerHour, from.boundUsdPerHour());
            speed[by][seed] = run.movesPerSecond();
          }
        }
        OUT.printf(
            "| %s | %s | %s | %s | %s | %s |%n",
            file.getFileName().toString().replace(".json", ""),
            spread(startGap, "%.3f"),
            spread(gap[0], "%.3f"),
            spread(gap[1], "%.3f"),
            spread(speed[0], "%,.0f"),
            spread(speed[1], "%,.0f"));
      }
    }
  }

  /** The cost of a new best solution: a clone, against what a clone of every entity would cost. */
  private static void newBest() {
    Tariff tariff = new Tariff(Instance.of(Problems.read(FULL_SIZE)));
    PlacementSolution solution =
        PlacementSolution.of(tariff, new PricedStart(() -> true).construct(tariff));
    List<ShardAssignment> entities = solution.getShards();
    PlacementSolution.Cloner cloner = new PlacementSolution.Cloner();
    int runs = 2000;
    double[] lazy = new double[runs];
    double[] eager = new double[runs];
    long kept = 0;
    for (int run = 0; run < runs; run++) {
      long began = System.nanoTime();
      PlacementSolution clone = cloner.cloneSolution(solution);
      long cloned = System.nanoTime();
      kept += clone.getShards().size();
      long withEntities = System.nanoTime();
      lazy[run] = (cloned - began) / 1e3;
      eager[run] = (withEntities - began) / 1e3;
    }
    OUT.printf(
        "A new best of %,d shards: %.1f us, with entities made at once %.1f us (medians of %,d, %d"
            + " kept)%n",
        entities.size(), median(lazy), median(eager), runs, kept / runs);
  }

  /** Reading, validating and lowering the full-size problem in a process of its own. */
  private static void read() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(java("-Xmx1536m", "-XX:+UseParallelGC"));
    command.addAll(List.of(Figures.class.getName(), "readInThisProcess"));
    for (int run = 0; run < seeds; run++) {
      new ProcessBuilder(command).inheritIO().start().waitFor();
    }
  }

  private static void readInThisProcess() {
    long began = System.nanoTime();
    Problem problem = Problems.read(FULL_SIZE);
    double read = (System.nanoTime() - began) / 1e9;
    Instance instance = Instance.of(problem);
    double lowered = (System.nanoTime() - began) / 1e9;
    OUT.printf(
        "Read and validated %,d shards x %d origins in %.2f s, lowered after %.2f s; peak heap %d"
            + " MiB of 1536%n",
        instance.shards(), instance.origins(), read, lowered, peakHeapMib());
  }

  /** What the same problems cost by other ways, in the same time. */
  private static void compare(Duration time, String only, String rows)
      throws IOException, InterruptedException {
    try (Stream<Path> files = Files.list(FULL_SIZE.getParent())) {
      new Comparison(time, seeds, rows)
          .print(files.filter(f -> isProblem(f, only)).sorted().toList(), OUT);
    }
  }

  /** Facility location against its published optima, and some random ones without. */
  private static void facility(Duration time, String only) throws IOException {
    List<FacilityLocation.Solved> all = new ArrayList<>(FacilityLocation.recorded());
    for (int seed = 1; seed <= 2; seed++) {
      all.add(new FacilityLocation.Solved(FacilityLocation.random(seed, 30, 200, 3), Double.NaN));
      all.add(new FacilityLocation.Solved(FacilityLocation.random(seed, 80, 400, 3), Double.NaN));
    }
    OUT.printf(
        "| instance | optimum | above it, %% | certified gap, %% | closed after, s |%n"
            + "|---|---|---|---|---|%n");
    double aboveSum = 0;
    double gapSum = 0;
    double worstAbove = 0;
    double worstGap = 0;
    int published = 0;
    for (FacilityLocation.Solved solved : all) {
      if (!solved.instance().name().startsWith(only)) {
        continue;
      }
      double[] above = new double[seeds];
      double[] gap = new double[seeds];
      double[] closed = new double[seeds];
      for (int seed = 0; seed < seeds; seed++) {
        Plan plan = planner(time, seed).solve(solved.instance().toProblem());
        above[seed] = 100 * (plan.objective().usdPerHour() / solved.optimumUsd() - 1);
        gap[seed] = gapPercent(plan);
        closed[seed] =
            plan.status() == Plan.Status.OPTIMAL
                ? plan.solver().wallSeconds()
                : Double.POSITIVE_INFINITY;
      }
      if (Double.isFinite(solved.optimumUsd())) {
        published++;
        aboveSum += median(above);
        gapSum += median(gap);
        worstAbove = Math.max(worstAbove, Arrays.stream(above).max().orElse(0));
        worstGap = Math.max(worstGap, Arrays.stream(gap).max().orElse(0));
      }
      OUT.printf(
          "| %s | %s | %s | %s | %s |%n",
          solved.instance().name(),
          number(solved.optimumUsd(), "%,.2f"),
          spread(above, "%.3f").replace("NaN (NaN to NaN)", "-"),
          spread(gap, "%.3f"),
          spread(closed, "%.1f").replace("Infinity", "not"));
    }
    if (published > 0) {
      OUT.printf(
          "%nPublished optima: mean %.3f%%, worst %.3f%% above; gap mean %.3f%%, worst %.3f%%%n",
          aboveSum / published, worstAbove, gapSum / published, worstGap);
    }
  }

  /** Two threads; logs on standard error if told to. */
  private static Planner planner(Duration time, long seed) {
    Planner.Builder builder = Planner.builder().time(time).seed(seed).threads(2);
    if (logged) {
      builder.listener(
          new ProgressLog(new PrintWriter(System.err, true, StandardCharsets.UTF_8), Ink.PLAIN));
    }
    return builder.build();
  }

  private static String number(double value, String format) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
  }

  private static double gapPercent(Plan plan) {
    Plan.Bound bound = plan.bound();
    return bound == null ? Double.NaN : 100 * bound.gap();
  }

  /**
   * The example problems whose dense part is placed: plans drawn by hand, what a search that leaves
   * it where tokens start comes to, and ours with its bound.
   */
  private static void napkin(Duration time, String only) throws IOException {
    OUT.printf(
        "| problem | one place | copy for each origin | whole copies | halves | without hosts |"
            + " Moesaic | nodes | bound | gap, %% | below the best by hand, %%"
            + " |%n|---|---|---|---|---|---|---|---|---|---|---|%n");
    List<Path> files;
    try (Stream<Path> all = Files.list(Path.of("problems"))) {
      files = all.filter(f -> f.toString().endsWith(".json")).sorted().toList();
    }
    for (Path file : files) {
      Problem problem = Problems.read(file);
      if (problem.model().backbone() == null || !file.getFileName().toString().startsWith(only)) {
        continue;
      }
      HandDrawn drawn = new HandDrawn(problem);
      double[] byHand = {
        drawn.onePlace(), drawn.copyForEachOrigin(), drawn.wholeCopies(), drawn.halves()
      };
      double[] usd = new double[seeds];
      double[] bound = new double[seeds];
      double[] gap = new double[seeds];
      double[] nodes = new double[seeds];
      for (int seed = 0; seed < seeds; seed++) {
        Plan plan = planner(time, seed).solve(problem);
        usd[seed] = plan.objective().usdPerHour();
        bound[seed] = plan.bound() == null ? Double.NaN : plan.bound().usdPerHour();
        gap[seed] = gapPercent(plan);
        nodes[seed] = plan.leases().stream().mapToInt(Plan.Lease::nodes).sum();
      }
      Plan without = planner(time, 0).solve(HandDrawn.withoutHosts(problem));
      double best = Arrays.stream(byHand).filter(v -> !Double.isNaN(v)).min().orElse(Double.NaN);
      OUT.printf(
          "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |%n",
          file.getFileName().toString().replace(".json", ""),
          number(byHand[0], "%,.2f"),
          number(byHand[1], "%,.2f"),
          number(byHand[2], "%,.2f"),
          number(byHand[3], "%,.2f"),
          without.status() == Plan.Status.INFEASIBLE
              ? "-"
              : number(without.objective().usdPerHour(), "%,.2f"),
          spread(usd, "%,.2f"),
          number(median(nodes), "%,.0f"),
          number(median(bound), "%,.2f"),
          spread(gap, "%.2f"),
          number(100 * (1 - median(usd) / best), "%.1f"));
    }
  }

  /** Gaps of fleets of different size. */
  private static void fleet(Duration time, String only) {
    record Fleet(String name, double factor) {}
    List<Fleet> fleets =
        List.of(
            new Fleet("calls/recorded", 15),
            new Fleet("calls/02-azure-oci.json", 20),
            new Fleet("calls/03-seven-clouds.json", 12),
            new Fleet("calls/04-cold-tier.json", 20),
            new Fleet("calls/05-eu-residency.json", 50),
            new Fleet("calls/06-power-survival.json", 30),
            new Fleet("calls/07-tight.json", 50),
            new Fleet("calls/recorded", 1),
            new Fleet("calls/recorded", 0.6));
    OUT.printf(
        "| fleet | times | nodes | egress of cost, %% | certified gap, %%"
            + " |%n|---|---|---|---|---|%n");
    for (Fleet fleet : fleets) {
      if (!fleet.name().startsWith(only)) {
        continue;
      }
      Problem problem =
          fleet.name().equals("recorded")
              ? FleetProblems.recorded(fleet.factor())
              : FleetProblems.scaled(fleet.name(), fleet.factor());
      double[] gap = new double[seeds];
      double[] nodes = new double[seeds];
      double[] egress = new double[seeds];
      for (int seed = 0; seed < seeds; seed++) {
        Plan plan = planner(time, seed).solve(problem);
        gap[seed] = gapPercent(plan);
        nodes[seed] = plan.leases().stream().mapToLong(Plan.Lease::nodes).sum();
        egress[seed] = 100 * plan.objective().egressUsdPerHour() / plan.objective().usdPerHour();
      }
      OUT.printf(
          "| %s | %s | %.0f | %.0f | %s |%n",
          fleet.name().replace(".json", ""),
          fleet.factor(),
          median(nodes),
          median(egress),
          spread(gap, "%.3f"));
    }
  }

  /** Time and memory of one evaluation of the bound, at four sizes. */
  private static void evaluations() throws IOException, InterruptedException {
    OUT.printf(
        "| shards | offers | origins | s per evaluation, two threads | us per shard | heap, MiB"
            + " |%n|---|---|---|---|---|---|%n");
    for (int layers : new int[] {15, 30, 60, 120}) {
      Tariff tariff = new Tariff(Instance.of(FleetProblems.large(layers, 512, 100, 20, 250)));
      System.gc();
      double[] seconds = BoundFigures.evaluations(tariff, 2, 2 + seeds);
      double[] counted = Arrays.copyOfRange(seconds, 2, seconds.length);
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      OUT.printf(
          "| %,d | %d | %d | %s | %.1f | %,d |%n",
          tariff.instance().shards(),
          tariff.instance().offers(),
          tariff.instance().origins(),
          spread(counted, "%.2f"),
          median(counted) / tariff.instance().shards() * 1e6,
          (runtime.totalMemory() - runtime.freeMemory()) >> 20);
    }
  }

  /** One evaluation of the bound over paths, and one of calls alone at the same size. */
  private static void paths() {
    OUT.printf("| bound | s per evaluation, median (min to max) |%n|---|---|%n");
    Tariff calls = new Tariff(Instance.of(Problems.read(FULL_SIZE)));
    double[] byShards = BoundFigures.evaluations(calls, 1, 2 + seeds);
    OUT.printf("| calls | %s |%n", spread(Arrays.copyOfRange(byShards, 2, 2 + seeds), "%.3f"));
    Tariff fabric = SearchFigures.copies(FleetProblems.fabric(58, 256, 24, 6, 16)).tariff();
    double[] byPaths = BoundFigures.paths(fabric, 2 + seeds);
    OUT.printf(
        "| fabric, %d parts | %s |%n",
        fabric.instance().origins(), spread(Arrays.copyOfRange(byPaths, 2, 2 + seeds), "%.3f"));
  }

  /** Few shards with many callers. */
  private static void callers(Duration time, String only) {
    OUT.printf(
        "| problem | offers | origins | shards | USD/node-hour | USD/h | certified gap, %% | s"
            + " |%n|---|---|---|---|---|---|---|---|%n");
    int[][] sizes = {{20, 40, 4}, {30, 60, 16}, {60, 100, 1}, {60, 100, 8}, {60, 100, 60}};
    for (Callers.Kind kind : Callers.Kind.values()) {
      if (!kind.name().startsWith(only)) {
        continue;
      }
      for (int[] size : sizes) {
        for (double usdPerNodeHour : new double[] {2, 12}) {
          for (int seed = 0; seed < seeds; seed++) {
            Problem problem = Callers.random(seed, kind, size[0], size[1], size[2], usdPerNodeHour);
            long began = System.nanoTime();
            Plan plan = planner(time, seed).solve(problem);
            OUT.printf(
                Locale.ROOT,
                "| %s | %d | %d | %d | %.0f | %.3f | %.3f | %.1f |%n",
                kind.name().toLowerCase(Locale.ROOT),
                size[0],
                size[1],
                size[2],
                usdPerNodeHour,
                plan.objective().usdPerHour(),
                gapPercent(plan),
                (System.nanoTime() - began) / 1e9);
          }
        }
      }
    }
  }

  /** How long after its time, and after it was told to stop, a planner ends. */
  private static void endings(Duration time) throws InterruptedException {
    OUT.printf(
        "| shards | offers | origins | after its time, s | after a stop, s"
            + " |%n|---|---|---|---|---|%n");
    int[][] sizes = {{120, 512, 100, 20}, {256, 1024, 40, 10}, {512, 2048, 12, 4}};
    for (int[] size : sizes) {
      Problem problem = FleetProblems.large(size[0], size[1], size[2], size[3], 250);
      for (int seed = 0; seed < seeds; seed++) {
        long began = System.nanoTime();
        planner(time, seed).solve(problem);
        double late = (System.nanoTime() - began - time.toNanos()) / 1e9;
        Planner planner = planner(Duration.ofHours(1), seed);
        var stopped = new AtomicLong();
        Thread stopper =
            Thread.ofPlatform()
                .daemon()
                .start(
                    () -> {
                      try {
                        Thread.sleep(time);
                      } catch (InterruptedException e) {
                        return;
                      }
                      stopped.set(System.nanoTime());
                      planner.stop();
                    });
        planner.solve(problem);
        double afterStop = (System.nanoTime() - stopped.get()) / 1e9;
        stopper.join();
        OUT.printf(
            Locale.ROOT,
            "| %,d | %d | %d | %.1f | %.1f |%n",
            size[0] * size[1],
            size[2],
            size[3],
            late,
            afterStop);
      }
    }
  }

  /** From SIGTERM until the process has ended, with its plan in place. */
  private static void sigterm(Duration time) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("moesaic-sigterm");
    Path file = folder.resolve("problem.json");
    Path plan = folder.resolve("plan.json");
    Problem problem = FleetProblems.large(120, 512, 100, 20, 250);
    ProblemFiles.write(problem, file);
    List<String> command = new ArrayList<>(java("-Xmx3g", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("org.moesaic.cli.Main", "solve", file.toString()));
    command.addAll(List.of("-o", plan.toString(), "--time", "3600", "--quiet"));
    OUT.printf(
        "| shards | offers | origins | SIGTERM after, s | until exit, s | exit code | nodes of the"
            + " plan |%n|---|---|---|---|---|---|---|%n");
    for (int seed = 0; seed < seeds; seed++) {
      Files.deleteIfExists(plan);
      Process process = new ProcessBuilder(command).inheritIO().start();
      Thread.sleep(time);
      long signalled = System.nanoTime();
      process.destroy();
      int exit = process.waitFor();
      OUT.printf(
          Locale.ROOT,
          "| %,d | %d | %d | %d | %.1f | %d | %s |%n",
          problem.model().moeLayers() * problem.model().expertsPerLayer(),
          problem.offers().size(),
          problem.origins().size(),
          time.toSeconds(),
          (System.nanoTime() - signalled) / 1e9,
          exit,
          Files.exists(plan)
              ? Plans.read(plan).leases().stream().mapToLong(Plan.Lease::nodes).sum()
              : "no plan");
    }
    try (Stream<Path> written = Files.walk(folder)) {
      for (Path each : written.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  /** The largest problems: experts alone, and with everything on. */
  private static void scale(Duration time, String only) {
    OUT.printf(
        "| problem | shards | offers | origins | nodes | egress of cost, %% | USD/h | certified"
            + " gap, %% | s | peak heap, MiB |%n|---|---|---|---|---|---|---|---|---|---|%n");
    for (String kind : List.of("calls", "fabric")) {
      if (!kind.startsWith(only)) {
        continue;
      }
      Problem problem =
          kind.equals("calls")
              ? FleetProblems.large(120, 512, 100, 20, 250)
              : FleetProblems.fabric(120, 512, 100, 20, 8);
      for (int seed = 0; seed < seeds; seed++) {
        Plan plan = planner(time, seed).solve(problem);
        OUT.printf(
            "| %s | %,d | %d | %d | %,d | %.0f | %,.2f | %.3f | %.0f | %,d |%n",
            kind,
            120 * 512,
            problem.offers().size(),
            problem.origins().size(),
            plan.leases().stream().mapToInt(Plan.Lease::nodes).sum(),
            100 * plan.objective().egressUsdPerHour() / plan.objective().usdPerHour(),
            plan.objective().usdPerHour(),
            gapPercent(plan),
            plan.solver().wallSeconds(),
            peakHeapMib());
      }
    }
  }

  private static long peakHeapMib() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .map(MemoryPoolMXBean::getPeakUsage)
            .mapToLong(usage -> usage.getUsed())
            .sum()
        >> 20;
  }

  private static boolean isProblem(Path file, String only) {
    String name = file.getFileName().toString();
    return name.endsWith(".json") && name.startsWith(only);
  }

  /** {@code target/moesaic --help} against a bare {@code java -version}, in turn. */
  private static void startup() throws IOException, InterruptedException {
    int runs = 21;
    List<String> bare = List.of(java().getFirst(), "-version");
    for (List<String> arguments :
        List.of(
            List.of("--help"),
            List.of("validate", "problems/01-hand-sized.json"),
            List.of("solve", "problems/01-hand-sized.json", "--steps", "1000", "--quiet"))) {
      List<String> command = new ArrayList<>(List.of("target/moesaic"));
      command.addAll(arguments);
      double[] ratios = new double[runs];
      double[] ours = new double[runs];
      for (int run = -2; run < runs; run++) {
        double base = seconds(bare);
        double seconds = seconds(command);
        if (run >= 0) {
          ratios[run] = seconds / base;
          ours[run] = seconds * 1000;
        }
      }
      OUT.printf(
          "`moesaic %s`: %s ms, %s times `java -version`%n",
          String.join(" ", arguments), spread(ours, "%.0f"), spread(ratios, "%.1f"));
    }
  }

  private static double seconds(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    long began = System.nanoTime();
    int exit = builder.start().waitFor();
    if (exit != 0) {
      throw new IllegalStateException("%s ended with %d.".formatted(command, exit));
    }
    return (System.nanoTime() - began) / 1e9;
  }

  /** A JVM with flags and this one's class path. */
  static List<String> java(String... flags) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return command;
  }

  static String spread(double[] values, String format) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return String.format(
        Locale.ROOT,
        format + " (" + format + " to " + format + ")",
        median(values),
        sorted[0],
        sorted[sorted.length - 1]);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
