package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.moesaic.report.Ink;

class InksTest {
  private static final Map<String, String> XTERM = Map.of("TERM", "xterm-256color");

  @Test
  void terminalsGetColours() {
    assertThat(Inks.of(true, XTERM)).isEqualTo(Ink.ANSI);
    assertThat(Inks.of(true, Map.of("TERM", "xterm", "NO_COLOR", ""))).isEqualTo(Ink.ANSI);
  }

  @Test
  void othersDoNot() {
    assertThat(Inks.of(false, XTERM)).isEqualTo(Ink.PLAIN);
    assertThat(Inks.of(true, Map.of())).isEqualTo(Ink.PLAIN);
    assertThat(Inks.of(true, Map.of("TERM", "dumb"))).isEqualTo(Ink.PLAIN);
    assertThat(Inks.of(true, Map.of("TERM", "xterm", "NO_COLOR", "1"))).isEqualTo(Ink.PLAIN);
  }
}
