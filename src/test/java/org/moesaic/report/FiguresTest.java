package org.moesaic.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0.00",
    "5.678, 5.68",
    "9.996, 10.0",
    "99.96, 100",
    "999.4, 999",
    "999.6, 1.00 k",
    "80_215, 80.2 k",
    "10_005_088, 10.0 M",
    "999_600_000, 1.00 G",
    "1e18, 1000000 T"
  })
  void threeDigitsAndAPrefix(String figure, String rounded) {
    assertThat(Figures.rounded(Double.parseDouble(figure.replace("_", "")))).isEqualTo(rounded);
  }

  @Test
  void bytesHaveTheirUnit() {
    assertThat(Figures.bytes(0)).isEqualTo("0.00 B");
    assertThat(Figures.bytes(9e9)).isEqualTo("9.00 GB");
  }

  @Test
  void countsSayWhatIsCounted() {
    assertThat(Figures.counted(1, "node")).isEqualTo("1 node");
    assertThat(Figures.counted(0, "node")).isEqualTo("0 nodes");
    assertThat(Figures.counted(14_848, "shard")).isEqualTo("14,848 shards");
  }

  @Test
  void othersHaveFixedDigits() {
    assertThat(Figures.money(13_705.6)).isEqualTo("13,705.60");
    assertThat(Figures.percent(0.244)).isEqualTo("24%");
    assertThat(Figures.gap(0.00344)).isEqualTo("0.34%");
    assertThat(Figures.seconds(Duration.ofMillis(59_960))).isEqualTo("60.0 s");
  }
}
