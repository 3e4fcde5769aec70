package org.moesaic.solve.bound;

import com.google.ortools.Loader;
import com.google.ortools.init.OrToolsVersion;
import com.google.ortools.linearsolver.MPSolver;
import com.sun.jna.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * The native libraries of OR-Tools, which are optional: without them there are plans, but no proof
 * of how good they are.
 *
 * <p>OR-Tools' own {@link Loader} keeps to itself why it failed, and leaves what it unpacked, 71 MB
 * on Linux, behind when the process is killed. So they are unpacked here, and deleted as soon as
 * they are loaded: what a process has mapped stays until it ends. The loader is left to do it on
 * Windows, which does not let go of such files, and where OR-Tools has a class loader of its own.
 */
public final class Natives {
  /** Held while there are unpacked files. */
  private static final ReentrantLock UNPACKED = new ReentrantLock();

  private static final String PREFIX = "moesaic-ortools-";

  private static volatile boolean abandoned;

  private Natives() {}

  private static final class Holder {
    static final @Nullable String FAILURE = load();
  }

  /** Loads the libraries, once; whether they can be used. */
  public static boolean available() {
    return Holder.FAILURE == null;
  }

  /**
   * Why the libraries cannot be used, in a sentence, and in a line of its own maybe what to do;
   * null if they can.
   */
  public static @Nullable String failure() {
    return Holder.FAILURE;
  }

  /**
   * Ends unpacking and loading, if that is under way, and waits until what was unpacked is deleted;
   * not for ever. For those who halt the JVM, where no shutdown hook runs.
   */
  public static void abandon() {
    abandoned = true;
    try {
      // The lock stays with this thread, so that nothing is unpacked any more.
      boolean unused = UNPACKED.tryLock(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static @Nullable String load() {
    try {
      if (!loaded()) {
        unpackAndLoad();
      }
      // Fails here, rather than in the midst of work, if classes and libraries are of two versions.
      MPSolver solver = MPSolver.createSolver("GLOP");
      if (solver == null) {
        return "OR-Tools comes without its linear solver GLOP.";
      }
      solver.delete();
      return null;
    } catch (NoClassDefFoundError e) {
      return "The class path lacks OR-Tools, or a part of it (%s).\nMaybe add %s."
          .formatted(e.getMessage(), "com.google.ortools:ortools-java");
    } catch (UnusableException e) {
      return e.getMessage();
    } catch (RuntimeException | LinkageError e) {
      return "The libraries of OR-Tools cannot be loaded: %s.\nMaybe they are not for this platform"
              .formatted(e)
          + " or version, or the temporary folder (%s) forbids to execute files; -Djava.io.tmpdir=…"
              .formatted(temporaryFolder())
          + " names another.";
    }
  }

  /** Whether the program that Moesaic is part of has loaded them before. */
  private static boolean loaded() {
    try {
      return OrToolsVersion.getMajorNumber() > 0;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }

  private static void unpackAndLoad() throws UnusableException {
    // A library serves the classes of the class loader that loads it, and no others.
    ClassLoader ours = Natives.class.getClassLoader();
    if (Platform.isWindows() || ours == null || ours != Loader.class.getClassLoader()) {
      Loader.loadNativeLibraries();
      return;
    }
    String platform = "ortools-" + Platform.RESOURCE_PREFIX;
    URL libraries = ours.getResource(platform + "/");
    if (libraries == null) {
      throw new UnusableException(
          "The class path lacks the libraries of OR-Tools for this platform (%s).\nMaybe add %s."
              .formatted(platform, "com.google.ortools:" + platform));
    }
    var guard = new Thread(Natives::abandon);
    Runtime.getRuntime().addShutdownHook(guard);
    UNPACKED.lock();
    try {
      unpackAndLoad(libraries);
    } finally {
      UNPACKED.unlock();
      try {
        Runtime.getRuntime().removeShutdownHook(guard);
      } catch (IllegalStateException e) {
        // The JVM is ending, and the hook at work.
      }
    }
  }

  private static void unpackAndLoad(URL libraries) throws UnusableException {
    try (var leftOver = LockedFolder.create(PREFIX)) {
      Path folder = leftOver.path();
      unpack(libraries, folder);
      System.load(folder.resolve(System.mapLibraryName("jniortools")).toAbsolutePath().toString());
    } catch (IOException e) {
      throw new UnusableException(
          "The libraries of OR-Tools cannot be unpacked to the temporary folder (%s): %s.\n"
                  .formatted(temporaryFolder(), e)
              + "Maybe make room there (100 MB), or name another by -Djava.io.tmpdir=….");
    }
  }

  private static void unpack(URL libraries, Path folder) throws IOException {
    URLConnection connection = libraries.openConnection();
    if (!(connection instanceof JarURLConnection jarConnection)) {
      throw new IOException("they are not in a jar, but at " + libraries);
    }
    // The cache would share the file with others, who may close it.
    jarConnection.setUseCaches(false);
    try (JarFile jar = jarConnection.getJarFile()) {
      String prefix = jarConnection.getEntryName();
      List<JarEntry> entries =
          jar.stream().filter(e -> e.getName().startsWith(prefix) && !e.isDirectory()).toList();
      for (JarEntry entry : entries) {
        if (abandoned) {
          throw new IOException("the program is ending");
        }
        // Whatever path an entry claims, it goes into the folder.
        Path name = Path.of(entry.getName()).getFileName();
        try (InputStream content = jar.getInputStream(entry)) {
          Files.copy(content, folder.resolve(name));
        }
      }
    }
  }

  private static @Nullable String temporaryFolder() {
    return System.getProperty("java.io.tmpdir");
  }

  private static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(String message) {
      super(message);
    }
  }
}
