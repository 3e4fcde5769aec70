package org.moesaic.json;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

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
    Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file;
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw new FileSystemException(target.toString(), null, "not a regular file");
    }
    Path aside =
        target.resolveSibling(
            "."
                + target.getFileName()
                + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong())
                + ".tmp");
    try {
      try (FileChannel channel =
              FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          Writer out =
              new OutputStreamWriter(Channels.newOutputStream(channel), StandardCharsets.UTF_8)) {
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      move(aside, target);
    } finally {
      if (Files.exists(aside, LinkOption.NOFOLLOW_LINKS)) {
        Files.delete(aside);
      }
    }
  }

  private static void move(Path aside, Path target) throws IOException {
    try {
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(aside, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
