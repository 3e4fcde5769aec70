package org.moesaic.routing;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Doc;
import org.moesaic.json.OneLine;
import org.moesaic.problem.Routing;

/** What recordings say about routing, in figures. */
public record Profile(
    @Doc("MoE layers, as moeLayers of a problem") int moeLayers,
    @Doc("experts of a layer, as expertsPerLayer of a problem") int expertsPerLayer,
    @Doc("whether that is only the greatest expert that was named, plus 1")
        boolean expertsPerLayerIsGuess,
    @Doc("experts that a token chooses; absent: no recording says") @Nullable Integer topK,
    @Doc("the number that each layer has in the recordings") List<Integer> recordedLayers,
    @Doc("one per recording, in the order given") List<OriginProfile> origins,
    @Doc("how alike origins are, one per pair") List<Overlap> overlaps,
    @Doc("what a problem file beside the outputs says of them") Routing routing,
    @Doc("what is worth knowing besides") List<String> notes) {

  public Profile {
    recordedLayers = List.copyOf(recordedLayers);
    origins = List.copyOf(origins);
    overlaps = List.copyOf(overlaps);
    notes = List.copyOf(notes);
  }

  /** What one origin's recordings say. */
  public record OriginProfile(
      @Doc("its id") String origin,
      @Doc("files that were read") int files,
      @Doc("bytes of them, as they lie on the disk") long bytes,
      @Doc("tokens, or calls per layer and expert of a token; absent: not known")
          @Nullable Long tokens,
      @Doc("calls of all layers") double calls,
      @Doc("load of the most called expert by the mean load, mean over the layers that are called")
          double meanSkew,
      @Doc("the same, greatest") double maxSkew,
      @Doc("entropy of the calls, bits, mean over the layers that are called")
          double meanEntropyBits,
      @Doc("the same, least") double minEntropyBits,
      @Doc("one per layer") List<LayerProfile> layers,
      @Doc("tokens of its sample file; absent: it has none") @Nullable Long sampleTokens) {
    public OriginProfile {
      layers = List.copyOf(layers);
    }
  }

  /** What one origin's recordings say of a layer. */
  @OneLine
  public record LayerProfile(
      @Doc("its number in loads and samples") int layer,
      @Doc("calls of all its experts") double calls,
      @Doc("load of the most called expert by the mean load; absent: nothing was called")
          @Nullable Double skew,
      @Doc("entropy of the calls, bits; absent: nothing was called")
          @Nullable Double entropyBits) {}

  /**
   * How alike two origins are: 1 if they call the same experts equally often, 0 if they have none
   * in common. It is the sum over experts of the lesser of the two shares, that is 1 less the total
   * variation distance.
   */
  @OneLine
  public record Overlap(
      @Doc("an origin") String a,
      @Doc("another one") String b,
      @Doc("mean over the layers that both call") double mean,
      @Doc("least of the layers") double least,
      @Doc("the layer that has it") int leastLayer) {}
}
