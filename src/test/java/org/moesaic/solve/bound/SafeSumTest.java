package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Sums against exact ones. */
class SafeSumTest {
  @Test
  void limitsEncloseTheExactSumAndAreClose() {
    for (long seed = 0; seed < 2_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      var sum = new SafeSum();
      BigDecimal exact = BigDecimal.ZERO;
      BigDecimal size = BigDecimal.ZERO;
      double last = 0;
      int terms = 1 + random.nextInt(40);
      for (int k = 0; k < terms; k++) {
        double a = number(random);
        double b = number(random);
        switch (random.nextInt(3)) {
          case 0 -> {
            sum.add(a);
            b = 1;
          }
          case 1 -> sum.add(a, b);
          default -> {
            // Most of the sum is gone again.
            a = -last;
            b = 1;
            sum.add(a);
          }
        }
        last = a;
        BigDecimal term = new BigDecimal(a).multiply(new BigDecimal(b));
        exact = exact.add(term);
        size = size.add(term.abs());
      }
      assertThat(new BigDecimal(sum.down())).as("seed %d", seed).isLessThanOrEqualTo(exact);
      assertThat(new BigDecimal(sum.up())).as("seed %d", seed).isGreaterThanOrEqualTo(exact);
      BigDecimal wide = new BigDecimal(sum.up()).subtract(new BigDecimal(sum.down()));
      assertThat(wide)
          .as("seed %d", seed)
          .isLessThanOrEqualTo(
              exact
                  .abs()
                  .multiply(new BigDecimal(Math.scalb(1.0, -50)))
                  .add(size.multiply(new BigDecimal(Math.scalb(1.0, -90))))
                  .add(BigDecimal.valueOf(1e-300)));
    }
  }

  /** Of either sign and any size, whole ones among them. */
  private static double number(SplittableRandom random) {
    double mantissa = random.nextBoolean() ? random.nextInt(1, 10) : random.nextDouble(1, 10);
    return (random.nextBoolean() ? 1 : -1) * mantissa * Math.pow(10, random.nextInt(-60, 60));
  }

  @Test
  void nothingIsKnownOfWhatIsNotANumberOrTooLarge() {
    double[][] hostile = {
      {Double.NaN}, {Double.POSITIVE_INFINITY}, {1e308, 1e308}, {1e308, -1e308, 1e308}
    };
    for (double[] terms : hostile) {
      var sum = new SafeSum();
      for (double term : terms) {
        sum.add(term);
      }
      assertThat(sum.down()).isEqualTo(Double.NEGATIVE_INFINITY);
      assertThat(sum.up()).isEqualTo(Double.POSITIVE_INFINITY);
    }
    var product = new SafeSum();
    product.add(1e200, 1e200);
    assertThat(product.down()).isEqualTo(Double.NEGATIVE_INFINITY);
  }
}
