package org.moesaic.problem;

import org.jspecify.annotations.Nullable;
import org.moesaic.json.Doc;
import org.moesaic.json.Pattern;
import org.moesaic.json.Range;

/** A metropolitan area in which providers have sites. */
public record Region(
    @Doc("unique among regions") @Pattern(value = Names.SEGMENT, says = Names.SEGMENT_SAYS)
        String id,
    @Doc("e.g. north-america; decides between the two egress rates of a provider")
        @Nullable String continent,
    @Doc("e.g. US; used by residency") @Nullable String country,
    @Doc("degrees north; used where a link has no round trip") @Range(min = -90, max = 90)
        @Nullable Double latitude,
    @Doc("degrees east; used where a link has no round trip") @Range(min = -180, max = 180)
        @Nullable Double longitude,
    @Doc("the grid that fails as one; absent: the region is its own domain")
        @Nullable String powerDomain,
    @Doc("most power that the leases in this region may draw, kW; absent: no cap") @Range(min = 0)
        @Nullable Double powerCapKw) {}
