package org.moesaic.solve;

/**
 * A reason why a problem cannot be planned, or why no plan keeps its rules, that shows before any
 * search.
 *
 * @param pointer where in the problem file, as a JSON pointer (RFC 6901)
 * @param message one sentence that says what has to hold
 * @param hint one sentence that begins with "Maybe" and shows a way out
 */
public record Obstacle(String pointer, String message, String hint) {}
