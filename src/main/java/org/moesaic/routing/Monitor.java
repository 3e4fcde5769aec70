package org.moesaic.routing;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Counts what was read, tells of it now and then, and ends the reading when asked to. */
final class Monitor {
  private static final long BYTES_PER_LOOK = 1 << 20;
  private static final long NANOS_PER_REPORT = 1_000_000_000L;

  private final Consumer<ProfileProgress> listener;
  private final BooleanSupplier stop;
  private final long began = System.nanoTime();
  private String origin = "";
  private long bytes;
  private long totalBytes;
  private long tokens;
  private long nextLook = BYTES_PER_LOOK;
  private long nextReport = began + NANOS_PER_REPORT;

  Monitor(Consumer<ProfileProgress> listener, BooleanSupplier stop) {
    this.listener = listener;
    this.stop = stop;
  }

  /** One that nobody listens to. */
  static Monitor none() {
    return new Monitor(progress -> {}, () -> false);
  }

  void expect(long moreBytes) {
    totalBytes += moreBytes;
  }

  void begin(String newOrigin) {
    origin = newOrigin;
    tokens = 0;
  }

  /** Bytes of files, as they lie on the disk. */
  void read(long more) {
    bytes += more;
    if (bytes >= nextLook) {
      nextLook = bytes + BYTES_PER_LOOK;
      look();
    }
  }

  void token() {
    tokens++;
  }

  /** Looks whether to end, and whether to report. */
  void look() {
    if (stop.getAsBoolean()) {
      throw new CancellationException();
    }
    long now = System.nanoTime();
    if (now >= nextReport) {
      nextReport = now + NANOS_PER_REPORT;
      report(false);
    }
  }

  /** An origin is read. */
  void end() {
    report(true);
  }

  private void report(boolean done) {
    listener.accept(
        new ProfileProgress(
            origin, bytes, totalBytes, tokens, Duration.ofNanos(System.nanoTime() - began), done));
  }
}
