package org.moesaic.report;

import static com.github.freva.asciitable.HorizontalAlign.LEFT;
import static com.github.freva.asciitable.HorizontalAlign.RIGHT;
import static org.moesaic.report.Tables.column;

import com.github.freva.asciitable.ColumnData;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan.Lease;
import org.moesaic.plan.Plan.Utilization;
import org.moesaic.problem.Offer;

/**
 * The leases of a plan and their total. GPUs = nodes * {@code acceleratorsPerNode}; of an offer
 * that does not say it they are not known, and neither is the total. Where no offer says it, there
 * are no columns about them. USD per GPU-hour = USD per hour / GPUs; so the total's is the mean
 * over all GPUs.
 */
final class LeasesTable {
  private final List<Row> rows = new ArrayList<>();
  private final Row total;

  /**
   * A row.
   *
   * @param offer null for the total
   * @param gpus null if not known
   * @param use null for the total
   */
  private record Row(
      @Nullable Offer offer,
      long nodes,
      @Nullable Long gpus,
      double usdPerHour,
      @Nullable Utilization use) {

    String ofOffer(Function<Offer, @Nullable Object> figure) {
      return offer == null ? "" : Texts.shown(Figures.orNone(figure.apply(offer)));
    }

    String percent(Function<Utilization, Double> share) {
      return use == null ? "" : Figures.percent(share.apply(use));
    }

    String usdPerGpuHour() {
      return gpus == null || gpus == 0 ? Figures.NONE : Figures.money(usdPerHour / gpus);
    }
  }

  LeasesTable(List<Lease> leases, Function<Lease, Offer> offerOf) {
    for (Lease lease : leases) {
      Offer offer = offerOf.apply(lease);
      Integer each = offer.acceleratorsPerNode();
      rows.add(
          new Row(
              offer,
              lease.nodes(),
              each == null ? null : (long) lease.nodes() * each,
              lease.usdPerHour(),
              lease.utilization()));
    }
    List<Long> gpus = rows.stream().map(Row::gpus).filter(Objects::nonNull).toList();
    total =
        new Row(
            null,
            rows.stream().mapToLong(Row::nodes).sum(),
            gpus.size() < rows.size() ? null : gpus.stream().mapToLong(Long::longValue).sum(),
            rows.stream().mapToDouble(Row::usdPerHour).sum(),
            null);
  }

  /** Such as {@code 1,031 nodes (8,248 GPUs)}; without GPUs where those of some are not known. */
  String size() {
    String nodes = Figures.counted(total.nodes(), "node");
    return total.gpus() == null || rows.isEmpty()
        ? nodes
        : "%s (%s)".formatted(nodes, Figures.counted(total.gpus(), "GPU"));
  }

  /** The lines, that of the total last. */
  String table() {
    List<ColumnData<Row>> columns = new ArrayList<>();
    columns.add(
        column("offer", LEFT, row -> row.offer() == null ? "total" : row.ofOffer(Offer::id)));
    columns.add(
        column("site", LEFT, row -> row.ofOffer(offer -> offer.provider() + "/" + offer.region())));
    columns.add(column("accelerator", LEFT, row -> row.ofOffer(Offer::accelerator)));
    columns.add(column("nodes", RIGHT, row -> Figures.count(row.nodes())));
    columns.add(column("of", RIGHT, row -> row.ofOffer(Offer::maxNodes)));
    if (rows.stream().anyMatch(row -> row.gpus() != null)) {
      columns.add(
          column(
              "GPUs", RIGHT, row -> row.gpus() == null ? Figures.NONE : Figures.count(row.gpus())));
      columns.add(column("USD/GPU-h", RIGHT, Row::usdPerGpuHour));
    }
    columns.add(column("USD/h", RIGHT, row -> Figures.money(row.usdPerHour())));
    columns.add(column("memory", RIGHT, row -> row.percent(Utilization::memory)));
    columns.add(column("compute", RIGHT, row -> row.percent(Utilization::compute)));
    columns.add(column("network", RIGHT, row -> row.percent(Utilization::network)));
    List<Row> all = new ArrayList<>(rows);
    all.add(total);
    return Tables.table(all, columns);
  }
}
