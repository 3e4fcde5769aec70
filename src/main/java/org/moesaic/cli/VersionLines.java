package org.moesaic.cli;

import org.moesaic.Version;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints: all that a report of a defect needs. */
final class VersionLines implements IVersionProvider {
  @Override
  public String[] getVersion() {
    Version version = Version.current();
    return new String[] {
      "Moesaic " + version,
      "Timefold Solver " + version.timefold(),
      "Java %s (%s)"
          .formatted(System.getProperty("java.version"), System.getProperty("java.vendor"))
    };
  }
}
