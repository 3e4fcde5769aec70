package org.moesaic.report;

import static com.github.freva.asciitable.HorizontalAlign.LEFT;
import static com.github.freva.asciitable.HorizontalAlign.RIGHT;
import static org.moesaic.report.Tables.column;

import com.github.freva.asciitable.ColumnData;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Cost;
import org.moesaic.plan.Plan.Part;
import org.moesaic.plan.Plan.Solver;
import org.moesaic.plan.Plan.Status;
import org.moesaic.plan.Plan.Traffic;
import org.moesaic.plan.Plan.Violation;
import org.moesaic.problem.Link;
import org.moesaic.problem.Model.Sync;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Problem;
import org.moesaic.solve.Progress.Ending;

/**
 * A plan for people: tables of leases, links, sync, origins and cost, where dense parts run, and a
 * verdict. Every price is the plan's own; only sums, shares and the following are computed here:
 *
 * <ul>
 *   <li>GPUs = nodes * {@code acceleratorsPerNode}, and USD per GPU-hour = USD per hour / GPUs
 *   <li>USD per month = USD per hour * {@value #HOURS_PER_MONTH}, the hours of an average month
 *   <li>USD per million tokens = USD per hour / (sum over origins of tokensPerSecond * 3600 / 10^6)
 *   <li>usable Gbit/s of a link = its {@code gbps} * {@code usable.link}
 *   <li>bytes and seconds per sync, as if nothing else were on the way
 * </ul>
 */
public final class PlanReport {
  private static final int HOURS_PER_MONTH = 730;
  private static final double SECONDS_PER_HOUR = 3600;
  private static final double MILLION = 1e6;

  /** Links and violations beyond these are only counted. */
  private static final int MOST_LINKS = 10;

  private static final int MOST_VIOLATIONS = 20;

  private final Problem problem;
  private final Plan plan;
  private final Ink ink;
  private final LeasesTable leases;

  private PlanReport(Problem problem, Plan plan, Ink ink) {
    this.problem = problem;
    this.plan = plan;
    this.ink = ink;
    Map<String, Offer> offers =
        problem.offers().stream().collect(Collectors.toMap(Offer::id, Function.identity()));
    leases = new LeasesTable(plan.leases(), lease -> known(offers, lease.offer()));
  }

  /**
   * The tables, one after the other, each with its heading.
   *
   * @param plan one that fits the problem, as a planner returns it
   * @return lines, the last of which ends with a line break too
   */
  public static String tables(Problem problem, Plan plan, Ink ink) {
    return new PlanReport(problem, plan, ink).tables();
  }

  /**
   * The {@link #tables} but that of broken rules, for those who list these in full.
   *
   * @param plan one that fits the problem
   * @return lines, the last of which ends with a line break too
   */
  public static String figures(Problem problem, Plan plan, Ink ink) {
    return new PlanReport(problem, plan, ink).figures();
  }

  /**
   * One line that says how good the plan is, such as {@code Feasible: 13,705.60 USD/h (10.0 M
   * USD/month, 3,045.69 USD/M tokens), 31 nodes (248 GPUs) of 9 offers, 24% egress; seed 0, 60.0
   * s.} Tokens are those of all origins, and left out where there are none; GPUs are left out where
   * those of an offer are not known.
   *
   * @param plan one that fits the problem
   */
  public static String verdict(Problem problem, Plan plan, Ink ink) {
    String line = new PlanReport(problem, plan, ink).verdict(true);
    return plan.status() == Status.INFEASIBLE ? ink.bad(line) : ink.good(line);
  }

  /**
   * The verdict, what is proven, and why the planner ended: three lines, such as
   *
   * <pre>
   * Feasible: 13,705.60 USD/h (10.0 M USD/month, 3,045.69 USD/M tokens), 31 nodes (248 GPUs) of 9 offers, 24% egress, gap 0.34%; seed 0, 60.0 s.
   * Proven: no plan that keeps the rules costs less than 13,659.00 USD/h.
   * Ended: the time was up.
   * </pre>
   *
   * @param plan one that fits the problem
   * @param ending null if it is not known
   * @param timeless whether to leave out the time it took
   */
  public static String verdict(
      Problem problem, Plan plan, @Nullable Ending ending, boolean timeless, Ink ink) {
    String line = new PlanReport(problem, plan, ink).verdict(!timeless);
    var lines =
        new StringBuilder(plan.status() == Status.INFEASIBLE ? ink.bad(line) : ink.good(line));
    lines.append(System.lineSeparator()).append(proven(plan, ending));
    if (ending != null) {
      lines
          .append(System.lineSeparator())
          .append("Ended: ")
          .append(reason(plan, ending))
          .append('.');
    }
    return lines.toString();
  }

  private static String proven(Plan plan, @Nullable Ending ending) {
    if (ending == Ending.NO_PLAN) {
      return "No plan keeps all rules: proven.";
    } else if (plan.status() == Status.INFEASIBLE) {
      return "Whether any plan keeps all rules is not known.";
    } else if (plan.status() == Status.OPTIMAL) {
      return "Proven: no plan that keeps the rules costs less.";
    } else if (plan.bound() != null) {
      return "Proven: no plan that keeps the rules costs less than "
          + Figures.money(plan.bound().usdPerHour())
          + " USD/h.";
    }
    return "Proven: nothing; there is no lower bound.";
  }

  private static String reason(Plan plan, Ending ending) {
    return switch (ending) {
      case GAP ->
          plan.status() == Status.OPTIMAL
              ? "the plan is proven to be the best"
              : "the gap is as small as was asked for";
      case NO_PLAN -> "no plan keeps all rules";
      case TIME -> "the time was up";
      case STEPS -> "all steps were done";
      case STOPPED -> "it was told to stop";
      case PATIENCE -> "there seems to be nothing better";
      case FAILED -> "all threads of the search failed";
    };
  }

  private String verdict(boolean timed) {
    Cost cost = plan.objective();
    var line = new StringBuilder();
    line.append(
        switch (plan.status()) {
          case OPTIMAL -> "Optimal: ";
          case FEASIBLE -> "Feasible: ";
          case INFEASIBLE ->
              "Infeasible: the best plan found breaks " + brokenRules(plan) + "; it costs ";
        });
    line.append(Figures.money(cost.usdPerHour()))
        .append(" USD/h (")
        .append(Figures.rounded(cost.usdPerHour() * HOURS_PER_MONTH))
        .append(" USD/month")
        .append(
            tokensPerHour() == 0
                ? ""
                : ", " + usdPerMillionTokens(cost.usdPerHour()) + " USD/M tokens")
        .append("), ")
        .append(leases.size())
        .append(" of ")
        .append(Figures.counted(plan.leases().size(), "offer"))
        .append(", ")
        .append(Figures.percent(share(cost.egressUsdPerHour(), cost.usdPerHour())))
        .append(" egress");
    if (plan.bound() != null) {
      line.append(", gap ").append(Figures.gap(plan.bound().gap()));
    }
    Solver solver = plan.solver();
    if (solver != null) {
      line.append("; seed ")
          .append(solver.seed())
          .append(timed ? ", " + Figures.seconds(solver.wallSeconds()) : "");
    }
    return line.append('.').toString();
  }

  /** The ids of the rules that a plan breaks, each once, in the order of the plan. */
  public static String brokenRules(Plan plan) {
    return plan.violations().stream()
        .map(violation -> Texts.shown(violation.rule()))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private String tables() {
    return joined(figures(), violations());
  }

  private String figures() {
    return joined(leases(), dense(), links(), sync(), origins(), cost());
  }

  private static String joined(String... tables) {
    return Stream.of(tables).filter(table -> !table.isEmpty()).collect(Collectors.joining("\n"));
  }

  private String leases() {
    String heading =
        "Leases: %s of %s, %s considered"
            .formatted(
                leases.size(),
                Figures.counted(plan.leases().size(), "offer"),
                Figures.count(problem.offers().size()));
    return ink.heading(heading) + "\n" + leases.table();
  }

  private String dense() {
    String lines = DenseParts.lines(problem, plan);
    return lines.isEmpty() ? "" : ink.heading("Dense part") + "\n" + lines;
  }

  private String links() {
    List<Traffic> links =
        plan.traffic().stream()
            .sorted(
                Comparator.comparingDouble(Traffic::usdPerHour)
                    .thenComparingDouble(Traffic::gbps)
                    .reversed())
            .toList();
    if (links.isEmpty()) {
      return "";
    }
    double egress = plan.objective().egressUsdPerHour();
    String heading =
        "Top links: %s Gbit/s over %s"
            .formatted(
                Figures.tenths(links.stream().mapToDouble(Traffic::gbps).sum()),
                Figures.counted(links.size(), "link"));
    List<ColumnData<Traffic>> columns = new ArrayList<>();
    columns.add(column("from", LEFT, link -> Texts.shown(link.from())));
    columns.add(column("to", LEFT, link -> Texts.shown(link.to())));
    columns.add(column("Gbit/s", RIGHT, link -> Figures.tenths(link.gbps())));
    columns.addAll(kind("calls", Traffic::callsGbps));
    columns.addAll(kind("cuts", Traffic::cutsGbps));
    columns.addAll(kind("access", Traffic::accessGbps));
    columns.addAll(kind("sync", Traffic::syncGbps));
    columns.add(column("usable", RIGHT, this::shownUsableGbps));
    columns.add(column("USD/h", RIGHT, link -> Figures.money(link.usdPerHour())));
    columns.add(
        column("of egress", RIGHT, link -> Figures.percent(share(link.usdPerHour(), egress))));
    return table(heading, links.stream().limit(MOST_LINKS).toList(), columns)
        + more(links.size(), MOST_LINKS, "link");
  }

  /** A column about one kind of traffic, if there is any of it. */
  private List<ColumnData<Traffic>> kind(String kind, ToDoubleFunction<Traffic> gbps) {
    return plan.traffic().stream().anyMatch(link -> gbps.applyAsDouble(link) > 0)
        ? List.of(column(kind, RIGHT, link -> Figures.tenths(gbps.applyAsDouble(link))))
        : List.of();
  }

  private String sync() {
    Sync sync = problem.model().sync();
    if (sync == null) {
      return "";
    }
    var times = new SyncTimes(sync, plan.traffic(), this::usableGbps);
    return times.any() ? ink.heading(times.heading()) + "\n" + times.table() : "";
  }

  private String origins() {
    Map<String, Origin> origins = originsAndParts();
    List<ColumnData<Plan.Origin>> columns = new ArrayList<>();
    columns.add(column("origin", LEFT, row -> Texts.shown(row.id())));
    columns.add(column("site", LEFT, row -> Texts.shown(site(known(origins, row.id())))));
    columns.add(
        column(
            "tokens/s",
            RIGHT,
            row -> Figures.count(Math.round(known(origins, row.id()).tokensPerSecond()))));
    columns.add(column("local", RIGHT, row -> Figures.percent(row.localShare())));
    columns.add(column("added ms", RIGHT, PlanReport::addedLatency));
    columns.add(column("limit ms", RIGHT, row -> latencyLimit(known(origins, row.id()))));
    if (!plan.backbone().isEmpty()) {
      columns.add(column("access ms", RIGHT, row -> ms(row.accessMs())));
      columns.add(column("limit ms", RIGHT, row -> accessLimit(known(origins, row.id()))));
    }
    return table("Origins", plan.origins(), columns);
  }

  /** By what rows of a plan name; a part has its share of the tokens. */
  private Map<String, Origin> originsAndParts() {
    Map<String, Origin> all =
        problem.origins().stream().collect(Collectors.toMap(Origin::id, Function.identity()));
    for (Part part : plan.parts()) {
      Origin origin = known(all, part.origin());
      all.put(part.id(), origin.part(part.id(), part.streams()));
    }
    return all;
  }

  private String cost() {
    Cost cost = plan.objective();
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("lease", cost.leaseUsdPerHour());
    parts.put("egress", cost.egressUsdPerHour());
    if (cost.bandwidthUsdPerHour() > 0) {
      parts.put("bandwidth", cost.bandwidthUsdPerHour());
    }
    if (cost.migrationUsdPerHour() > 0) {
      parts.put("migration", cost.migrationUsdPerHour());
    }
    parts.put("total", cost.usdPerHour());
    return table(
        "Cost",
        parts.entrySet(),
        List.of(
            column("part", LEFT, Map.Entry::getKey),
            column("USD/h", RIGHT, part -> Figures.money(part.getValue())),
            column(
                "share", RIGHT, part -> Figures.percent(share(part.getValue(), cost.usdPerHour()))),
            column(
                "USD/month",
                RIGHT,
                part -> Figures.count(Math.round(part.getValue() * HOURS_PER_MONTH))),
            column(
                "USD/M tokens",
                RIGHT,
                part ->
                    tokensPerHour() == 0 ? Figures.NONE : usdPerMillionTokens(part.getValue()))));
  }

  private double tokensPerHour() {
    return problem.origins().stream().mapToDouble(Origin::tokensPerSecond).sum() * SECONDS_PER_HOUR;
  }

  private String usdPerMillionTokens(double usdPerHour) {
    return Figures.money(usdPerHour / (tokensPerHour() / MILLION));
  }

  private String violations() {
    List<Violation> violations = plan.violations();
    if (violations.isEmpty()) {
      return "";
    }
    return table(
            "Broken rules",
            violations.stream().limit(MOST_VIOLATIONS).toList(),
            List.of(
                column("rule", LEFT, violation -> Texts.shown(violation.rule())),
                column("subject", LEFT, violation -> Texts.shown(violation.subject())),
                column("why", LEFT, Violation::message)))
        + more(violations.size(), MOST_VIOLATIONS, "violation");
  }

  private <T> String table(
      String heading, java.util.Collection<T> rows, List<ColumnData<T>> columns) {
    return ink.heading(heading) + "\n" + Tables.table(rows, columns);
  }

  private static String more(int size, int shown, String what) {
    return size <= shown ? "" : " and " + Figures.counted(size - shown, "more " + what) + "\n";
  }

  /** What a name stands for. */
  static <T> T known(Map<String, T> byId, String id) {
    return Objects.requireNonNull(
        byId.get(id), () -> "The plan names (%s), but the problem does not.".formatted(id));
  }

  private static String site(Origin origin) {
    return origin.provider() + "/" + origin.region();
  }

  private String shownUsableGbps(Traffic traffic) {
    Double gbps = usableGbps(traffic);
    return gbps == null ? Figures.NONE : Figures.tenths(gbps);
  }

  /** Null where no link tells a capacity. */
  private @Nullable Double usableGbps(Traffic traffic) {
    return problem.links().stream()
        .filter(link -> leads(link, traffic.from(), traffic.to()))
        .map(Link::gbps)
        .filter(Objects::nonNull)
        .map(gbps -> gbps * problem.usable().link())
        .findAny()
        .orElse(null);
  }

  private static boolean leads(Link link, String from, String to) {
    return (link.from().equals(from) && link.to().equals(to))
        || (link.bidirectional() && link.from().equals(to) && link.to().equals(from));
  }

  private static String addedLatency(Plan.Origin row) {
    return (row.addedLatencyMs() != null && row.latencyEstimated() ? "~" : "")
        + ms(row.addedLatencyMs());
  }

  private static String ms(@Nullable Double ms) {
    return ms == null ? "unknown" : Figures.tenths(ms);
  }

  private String latencyLimit(Origin origin) {
    Double limit =
        origin.maxAddedLatencyMs() != null
            ? origin.maxAddedLatencyMs()
            : problem.policy().maxAddedLatencyMs();
    return limit == null ? Figures.NONE : Figures.tenths(limit);
  }

  private String accessLimit(Origin origin) {
    Double limit =
        origin.maxAccessMs() != null ? origin.maxAccessMs() : problem.policy().maxAccessMs();
    return limit == null ? Figures.NONE : Figures.tenths(limit);
  }

  private static double share(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }
}
