package org.moesaic.solve.bound;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LockedFolderTest {
  private static final String PREFIX = "moesaic-locked-folder-test-";

  /** What a process that was killed leaves: a folder whose lock nobody holds. */
  private static Path leftOver(boolean withLock, Duration age) throws IOException {
    Path folder = Files.createTempDirectory(PREFIX);
    Files.writeString(folder.resolve("library.so"), "much");
    if (withLock) {
      Files.createFile(folder.resolve(".lock"));
    }
    Files.setLastModifiedTime(folder, FileTime.from(Instant.now().minus(age)));
    return folder;
  }

  @Test
  void deletesWhatIsLeftOverAndNothingElse() throws IOException {
    Path killed = leftOver(true, Duration.ZERO);
    Path killedLongAgo = leftOver(false, Duration.ofHours(1));
    Path justBegun = leftOver(false, Duration.ZERO);
    try (LockedFolder inUse = LockedFolder.create(PREFIX)) {
      assertThat(killed).doesNotExist();
      assertThat(killedLongAgo).doesNotExist();
      assertThat(justBegun).exists();
      Path own;
      try (LockedFolder another = LockedFolder.create(PREFIX)) {
        own = another.path();
        assertThat(inUse.path()).exists();
        assertThat(own).exists();
      }
      assertThat(own).doesNotExist();
    } finally {
      Files.deleteIfExists(justBegun.resolve("library.so"));
      Files.deleteIfExists(justBegun);
    }
  }
}
