package org.moesaic.report;

import static com.github.freva.asciitable.HorizontalAlign.LEFT;
import static com.github.freva.asciitable.HorizontalAlign.RIGHT;
import static org.moesaic.report.Tables.column;

import com.github.freva.asciitable.ColumnData;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.moesaic.diff.PlanDiff;
import org.moesaic.diff.PlanDiff.Held;
import org.moesaic.diff.PlanDiff.Lease;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan;
import org.moesaic.plan.Plan.Cost;

/**
 * What is between two plans, for people: tables of leases, of what comes and goes, and of cost,
 * what is served elsewhere, rules newly broken or kept, and one last line that sums it up.
 */
public final class DiffReport {
  private static final int MOST_RULES = 20;

  private final PlanDiff diff;
  private final Ink ink;

  private DiffReport(PlanDiff diff, Ink ink) {
    this.diff = diff;
    this.ink = ink;
  }

  /** All of it; the last line ends with a line break too. */
  public static String text(PlanDiff diff, Ink ink) {
    return new DiffReport(diff, ink).text();
  }

  /**
   * One line such as {@code 3 offers to add, 1 to change, 2 to release; 412 replicas (18.2 TB) to
   * move; 5,560.05 → 5,102.77 USD/h (-8.2 %)}.
   */
  public static String summary(PlanDiff diff) {
    long add = diff.leases().stream().filter(lease -> lease.nodesBefore() == 0).count();
    long release = diff.leases().stream().filter(lease -> lease.nodesAfter() == 0).count();
    long change = diff.leases().size() - add - release;
    String layers =
        diff.layersCome() == 0 ? "" : " and " + Figures.counted(diff.layersCome(), "dense layer");
    return "%s to add, %s to change, %s to release; %s%s (%s) to move; %s → %s USD/h (%s)"
        .formatted(
            Figures.counted(add, "offer"),
            Figures.count(change),
            Figures.count(release),
            Figures.counted(diff.replicasCome(), "replica"),
            layers,
            Figures.bytes(diff.gbCome() * 1e9),
            Figures.money(diff.before().usdPerHour()),
            Figures.money(diff.after().usdPerHour()),
            percent(diff.before().usdPerHour(), diff.after().usdPerHour()));
  }

  private static String percent(double before, double after) {
    if (before == after) {
      return "no change";
    }
    return before == 0
        ? "from nothing"
        : String.format(Locale.ROOT, "%+.1f %%", 100 * (after / before - 1));
  }

  private String text() {
    var text = new StringBuilder();
    section(text, "Leases", leases());
    section(text, "Replicas and dense layers", held());
    section(text, "Served elsewhere", moved());
    section(text, "Cost", cost());
    section(text, "Rules newly broken", rules(diff.broken()));
    section(text, "Rules broken by both", rules(diff.stillBroken()));
    section(text, "Rules kept again", rules(diff.mended()));
    String summary = summary(diff);
    text.append(diff.broken().isEmpty() ? ink.good(summary) : ink.bad(summary)).append('\n');
    return text.toString();
  }

  private void section(StringBuilder text, String heading, String body) {
    if (!body.isEmpty()) {
      text.append(ink.heading(heading)).append('\n').append(body).append('\n');
    }
  }

  private String leases() {
    if (diff.leases().isEmpty()) {
      return "";
    }
    List<ColumnData<Lease>> columns = new ArrayList<>();
    columns.add(column("", LEFT, DiffReport::sign));
    columns.add(column("offer", LEFT, lease -> Texts.shown(lease.offer())));
    columns.add(column("nodes", RIGHT, lease -> Figures.count(lease.nodesBefore())));
    columns.add(column("now", RIGHT, lease -> Figures.count(lease.nodesAfter())));
    columns.add(column("USD/h", RIGHT, lease -> Figures.money(lease.usdPerHourBefore())));
    columns.add(column("now", RIGHT, lease -> Figures.money(lease.usdPerHourAfter())));
    columns.add(
        column(
            "change", RIGHT, lease -> signed(lease.usdPerHourAfter() - lease.usdPerHourBefore())));
    return Tables.table(diff.leases(), columns);
  }

  private static String sign(Lease lease) {
    return lease.nodesBefore() == 0 ? "+" : lease.nodesAfter() == 0 ? "-" : "~";
  }

  private static String signed(double usd) {
    String money = Figures.money(Math.abs(usd));
    // What rounds to nothing has no sign.
    return money.equals(Figures.money(0)) ? money : (usd < 0 ? "-" : "+") + money;
  }

  private String held() {
    if (diff.held().isEmpty()) {
      return "";
    }
    List<ColumnData<Held>> columns = new ArrayList<>();
    columns.add(column("offer", LEFT, held -> Texts.shown(held.offer())));
    columns.add(column("come", RIGHT, held -> Figures.count(held.replicasCome())));
    if (diff.held().stream().anyMatch(held -> held.layersCome() + held.layersGo() > 0)) {
      columns.add(column("layers", RIGHT, held -> Figures.count(held.layersCome())));
    }
    columns.add(column("bytes", RIGHT, held -> Figures.bytes(held.gbCome() * 1e9)));
    columns.add(column("go", RIGHT, held -> Figures.count(held.replicasGo())));
    if (diff.held().stream().anyMatch(held -> held.layersCome() + held.layersGo() > 0)) {
      columns.add(column("layers", RIGHT, held -> Figures.count(held.layersGo())));
    }
    columns.add(column("bytes", RIGHT, held -> Figures.bytes(held.gbGo() * 1e9)));
    return Tables.table(diff.held(), columns);
  }

  private String moved() {
    if (diff.callsMoved() == 0 && diff.hostingMoved() == 0) {
      return "";
    }
    var lines = new StringBuilder();
    lines.append(" %s of the calls\n".formatted(Figures.gap(diff.callsMoved())));
    if (diff.hostingMoved() > 0) {
      lines.append(
          " %s of the tokens through dense layers\n".formatted(Figures.gap(diff.hostingMoved())));
    }
    return lines.toString();
  }

  /** A part of the cost, before and after. */
  private record Part(String name, double before, double after) {}

  private String cost() {
    Cost before = diff.before();
    Cost after = diff.after();
    List<Part> parts =
        List.of(
            new Part("lease", before.leaseUsdPerHour(), after.leaseUsdPerHour()),
            new Part("egress", before.egressUsdPerHour(), after.egressUsdPerHour()),
            new Part("bandwidth", before.bandwidthUsdPerHour(), after.bandwidthUsdPerHour()),
            new Part("migration", before.migrationUsdPerHour(), after.migrationUsdPerHour()),
            new Part("total", before.usdPerHour(), after.usdPerHour()));
    return Tables.table(
        parts.stream()
            .filter(part -> part.before() > 0 || part.after() > 0 || part.name().equals("total"))
            .toList(),
        List.of(
            column("part", LEFT, Part::name),
            column("USD/h", RIGHT, part -> Figures.money(part.before())),
            column("now", RIGHT, part -> Figures.money(part.after())),
            column("change", RIGHT, part -> signed(part.after() - part.before()))));
  }

  private static String rules(List<Plan.Violation> violations) {
    var lines = new StringBuilder();
    violations.stream()
        .limit(MOST_RULES)
        .forEach(
            violation ->
                lines.append(
                    " %s: %s\n"
                        .formatted(
                            Texts.shown(violation.rule()), Texts.printable(violation.message()))));
    if (violations.size() > MOST_RULES) {
      lines.append(" and %d more\n".formatted(violations.size() - MOST_RULES));
    }
    return lines.toString();
  }
}
