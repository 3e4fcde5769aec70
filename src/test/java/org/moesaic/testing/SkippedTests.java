package org.moesaic.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Writes down which tests were skipped and why, one line each, to the file that the system property
 * {@code moesaic.skipped} names; the build shows it last. JUnit finds this by its name in {@code
 * META-INF/services}.
 */
public final class SkippedTests implements TestExecutionListener {
  /** What JUnit, and some tests, begin a reason with. */
  private static final Pattern BEGINNING = Pattern.compile("^(Assumption failed: )?(Skipped: )?");

  private final Map<String, String> reasons = new TreeMap<>();

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    skipped(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
      skipped(test, result.getThrowable().map(Throwable::getMessage).orElse("for no reason given"));
    }
  }

  private synchronized void skipped(TestIdentifier test, String reason) {
    String why = BEGINNING.matcher(reason).replaceFirst("");
    reasons.put(name(test), why.lines().findFirst().orElse(why));
  }

  /** Class and method in place of the unique id, which nobody reads. */
  private static String name(TestIdentifier test) {
    return test.getSource()
        .map(
            source ->
                switch (source) {
                  case MethodSource method ->
                      simple(method.getClassName()) + "." + method.getMethodName();
                  case ClassSource all -> simple(all.getClassName());
                  default -> test.getDisplayName();
                })
        .orElse(test.getDisplayName());
  }

  private static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }

  @Override
  public synchronized void testPlanExecutionFinished(TestPlan plan) {
    String file = System.getProperty("moesaic.skipped");
    if (file == null) {
      return;
    }
    var text = new StringBuilder();
    reasons.forEach((test, why) -> text.append("Skipped %s: %s%n".formatted(test, why)));
    try {
      Files.createDirectories(Path.of(file).getParent());
      Files.writeString(Path.of(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
