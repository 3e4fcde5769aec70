package org.moesaic.json;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that is written aside, hidden, until it is complete. Closing it removes it, unless it was
 * committed before.
 */
public final class StagedFile implements Closeable {
  private static final Duration YOUNG = Duration.ofMinutes(5);

  private final Path aside;
  private final FileChannel channel;
  private final OutputStream out;

  private StagedFile(Path aside) throws IOException {
    this.aside = aside;
    channel = FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    out = Channels.newOutputStream(channel);
    try {
      // Tells others that somebody is at work; ends with the process.
      var unused = channel.tryLock();
    } catch (IOException e) {
      // A file system without locks: then left-overs stay.
    }
  }

  /**
   * Begins a file in the folder of another one, or, if that is a symbolic link, of its target.
   *
   * @throws IOException if it cannot be created, or if the other one is no regular file, such as a
   *     device
   */
  public static StagedFile beside(Path file) throws IOException {
    Path target = target(file);
    deleteLeftOver(target);
    return new StagedFile(
        target.resolveSibling(
            "."
                + target.getFileName()
                + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong())
                + ".tmp"));
  }

  /** Files that were begun for the same target by processes that were killed. */
  private static void deleteLeftOver(Path target) {
    Path folder = target.toAbsolutePath().getParent();
    String begin = "." + target.getFileName() + ".";
    DirectoryStream.Filter<Path> filter =
        file -> {
          String name = file.getFileName().toString();
          return name.startsWith(begin)
              && name.substring(begin.length()).matches("[0-9a-f]+\\.tmp");
        };
    try (DirectoryStream<Path> begun = Files.newDirectoryStream(folder, filter)) {
      for (Path file : begun) {
        if (isLeftOver(file)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | RuntimeException e) {
      // Nothing depends on it.
    }
  }

  /** Whether nobody is at work; sealed files are not locked, but soon to be committed. */
  private static boolean isLeftOver(Path file) throws IOException {
    Instant changed = Files.getLastModifiedTime(file).toInstant();
    if (changed.isAfter(Instant.now().minus(YOUNG))) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // of this process
    }
  }

  private static Path target(Path file) throws IOException {
    Path target = Files.isSymbolicLink(file) ? file.toRealPath() : file;
    if (Files.exists(target) && !Files.isRegularFile(target)) {
      throw new FileSystemException(target.toString(), null, "not a regular file");
    }
    return target;
  }

  /** Where its bytes go; not buffered. */
  public OutputStream out() {
    return out;
  }

  /** Where its bytes lie until it is committed. */
  public Path path() {
    return aside;
  }

  /** Puts the bytes on the disk; no more can be written. */
  public void seal() throws IOException {
    if (channel.isOpen()) {
      channel.force(true);
      channel.close();
    }
  }

  /**
   * Puts the bytes on the disk, and the file in the place of an older one.
   *
   * @param file in the folder in which this file began
   */
  public void commit(Path file) throws IOException {
    seal();
    Path target = target(file);
    try {
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(aside, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Removes the file, unless it was committed. */
  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(aside);
  }
}
