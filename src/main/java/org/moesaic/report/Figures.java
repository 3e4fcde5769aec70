package org.moesaic.report;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Figures as people read them, the same in every locale. */
final class Figures {
  /** Stands for a figure that does not exist. */
  static final String NONE = "-";

  private static final String[] PREFIXES = {"", " k", " M", " G", " T"};

  private Figures() {}

  /** Money to the cent: {@code 13,705.60}. */
  static String money(double usd) {
    return format("%,.2f", usd);
  }

  /** A figure to three digits: {@code 10.0 M}. */
  static String rounded(double figure) {
    double mantissa = figure;
    int prefix = 0;
    // What would be shown as 1000 takes the next prefix.
    while (mantissa >= 999.5 && prefix < PREFIXES.length - 1) {
      mantissa /= 1000;
      prefix++;
    }
    int decimals = mantissa >= 99.95 ? 0 : mantissa >= 9.995 ? 1 : 2;
    return format("%." + decimals + "f", mantissa) + PREFIXES[prefix];
  }

  /** Bytes to three digits: {@code 1.50 GB}; 1 GB = 10^9 bytes. */
  static String bytes(double bytes) {
    String rounded = rounded(bytes);
    return rounded + (rounded.indexOf(' ') < 0 ? " B" : "B");
  }

  /** A share in percent: {@code 24%}. */
  static String percent(double share) {
    return format("%.0f%%", 100 * share);
  }

  /** A gap in percent, fine enough to see it close: {@code 0.34%}. */
  static String gap(double gap) {
    return format("%.2f%%", 100 * gap);
  }

  /** Seconds to a tenth: {@code 60.0 s}. */
  static String seconds(double seconds) {
    return format("%,.1f s", seconds);
  }

  /** Seconds to a tenth, since something began. */
  static String seconds(Duration elapsed) {
    return seconds(elapsed.toMillis() / 1e3);
  }

  /** A count: {@code 14,848}. */
  static String count(long count) {
    return format("%,d", count);
  }

  /** A figure to a tenth: {@code 132.4}. */
  static String tenths(double figure) {
    return format("%,.1f", figure);
  }

  /** A count with what is counted: {@code 1 node}, {@code 2 nodes}. */
  static String counted(long count, String what) {
    return count(count) + " " + what + (count == 1 ? "" : "s");
  }

  /** The figure as it is, or {@link #NONE}. */
  static String orNone(@Nullable Object figure) {
    return figure == null ? NONE : String.valueOf(figure);
  }

  private static String format(String format, Object figure) {
    return String.format(Locale.ROOT, format, figure);
  }
}
