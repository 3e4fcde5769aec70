package org.moesaic.benchmark;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.moesaic.instance.Instance;
import org.moesaic.plan.Plan;
import org.moesaic.problem.Problem;
import org.moesaic.problem.Problems;
import org.moesaic.solve.Planner;
import org.moesaic.solve.SearchFigures;
import org.moesaic.solve.SearchFigures.Calculator;
import org.moesaic.solve.bound.ExactBaseline.Kind;
import org.moesaic.solve.model.PlacementSolution;
import org.moesaic.solve.model.ShardAssignment;
import org.moesaic.solve.model.Tariff;
import org.moesaic.solve.start.CheapestFirst;
import org.moesaic.solve.start.Construction;
import org.moesaic.solve.start.PricedStart;
import org.moesaic.solve.start.RoundRobin;

/**
 * One table of what each method makes of each problem in the same time: a method a row, a problem a
 * column, and below all of them the bound that Moesaic has proven.
 *
 * <p>Every plan is judged by the same rules and prices, whatever its solver thinks of it. Each cell
 * goes to standard error when it is done, the table to its destination at the end.
 */
final class Comparison {
  private final Duration time;
  private final int seeds;
  private final List<Row> rows;

  private enum Row {
    ROUND_ROBIN("round robin"),
    CHEAPEST_FIRST("cheapest first"),
    AS_EPLB("replicate hot and balance, as EPLB"),
    TIMEFOLD_STREAMS("Timefold's defaults, streams"),
    TIMEFOLD_CALCULATOR("Timefold's defaults, our calculator"),
    START("our quick start"),
    SCIP("SCIP"),
    SCIP_WARM("SCIP, from our quick start"),
    CP_SAT("CP-SAT"),
    CP_SAT_WARM("CP-SAT, from our quick start"),
    MOESAIC("Moesaic"),
    BOUND("lower bound");

    private final String title;

    Row(String title) {
      this.title = title;
    }

    boolean startsWith(String prefix) {
      return letters(title).startsWith(letters(prefix));
    }

    private static String letters(String text) {
      return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
    }
  }

  /**
   * @param time of every method
   * @param seeds of Moesaic
   * @param rows what the titles of rows begin with, separated by commas; none for all
   */
  Comparison(Duration time, int seeds, String rows) {
    this.time = time;
    this.seeds = seeds;
    this.rows =
        Arrays.stream(Row.values())
            .filter(row -> Arrays.stream(rows.split(",")).anyMatch(row::startsWith))
            .toList();
  }

  void print(List<Path> problems, PrintStream out) throws IOException, InterruptedException {
    List<StringBuilder> lines = new ArrayList<>();
    rows.forEach(row -> lines.add(new StringBuilder("| %s |".formatted(row.title))));
    StringBuilder head = new StringBuilder("| |");
    for (Path file : problems) {
      String name = file.getFileName().toString().replace(".json", "");
      head.append(" %s |".formatted(name));
      Column column = new Column(file);
      for (int r = 0; r < rows.size(); r++) {
        String cell = column.cell(rows.get(r));
        System.err.println("%s, %s: %s".formatted(name, rows.get(r).title, cell));
        lines.get(r).append(" %s |".formatted(cell));
      }
    }
    out.println(head);
    out.println("|---|" + "---|".repeat(problems.size()));
    lines.forEach(out::println);
  }

  private final class Column {
    private final Path file;
    private final Problem problem;
    private final Tariff tariff;
    private final List<Plan> ours = new ArrayList<>();

    Column(Path file) {
      this.file = file;
      problem = Problems.read(file);
      tariff = new Tariff(Instance.of(problem));
    }

    String cell(Row row) throws IOException, InterruptedException {
      return switch (row) {
        case ROUND_ROBIN -> constructed(new RoundRobin());
        case CHEAPEST_FIRST -> constructed(new CheapestFirst());
        case AS_EPLB -> constructed(new ReplicateHotAndBalance());
        case TIMEFOLD_STREAMS -> outOfTheBox(Calculator.STREAMS);
        case TIMEFOLD_CALCULATOR -> outOfTheBox(Calculator.INCREMENTAL);
        case START -> constructed(new PricedStart(() -> false));
        case SCIP -> new ExactProcess(file, Kind.SCIP, false).cell(time);
        case SCIP_WARM -> new ExactProcess(file, Kind.SCIP, true).cell(time);
        case CP_SAT -> new ExactProcess(file, Kind.CP_SAT, false).cell(time);
        case CP_SAT_WARM -> new ExactProcess(file, Kind.CP_SAT, true).cell(time);
        case MOESAIC -> ours();
        case BOUND -> bound();
      };
    }

    private String constructed(Construction construction) {
      return Cells.cost(tariff, construction.construct(tariff));
    }

    private String outOfTheBox(Calculator calculator) {
      PlacementSolution best = SearchFigures.outOfTheBox(tariff, calculator, 0, time).best();
      int shards = tariff.instance().shards();
      long placed =
          best.getShards().stream()
              .map(ShardAssignment::getPlacement)
              .filter(p -> p != null)
              .count();
      return placed < shards
          ? "none: %d%% placed".formatted(100 * placed / shards)
          : Cells.cost(tariff, best.toAssignment());
    }

    private List<Plan> plans() {
      for (int seed = ours.size(); seed < seeds; seed++) {
        ours.add(Planner.builder().time(time).seed(seed).threads(2).build().solve(problem));
      }
      return ours;
    }

    private String ours() {
      double[] usd =
          plans().stream()
              .filter(plan -> plan.status() != Plan.Status.INFEASIBLE)
              .mapToDouble(plan -> plan.objective().usdPerHour())
              .toArray();
      if (usd.length == 0) {
        return "none keeps the rules";
      }
      String spread = Figures.spread(usd, Cells.USD);
      return usd.length == seeds ? spread : spread + ", %d of %d".formatted(usd.length, seeds);
    }

    /** The best that any seed has proven. */
    private String bound() {
      OptionalDouble most =
          plans().stream()
              .map(Plan::bound)
              .filter(bound -> bound != null)
              .mapToDouble(Plan.Bound::usdPerHour)
              .max();
      return most.isPresent() ? String.format(Locale.ROOT, Cells.USD, most.getAsDouble()) : "none";
    }
  }
}
