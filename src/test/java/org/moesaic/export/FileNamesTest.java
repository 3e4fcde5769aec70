package org.moesaic.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileNamesTest {
  @ParameterizedTest
  @CsvSource({
    "azure-us-east-h100, azure-us-east-h100",
    "a b, a%20b",
    "../../etc/passwd, %2E.%2F..%2Fetc%2Fpasswd",
    ".., %2E.",
    ".hidden, %2Ehidden",
    "50%, 50%25",
    "a:b\\c*?, a%3Ab%5Cc%2A%3F",
    "zürich, z%C3%BCrich",
    "CON, %43ON",
    "nul.txt, %6Eul.txt",
    "com1, %63om1",
    "console, console",
    "a~2, a%7E2",
    "leases, leases",
  })
  void escapes(String id, String name) {
    assertThat(FileNames.of(List.of(id), ".sglang.json")).containsExactly(name + ".sglang.json");
  }

  @Test
  void tellsCasesApart() {
    assertThat(FileNames.of(List.of("a", "A", "b", "A b"), ".x"))
        .containsExactly("a.x", "A~2.x", "b.x", "A%20b.x");
  }

  @Test
  void anyIdsGiveDifferentNamesInTheFolder() {
    for (long seed = 0; seed < 300; seed++) {
      var random = new SplittableRandom(seed);
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        var id = new StringBuilder("x".repeat(random.nextInt(4) == 0 ? 200 : 0));
        int length = 1 + random.nextInt(6);
        for (int c = 0; c < length; c++) {
          id.appendCodePoint(
              switch (random.nextInt(4)) {
                case 0 -> "./\\~%:- \u0001".codePointAt(random.nextInt(9));
                case 1 -> 0x1f300 + random.nextInt(100);
                default -> (random.nextBoolean() ? 'a' : 'A') + random.nextInt(3);
              });
        }
        if (!ids.contains(id.toString())) {
          ids.add(id.toString());
        }
      }
      List<String> names = FileNames.of(ids, ".sglang.json");
      assertThat(names).hasSameSizeAs(ids).isEqualTo(FileNames.of(ids, ".sglang.json"));
      assertThat(names.stream().map(n -> n.toLowerCase(Locale.ROOT)))
          .as("seed " + seed)
          .doesNotHaveDuplicates()
          .allMatch(n -> n.matches("[a-z0-9%_~-][a-z0-9%._~-]*"))
          .allMatch(n -> n.length() < 200);
      assertThat(names)
          .allMatch(n -> Path.of("f").resolve(n).normalize().getParent().equals(Path.of("f")));
    }
  }
}
