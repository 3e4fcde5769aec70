package org.moesaic.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.moesaic.problem.Weights;

/**
 * Files that PyArrow 25 wrote, in the forms that its users meet: six tokens, layers 3 and 4, top 3
 * of 8 experts.
 */
class ParquetFixturesTest {
  private static final int[][][] TOKENS = {
    {{0, 1, 2}, {7, 6, 5}},
    {{3, 1, 0}, {2, 4, 6}},
    {{5, 0, 1}, {1, 3, 0}},
    {{0, 7, 6}, {6, 2, 7}},
    {{1, 2, 4}, {0, 5, 3}},
    {{2, 0, 3}, {4, 1, 6}},
  };

  private static Path file(String name) throws URISyntaxException {
    return Path.of(ParquetFixturesTest.class.getResource(name).toURI());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "snappy.parquet",
        "zstd-v2.parquet", // pages of version 2, three row groups that part tokens
        "gzip-plain.parquet",
        "narrow.parquet", // other order, integers of other widths, a further column
        "fixed-size-list.parquet",
      })
  void readsWhatPyArrowWrites(String name) throws URISyntaxException {
    double[][] counts = new double[5][8];
    for (int[][] token : TOKENS) {
      for (int l = 0; l < 2; l++) {
        for (int id : token[l]) {
          counts[3 + l][id]++;
        }
      }
    }
    assertThat(Recordings.loads(file(name))).isEqualTo(Weights.of(counts));
  }

  @ParameterizedTest
  @CsvSource({
    "null.parquet, In row 1, must have token_idx",
    "null-id.parquet, In row 1, expert (-1)",
    "floats.parquet, topk_ids, lists of whole numbers",
  })
  void refusesWhatIsNoRecording(String name, String first, String second) {
    assertThatThrownBy(() -> Recordings.loads(file(name))).hasMessageContainingAll(first, second);
  }
}
