package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class TimeConverterTest {
  private final TimeConverter converter = new TimeConverter();

  @ParameterizedTest
  @CsvSource({
    "60, PT60S",
    "60s, PT60S",
    "5m, PT5M",
    "1h, PT1H",
    "1.5h, PT90M",
    "0.25, PT0.25S",
    "0.000000001, PT0.000000001S",
    "8760h, P365D"
  })
  void times(String text, Duration time) {
    assertThat(converter.convert(text)).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "s",
        "-1",
        "+1",
        "1 m",
        "1M",
        "1e3",
        "5min",
        "1h30m",
        ".5",
        "1.",
        "1,5",
        "NaN",
        "٣",
        "12345678901"
      })
  void noTimes(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage(
            "The time (%s) must be a number of seconds, or a number with s, m or h.%nMaybe write 60s, 5m or 1h."
                .formatted(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0, must be more than 0",
    "0.000h, must be more than 0",
    "8760.1h, must be a year",
    "999999999, must be a year"
  })
  void outOfRange(String text, String why) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining(why);
  }
}
