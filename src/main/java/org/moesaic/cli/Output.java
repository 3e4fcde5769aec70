package org.moesaic.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tells whether a file can be written before the work that fills it begins. */
final class Output {
  private Output() {}

  /**
   * Requires that a file can be written, beside the file that it is made from.
   *
   * @throws IllegalArgumentException that says why it cannot, and maybe a way out
   */
  static void requireWritable(Path file, Path input) {
    if (Files.isDirectory(file)) {
      throw new IllegalArgumentException(
          "The output (%s) is a folder.%nMaybe name a file in it.".formatted(file));
    }
    if (isSame(file, input)) {
      throw new IllegalArgumentException(
          "The output (%s) is the input too.%nMaybe choose another name.".formatted(file));
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "The output (%s) is not a regular file, so it cannot be replaced by one.%nMaybe leave -o out, and redirect standard output."
              .formatted(file));
    }
    Path folder = folderOf(file);
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "The folder (%s) of the output (%s) does not exist.%nMaybe create it first: mkdir -p %s"
              .formatted(folder, file, folder));
    }
    if (!Files.isWritable(folder)) {
      throw new IllegalArgumentException(
          "The folder (%s) of the output (%s) cannot be written to.%nMaybe choose another folder."
              .formatted(folder, file));
    }
  }

  /** The folder that is written to: that of the target, where the file is a link. */
  private static Path folderOf(Path file) {
    Path target = file;
    if (Files.isSymbolicLink(file)) {
      try {
        target = file.toRealPath();
      } catch (IOException e) {
        throw new IllegalArgumentException(
            "The output (%s) is a link to nothing.%nMaybe remove it first.".formatted(file), e);
      }
    }
    Path folder = target.getParent();
    return folder == null ? Path.of(".") : folder;
  }

  private static boolean isSame(Path file, Path input) {
    try {
      return Files.isSameFile(file, input);
    } catch (IOException e) {
      return false; // one of them is not there, which is for others to say
    }
  }
}
