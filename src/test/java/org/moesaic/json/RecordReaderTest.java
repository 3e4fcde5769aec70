package org.moesaic.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads, writes and describes a format that uses every kind of component. */
class RecordReaderTest {
  @Format("test/1")
  record Sheet(
      String name,
      int count,
      long bytes,
      double share,
      @Nullable Double limit,
      @Default("true") boolean on,
      @Default("\"seconds\"") TimeUnit unit,
      @Nullable LocalDate from,
      @Default("[]") List<List<Integer>> rows,
      @Default("[]") Set<TimeUnit> units,
      @Default("{}") Map<String, Integer> sizes,
      @Default("{}") Span span,
      @NotInFile String extra) {}

  record Span(@Default("0") @Range(min = 0) int low, @Default("9") @Range(min = 0) int high) {
    Span {
      if (low > high) {
        throw new IllegalArgumentException(
            "The low (%d) must be at most the high (%d).".formatted(low, high));
      }
    }
  }

  @TempDir private Path folder;

  private @Nullable Document<Sheet> read(String json, Issues issues) throws IOException {
    return RecordReader.of(Sheet.class).read(Files.writeString(issues.file(), json), issues);
  }

  private Issues issues() {
    return new Issues(folder.resolve("sheet.json"));
  }

  private static final String SHORT =
      "{\"format\": \"test/1\", \"name\": \"n\", \"count\": -3, \"bytes\": 9e15, \"share\": 1";

  @Test
  void readsDefaultsAndNulls() throws IOException {
    var issues = issues();
    var document = read(SHORT + "}", issues);

    assertThat(issues.list()).isEmpty();
    assertThat(document).isNotNull();
    assertThat(document.value())
        .isEqualTo(
            new Sheet(
                "n",
                -3,
                9_000_000_000_000_000L,
                1,
                null,
                true,
                TimeUnit.SECONDS,
                null,
                List.of(),
                Set.of(),
                Map.of(),
                new Span(0, 9),
                ""));
  }

  @Test
  void writesWhatItReads() throws IOException {
    String json =
        """
        {
          "format": "test/1",
          "name": "né \\"q\\" \\u001b",
          "count": 2147483647,
          "bytes": 0,
          "share": 0.1,
          "limit": 1.0E-7,
          "on": false,
          "unit": "days",
          "from": "2026-12-01",
          "rows": [
            [1, 2],
            [],
            [3]
          ],
          "units": ["nanoseconds", "days"],
          "sizes": {
            "a": 1,
            "b": 2
          },
          "span": {
            "high": 3
          }
        }
        """;
    var issues = issues();
    var document = read(json, issues);

    assertThat(issues.list()).isEmpty();
    assertThat(document).isNotNull();
    assertThat(RecordWriter.of(Sheet.class).toJson(document.value())).isEqualToIgnoringCase(json);
  }

  @Test
  void aRefusalOfTheRecordItselfIsAnIssue() throws IOException {
    var issues = issues();
    var document = read(SHORT + ", \"span\": {\"low\": 5, \"high\": 3}}", issues);

    assertThat(document == null || issues.hasErrors()).isTrue();
    assertThat(issues.list())
        .extracting(Issue::message)
        .containsExactly("The low (5) must be at most the high (3).");
    assertThat(issues.list()).extracting(Issue::pointer).containsExactly("/span");
  }

  @Test
  void oneIssueIsKeptForEachPointer() {
    var issues = issues();
    issues.error("/a", 1, "first", "Maybe.");
    issues.error("/a", 1, "second", "Maybe.");
    issues.error("/a/b", 1, "third", "Maybe.");
    issues.warning("/a/b", 1, "fourth", "Maybe.");
    issues.warning("/c", 1, "fifth", "Maybe.");
    issues.error("/c", 1, "sixth", "Maybe.");

    assertThat(issues.list())
        .extracting(Issue::message)
        .containsExactly("first", "third", "fifth", "sixth");
    assertThat(issues.touches("/a")).isTrue();
    assertThat(issues.touches("/a/b/c")).isFalse();
    assertThat(issues.touches("")).isTrue();
  }

  @Test
  void issuesBeyondTheLimitAreCounted() {
    var issues = issues();
    for (int i = 0; i < 250; i++) {
      issues.error("/" + i, i, "wrong", "Maybe.");
      issues.warning("/odd/" + i, i, "odd", "Maybe.");
    }

    assertThat(issues.errorCount()).isEqualTo(250);
    assertThat(issues.list()).hasSize(Limits.ERRORS_KEPT + Limits.WARNINGS_KEPT);
    assertThat(org.assertj.core.api.Assertions.catchThrowable(issues::throwIfErrors))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageEndingWith("… and 250 more.");
  }

  @Test
  void aComponentWithoutCodecIsAProgrammingError() {
    record Wrong(Thread thread) {}
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RecordReader.of(Wrong.class))
        .withMessageContaining("has no codec");
  }
}
