package org.moesaic.solve.bound;

/**
 * A sum of doubles and of products of two, with limits that enclose the exact one.
 *
 * <p>Idea: what rounding takes from each sum and each product is itself a double, found by a few
 * more operations; these are summed beside. The result is as exact as one of twice the digits, and
 * what is still lost is bounded by the sum of the absolute terms. Complexity: some 20 operations a
 * term. Guarantee: {@link #down} is at most, {@link #up} at least the exact sum, for any terms;
 * where a term is not a number or too large, they are infinite. Source: Ogita, Rump and Oishi,
 * "Accurate sum and dot product", SIAM Journal on Scientific Computing 26 (2005), algorithm Dot2
 * and its error bound.
 */
final class SafeSum {
  /** Half the distance of 1 to the next double. */
  private static final double UNIT = 0x1p-53;

  private double high;
  private double low;
  private double size;
  private long terms;

  /** Begins anew at nothing. */
  void clear() {
    high = 0;
    low = 0;
    size = 0;
    terms = 0;
  }

  /** Adds a number. */
  void add(double term) {
    double sum = high + term;
    double part = sum - high;
    low += (high - (sum - part)) + (term - part);
    high = sum;
    size += Math.abs(term);
    terms++;
  }

  /** Adds the product of two numbers. */
  void add(double factor, double other) {
    if (factor == 0 || other == 0) {
      return;
    }
    double product = factor * other;
    add(product);
    low += Math.fma(factor, other, -product);
  }

  /** At most the exact sum; minus infinity if nothing is known. */
  double down() {
    double error = error();
    double sum = high + low;
    return error < Double.POSITIVE_INFINITY ? Math.nextDown(sum - error) : Double.NEGATIVE_INFINITY;
  }

  /** At least the exact sum; infinite if nothing is known. */
  double up() {
    double error = error();
    double sum = high + low;
    return error < Double.POSITIVE_INFINITY ? Math.nextUp(sum + error) : Double.POSITIVE_INFINITY;
  }

  /** What the sum is off by at most. */
  private double error() {
    double sum = high + low;
    if (!(size < Double.MAX_VALUE / 4) || Double.isNaN(sum)) {
      return Double.POSITIVE_INFINITY;
    }
    double ofTerms = (terms + 2) * UNIT;
    // Products that are too small for their rounding to be a double lose less than the last term.
    return 2 * UNIT * Math.abs(sum)
        + 4 * ofTerms * ofTerms * size
        + 4 * (terms + 1) * Double.MIN_NORMAL;
  }
}
