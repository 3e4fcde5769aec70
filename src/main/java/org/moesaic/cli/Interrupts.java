package org.moesaic.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.moesaic.solve.bound.Natives;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Turns the first ^C, SIGTERM or SIGHUP (a terminal that closes) into a request to finish. The
 * second ends the process at once.
 *
 * <p>The class {@code sun.misc.Signal} is not part of Java SE, but of every JDK (module {@code
 * jdk.unsupported}), and nothing else will do: a shutdown hook runs when the JVM is ending already,
 * with an exit code that it cannot change and a main thread that is not waited for. Where signals
 * cannot be handled, as with {@code -Xrs}, they end the process as if this class was not there.
 */
final class Interrupts implements AutoCloseable {
  private static final List<String> SIGNALS = List.of("INT", "TERM", "HUP");

  private final Map<Signal, SignalHandler> before = new LinkedHashMap<>();
  private final Runnable finish;
  private volatile boolean caught;

  private Interrupts(Runnable finish) {
    this.finish = finish;
  }

  /**
   * Handles signals until closed.
   *
   * @param finish run on the first signal, by a thread of the JVM
   */
  static Interrupts handle(Runnable finish) {
    var interrupts = new Interrupts(finish);
    SIGNALS.forEach(interrupts::install);
    return interrupts;
  }

  private void install(String name) {
    try {
      var signal = new Signal(name);
      before.put(signal, Signal.handle(signal, this::caught));
    } catch (IllegalArgumentException | LinkageError e) {
      // The platform has no such signal, the JVM keeps it for itself, or lacks the class.
    }
  }

  private synchronized void caught(Signal signal) {
    if (caught) {
      // Which else would leave its files behind.
      Natives.abandon();
      Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
    }
    caught = true;
    finish.run();
  }

  /** Whether a signal came. */
  boolean caught() {
    return caught;
  }

  /** Leaves signals to whoever handled them before. */
  @Override
  public void close() {
    before.forEach(Signal::handle);
  }
}
