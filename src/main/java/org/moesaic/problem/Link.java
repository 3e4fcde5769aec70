package org.moesaic.problem;

import org.jspecify.annotations.Nullable;

/**
 * What is known of the way from one site to another.
 *
 * @param from a site, {@code provider/region}
 * @param to another site
 * @param bidirectional whether all of this also holds from {@code to} to {@code from}
 * @param usdPerGb price of traffic in this direction, USD per 10^9 bytes; absent: the provider's
 *     rate
 * @param rttMs round-trip time, ms; absent: estimated from the distance
 * @param gbps capacity, 10^9 bits per second in each direction; absent: unlimited
 */
public record Link(
    String from,
    String to,
    boolean bidirectional,
    @Nullable Double usdPerGb,
    @Nullable Double rttMs,
    @Nullable Double gbps) {}
