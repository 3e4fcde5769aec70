package org.moesaic.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.moesaic.problem.Weights;

/** Rows of tokens come in the orders in which engines write them. */
class TokenOrderTest {
  @TempDir private Path folder;

  @Test
  void anyOrderOfFewTokens() throws IOException {
    for (long seed = 0; seed < 20; seed++) {
      RandomTokens tokens = RandomTokens.of(seed, 30, 3, 2, 9);
      List<String> lines = new ArrayList<>(Written.jsonLines(tokens).lines().toList());
      Collections.shuffle(lines, new Random(seed));
      Path file = Files.write(folder.resolve("shuffled.jsonl"), lines);
      assertThat(Recordings.loads(file))
          .as("replay: shuffled with seed %d", seed)
          .isEqualTo(Weights.of(tokens.counts()));
    }
  }

  /** Far more ids than are looked at together, so that tokens go on while others come. */
  @Test
  void manyTokensInBatchesOfLayers() throws IOException {
    int tokens = 60_000;
    int batch = 7_000;
    int layers = 5;
    int topK = 8;
    double[][] counts = new double[layers][64];
    Path file = folder.resolve("batches.jsonl");
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int from = 0; from < tokens; from += batch) {
        for (int l = 0; l < layers; l++) {
          for (int t = from; t < Math.min(tokens, from + batch); t++) {
            int[] ids = new int[topK];
            for (int k = 0; k < topK; k++) {
              ids[k] = (t * 7 + l * 3 + k * 5) % 64;
              counts[l][ids[k]]++;
            }
            out.write(Written.jsonLine(t, l + 1, ids));
          }
        }
      }
    }
    Weights loads = Recordings.loads(file);
    assertThat(loads.layers()).isEqualTo(layers + 1);
    assertThat(loads.row(0)).containsOnly(0);
    for (int l = 0; l < layers; l++) {
      assertThat(loads.row(l + 1)).containsExactly(counts[l]);
    }

    // A token that comes again long after it went on.
    try (BufferedWriter out = Files.newBufferedWriter(file, StandardOpenOption.APPEND)) {
      out.write(Written.jsonLine(17, 1, 1, 2, 3, 4, 5, 6, 7, 8));
    }
    assertThatThrownBy(() -> Recordings.loads(file))
        .hasMessageContaining("batches.jsonl:300001")
        .hasMessageContaining("The token 17 is there twice in layer 1.");
  }

  /** Tokens that are held take 65 ids of 2^24, so the first ones have gone on with one layer. */
  @Test
  void layerAfterLayerIsSaidToBe() throws IOException {
    Path file = folder.resolve("layers.jsonl");
    int tokens = ((1 << 24) + (1 << 21)) / 65;
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int layer = 0; layer < 2; layer++) {
        for (int t = 0; t < (layer == 0 ? tokens : 1); t++) {
          out.write("{\"token_idx\": " + t + ", \"layer\": " + layer + ", \"topk_ids\": [1]}\n");
        }
      }
    }
    assertThatThrownBy(() -> Recordings.loads(file))
        .hasMessageContaining("layers.jsonl:" + (tokens + 1))
        .hasMessageContaining("The layer 1 first turns up here, with token 0, but tokens before")
        .hasMessageContaining("sort them by token_idx and layer");
  }

  @Test
  void tokensMayBeNumberedWithGaps() throws IOException {
    Path file = folder.resolve("gaps.jsonl");
    var lines = new StringBuilder();
    for (long token : new long[] {900, 5, 7, 6, 1L << 50}) {
      lines.append(Written.jsonLine(token, 0, 0, 1)).append(Written.jsonLine(token, 1, 1, 2));
    }
    Files.writeString(file, lines);
    assertThat(Recordings.loads(file)).isEqualTo(Weights.of(new double[][] {{5, 5, 0}, {0, 5, 5}}));
  }
}
