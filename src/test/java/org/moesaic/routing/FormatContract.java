package org.moesaic.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.json.InvalidInputException;
import org.moesaic.problem.Weights;

/**
 * What holds for every format: the same tokens give the same loads, and the same samples where it
 * has tokens; whatever is cut off is an error, and then nothing is written.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
interface FormatContract {
  /** Experts that the random tokens choose from; over 256 in some, so that ids take two bytes. */
  int EXPERTS = 300;

  /** The name of a file or folder of this format. */
  String name();

  /** Writes tokens as a file or folder, and returns it. */
  Path write(Path folder, RandomTokens tokens) throws IOException;

  /** Whether single tokens can be read back. */
  boolean hasTokens();

  /** Whether a file that ends after some bytes is whole, only shorter. */
  default boolean isWhole(byte[] bytes, int length) {
    return false;
  }

  @Test
  default void sameTokensSameLoads(@TempDir Path folder) throws IOException {
    for (long seed = 0; seed < 12; seed++) {
      RandomTokens tokens =
          RandomTokens.of(
              seed,
              1 + (int) (37 * seed % 90),
              1 + (int) seed % 4,
              1 + (int) (seed % 3),
              seed % 2 == 0 ? 7 : EXPERTS);
      Path file = write(Files.createDirectory(folder.resolve("seed" + seed)), tokens);
      assertThat(Recordings.loads(file))
          .as("replay: RandomTokens of seed %d", seed)
          .isEqualTo(Weights.of(tokens.counts()));
    }
  }

  @Test
  default void sameTokensSameSamples(@TempDir Path folder) throws IOException {
    for (long seed = 20; seed < 26; seed++) {
      RandomTokens tokens = RandomTokens.of(seed, 50, 3, 2, seed % 2 == 0 ? 7 : EXPERTS);
      Path place = Files.createDirectory(folder.resolve("seed" + seed));
      Path file = write(place, tokens);
      if (!hasTokens()) {
        assertThatThrownBy(() -> profile(file, place, Long.MAX_VALUE))
            .hasMessageContaining("counts only");
        assertThat(place.resolve("out")).doesNotExist();
        continue;
      }
      String extension = tokens.experts() > 256 ? ".topk.u16.gz" : ".topk.u8.gz";
      Profile profile = profile(file, place, Long.MAX_VALUE);
      assertThat(unpacked(place.resolve("out/us" + extension)))
          .as("replay: RandomTokens of seed %d", seed)
          .isEqualTo(tokens.raw());
      assertThat(profile.origins().get(0).tokens()).isEqualTo(50L);
      assertThat(profile.origins().get(0).sampleTokens()).isEqualTo(50L);

      profile(file, place, 20);
      assertThat(unpacked(place.resolve("out/us" + extension)))
          .as("replay: RandomTokens of seed %d", seed)
          .isEqualTo(someOf(tokens, 20));
    }
  }

  /** Which tokens a seed draws depends on their number only, so any format will do to say it. */
  private static byte[] someOf(RandomTokens tokens, int count) throws IOException {
    Path folder = Files.createTempDirectory("moesaic");
    try {
      Path file = folder.resolve("tokens.npy");
      Files.write(file, Written.npy("<i4", tokens));
      profile(file, folder, count);
      byte[] all = tokens.raw();
      int size = all.length / tokens.ids().length;
      byte[] some =
          unpacked(
              folder.resolve("out/us.topk." + (tokens.experts() > 256 ? "u16" : "u8") + ".gz"));
      assertThat(some).hasSize(count * size);
      // Each of them is one of all, in their order.
      int from = 0;
      for (int i = 0; i < count; i++) {
        byte[] token = Arrays.copyOfRange(some, i * size, (i + 1) * size);
        while (!Arrays.equals(token, Arrays.copyOfRange(all, from * size, (from + 1) * size))) {
          from++;
        }
        from++;
      }
      return some;
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Test
  default void whatIsCutOffIsAnError(@TempDir Path folder) throws IOException {
    RandomTokens tokens = RandomTokens.of(5, 3, 2, 2, 4);
    Path whole = write(Files.createDirectory(folder.resolve("whole")), tokens);
    for (Path part : parts(whole)) {
      byte[] bytes = Files.readAllBytes(part);
      for (int length = 0; length < bytes.length; length++) {
        if (!isWhole(bytes, length)) {
          Files.write(part, Arrays.copyOf(bytes, length));
          requireError(whole, folder, part.getFileName() + " cut off after byte " + length);
        }
      }
      Files.write(part, bytes);
    }
    assertThat(Recordings.loads(whole)).isEqualTo(Weights.of(tokens.counts()));
  }

  @Test
  default void whatIsPackedAndCutOffIsAnError(@TempDir Path folder) throws IOException {
    RandomTokens tokens = RandomTokens.of(6, 3, 2, 2, 4);
    Path plain = write(Files.createDirectory(folder.resolve("plain")), tokens);
    if (!Files.isRegularFile(plain) || plain.toString().endsWith(".parquet")) {
      return;
    }
    byte[] bytes = Written.gzip(Files.readAllBytes(plain));
    Path packed = plain.resolveSibling(plain.getFileName() + ".gz");
    for (int length = 0; length < bytes.length; length++) {
      Files.write(packed, Arrays.copyOf(bytes, length));
      requireError(packed, folder, "cut off after byte " + length);
    }
    Files.write(packed, Arrays.copyOf(bytes, bytes.length + 1));
    requireError(packed, folder, "one byte too many");
    Files.write(packed, bytes);
    assertThat(Recordings.loads(packed)).isEqualTo(Weights.of(tokens.counts()));
  }

  @Test
  default void flippedBitsNeverCrash(@TempDir Path folder) throws IOException {
    RandomTokens tokens = RandomTokens.of(7, 3, 2, 2, 4);
    Path whole = write(Files.createDirectory(folder.resolve("whole")), tokens);
    for (Path part : parts(whole)) {
      byte[] bytes = Files.readAllBytes(part);
      for (int bit = 0; bit < 8 * bytes.length; bit += 13) {
        byte[] flipped = bytes.clone();
        flipped[bit >> 3] ^= (byte) (1 << (bit & 7));
        Files.write(part, flipped);
        try {
          Recordings.loads(whole);
        } catch (InvalidInputException e) {
          assertThat(e.issues()).allSatisfy(issue -> assertThat(issue.hint()).startsWith("Maybe "));
        }
      }
      Files.write(part, bytes);
    }
  }

  private static List<Path> parts(Path fileOrFolder) throws IOException {
    try (Stream<Path> files = Files.walk(fileOrFolder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void requireError(Path file, Path folder, String what) throws IOException {
    Path place = Files.createDirectories(folder.resolve("place"));
    assertThatThrownBy(() -> profile(file, place, 10))
        .as(what)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("\n  Maybe ");
    assertThat(place).as(what).isEmptyDirectory();
  }

  static byte[] unpacked(Path file) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      return in.readAllBytes();
    }
  }

  /** Profiles a recording of the origin {@code us}, with samples into the folder {@code out}. */
  static Profile profile(Path file, Path place, long sampleTokens) throws IOException {
    var options = new ProfileOptions(null, ProfileOptions.DenseLayers.DROP, 0, 0, sampleTokens, 0);
    return Profiler.profile(
        new ArrayList<>(List.of(new Recording("us", List.of(file)))),
        options,
        new ProfileOutputs(place.resolve("loads.csv"), place.resolve("out")),
        progress -> {},
        () -> false);
  }
}
