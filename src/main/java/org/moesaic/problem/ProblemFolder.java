package org.moesaic.problem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Issues;

/**
 * The folder of a problem file: finds the files that a problem names, and none that lie elsewhere.
 */
final class ProblemFolder {
  private static final String INSIDE =
      "Maybe copy it next to the problem file and name it by its relative path.";

  private final Path problemFile;
  private final Issues issues;

  ProblemFolder(Issues issues) {
    this.problemFile = issues.file();
    this.issues = issues;
  }

  /**
   * The path of a file that a problem names, or null if it is not a regular file in this folder or
   * below, which is then reported.
   *
   * @param pointer where the problem names it
   */
  @Nullable Path find(String name, String pointer) {
    Path relative;
    try {
      relative = Path.of(name);
    } catch (InvalidPathException e) {
      issues.error(pointer, name, "The file name must be a path.", "Maybe a character slipped in.");
      return null;
    }
    if (name.isBlank()) {
      issues.error(
          pointer,
          name,
          "The file name must not be blank.",
          "Maybe it has not been filled in yet.");
      return null;
    }
    Path file = problemFile.resolveSibling(relative);
    if (relative.isAbsolute() || escapes(relative) || !isInside(file)) {
      issues.error(
          pointer,
          name,
          "The file (%s) must lie in the problem file's folder or below.".formatted(shown(name)),
          INSIDE);
      return null;
    }
    if (!Files.isRegularFile(file)) {
      issues.error(
          pointer,
          name,
          Files.exists(file)
              ? "The file (%s) must be a regular file.".formatted(shown(name))
              : "The file (%s) must exist.".formatted(shown(name)),
          "Maybe its path is mistyped; it is relative to the problem file.");
      return null;
    }
    return file;
  }

  private static boolean escapes(Path relative) {
    return relative.normalize().startsWith("..");
  }

  /**
   * Whether symbolic links lead to a place inside; a file that does not exist leads nowhere else.
   */
  private boolean isInside(Path file) {
    try {
      Path folder = problemFile.toRealPath().getParent();
      return !Files.exists(file) || file.toRealPath().startsWith(folder);
    } catch (IOException e) {
      return false;
    }
  }

  private static String shown(String name) {
    return org.moesaic.json.Texts.shown(name);
  }
}
