package org.moesaic.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class WeightsTest {
  @Test
  void refusesWhatIsNoWeight() {
    for (double value :
        new double[] {
          Double.NaN, Double.POSITIVE_INFINITY, -Double.MIN_VALUE, 1.1e30, Double.MAX_VALUE
        }) {
      assertThatThrownBy(() -> Weights.of(new double[][] {{1, 2, 3}, {1, 2, value}}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The weight (%s) of layer (1) and expert (2) must be a number from 0 to 1e30.",
              value);
    }
  }

  @Test
  void takesEverythingElse() {
    Weights weights = Weights.of(new double[][] {{0, Double.MIN_VALUE, 1e30}});
    assertThat(weights.row(0)).containsExactly(0, Double.MIN_VALUE, 1e30);
  }

  @Test
  void rowsOfDifferentLengths() {
    assertThatThrownBy(() -> Weights.of(new double[][] {{1, 2}, {1}}))
        .hasMessage("The row (1) has 1 weights, but the row (0) has 2.");
  }
}
