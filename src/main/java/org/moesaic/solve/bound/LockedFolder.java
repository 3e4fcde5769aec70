package org.moesaic.solve.bound;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A temporary folder that is deleted when it is closed; if its process is killed before that, the
 * next one that makes such a folder deletes it. A lock, which ends with the process, tells which
 * are still in use.
 */
final class LockedFolder implements AutoCloseable {
  private static final String LOCK = ".lock";

  /** Younger folders without a lock may be about to get one. */
  private static final Duration YOUNG = Duration.ofMinutes(1);

  private final Path path;
  private final FileChannel lock;

  private LockedFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /** Makes a folder, and deletes what is left over of others. */
  static LockedFolder create(String prefix) throws IOException {
    Path path = Files.createTempDirectory(prefix);
    FileChannel lock =
        FileChannel.open(
            path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      var unused = lock.tryLock();
    } catch (IOException e) {
      // A file system without locks: then nobody can tell, and nothing is deleted.
    }
    Path parent = path.getParent();
    if (parent != null) {
      deleteLeftOver(parent, prefix, path);
    }
    return new LockedFolder(path, lock);
  }

  private static void deleteLeftOver(Path parent, String prefix, Path own) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, prefix + "*")) {
      for (Path folder : folders) {
        if (!folder.equals(own)
            && Files.isDirectory(folder)
            && Files.isWritable(folder)
            && isLeftOver(folder)) {
          delete(folder);
        }
      }
    } catch (IOException | RuntimeException e) {
      // Nothing depends on it.
    }
  }

  private static boolean isLeftOver(Path folder) throws IOException {
    Path file = folder.resolve(LOCK);
    if (!Files.exists(file)) {
      Instant changed = Files.getLastModifiedTime(folder).toInstant();
      return changed.isBefore(Instant.now().minus(YOUNG));
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // of this process
    }
  }

  /** Where it is. */
  Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      // Nothing depends on it.
    }
    delete(path);
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // Nothing depends on it, and there is nobody to tell.
    }
  }
}
