package org.moesaic.cli;

/** The exit codes of every command. They are part of the command line's contract. */
final class ExitCode {
  /** The command did what it was asked. */
  static final int OK = 0;

  /** A defect of Moesaic, or of the machine it runs on. */
  static final int INTERNAL_ERROR = 1;

  /** The command line itself is wrong. */
  static final int USAGE = 2;

  /** The problem or the plan that was handed in is invalid. */
  static final int INVALID_INPUT = 3;

  /** No plan that keeps the rules was found. */
  static final int NO_PLAN = 4;

  /** The process was interrupted: 128 plus the number of SIGINT, as shells expect. */
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
