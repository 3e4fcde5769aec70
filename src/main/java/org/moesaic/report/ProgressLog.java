package org.moesaic.report;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.moesaic.solve.Progress;
import org.moesaic.solve.Progress.Ending;

/**
 * Prints the progress of a planner, a line for each plan or bound that shows in what is printed,
 * and one every few seconds without any. A long run prints ever more rarely: at least a tenth of
 * the time so far passes between two lines, so that a minute takes some 40 lines at most. Of the
 * changes in between, the last is printed. {@code by} says who found what is new.
 *
 * <p>Without times, a line is printed whenever the planner's threads meet and something has
 * changed, and nothing that differs from run to run is printed.
 *
 * <p>Not for several planners at a time.
 */
public final class ProgressLog implements Consumer<Progress> {
  private static final String ROW = "%9s  %16s  %16s  %7s  %7s  %9s  %s";
  private static final String TIMELESS_ROW = "%16s  %16s  %7s  %7s  %s";
  private static final int ROWS_PER_HEADER = 20;

  /** Time without a line, after which one says that the search goes on. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private static final int LINES_PER_TENFOLD = 10;

  private final PrintWriter out;
  private final Ink ink;
  private final boolean timeless;
  private int rows;
  private Duration printedAt = Duration.ZERO;
  private String printed = "";
  private double movesPerSecond;
  private boolean pending;
  private Duration changedAt = Duration.ZERO;
  private @Nullable Double usdPerHour;
  private boolean keepsRules;
  private long nodes;
  private @Nullable Double boundUsdPerHour;
  private String by = "";
  private @Nullable Ending ending;

  /** Logs to a writer, with times. */
  public ProgressLog(PrintWriter out, Ink ink) {
    this(out, ink, false);
  }

  /**
   * Logs to a writer.
   *
   * @param timeless whether to leave out whatever differs between runs of the same problem, seed,
   *     steps and threads
   */
  public ProgressLog(PrintWriter out, Ink ink, boolean timeless) {
    this.out = out;
    this.ink = ink;
    this.timeless = timeless;
  }

  /** Why the planner ended; null while it has not. */
  public @Nullable Ending ending() {
    return ending;
  }

  @Override
  public void accept(Progress progress) {
    switch (progress) {
      case Progress.Started started -> print(started);
      case Progress.Note note -> print(note);
      case Progress.Ended ended -> ending = ended.ending();
      case Progress.RoundEnded round -> {
        if (timeless) {
          by = round.usdPerHour() == orNaN(usdPerHour) ? "bound" : round.by();
          show(round.usdPerHour(), round.keepsRules(), round.nodes());
          boundUsdPerHour = round.boundUsdPerHour();
          changed(round.elapsed());
        }
      }
      case Progress.Improved improved -> {
        if (!timeless) {
          by = improved.by();
          show(improved.usdPerHour(), improved.keepsRules(), improved.nodes());
          changed(improved.elapsed());
        }
      }
      case Progress.Bounded bounded -> {
        if (!timeless) {
          by = bounded.by();
          boundUsdPerHour = bounded.usdPerHour();
          if (usdPerHour != null) {
            changed(bounded.elapsed());
          }
        }
      }
      case Progress.Working working -> {
        movesPerSecond = working.movesPerSecond();
        if (!timeless) {
          working(working);
        }
      }
    }
  }

  private static double orNaN(@Nullable Double value) {
    return value == null ? Double.NaN : value;
  }

  private void show(double usdPerHour, boolean keepsRules, long nodes) {
    this.usdPerHour = usdPerHour;
    this.keepsRules = keepsRules;
    this.nodes = nodes;
  }

  private void changed(Duration now) {
    pending = true;
    changedAt = now;
    printPending(now);
  }

  private void working(Progress.Working working) {
    printPending(working.elapsed());
    if (sincePrinted(working.elapsed()).compareTo(SILENCE) >= 0 && mayPrint(working.elapsed())) {
      by = "";
      show(working.usdPerHour(), working.keepsRules(), working.nodes());
      print(working.elapsed());
    }
  }

  /** Prints the last change, if it was held back. Call it once the planner is done. */
  public void finish() {
    if (pending) {
      printChange();
    }
    out.flush();
  }

  private void print(Progress.Started started) {
    out.printf(
        "%s, %s at %s, %s%n",
        Figures.counted(started.shards(), "shard"),
        Figures.counted(started.offers(), "offer"),
        Figures.counted(started.sites(), "site"),
        Figures.counted(started.origins(), "origin"));
  }

  private void print(Progress.Note note) {
    out.println(note.text());
    out.flush();
  }

  private void printPending(Duration now) {
    if (pending && mayPrint(now)) {
      printChange();
    }
  }

  private boolean mayPrint(Duration now) {
    return timeless
        || rows == 0
        || sincePrinted(now).multipliedBy(LINES_PER_TENFOLD).compareTo(now) >= 0;
  }

  private Duration sincePrinted(Duration now) {
    return now.minus(printedAt);
  }

  private void printChange() {
    pending = false;
    if (!shown().equals(printed)) {
      print(changedAt);
    }
  }

  private void print(Duration elapsed) {
    if (rows++ % ROWS_PER_HEADER == 0) {
      out.println(ink.heading(row("time", "incumbent", "bound", "gap", "nodes", "moves/s", "by")));
    }
    printedAt = elapsed;
    printed = shown();
    String finder = (by + (keepsRules || usdPerHour == null ? "" : " (breaks rules)")).strip();
    out.println(
        row(
                Figures.seconds(elapsed),
                usdPerHour == null ? Figures.NONE : Figures.money(usdPerHour),
                boundUsdPerHour == null ? Figures.NONE : Figures.money(boundUsdPerHour),
                gap(),
                Figures.count(nodes),
                movesPerSecond < 1 ? Figures.NONE : Figures.rounded(movesPerSecond),
                finder)
            .stripTrailing());
    out.flush();
  }

  private String row(
      String time,
      String incumbent,
      String bound,
      String gap,
      String nodes,
      String moves,
      String by) {
    return timeless
        ? String.format(Locale.ROOT, TIMELESS_ROW, incumbent, bound, gap, nodes, by)
        : String.format(Locale.ROOT, ROW, time, incumbent, bound, gap, nodes, moves, by);
  }

  private String gap() {
    if (usdPerHour == null || boundUsdPerHour == null || !keepsRules || usdPerHour <= 0) {
      return Figures.NONE;
    }
    return Figures.gap(Math.max(0, (usdPerHour - boundUsdPerHour) / usdPerHour));
  }

  /** What a line says: nothing is new if this is not. */
  private String shown() {
    return (usdPerHour == null ? "" : Figures.money(usdPerHour))
        + keepsRules
        + (boundUsdPerHour == null ? "" : Figures.money(boundUsdPerHour));
  }
}
