package org.moesaic.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.moesaic.problem.Weights;

class RoutingWeightsTest {
  private static final ModelShape MODEL =
      Catalog.builtIn().models().stream()
          .filter(m -> m.name().equals("deepseek-v3"))
          .findFirst()
          .orElseThrow();

  @Test
  void hasTheShapeOfTheModel() {
    Weights weights = weights(0.5, 0.3, 1, "a");

    assertThat(weights.layers()).isEqualTo(58);
    assertThat(weights.experts()).isEqualTo(256);
  }

  @Test
  void layersSumToAMillionCallsUpToRounding() {
    Weights weights = weights(0.5, 0.3, 1, "a");

    for (int l = 0; l < weights.layers(); l++) {
      assertThat(Arrays.stream(weights.row(l)).sum()).isCloseTo(1e6, within(128.0));
    }
  }

  @Test
  void withoutSkewAllExpertsAreAlike() {
    assertThat(weights(0, 0.3, 1, "a").row(0)).containsOnly(3906);
  }

  @Test
  void theBusiestExpertIsBusierTheMoreSkewThereIs() {
    double last = 0;
    for (double skew = 0; skew <= 2; skew += 0.25) {
      double busiest = Arrays.stream(weights(skew, 0, 1, "a").row(7)).max().orElseThrow();
      assertThat(busiest).isGreaterThan(last);
      last = busiest;
    }
  }

  @Test
  void aSkewOfOneHalfIsLikeARecordedModel() {
    double busiest = Arrays.stream(weights(0.5, 0, 1, "a").row(0)).max().orElseThrow();

    assertThat(busiest * 256 / 1e6).isCloseTo(8.4, within(0.05));
  }

  @Test
  void originsDifferMoreTheMoreTheySpecialise() {
    double last = -1;
    for (double specialisation : new double[] {0, 0.25, 0.5, 0.75, 1}) {
      Weights a = weights(0.5, specialisation, 1, "a");
      Weights b = weights(0.5, specialisation, 1, "b");
      double difference = 0;
      for (int l = 0; l < a.layers(); l++) {
        for (int e = 0; e < a.experts(); e++) {
          difference += Math.abs(a.get(l, e) - b.get(l, e));
        }
      }
      assertThat(difference).isGreaterThan(last);
      last = difference;
    }
    assertThat(weights(0.5, 0, 1, "a")).isEqualTo(weights(0.5, 0, 1, "b"));
  }

  @Test
  void layersHaveFavouritesOfTheirOwn() {
    Weights weights = weights(0.5, 0, 1, "a");

    assertThat(weights.row(0)).isNotEqualTo(weights.row(1));
  }

  @Test
  void theSeedDecides() {
    assertThat(weights(0.5, 0.3, 1, "a")).isEqualTo(weights(0.5, 0.3, 1, "a"));
    assertThat(weights(0.5, 0.3, 1, "a")).isNotEqualTo(weights(0.5, 0.3, 2, "a"));
  }

  private static Weights weights(double skew, double specialisation, long seed, String origin) {
    return new RoutingWeights(MODEL, skew, specialisation, seed).of(origin);
  }
}
