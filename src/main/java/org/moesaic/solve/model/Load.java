package org.moesaic.solve.model;

/**
 * What an offer carries, or what one piece puts on it.
 *
 * @param pieces held: shards and dense parts of layers
 * @param memory of them, in units of the tariff
 * @param calls to experts served, in units of the tariff
 * @param tokens through layers hosted, in units of the tariff
 */
public record Load(long pieces, long memory, long calls, long tokens) {
  /** Nothing. */
  public static final Load NONE = new Load(0, 0, 0, 0);

  /** Both together. */
  public Load plus(Load other) {
    return new Load(
        pieces + other.pieces, memory + other.memory, calls + other.calls, tokens + other.tokens);
  }

  /** What is left without the other. */
  public Load minus(Load other) {
    return new Load(
        pieces - other.pieces, memory - other.memory, calls - other.calls, tokens - other.tokens);
  }
}
