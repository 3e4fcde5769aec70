package org.moesaic.json;

/**
 * Why something cannot be read, for people.
 *
 * @param message one sentence
 * @param hint one sentence that begins with "Maybe" and shows a way out
 */
public record Explanation(String message, String hint) {}
