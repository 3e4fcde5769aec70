package org.moesaic.json;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Writes files so that no reader ever sees half of one, whatever fails: aside first, then moved
 * into place.
 */
public final class AtomicFiles {
  private AtomicFiles() {}

  /** Writes the text of a file. */
  @FunctionalInterface
  public interface Content {
    /** Writes all of it; need not close {@code out}. */
    void writeTo(Writer out) throws IOException;
  }

  /**
   * Writes a file in UTF-8, and puts it in the place of an older one only once it is complete and
   * on the disk.
   *
   * @throws IOException if it cannot be written; an older file is then untouched. So is what is no
   *     regular file, such as a device
   */
  public static void write(Path file, Content content) throws IOException {
    try (StagedFile staged = StagedFile.beside(file)) {
      Writer out = new OutputStreamWriter(staged.out(), StandardCharsets.UTF_8);
      content.writeTo(out);
      out.flush();
      staged.commit(file);
    }
  }
}
