package org.moesaic.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.moesaic.problem.Weights;

/** Loads that others recorded, against figures that were taken from them by other means. */
class RecordedLoadsReadTest {
  @ParameterizedTest
  @CsvSource({
    "prefill_in4096, 8.12",
    "decode_in2000out100, 6.07",
    "decode_in1000out1000, 5.56",
  })
  void meanSkewOfDeepSeekR1(String name, double meanOfMaxPerMean) {
    Path folder = org.moesaic.benchmark.Recordings.folder("routing/deepseek-r1");
    assumeTrue(folder != null, "The recorded loads are not here, so this is skipped.");

    Weights loads = Recordings.loads(folder.resolve(name + ".json"));
    assertThat(loads.layers()).isEqualTo(61);
    assertThat(loads.experts()).isEqualTo(256);
    double sum = 0;
    for (int layer = 0; layer < 61; layer++) {
      double[] row = loads.row(layer);
      double all = Arrays.stream(row).sum();
      if (layer < 3) {
        assertThat(all).isZero(); // dense layers
      } else {
        sum += Arrays.stream(row).max().orElseThrow() / (all / 256);
      }
    }
    assertThat(sum / 58).isCloseTo(meanOfMaxPerMean, within(0.005));
  }
}
