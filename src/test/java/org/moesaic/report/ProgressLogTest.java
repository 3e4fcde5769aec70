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
