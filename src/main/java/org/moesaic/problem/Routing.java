package org.moesaic.problem;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.ExactlyOne;
import org.moesaic.json.Limits;
import org.moesaic.json.NotInFile;
import org.moesaic.json.Range;
import org.moesaic.json.Size;

/** How often origins call experts. */
public record Routing(
    @Doc(
            "relative weights of experts; an origin's own load goes before one that holds for every"
                + " origin")
        @Default("[]")
        @Size(max = Limits.LOADS)
        List<Load> loads,
    @Doc("recorded choices of real tokens") @Default("[]") @Size(max = Limits.LOADS)
        List<Sample> samples) {

  /** No recordings: every expert of a layer is called equally often. */
  public static final Routing UNIFORM = new Routing(List.of(), List.of());

  public Routing {
    loads = List.copyOf(loads);
    samples = List.copyOf(samples);
  }

  /**
   * SHA-256 of the weights and samples that came from files, as lower-case hexadecimal digits; null
   * if none did. The digest is over each such load in order: the origin in UTF-8 (nothing for every
   * origin's), a zero byte, and its weights, layer by layer, as 64-bit floats, big-endian; then
   * over each sample in order: the origin in UTF-8, a zero byte, and what its file unpacks to. So
   * it does not change with a file's order of rows, ways to write a number, or ways to pack.
   */
  public @Nullable String filesSha256() {
    MessageDigest digest = sha256();
    boolean any = false;
    for (Load load : loads) {
      if (load.file() == null) {
        continue;
      }
      any = true;
      String origin = load.origin();
      digest.update((origin == null ? "" : origin).getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      Weights weights = load.weights();
      ByteBuffer row = ByteBuffer.allocate(Double.BYTES * weights.experts());
      for (int l = 0; l < weights.layers(); l++) {
        row.clear();
        for (int e = 0; e < weights.experts(); e++) {
          row.putDouble(weights.get(l, e));
        }
        digest.update(row.flip());
      }
    }
    for (Sample sample : samples) {
      SampledTokens read = sample.choices();
      if (read != null) {
        any = true;
        digest.update(sample.origin().getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        read.digest(digest);
      }
    }
    return any ? HexFormat.of().formatHex(digest.digest()) : null;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }

  /**
   * Weights of one origin, or of all. A CSV file with the column {@code origin} is read into one
   * load per origin, or, if the load names an origin, into that one's.
   */
  @ExactlyOne({"file", "weights"})
  public record Load(
      @Doc("whose load this is; absent: every origin's") @Nullable String origin,
      @Doc(
              "the CSV file that holds it, relative to the problem file and in the same folder or"
                  + " below")
          @Nullable String file,
      @Doc("the weights, written inline: one row per layer, one number per expert") @Default("[]")
          Weights weights) {

    /** The same of another origin. */
    public Load of(String origin) {
      return new Load(origin, file, weights);
    }
  }

  /**
   * A recording of the experts that tokens chose: gzip over raw unsigned bytes {@code
   * [token][layer][k]}, 16-bit little endian where there are more than 256 experts.
   */
  public record Sample(
      @Doc("whose tokens these are") String origin,
      @Doc("its file, relative to the problem file and in the same folder or below") String file,
      @Doc("how many tokens it holds") @Range(min = 1) long tokens,
      @Doc("what the file holds; absent until it is read") @NotInFile
          @Nullable SampledTokens choices) {

    /** A sample whose file is not read. */
    public Sample(String origin, String file, long tokens) {
      this(origin, file, tokens, null);
    }

    /** The same with what its file holds, or without it. */
    Sample withChoices(@Nullable SampledTokens choices) {
      return new Sample(origin, file, tokens, choices);
    }

    /** The same of another origin. */
    public Sample of(String origin) {
      return new Sample(origin, file, tokens, choices);
    }
  }
}
