package org.moesaic.export;

import java.util.Map;
import java.util.stream.Collectors;
import org.moesaic.pack.LayerPacking;
import org.moesaic.pack.OfferPacking;

/** Writes the packing of one offer as one file. Has no state. */
interface OfferFormat {
  /** Whether a file may leave out experts that its offer does not hold. */
  enum Partial {
    /** It cannot say so, or an engine would take it for something else. */
    NEVER,
    /** It can say so, but what it is made for expects all of them. */
    ON_REQUEST,
    /** It is made for that. */
    ALWAYS
  }

  /** Whether every layer needs as many slots as every other. */
  boolean uniform();

  /** Whether an accelerator can hold two replicas of an expert. */
  boolean repeats();

  Partial partial();

  /** What it reads like if experts are missing: follows "the offer must hold every expert". */
  String needsAll();

  /** The bytes of a file. The packing has passed every check that the methods above ask for. */
  byte[] write(OfferPacking packing, ModelLayers layers);

  /** How to start an engine with a file: arguments or settings, to be shown to people. */
  String usage(OfferPacking packing, String file);

  /** The layers of a packing by their number. */
  static Map<Integer, LayerPacking> byLayer(OfferPacking packing) {
    return packing.packing().layers().stream()
        .collect(Collectors.toMap(LayerPacking::layer, layer -> layer));
  }

  /** Most slots that a layer of a packing has. */
  static int slots(OfferPacking packing) {
    return packing.packing().layers().stream().mapToInt(LayerPacking::slots).max().orElse(0);
  }
}
