package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class GapConverterTest {
  private final GapConverter converter = new GapConverter();

  @ParameterizedTest
  @CsvSource({
    "1%, 0.01",
    "0.01, 0.01",
    "0.5%, 0.005",
    "0, 0",
    "0%, 0",
    "99.9%, 0.999",
    "0.999, 0.999"
  })
  void gaps(String text, double gap) {
    assertThat(converter.convert(text)).isEqualTo(gap);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "-1%", "1 %", "1e-2", ".01", "1.", "NaN", "one", "1%%"})
  void noGaps(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessage(
            "The gap (%s) must be a share such as 0.01, or a percentage such as 1%%.%nMaybe write 1%% or 0.01."
                .formatted(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "5", "100%", "250%"})
  void outOfRange(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("must be less than 100%");
  }
}
