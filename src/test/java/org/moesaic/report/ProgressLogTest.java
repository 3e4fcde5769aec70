package org.moesaic.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.moesaic.solve.Progress;

class ProgressLogTest {
  private final StringWriter text = new StringWriter();
  private final ProgressLog log = new ProgressLog(new PrintWriter(text), Ink.PLAIN);

  private void improved(double seconds, double usdPerHour, boolean keepsRules, String by) {
    log.accept(new Progress.Improved(elapsed(seconds), usdPerHour, keepsRules, 31, by));
  }

  private void working(double seconds, double usdPerHour) {
    log.accept(new Progress.Working(elapsed(seconds), usdPerHour, true, 31, 41_234));
  }

  private static Duration elapsed(double seconds) {
    return Duration.ofMillis(Math.round(1000 * seconds));
  }

  private List<String> lines() {
    return text.toString().lines().toList();
  }

  @Test
  void columns() {
    log.accept(new Progress.Started(Duration.ZERO, 14_848, 24, 1, 6));
    improved(0.25, 14_000, false, "start");
    working(1, 14_000);
    improved(2, 13_705.6, true, "search-1");
    working(7.5, 13_705.6);
    log.finish();

    assertThat(text.toString())
        .isEqualToNormalizingNewlines(
            """
            14,848 shards, 24 offers at 1 site, 6 origins
                 time         incumbent             bound      gap    nodes    moves/s  by
                0.3 s         14,000.00                 -        -       31          -  start (breaks rules)
                2.0 s         13,705.60                 -        -       31     41.2 k  search-1
                7.5 s         13,705.60                 -        -       31     41.2 k
            """);
  }

  private void bounded(double seconds, double usdPerHour) {
    log.accept(new Progress.Bounded(elapsed(seconds), usdPerHour, null, "bound"));
  }

  @Test
  void boundsAndGapsAndWhoFoundThem() {
    bounded(0.1, 10_000);
    improved(0.25, 12_500, false, "start");
    improved(1, 13_000, true, "search-1");
    bounded(2, 12_000);
    bounded(3, 12_000.001);
    log.accept(new Progress.Note(elapsed(4), "A note."));
    improved(5, 12_500, true, "bound");
    log.accept(new Progress.Ended(elapsed(6), Progress.Ending.TIME));
    log.finish();

    assertThat(text.toString())
        .isEqualToNormalizingNewlines(
            """
                 time         incumbent             bound      gap    nodes    moves/s  by
                0.3 s         12,500.00         10,000.00        -       31          -  start (breaks rules)
                1.0 s         13,000.00         10,000.00   23.08%       31          -  search-1
                2.0 s         13,000.00         12,000.00    7.69%       31          -  bound
            A note.
                5.0 s         12,500.00         12,000.00    4.00%       31          -  bound
            """);
    assertThat(log.ending()).isEqualTo(Progress.Ending.TIME);
  }

  @Test
  void withoutTimesOnlyWhatTheThreadsAgreeOnIsPrinted() {
    ProgressLog timeless = new ProgressLog(new PrintWriter(text), Ink.PLAIN, true);
    timeless.accept(new Progress.Improved(elapsed(1), 100, true, 3, "search-2"));
    timeless.accept(new Progress.Bounded(elapsed(2), 90, 0.1, "bound"));
    timeless.accept(new Progress.RoundEnded(elapsed(3), 99, true, 3, 90.0, 0.0909, "search-1"));
    timeless.accept(new Progress.Working(elapsed(30), 99, true, 3, 41_234));
    timeless.accept(new Progress.RoundEnded(elapsed(40), 99, true, 3, 90.0, 0.0909, "search-1"));
    timeless.accept(new Progress.RoundEnded(elapsed(50), 99, true, 3, 94.5, 0.0455, "search-1"));
    timeless.finish();

    assertThat(text.toString())
        .isEqualToNormalizingNewlines(
            """
                   incumbent             bound      gap    nodes  by
                       99.00             90.00    9.09%        3  search-1
                       99.00             94.50    4.55%        3  bound
            """);
  }

  @Test
  void headerEveryTwentyRows() {
    for (int i = 0; i < 41; i++) {
      improved(Math.pow(2, i), 1000 - i, true, "search-1");
    }

    assertThat(lines()).hasSize(44);
    assertThat(List.of(lines().get(0), lines().get(21), lines().get(42)))
        .allMatch(line -> line.strip().startsWith("time"));
  }

  @Test
  void aMinuteOfConstantImprovementTakesSomeFortyLines() {
    for (int i = 1; i <= 240; i++) {
      improved(i * 0.25, 10_000 - i, true, "search-1");
    }
    log.finish();

    assertThat(lines()).hasSizeBetween(30, 50);
    assertThat(lines().getLast()).contains("60.0 s", "9,760.00");
  }

  @Test
  void aMinuteWithoutImprovementTakesTwelveLines() {
    improved(0.1, 100, true, "start");
    for (int i = 1; i <= 60; i++) {
      working(i + 0.1, 100);
    }

    assertThat(lines()).hasSizeBetween(12, 14);
  }

  @Test
  void improvementsThatDoNotShowAreNotPrinted() {
    improved(1, 100.001, true, "start");
    improved(2, 100.0009, true, "search-1");
    log.finish();

    assertThat(lines()).hasSize(2);
  }

  @Test
  void whatIsHeldBackComesWithTheNextTickOrAtTheEnd() {
    improved(40, 100, true, "start");
    improved(41, 99, true, "search-1");
    assertThat(text.toString()).doesNotContain("99.00");
    working(45, 99);
    assertThat(lines().getLast()).contains("41.0 s", "99.00", "search-1");
    improved(46, 98, true, "search-2");
    log.finish();
    assertThat(lines().getLast()).contains("46.0 s", "98.00", "search-2");
  }

  @Test
  void keepingTheRulesIsAnImprovementAtAnyCost() {
    improved(1, 100, false, "start");
    improved(2, 100, true, "search-1");

    assertThat(lines()).hasSize(3);
  }
}
