package org.moesaic.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.moesaic.check.CheckReport.Finding;

/** Tells what is wrong with a plan file. */
final class Findings {
  private Findings() {}

  /** Two lines for each: where and what, and maybe a way out. */
  static void print(List<Finding> findings, Path file, PrintWriter to) {
    for (Finding finding : findings) {
      to.printf("%s#%s: %s%n  %s%n", file, finding.pointer(), finding.message(), finding.hint());
    }
  }
}
