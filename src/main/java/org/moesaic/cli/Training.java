package org.moesaic.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The run that the build records to make the start-up archive. A JVM records one process only, so
 * this one runs several command lines, one after the other.
 */
final class Training {
  private Training() {}

  /**
   * Runs the command lines of a file and exits with the first exit code that isn't 0.
   *
   * @param args the path of the file: a command line per line, split at blanks; empty lines and
   *     those that start with {@code #} are skipped
   */
  public static void main(String[] args) throws IOException {
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      System.out.println("$ moesaic " + line);
      int exitCode = Main.run(line.strip().split("\\s+"), System.out, System.err);
      if (exitCode != ExitCode.OK) {
        System.exit(exitCode);
      }
    }
  }
}
