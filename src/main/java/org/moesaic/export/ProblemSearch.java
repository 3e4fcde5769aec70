package org.moesaic.export;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.moesaic.json.BoundedFile;
import org.moesaic.json.InvalidInputException;
import org.moesaic.json.Issues;
import org.moesaic.json.Limits;
import org.moesaic.json.Texts;
import org.moesaic.plan.Plan;

/** Finds the problem that a plan answers by the SHA-256 of its file, which a plan states. */
public final class ProblemSearch {
  /** Files of one folder, other than the plan's, that are looked at. */
  private static final int MAX_FILES = 1_000;

  private ProblemSearch() {}

  /**
   * Looks at the JSON files of the plan's folder, of the working folder, and of a folder {@code
   * problems} in or beside either; of a folder other than the plan's, the first 1,000 by name.
   *
   * @return the first that matches, by folder and then by name
   * @throws InvalidInputException if none does, with the folders that were searched
   */
  public static Path find(Plan plan, Path planFile) {
    return find(plan, planFile, Path.of(""));
  }

  static Path find(Plan plan, Path planFile, Path workingFolder) {
    var issues = new Issues(planFile);
    String sha256 = plan.problem().sha256();
    List<Path> folders = folders(planFile, workingFolder);
    if (!sha256.isEmpty()) {
      Path own = planFile.toAbsolutePath().normalize().getParent();
      for (Path folder : folders) {
        List<Path> files = files(folder);
        int most = folder.equals(own) ? files.size() : Math.min(files.size(), MAX_FILES);
        for (Path file : files.subList(0, most)) {
          if (sha256.equals(sha256(file))) {
            return file;
          }
        }
      }
    }
    issues.error(
        "/problem/sha256",
        sha256,
        sha256.isEmpty()
            ? "The plan must say the SHA-256 of its problem's file, so that it can be found."
            : "The problem (%s) must be found by its SHA-256, but is not in %s."
                .formatted(
                    Texts.shown(plan.problem().name()),
                    folders.stream().map(Path::toString).collect(Collectors.joining(", "))),
        sha256.isEmpty()
            ? "Maybe solve the problem's file again."
            : "Maybe say where it is: --problem FILE; a problem that was edited since is another"
                + " one.");
    issues.throwIfErrors();
    throw new IllegalStateException("Errors are thrown.");
  }

  private static List<Path> folders(Path planFile, Path workingFolder) {
    Set<Path> folders = new LinkedHashSet<>();
    List<Path> bases =
        List.of(
            planFile.toAbsolutePath().normalize().getParent(),
            workingFolder.toAbsolutePath().normalize());
    folders.addAll(bases);
    for (Path base : bases) {
      folders.add(base.resolve("problems"));
      folders.add(base.resolveSibling("problems"));
    }
    return folders.stream().filter(Files::isDirectory).toList();
  }

  /** By name. */
  private static List<Path> files(Path folder) {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> json = Files.newDirectoryStream(folder, "*.json")) {
      for (Path file : json) {
        files.add(file);
      }
    } catch (IOException | DirectoryIteratorException e) {
      return List.of(); // a folder that cannot be read has nothing to offer
    }
    files.sort(null);
    return files;
  }

  /** Of a file's bytes, in lower-case hex; empty where it cannot be read. */
  private static String sha256(Path file) {
    try (InputStream in = BoundedFile.open(file, Limits.JSON_BYTES)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException | UncheckedIOException e) {
      return "";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
