package org.moesaic.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir private Path folder;

  @Test
  void replacesAnOlderFile() throws IOException {
    Path file = Files.writeString(folder.resolve("plan.json"), "old");
    AtomicFiles.write(file, out -> out.write("né\n"));

    assertThat(file).hasContent("né\n");
    assertThat(folder).isDirectoryContaining(file::equals).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void whatIsNoFileIsNotReplaced() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));

    assertThatIOException()
        .isThrownBy(() -> AtomicFiles.write(empty, out -> out.write("text")))
        .withMessageContaining("not a regular file");
    assertThat(empty).isEmptyDirectory();
  }

  @Test
  void failureLeavesTheOlderFileAndNothingElse() throws IOException {
    Path file = Files.writeString(folder.resolve("plan.json"), "old");

    assertThatIOException()
        .isThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      out.write("half");
                      throw new IOException("no space");
                    }))
        .withMessage("no space");
    assertThat(file).hasContent("old");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void followsASymbolicLink() throws IOException {
    Path target = Files.writeString(folder.resolve("target.json"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link.json"), target);
    AtomicFiles.write(link, out -> out.write("new"));

    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(target).hasContent("new");
  }
}
