package org.moesaic.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.moesaic.json.InvalidInputException;
import org.moesaic.problem.Weights;

/**
 * Files that PyArrow 25 wrote, in the forms that its users meet: six tokens, layers 3 and 4, top 3
 * of 8 experts.
 */
class ParquetFixturesTest {
  @TempDir private Path folder;

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
        "indexed.parquet", // several pages, and an index of them
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

  /** The libraries of compression are native: what they are handed is all that protects them. */
  @ParameterizedTest
  @ValueSource(
      strings = {"snappy.parquet", "zstd-v2.parquet", "gzip-plain.parquet", "indexed.parquet"})
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void flippedBitsNeverCrash(String name) throws IOException, URISyntaxException {
    byte[] bytes = Files.readAllBytes(file(name));
    for (int bit = 0; bit < 8 * bytes.length; bit += 59) {
      byte[] flipped = bytes.clone();
      flipped[bit >> 3] ^= (byte) (1 << (bit & 7));
      Path flippedFile = Files.write(folder.resolve(bit + name), flipped);
      try {
        Recordings.loads(flippedFile);
      } catch (InvalidInputException e) {
        assertThat(e.issues()).allSatisfy(issue -> assertThat(issue.hint()).startsWith("Maybe "));
      }
    }
  }

  /** Snappy's library writes as many bytes as its input begins with, into whatever is there. */
  @Test
  void snappyThatUnpacksToMoreThanItsPageIsRefused() throws IOException, URISyntaxException {
    byte[] bytes = Files.readAllBytes(file("snappy.parquet"));
    int refused = 0;
    for (int at = 4; at < bytes.length - 300; at += 1) {
      byte[] longer = bytes.clone();
      longer[at] = 127;
      Path file = Files.write(folder.resolve(at + ".parquet"), longer);
      try {
        Recordings.loads(file);
      } catch (InvalidInputException e) {
        refused += e.getMessage().contains("has a page that does not unpack to") ? 1 : 0;
      }
    }
    // At least where a dictionary and a page of each of three columns begin.
    assertThat(refused).isGreaterThanOrEqualTo(6);
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
