package org.moesaic;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which Moesaic this is. The build writes the values into a resource, because a manifest is lost
 * when classes are repackaged or run from a folder.
 *
 * @param moesaic the version of Moesaic, such as {@code 0.1.0}
 * @param commit the abbreviated id of the commit it was built from, or {@code unknown} when it was
 *     built outside a git clone
 * @param timefold the version of Timefold Solver it was built with
 */
public record Version(String moesaic, String commit, String timefold) {
  private static final String RESOURCE = "version.properties";

  /** Returns the version of the running code. */
  public static Version current() {
    var properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            "The resource (%s) is missing beside %s.".formatted(RESOURCE, Version.class));
      }
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Version(
        value(properties, "version"), value(properties, "commit"), value(properties, "timefold"));
  }

  private static String value(Properties properties, String key) {
    String value = properties.getProperty(key);
    if (value == null) {
      throw new IllegalStateException(
          "The resource (%s) has no value for (%s).".formatted(RESOURCE, key));
    }
    return value;
  }

  /** Returns the version and commit as people quote them, such as {@code 0.1.0 (1a2b3c4)}. */
  @Override
  public String toString() {
    return moesaic + " (" + commit + ")";
  }
}
