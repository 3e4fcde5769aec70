package org.moesaic.problem;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The experts that recorded tokens chose: a dense, immutable array {@code [token][layer][k]}. Takes
 * one byte per choice, or two where a layer has more than 256 experts; and four more in layers of
 * which it was asked who chose an expert. Safe for use by several threads.
 */
public final class SampledTokens {
  /** Experts of a layer up to which a choice takes one byte. */
  private static final int BYTE_EXPERTS = 256;

  private final int tokens;
  private final int layers;
  private final int topK;
  private final boolean wide;

  /** As files hold them: little endian where they are wide. */
  private final byte[] bytes;

  /** By layer and expert, the tokens that chose it; null in layers that were never asked for. */
  private final AtomicReferenceArray<int[][]> choosers;

  private SampledTokens(int tokens, int layers, int topK, boolean wide, byte[] bytes) {
    this.tokens = tokens;
    this.layers = layers;
    this.topK = topK;
    this.wide = wide;
    this.bytes = bytes;
    choosers = new AtomicReferenceArray<>(layers);
  }

  /**
   * Copies choices.
   *
   * @param choices by token, layer and k an expert of its layer
   * @param model whose layers, experts and topK these are
   * @throws IllegalArgumentException if there is no token, if layers or choices are more or fewer
   *     than the model's, or if an expert is none of the model's or is there twice in a layer
   */
  public static SampledTokens of(int[][][] choices, Model model) {
    int bytesPerChoice = bytesPerChoice(model);
    byte[] bytes =
        new byte
            [Math.multiplyExact(
                choices.length,
                Math.multiplyExact(model.moeLayers(), model.topK() * bytesPerChoice))];
    int at = 0;
    for (int[][] layers : choices) {
      for (int[] experts : layers) {
        requireFits(layers.length == model.moeLayers() && experts.length == model.topK());
        for (int expert : experts) {
          requireFits(expert >= 0 && expert < model.expertsPerLayer());
          bytes[at++] = (byte) expert;
          if (bytesPerChoice > 1) {
            bytes[at++] = (byte) (expert >> Byte.SIZE);
          }
        }
        requireFits(Arrays.stream(experts).distinct().count() == experts.length);
      }
    }
    requireFits(at > 0 && at == bytes.length);
    return ofBytes(choices.length, model, bytes);
  }

  private static void requireFits(boolean fits) {
    if (!fits) {
      throw new IllegalArgumentException("The choices must be those of a model like this.");
    }
  }

  /**
   * Takes bytes as a file holds them without copying; the caller gives the array away.
   *
   * @param bytes as many as the tokens have; whether they are experts of the model is for the
   *     caller to check
   */
  static SampledTokens ofBytes(int tokens, Model model, byte[] bytes) {
    return new SampledTokens(
        tokens, model.moeLayers(), model.topK(), bytesPerChoice(model) > 1, bytes);
  }

  /** Bytes of one choice in a file. */
  static int bytesPerChoice(Model model) {
    return model.expertsPerLayer() > BYTE_EXPERTS ? 2 : 1;
  }

  /** Number of tokens, at least 1. */
  public int tokens() {
    return tokens;
  }

  /** Number of layers, the model's. */
  public int layers() {
    return layers;
  }

  /** How many experts a token chose in each layer. */
  public int topK() {
    return topK;
  }

  /** The k-th expert that a token chose in a layer; no two of them are the same. */
  public int expert(int token, int layer, int k) {
    int at = (token * layers + layer) * topK + k;
    return wide
        ? Byte.toUnsignedInt(bytes[2 * at]) | Byte.toUnsignedInt(bytes[2 * at + 1]) << Byte.SIZE
        : Byte.toUnsignedInt(bytes[at]);
  }

  /**
   * The tokens that chose an expert, ascending; shared, not to be written to. Complexity: O(tokens
   * * topK) for the first question about a layer, O(1) for any other.
   */
  public int[] choosers(int layer, int expert) {
    int[][] known = choosers.get(layer);
    if (known == null) {
      known = choosersOf(layer);
      choosers.set(layer, known);
    }
    return expert < known.length ? known[expert] : new int[0];
  }

  /** By expert, up to the last that was chosen. */
  private int[][] choosersOf(int layer) {
    int experts = 0;
    for (int token = 0; token < tokens; token++) {
      for (int k = 0; k < topK; k++) {
        experts = Math.max(experts, expert(token, layer, k) + 1);
      }
    }
    int[] counts = new int[experts];
    for (int token = 0; token < tokens; token++) {
      for (int k = 0; k < topK; k++) {
        counts[expert(token, layer, k)]++;
      }
    }
    int[][] choosers = new int[experts][];
    Arrays.setAll(choosers, expert -> new int[counts[expert]]);
    for (int token = tokens - 1; token >= 0; token--) {
      for (int k = 0; k < topK; k++) {
        int expert = expert(token, layer, k);
        choosers[expert][--counts[expert]] = token;
      }
    }
    return choosers;
  }

  /**
   * How many tokens chose each expert, as weights.
   *
   * @param experts of each layer
   */
  public Weights counts(int experts) {
    double[] counts = new double[Math.multiplyExact(layers, experts)];
    for (int token = 0; token < tokens; token++) {
      for (int layer = 0; layer < layers; layer++) {
        for (int k = 0; k < topK; k++) {
          counts[layer * experts + expert(token, layer, k)]++;
        }
      }
    }
    return Weights.ofFlat(layers, experts, counts);
  }

  /** Adds all choices to a digest, as a file holds them. */
  void digest(MessageDigest digest) {
    digest.update(bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SampledTokens that
        && tokens == that.tokens
        && layers == that.layers
        && topK == that.topK
        && wide == that.wide
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return 31 * tokens + Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "SampledTokens[" + tokens + " x " + layers + " x " + topK + "]";
  }
}
