package org.moesaic.routing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;

/** Every format keeps the {@link FormatContract}. */
class FormatsTest {
  /** A format of one file. */
  private abstract static class OneFile implements FormatContract {
    abstract byte[] bytes(RandomTokens tokens);

    @Override
    public Path write(Path folder, RandomTokens tokens) throws IOException {
      return Files.write(folder.resolve(name()), bytes(tokens));
    }

    @Override
    public boolean hasTokens() {
      return true;
    }

    /** Whether a file of lines ends with the last line of a token, or of a row. */
    static boolean endsLine(byte[] bytes, int length, int leastLines, int linesEach) {
      int lines = 0;
      for (int i = 0; i < length; i++) {
        lines += bytes[i] == '\n' ? 1 : 0;
      }
      boolean atEnd = length > 0 && bytes[length - 1] == '\n';
      return lines >= leastLines && (lines - leastLines) % linesEach == 0 && atEnd;
    }
  }

  @Nested
  class SglangTest extends OneFile {
    @Override
    public String name() {
      return "expert_distribution.json";
    }

    @Override
    byte[] bytes(RandomTokens tokens) {
      return Written.sglang(tokens.counts());
    }

    @Override
    public boolean hasTokens() {
      return false;
    }
  }

  @Nested
  class SglangOfStepsTest extends OneFile {
    @Override
    public String name() {
      return "steps.json";
    }

    @Override
    byte[] bytes(RandomTokens tokens) {
      double[][][] steps = new double[tokens.ids().length][tokens.layers()][tokens.experts()];
      for (int t = 0; t < steps.length; t++) {
        for (int l = 0; l < tokens.layers(); l++) {
          for (int id : tokens.ids()[t][l]) {
            steps[t][l][id]++;
          }
        }
      }
      return Written.sglang(steps);
    }

    @Override
    public boolean hasTokens() {
      return false;
    }

    @Override
    public boolean isWhole(byte[] bytes, int length) {
      return length == bytes.length - 1; // without the last line break
    }
  }

  @Nested
  class TensorRtLlmTest implements FormatContract {
    @Override
    public String name() {
      return "expert_statistic";
    }

    @Override
    public Path write(Path folder, RandomTokens tokens) throws IOException {
      return Written.tensorRtLlm(folder.resolve(name()), tokens, 0);
    }

    @Override
    public boolean hasTokens() {
      return false;
    }
  }

  @Nested
  class NpyOfCountsTest extends OneFile {
    @Override
    public String name() {
      return "counts.npy";
    }

    @Override
    byte[] bytes(RandomTokens tokens) {
      return Written.npyOfCounts("<i8", tokens.counts());
    }

    @Override
    public boolean hasTokens() {
      return false;
    }
  }

  @Nested
  class NpyOfShortsTest extends OneFile {
    @Override
    public String name() {
      return "tokens.npy";
    }

    @Override
    byte[] bytes(RandomTokens tokens) {
      return Written.npy("<i2", tokens);
    }
  }

  @Nested
  class NpyOfIntsTest extends OneFile {
    @Override
    public String name() {
      return "tokens.npy";
    }

    @Override
    byte[] bytes(RandomTokens tokens) {
      return Written.npy("<u4", tokens);
    }
  }

  @Nested
  class NpyOfLongsBigEndianTest extends OneFile {
    @Override
    public String name() {
      return "tokens.npy";
    }

    @Override
    byte[] bytes(RandomTokens tokens) {
      return Written.npy(">i8", tokens);
    }
  }

  @Nested
  class JsonLinesTest extends OneFile {
    @Override
    public String name() {
      return "tokens.jsonl";
    }

    @Override
    byte[] bytes(RandomTokens tokens) {
      return Written.ascii(Written.jsonLines(tokens));
    }

    @Override
    public boolean isWhole(byte[] bytes, int length) {
      // Without the last line break too: the object is closed then.
      return endsLine(bytes, length, 2, 2)
          || (bytes[length] == '\n' && endsLine(bytes, length + 1, 2, 2))
          // A first layer alone is a model of one layer.
          || endsLine(bytes, length, 1, 100)
          || (bytes[length] == '\n' && endsLine(bytes, length + 1, 1, 100));
    }
  }

  @Nested
  class ParquetTest extends OneFile {
    @Override
    public String name() {
      return "tokens.parquet";
    }

    @Override
    byte[] bytes(RandomTokens tokens) {
      return Written.parquet(tokens, 64);
    }
  }

  @Nested
  class CsvTest extends OneFile {
    @Override
    public String name() {
      return "counted.csv";
    }

    @Override
    byte[] bytes(RandomTokens tokens) {
      return Written.csv(tokens.counts(), "us");
    }

    @Override
    public boolean hasTokens() {
      return false;
    }

    @Override
    public boolean isWhole(byte[] bytes, int length) {
      return endsLine(bytes, length, 2, 1); // rows may be missing: their weight is 0
    }
  }
}
