package org.moesaic.report;

import static com.github.freva.asciitable.HorizontalAlign.LEFT;
import static com.github.freva.asciitable.HorizontalAlign.RIGHT;
import static org.moesaic.report.Tables.column;

import com.github.freva.asciitable.ColumnData;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Cost;
import org.moesaic.plan.Plan.Lease;
import org.moesaic.plan.Plan.Part;
import org.moesaic.plan.Plan.Solver;
import org.moesaic.plan.Plan.Status;
import org.moesaic.plan.Plan.Traffic;
import org.moesaic.plan.Plan.Violation;
import org.moesaic.problem.Link;
import org.moesaic.problem.Offer;
import org.moesaic.problem.Origin;
import org.moesaic.problem.Problem;
import org.moesaic.solve.Progress.Ending;

/**
 * A plan for people: tables of leases, links, origins and cost, and a verdict. Every price is the
 * plan's own; only sums, shares and the following are computed here:
 *
 * <ul>
 *   <li>USD per month = USD per hour * {@value #HOURS_PER_MONTH}, the hours of an average month
 *   <li>USD per million tokens = USD per hour / (sum over origins of tokensPerSecond * 3600 / 10^6)
 *   <li>usable Gbit/s of a link = its {@code gbps} * {@code usable.link}
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
  private final Map<String, Offer> offers;

  private PlanReport(Problem problem, Plan plan, Ink ink) {
    this.problem = problem;
    this.plan = plan;
    this.ink = ink;
    offers = problem.offers().stream().collect(Collectors.toMap(Offer::id, Function.identity()));
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
   * One line that says how good the plan is, such as {@code Feasible: 13,705.60 USD/h (10.0 M
   * USD/month), 31 nodes of 9 offers, 24% egress; seed 0, 60.0 s.}
   */
  public static String verdict(Plan plan, Ink ink) {
    String line = verdict(plan, true);
    return plan.status() == Status.INFEASIBLE ? ink.bad(line) : ink.good(line);
  }

  /**
   * The verdict, what is proven, and why the planner ended: three lines, such as
   *
   * <pre>
   * Feasible: 13,705.60 USD/h (10.0 M USD/month), 31 nodes of 9 offers, 24% egress, gap 0.34%; seed 0, 60.0 s.
   * Proven: no plan that keeps the rules costs less than 13,659.00 USD/h.
   * Ended: the time was up.
   * </pre>
   *
   * @param ending null if it is not known
   * @param timeless whether to leave out the time it took
   */
  public static String verdict(Plan plan, @Nullable Ending ending, boolean timeless, Ink ink) {
    String line = verdict(plan, !timeless);
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

  private static String verdict(Plan plan, boolean timed) {
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
        .append(" USD/month), ")
        .append(Figures.counted(nodes(plan), "node"))
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
    return Stream.of(leases(), links(), origins(), cost(), violations())
        .filter(table -> !table.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  private String leases() {
    String heading =
        "Leases: %s of %s, %s considered"
            .formatted(
                Figures.counted(nodes(plan), "node"),
                Figures.counted(plan.leases().size(), "offer"),
                Figures.count(problem.offers().size()));
    return table(
        heading,
        plan.leases(),
        List.of(
            column("offer", LEFT, lease -> Texts.shown(lease.offer())),
            column("site", LEFT, lease -> Texts.shown(site(offer(lease)))),
            column("accelerator", LEFT, lease -> shownOrNone(offer(lease).accelerator())),
            column("nodes", RIGHT, lease -> Figures.count(lease.nodes())),
            column("of", RIGHT, lease -> Figures.orNone(offer(lease).maxNodes())),
            column("USD/h", RIGHT, lease -> Figures.money(lease.usdPerHour())),
            column("memory", RIGHT, lease -> Figures.percent(lease.utilization().memory())),
            column("compute", RIGHT, lease -> Figures.percent(lease.utilization().compute())),
            column("network", RIGHT, lease -> Figures.percent(lease.utilization().network()))));
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
    return table(
            heading,
            links.stream().limit(MOST_LINKS).toList(),
            List.of(
                column("from", LEFT, link -> Texts.shown(link.from())),
                column("to", LEFT, link -> Texts.shown(link.to())),
                column("Gbit/s", RIGHT, link -> Figures.tenths(link.gbps())),
                column("usable", RIGHT, this::usableGbps),
                column("USD/h", RIGHT, link -> Figures.money(link.usdPerHour())),
                column(
                    "of egress", RIGHT, link -> Figures.percent(share(link.usdPerHour(), egress)))))
        + more(links.size(), MOST_LINKS, "link");
  }

  private String origins() {
    Map<String, Origin> origins = originsAndParts();
    return table(
        "Origins",
        plan.origins(),
        List.of(
            column("origin", LEFT, row -> Texts.shown(row.id())),
            column("site", LEFT, row -> Texts.shown(site(known(origins, row.id())))),
            column(
                "tokens/s",
                RIGHT,
                row -> Figures.count(Math.round(known(origins, row.id()).tokensPerSecond()))),
            column("local", RIGHT, row -> Figures.percent(row.localShare())),
            column("added ms", RIGHT, PlanReport::addedLatency),
            column("limit ms", RIGHT, row -> latencyLimit(known(origins, row.id())))));
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
    double tokensPerHour =
        problem.origins().stream().mapToDouble(Origin::tokensPerSecond).sum() * SECONDS_PER_HOUR;
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
                    tokensPerHour == 0
                        ? Figures.NONE
                        : Figures.money(part.getValue() / (tokensPerHour / MILLION)))));
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

  private Offer offer(Lease lease) {
    return known(offers, lease.offer());
  }

  private static <T> T known(Map<String, T> byId, String id) {
    return Objects.requireNonNull(
        byId.get(id), () -> "The plan names (%s), but the problem does not.".formatted(id));
  }

  private static String site(Offer offer) {
    return offer.provider() + "/" + offer.region();
  }

  private static String site(Origin origin) {
    return origin.provider() + "/" + origin.region();
  }

  private static String shownOrNone(@Nullable String text) {
    return text == null ? Figures.NONE : Texts.shown(text);
  }

  private String usableGbps(Traffic traffic) {
    return problem.links().stream()
        .filter(link -> leads(link, traffic.from(), traffic.to()))
        .map(Link::gbps)
        .filter(Objects::nonNull)
        .map(gbps -> Figures.tenths(gbps * problem.usable().link()))
        .findAny()
        .orElse(Figures.NONE);
  }

  private static boolean leads(Link link, String from, String to) {
    return (link.from().equals(from) && link.to().equals(to))
        || (link.bidirectional() && link.from().equals(to) && link.to().equals(from));
  }

  private static String addedLatency(Plan.Origin row) {
    if (row.addedLatencyMs() == null) {
      return "unknown";
    }
    return (row.latencyEstimated() ? "~" : "") + Figures.tenths(row.addedLatencyMs());
  }

  private String latencyLimit(Origin origin) {
    Double limit =
        origin.maxAddedLatencyMs() != null
            ? origin.maxAddedLatencyMs()
            : problem.policy().maxAddedLatencyMs();
    return limit == null ? Figures.NONE : Figures.tenths(limit);
  }

  private static long nodes(Plan plan) {
    return plan.leases().stream().mapToLong(Lease::nodes).sum();
  }

  private static double share(double part, double whole) {
    return whole == 0 ? 0 : part / whole;
  }
}
