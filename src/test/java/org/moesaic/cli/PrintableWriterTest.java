package org.moesaic.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class PrintableWriterTest {
  private static String printed(String... parts) throws IOException {
    var out = new StringWriter();
    try (var writer = new PrintableWriter(out)) {
      for (String part : parts) {
        writer.write(part);
      }
    }
    return out.toString();
  }

  @Test
  void whatATerminalWouldObeyIsEscaped() throws IOException {
    assertThat(printed("a\u202eb\u0007c\u001b]0;title\u0007"))
        .isEqualTo("a\\u202eb\\u0007c\\u001b]0;title\\u0007");
    assertThat(printed("\u001b[2J", "\u001b[1;2")).isEqualTo("\\u001b[2J\\u001b[1;2");
    assertThat(printed("x\ud83d")).isEqualTo("x\\ud83d");
  }

  @Test
  void whatPeopleReadStaysAsItIs() throws IOException {
    assertThat(printed("Zürich …\t1\r\n", "\ud83d", "\ude00 \u001b[1", ";31mred\u001b[0m\n"))
        .isEqualTo("Zürich …\t1\r\n\ud83d\ude00 \u001b[1;31mred\u001b[0m\n");
  }
}
