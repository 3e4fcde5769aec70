package org.moesaic.cli;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a gap as people write it: {@code 1%}, {@code 0.5%}, {@code 0.01}. */
final class GapConverter implements ITypeConverter<Double> {
  /** Digits are few, so that no number is slow to read. */
  private static final Pattern GAP = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(%?)");

  @Override
  public Double convert(String text) {
    Matcher matcher = GAP.matcher(text);
    if (!matcher.matches()) {
      throw wrong(text, "must be a share such as 0.01, or a percentage such as 1%");
    }
    BigDecimal gap = new BigDecimal(matcher.group(1));
    if (!matcher.group(2).isEmpty()) {
      gap = gap.movePointLeft(2);
    }
    if (gap.compareTo(BigDecimal.ONE) >= 0) {
      throw wrong(text, "must be less than 100%");
    }
    return gap.doubleValue();
  }

  private static TypeConversionException wrong(String text, String rule) {
    return new TypeConversionException(
        "The gap (%s) %s.%nMaybe write 1%% or 0.01.".formatted(text, rule));
  }
}
