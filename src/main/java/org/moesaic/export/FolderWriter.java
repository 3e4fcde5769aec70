package org.moesaic.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Writes several files into a folder: all of them or, short of a fault while they are renamed,
 * none. A folder that is not there is made aside with everything in it, and renamed once.
 */
final class FolderWriter {
  private final Path folder;
  private final boolean replace;
  private final String mark =
      "." + Long.toHexString(ThreadLocalRandom.current().nextLong()) + ".tmp";

  FolderWriter(Path folder, boolean replace) {
    this.folder = folder;
    this.replace = replace;
  }

  void write(List<Export.Content> files) throws IOException {
    if (Files.exists(folder)) {
      requireUsable(files);
      writeInto(folder, files);
      return;
    }
    Path absolute = folder.toAbsolutePath();
    Path parent = absolute.getParent();
    if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IllegalArgumentException(
          "The folder (%s) is a link to nothing.%nMaybe remove it first.".formatted(folder));
    }
    if (parent == null || !Files.isDirectory(parent)) {
      throw new IllegalArgumentException(
          "The folder (%s) cannot be made, since its own folder does not exist.%nMaybe create it first: mkdir -p %s"
              .formatted(folder, folder));
    }
    Path aside = parent.resolve("." + absolute.getFileName() + mark);
    List<Path> written = new ArrayList<>();
    Files.createDirectory(aside);
    try {
      for (Export.Content file : files) {
        Path path = aside.resolve(file.name());
        written.add(path);
        write(path, file.bytes());
      }
      move(aside, absolute);
    } catch (IOException | RuntimeException e) {
      written.add(aside);
      delete(written, e);
      throw e;
    }
  }

  private void requireUsable(List<Export.Content> files) {
    if (!Files.isDirectory(folder)) {
      throw new IllegalArgumentException(
          "The output (%s) is not a folder.%nMaybe choose another name.".formatted(folder));
    }
    if (!Files.isWritable(folder)) {
      throw new IllegalArgumentException(
          "The folder (%s) cannot be written to.%nMaybe choose another folder.".formatted(folder));
    }
    List<String> there = new ArrayList<>();
    for (Export.Content file : files) {
      Path path = folder.resolve(file.name());
      if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        there.add(file.name());
        if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          throw new IllegalArgumentException(
              "The output (%s) is there and is no regular file, so it cannot be replaced by one.%nMaybe choose another folder."
                  .formatted(path));
        }
      }
    }
    if (!replace && !there.isEmpty()) {
      throw new IllegalArgumentException(
          "The folder (%s) already has %s%s.%nMaybe choose another folder, or let them be replaced: --force"
              .formatted(
                  folder,
                  there.getFirst(),
                  there.size() == 1
                      ? ""
                      : " and %d more of the files".formatted(there.size() - 1)));
    }
  }

  private void writeInto(Path into, List<Export.Content> files) throws IOException {
    List<Path> aside = new ArrayList<>();
    try {
      for (Export.Content file : files) {
        Path path = into.resolve("." + file.name() + mark);
        aside.add(path);
        write(path, file.bytes());
      }
      for (int i = 0; i < files.size(); i++) {
        move(aside.get(i), into.resolve(files.get(i).name()));
      }
    } catch (IOException | RuntimeException e) {
      delete(aside, e);
      throw e;
    }
  }

  /** Deletes what is there of some files, whatever happens to one of them. */
  private static void delete(List<Path> paths, Exception reason) {
    for (Path path : paths) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        reason.addSuppressed(e);
      }
    }
  }

  private static void write(Path path, byte[] bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
