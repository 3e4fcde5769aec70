package org.moesaic.routing;

import java.io.IOException;
import java.nio.file.Path;
import org.moesaic.json.StagedFile;

/** Keeps tokens of one origin for its sample file, in the order in which they were recorded. */
interface Samples extends AutoCloseable {
  /**
   * Begins with the tokens of a file.
   *
   * @param cells ids of each token, the same in all files
   */
  void begin(Path file, int cells);

  /**
   * Offers a token.
   *
   * @param cells which of the ids belong to it; empty: all
   */
  void offer(int[] ids, int[] cells);

  /** How many tokens are kept. */
  long tokens();

  /** Takes no more tokens, and keeps what there is on the disk instead of in memory. */
  void seal() throws IOException;

  /**
   * Completes the file, aside; after {@link #seal}.
   *
   * @param wide whether ids take two bytes
   * @param target the file beside which it is written
   */
  StagedFile finish(Path target, boolean wide) throws IOException;

  /** Removes what was not finished. */
  @Override
  void close() throws IOException;
}
