package org.moesaic.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a time as people write it: {@code 60}, {@code 60s}, {@code 5m}, {@code 1.5h}. */
final class TimeConverter implements ITypeConverter<Duration> {
  /** Digits are few, so that no number is slow to read. */
  private static final Pattern TIME = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)([smh]?)");

  private static final Duration MOST = Duration.ofDays(365);

  @Override
  public Duration convert(String text) {
    Matcher matcher = TIME.matcher(text);
    if (!matcher.matches()) {
      throw wrong(text, "must be a number of seconds, or a number with s, m or h");
    }
    long nanosPerUnit =
        switch (matcher.group(2)) {
          case "m" -> Duration.ofMinutes(1).toNanos();
          case "h" -> Duration.ofHours(1).toNanos();
          default -> Duration.ofSeconds(1).toNanos();
        };
    BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(nanosPerUnit));
    if (nanos.signum() == 0) {
      throw wrong(text, "must be more than 0");
    }
    if (nanos.compareTo(BigDecimal.valueOf(MOST.toNanos())) > 0) {
      throw wrong(text, "must be a year (8760h) at most");
    }
    // What is less than a nanosecond is one.
    return Duration.ofNanos(Math.max(1, nanos.longValue()));
  }

  private static TypeConversionException wrong(String text, String rule) {
    return new TypeConversionException(
        "The time (%s) %s.%nMaybe write 60s, 5m or 1h.".formatted(text, rule));
  }
}
