package org.moesaic.cli;

import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.moesaic.solve.bound.Natives;

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

  /** Handlers by signals as they were before, objects of {@code sun.misc}. */
  private final Map<Object, Object> before = new LinkedHashMap<>();

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

  /** By reflection, since javac cannot be told not to warn of {@code sun.misc}. */
  private void install(String name) {
    try {
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Class<?> signalType = Class.forName("sun.misc.Signal");
      Object signal = signalType.getConstructor(String.class).newInstance(name);
      Object handler =
          Proxy.newProxyInstance(
              handlerType.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  signalled();
                  return null;
                }
                return switch (method.getName()) {
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> arguments != null && proxy == arguments[0];
                  default -> "moesaic";
                };
              });
      Object old =
          signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
      if (old != null) {
        before.put(signal, old);
      }
    } catch (ReflectiveOperationException | IllegalArgumentException | LinkageError e) {
      // The platform has no such signal, the JVM keeps it for itself, or lacks the class.
    }
  }

  private synchronized void signalled() {
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
    before.forEach(Interrupts::restore);
  }

  private static void restore(Object signal, Object handler) {
    try {
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      signal
          .getClass()
          .getMethod("handle", signal.getClass(), handlerType)
          .invoke(null, signal, handler);
    } catch (ReflectiveOperationException e) {
      // It was there a moment ago.
    }
  }
}
