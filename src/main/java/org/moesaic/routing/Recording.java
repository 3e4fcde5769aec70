package org.moesaic.routing;

import java.nio.file.Path;
import java.util.List;

/**
 * What was recorded of one origin.
 *
 * @param origin its id, as the problem file has it
 * @param paths files, and folders of files, in the order in which their tokens came
 */
public record Recording(String origin, List<Path> paths) {
  public Recording {
    paths = List.copyOf(paths);
    if (paths.isEmpty()) {
      throw new IllegalArgumentException(
          "The origin (%s) must have a recording.%nMaybe write %s=FILE.".formatted(origin, origin));
    }
    if (origin.isBlank()
        || !origin.strip().equals(origin)
        || origin.startsWith(".")
        || origin.chars().anyMatch(c -> c < ' ' || ",\"/\\".indexOf(c) >= 0)) {
      throw new IllegalArgumentException(
          ("The origin (%s) must be a name that can stand in a CSV file and name a file: without"
                  + " comma, quote or slash.%nMaybe rename it in the problem too.")
              .formatted(origin));
    }
  }
}
