package org.moesaic.report;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.moesaic.solve.Progress;

/**
 * Prints the progress of a planner, a line for each improvement that shows in the printed cost, and
 * one every few seconds without any. A long run prints ever more rarely: at least a tenth of the
 * time so far passes between two lines, so that a minute takes some 40 lines at most. Of the
 * improvements in between, the last is printed.
 *
 * <p>Not for several planners at a time.
 */
public final class ProgressLog implements Consumer<Progress> {
  private static final String ROW = "%9s  %16s  %16s  %7s  %7s  %9s  %s";
  private static final int ROWS_PER_HEADER = 20;

  /** Time without a line, after which one says that the search goes on. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private static final int LINES_PER_TENFOLD = 10;

  private final PrintWriter out;
  private final Ink ink;
  private int rows;
  private Duration printedAt = Duration.ZERO;
  private String printedIncumbent = "";
  private double movesPerSecond;
  private Progress.@Nullable Improved pending;

  /** Logs to a writer. */
  public ProgressLog(PrintWriter out, Ink ink) {
    this.out = out;
    this.ink = ink;
  }

  @Override
  public void accept(Progress progress) {
    switch (progress) {
      case Progress.Started started -> print(started);
      case Progress.Bounded bounded -> {}
      case Progress.RoundEnded ended -> {}
      case Progress.Note note -> {}
      case Progress.Ended ended -> {}
      case Progress.Improved improved -> {
        pending = improved;
        printPending(improved.elapsed());
      }
      case Progress.Working working -> {
        movesPerSecond = working.movesPerSecond();
        printPending(working.elapsed());
        if (sincePrinted(working.elapsed()).compareTo(SILENCE) >= 0
            && mayPrint(working.elapsed())) {
          print(working.elapsed(), working.usdPerHour(), working.keepsRules(), working.nodes(), "");
        }
      }
    }
  }

  /** Prints the last improvement, if it was held back. Call it once the planner is done. */
  public void finish() {
    if (pending != null) {
      print(pending);
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

  private void printPending(Duration now) {
    if (pending != null && mayPrint(now)) {
      print(pending);
    }
  }

  private boolean mayPrint(Duration now) {
    return rows == 0 || sincePrinted(now).multipliedBy(LINES_PER_TENFOLD).compareTo(now) >= 0;
  }

  private Duration sincePrinted(Duration now) {
    return now.minus(printedAt);
  }

  private void print(Progress.Improved improved) {
    pending = null;
    if (!incumbent(improved.usdPerHour(), improved.keepsRules()).equals(printedIncumbent)) {
      print(
          improved.elapsed(),
          improved.usdPerHour(),
          improved.keepsRules(),
          improved.nodes(),
          improved.by());
    }
  }

  private void print(
      Duration elapsed, double usdPerHour, boolean keepsRules, long nodes, String by) {
    if (rows++ % ROWS_PER_HEADER == 0) {
      String header = ROW.formatted("time", "incumbent", "bound", "gap", "nodes", "moves/s", "by");
      out.println(ink.heading(header));
    }
    printedAt = elapsed;
    printedIncumbent = incumbent(usdPerHour, keepsRules);
    String row =
        String.format(
            Locale.ROOT,
            ROW,
            Figures.seconds(elapsed),
            Figures.money(usdPerHour),
            Figures.NONE,
            Figures.NONE,
            Figures.count(nodes),
            movesPerSecond < 1 ? Figures.NONE : Figures.rounded(movesPerSecond),
            (by + (keepsRules ? "" : " (breaks rules)")).strip());
    out.println(row.stripTrailing());
    out.flush();
  }

  /** What a line says of the incumbent: nothing is new if this is not. */
  private static String incumbent(double usdPerHour, boolean keepsRules) {
    return Figures.money(usdPerHour) + keepsRules;
  }
}
