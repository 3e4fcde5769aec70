package org.moesaic.problem;

import org.jspecify.annotations.Nullable;

/**
 * The plan in force.
 *
 * @param plan its file, relative to the problem file
 * @param horizonHours hours over which the cost of moving is spread, &gt; 0
 * @param maxMovedGb most that may be moved, 10^9 bytes; absent: no limit
 */
public record Incumbent(String plan, double horizonHours, @Nullable Double maxMovedGb) {}
