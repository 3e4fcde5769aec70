package org.moesaic.solve;

import java.util.ArrayList;
import java.util.List;

/** A request to end, which may come before what it ends has begun. */
final class Stop {
  private final List<Runnable> actions = new ArrayList<>();
  private boolean requested;

  synchronized boolean requested() {
    return requested;
  }

  synchronized void request() {
    requested = true;
    actions.forEach(Runnable::run);
  }

  /** Runs the actions once more, if the end was requested. */
  synchronized void repeat() {
    if (requested) {
      actions.forEach(Runnable::run);
    }
  }

  /** Runs an action when the end is requested; at once if it has been. */
  synchronized void onRequest(Runnable action) {
    actions.add(action);
    if (requested) {
      action.run();
    }
  }

  /** Forgets an action whose work is done. */
  synchronized void remove(Runnable action) {
    actions.remove(action);
  }
}
