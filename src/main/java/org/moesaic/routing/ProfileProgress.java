package org.moesaic.routing;

import java.time.Duration;

/**
 * How far a profile is.
 *
 * @param origin whose recording is being read
 * @param bytesRead bytes of all recordings that were read so far, as they lie on the disk
 * @param totalBytes bytes of all recordings
 * @param tokens tokens of this origin so far; 0 where only counts are recorded
 * @param elapsed since the profile began
 * @param done whether this origin is read
 */
public record ProfileProgress(
    String origin, long bytesRead, long totalBytes, long tokens, Duration elapsed, boolean done) {}
