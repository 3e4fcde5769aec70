package org.moesaic.generate;

import org.moesaic.problem.Model;
import org.moesaic.problem.Model.Copies;

/**
 * The published shape of a mixture-of-experts model.
 *
 * @param name as options spell it
 * @param title as its publisher spells it
 * @param denseLayers layers without experts, which come first
 * @param moeLayers layers that have experts
 * @param expertsPerLayer routed experts of each
 * @param topK experts that a token chooses in each layer
 * @param hiddenSize numbers in the hidden state of a token
 * @param expertIntermediateSize inner width of an expert
 * @param totalParameters of the whole model, 10^9
 * @param source who published it
 */
public record ModelShape(
    String name,
    String title,
    int denseLayers,
    int moeLayers,
    int expertsPerLayer,
    int topK,
    int hiddenSize,
    int expertIntermediateSize,
    double totalParameters,
    String source) {

  /** Numbers are sent back from experts as BF16, and so are gradients in either direction. */
  private static final int BF16_BYTES = 2;

  /**
   * A backward pass multiplies twice for each time that the forward pass does: by the weights and
   * by the inputs.
   */
  private static final int TRAINING_FLOPS = 3;

  /** What the weights, and the hidden states sent to experts, are stored as. */
  public enum Dtype {
    /** 8-bit floating point. */
    FP8(1),
    /** 16-bit brain floating point. */
    BF16(2);

    private final int bytes;

    Dtype(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of one number. */
    public int bytes() {
      return bytes;
    }
  }

  static ModelShape of(Table.Row row) {
    return new ModelShape(
        row.text("name"),
        row.text("title"),
        row.integer("denseLayers"),
        row.integer("moeLayers"),
        row.integer("expertsPerLayer"),
        row.integer("topK"),
        row.integer("hiddenSize"),
        row.integer("expertIntermediateSize"),
        row.number("totalParameters"),
        row.source());
  }

  /** Parameters of one expert: its gate, up and down projections. */
  public long expertParameters() {
    return 3L * hiddenSize * expertIntermediateSize;
  }

  /**
   * The model of a problem file.
   *
   * @param dtype of weights and of dispatched hidden states
   * @param stateFactor memory of an expert in multiples of its weights, &gt; 0: 1 to serve; 16 to
   *     train FP8 weights with Adam (BF16 weight and gradient, FP32 master weight and two moments:
   *     16 bytes per parameter)
   * @param training whether calls include the backward pass: three times the operations, and
   *     gradients, in BF16, of the output on the way there and of the input on the way back
   */
  Model toModel(
      Dtype dtype, double stateFactor, boolean training, int expertsPerShard, Copies copies) {
    double bf16 = (double) hiddenSize * BF16_BYTES;
    double forward = (double) hiddenSize * dtype.bytes();
    double flops = 2.0 * expertParameters();
    return new Model(
        title,
        moeLayers,
        expertsPerLayer,
        topK,
        Math.round(expertParameters() * dtype.bytes() * stateFactor),
        training ? TRAINING_FLOPS * flops : flops,
        training ? forward + bf16 : forward,
        training ? bf16 + bf16 : bf16,
        expertsPerShard,
        copies,
        null,
        null);
  }
}
