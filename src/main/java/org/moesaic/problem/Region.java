package org.moesaic.problem;

import org.jspecify.annotations.Nullable;

/**
 * A metropolitan area in which providers have sites.
 *
 * @param id unique among regions
 * @param continent e.g. {@code north-america}; decides between the two egress rates of a provider
 * @param country e.g. {@code US}; used by residency
 * @param latitude degrees north, -90 to 90; used where a link has no round trip
 * @param longitude degrees east, -180 to 180
 * @param powerDomain the grid that fails as one; absent: the region is its own domain
 * @param powerCapKw most power that the leases in this region may draw, kW; absent: no cap
 */
public record Region(
    String id,
    @Nullable String continent,
    @Nullable String country,
    @Nullable Double latitude,
    @Nullable Double longitude,
    @Nullable String powerDomain,
    @Nullable Double powerCapKw) {}
