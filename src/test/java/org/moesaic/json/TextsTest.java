package org.moesaic.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextsTest {
  @Test
  void nearestToleratesOneEditInThreeCharacters() {
    var known = List.of("moeLayers", "expertsPerLayer", "topK");

    assertThat(Texts.nearest("topk", known)).contains("topK");
    assertThat(Texts.nearest("tpoK", known)).contains("topK");
    assertThat(Texts.nearest("moelayer", known)).contains("moeLayers");
    assertThat(Texts.nearest("expertPerLayers", known)).contains("expertsPerLayer");
    assertThat(Texts.nearest("colour", known)).isEmpty();
    assertThat(Texts.nearest("", known)).isEmpty();
    assertThat(Texts.nearest("x".repeat(1_000_000), known)).isEmpty();
  }

  @Test
  void shownTextIsShortAndPrintable() {
    assertThat(Texts.shown("a\u001b[31m\n\u202eb")).isEqualTo("a\\u001b[31m\\u000a\\u202eb");
    assertThat(Texts.shown("x".repeat(100))).hasSize(61).endsWith("…");
    assertThat(Texts.shown("x".repeat(60))).hasSize(60);
    assertThat(Texts.shown("\ud800")).isEqualTo("\\ud800");
  }

  @Test
  void numbersHaveNoNeedlessFraction() {
    assertThat(Texts.number(3)).isEqualTo("3");
    assertThat(Texts.number(-0.5)).isEqualTo("-0.5");
    assertThat(Texts.number(1e30)).isEqualTo("1e30");
    assertThat(Texts.number(9007199254740992.0)).isEqualTo("9007199254740992");
  }

  @Test
  void pointersAreEscaped() {
    assertThat(Texts.pointer("a/b", 3, "c~d")).isEqualTo("/a~1b/3/c~0d");
    assertThat(Texts.pointer()).isEmpty();
  }
}
