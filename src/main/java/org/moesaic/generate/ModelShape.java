package org.moesaic.generate;

import org.moesaic.problem.Model;
import org.moesaic.problem.Model.Backbone;
import org.moesaic.problem.Model.Copies;
import org.moesaic.problem.Model.Sync;

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
 * @param totalParameters of the whole model, 10^9, as published; 0 where it is not said
 * @param attentionParameters projections of one layer
 * @param sharedExperts experts of each layer that every token calls, as wide as the routed ones
 * @param denseIntermediateSize inner width of the leading layers without experts
 * @param vocabulary tokens that there are: rows of the embedding and of the output projection
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
    long attentionParameters,
    int sharedExperts,
    int denseIntermediateSize,
    int vocabulary,
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
        Long.parseLong(row.text("attentionParameters")),
        row.integer("sharedExperts"),
        row.integer("denseIntermediateSize"),
        row.integer("vocabulary"),
        row.source());
  }

  /** Parameters of one expert: its gate, up and down projections. */
  public long expertParameters() {
    return 3L * hiddenSize * expertIntermediateSize;
  }

  /**
   * Parameters of all that is not a routed expert, in a layer of its own for each that has experts:
   * attention, router and shared experts, and an equal share of the leading layers, the embedding
   * and the output projection, which a problem file has no other place for.
   */
  public double denseParametersPerLayer() {
    return perLayer(2);
  }

  /** Those that each token is multiplied by: without the embedding, which is looked up. */
  private double multipliedParametersPerLayer() {
    return perLayer(1);
  }

  private double perLayer(int vocabularies) {
    double layer =
        attentionParameters
            + (double) sharedExperts * expertParameters()
            + (double) hiddenSize * expertsPerLayer;
    double leading = attentionParameters + 3.0 * hiddenSize * denseIntermediateSize;
    double words = (double) vocabularies * vocabulary * hiddenSize;
    return layer + (denseLayers * leading + words) / moeLayers;
  }

  /**
   * The model of a problem file, without dense part and synchronisation.
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
    return new Model(
        title,
        moeLayers,
        expertsPerLayer,
        topK,
        Math.round(expertParameters() * dtype.bytes() * stateFactor),
        flops(expertParameters(), training),
        training ? forward + bf16 : forward,
        training ? bf16 + bf16 : bf16,
        expertsPerShard,
        copies,
        null,
        null);
  }

  /**
   * The dense part of a problem file, for the same state of training as {@link #toModel}: hidden
   * states pass from layer to layer as BF16, and in training their gradients come back so. What
   * attention computes over the context, and the memory of its keys and values, depend on how long
   * that is and are left to the usable shares.
   */
  Backbone toBackbone(Dtype dtype, double stateFactor, boolean training) {
    double bf16 = (double) hiddenSize * BF16_BYTES;
    return new Backbone(
        Math.rint(denseParametersPerLayer() * dtype.bytes() * stateFactor),
        Math.rint(flops(multipliedParametersPerLayer(), training)),
        bf16,
        training ? bf16 : 0);
  }

  /**
   * The synchronisation of a problem file: each replica sends what became of its parameters.
   *
   * @param bytesPerParameter 2 for BF16, less where it is compressed
   */
  Sync toSync(double bytesPerParameter, double syncsPerHour, double window) {
    return new Sync(
        Math.rint(expertParameters() * bytesPerParameter),
        Math.rint(denseParametersPerLayer() * bytesPerParameter),
        syncsPerHour,
        window);
  }

  /** One multiplication and one addition for each parameter. */
  private static double flops(double parameters, boolean training) {
    return (training ? TRAINING_FLOPS : 1) * 2.0 * parameters;
  }
}
