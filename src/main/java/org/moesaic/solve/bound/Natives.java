package org.moesaic.solve.bound;

import com.google.ortools.Loader;
import org.jspecify.annotations.Nullable;

/**
 * The native libraries of OR-Tools, which are optional: without them there are plans, but no proof
 * of how good they are.
 */
public final class Natives {
  private Natives() {}

  private static final class Holder {
    static final @Nullable String FAILURE = load();

    private static @Nullable String load() {
      try {
        Loader.loadNativeLibraries();
        return null;
      } catch (RuntimeException | LinkageError e) {
        // Not on the class path, not for this platform, no room to unpack it, or an old C library.
        return e.toString();
      }
    }
  }

  /** Loads the libraries, once; whether they can be used. */
  public static boolean available() {
    return Holder.FAILURE == null;
  }

  /** Why the libraries cannot be used; null if they can. */
  public static @Nullable String failure() {
    return Holder.FAILURE;
  }
}
