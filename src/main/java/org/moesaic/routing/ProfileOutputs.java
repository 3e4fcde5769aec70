package org.moesaic.routing;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a profile writes.
 *
 * @param loads the CSV file of all origins' loads; null: none
 * @param samples the folder of sample files, one per origin, made if it is not there; null: none
 */
public record ProfileOutputs(@Nullable Path loads, @Nullable Path samples) {
  /** Nothing is written. */
  public static final ProfileOutputs NONE = new ProfileOutputs(null, null);
}
