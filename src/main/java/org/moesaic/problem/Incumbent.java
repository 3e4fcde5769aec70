package org.moesaic.problem;

import org.jspecify.annotations.Nullable;
import org.moesaic.json.Doc;
import org.moesaic.json.Range;

/** The plan in force. */
public record Incumbent(
    @Doc("its file, relative to the problem file and in the same folder or below") String plan,
    @Doc("hours over which the cost of moving is spread") @Range(above = 0) double horizonHours,
    @Doc("most that may be moved, 10^9 bytes; absent: no limit") @Range(min = 0)
        @Nullable Double maxMovedGb) {}
