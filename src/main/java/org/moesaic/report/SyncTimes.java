package org.moesaic.report;

import static com.github.freva.asciitable.HorizontalAlign.LEFT;
import static com.github.freva.asciitable.HorizontalAlign.RIGHT;
import static org.moesaic.report.Tables.column;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan.Traffic;
import org.moesaic.problem.Model.Sync;

/**
 * How long a sync takes. With the seconds between two syncs = 3600 / {@code syncsPerHour}:
 *
 * <ul>
 *   <li>bytes per sync = bytes of sync per second * seconds between two syncs
 *   <li>seconds = bits per sync / usable bits per second, as if nothing else were on the way
 *   <li>share of the window = seconds / (seconds between two syncs * {@code window})
 * </ul>
 *
 * <p>The busiest way is the one with the largest share. No seconds are known where no link tells a
 * capacity; of those ways the largest is shown.
 */
final class SyncTimes {
  private static final double SECONDS_PER_HOUR = 3600;
  private static final double BITS_PER_GBIT = 1e9;

  private final Sync sync;
  private final double secondsBetween;
  private final List<Row> rows = new ArrayList<>();

  private record Row(Traffic way, @Nullable Double usableGbps) {
    boolean limited() {
      return usableGbps != null;
    }
  }

  /**
   * Of the ways that carry sync.
   *
   * @param usableGbps null where none is known
   */
  SyncTimes(Sync sync, List<Traffic> traffic, Function<Traffic, @Nullable Double> usableGbps) {
    this.sync = sync;
    secondsBetween = SECONDS_PER_HOUR / sync.syncsPerHour();
    List<Row> ways =
        traffic.stream()
            .filter(way -> way.syncGbps() > 0)
            .map(way -> new Row(way, usableGbps.apply(way)))
            .toList();
    ways.stream()
        .filter(Row::limited)
        .max(Comparator.comparingDouble(this::seconds))
        .ifPresent(rows::add);
    ways.stream()
        .filter(row -> !row.limited())
        .max(Comparator.comparingDouble(row -> row.way().syncGbps()))
        .ifPresent(rows::add);
  }

  /** Whether anything is kept in step between sites. */
  boolean any() {
    return !rows.isEmpty();
  }

  String heading() {
    return "Sync: %s per hour, each to be through within %s"
        .formatted(
            Texts.number(sync.syncsPerHour()), Figures.seconds(secondsBetween * sync.window()));
  }

  /** One or two rows. */
  String table() {
    return Tables.table(
        rows,
        List.of(
            column("way", LEFT, row -> row.limited() ? "busiest" : "largest without limit"),
            column("from", LEFT, row -> Texts.shown(row.way().from())),
            column("to", LEFT, row -> Texts.shown(row.way().to())),
            column("per sync", RIGHT, row -> Figures.bytes(gbits(row) * BITS_PER_GBIT / 8)),
            column(
                "usable Gbit/s",
                RIGHT,
                row -> row.usableGbps() == null ? Figures.NONE : Figures.tenths(row.usableGbps())),
            column("takes", RIGHT, this::takes),
            column("of window", RIGHT, this::share)));
  }

  private double gbits(Row row) {
    return row.way().syncGbps() * secondsBetween;
  }

  /** Infinite without any capacity, NaN if none is known. */
  private double seconds(Row row) {
    return row.usableGbps() == null ? Double.NaN : gbits(row) / row.usableGbps();
  }

  private String takes(Row row) {
    double seconds = seconds(row);
    return Double.isNaN(seconds)
        ? Figures.NONE
        : Double.isInfinite(seconds) ? "for ever" : Figures.seconds(seconds);
  }

  private String share(Row row) {
    double share = seconds(row) / (secondsBetween * sync.window());
    return Double.isFinite(share) ? Figures.percent(share) : Figures.NONE;
  }
}
