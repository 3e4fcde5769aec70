package org.moesaic.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderWriterTest {
  @TempDir private Path folder;

  private static Export.Content content(String name, String text) {
    return new Export.Content(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private static final List<Export.Content> TWO = List.of(content("a", "1"), content("b", "2"));

  private static List<String> names(Path in) throws IOException {
    try (Stream<Path> files = Files.list(in)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void makesAFolder() throws IOException {
    new FolderWriter(folder.resolve("new"), false).write(TWO);
    assertThat(names(folder)).containsExactly("new");
    assertThat(names(folder.resolve("new"))).containsExactly("a", "b");
    assertThat(folder.resolve("new/b")).hasContent("2");
  }

  @Test
  void addsToAFolder() throws IOException {
    Files.writeString(folder.resolve("c"), "mine");
    new FolderWriter(folder, false).write(TWO);
    assertThat(names(folder)).containsExactly("a", "b", "c");
  }

  @Test
  void replacesOnlyWhenTold() throws IOException {
    Files.writeString(folder.resolve("b"), "mine");
    assertThatThrownBy(() -> new FolderWriter(folder, false).write(TWO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The folder (%s) already has b.%nMaybe choose another folder, or let them be replaced: --force"
                .formatted(folder));
    assertThat(names(folder)).containsExactly("b");
    assertThat(folder.resolve("b")).hasContent("mine");
    new FolderWriter(folder, true).write(TWO);
    assertThat(names(folder)).containsExactly("a", "b");
    assertThat(folder.resolve("b")).hasContent("2");
  }

  @Test
  void neverReplacesAFolderOrALink() throws IOException {
    Files.createDirectory(folder.resolve("b"));
    assertThatThrownBy(() -> new FolderWriter(folder, true).write(TWO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is no regular file");
    Files.delete(folder.resolve("b"));
    Path elsewhere = Files.writeString(folder.resolve("elsewhere"), "mine");
    Files.createSymbolicLink(folder.resolve("b"), elsewhere);
    assertThatThrownBy(() -> new FolderWriter(folder, true).write(TWO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(elsewhere).hasContent("mine");
    assertThat(names(folder)).containsExactly("b", "elsewhere");
  }

  @Test
  void whatIsNoFolder() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "mine");
    assertThatThrownBy(() -> new FolderWriter(file, true).write(TWO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not a folder.")
        .hasMessageContaining("\nMaybe ");
    assertThatThrownBy(() -> new FolderWriter(folder.resolve("x/y"), false).write(TWO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Maybe create it first: mkdir -p");
    Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
    assertThatThrownBy(() -> new FolderWriter(folder.resolve("dangling"), false).write(TWO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is a link to nothing");
    assertThat(names(folder)).containsExactly("dangling", "file");
  }

  /** A name that no file system takes fails the second file; the first must not stay. */
  @Test
  void leavesNothingWhenOneFileFails() throws IOException {
    List<Export.Content> bad = List.of(content("a", "1"), content("x".repeat(300), "2"));
    assertThatThrownBy(() -> new FolderWriter(folder.resolve("new"), false).write(bad))
        .isInstanceOf(IOException.class);
    assertThat(names(folder)).isEmpty();
    Files.writeString(folder.resolve("a"), "mine");
    assertThatThrownBy(() -> new FolderWriter(folder, true).write(bad))
        .isInstanceOf(IOException.class);
    assertThat(names(folder)).containsExactly("a");
    assertThat(folder.resolve("a")).hasContent("mine");
  }
}
