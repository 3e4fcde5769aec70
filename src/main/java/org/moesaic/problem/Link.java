package org.moesaic.problem;

import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Range;

/** What is known of the way from one site to another. */
public record Link(
    @Doc("a site, provider/region") String from,
    @Doc("another site, provider/region") String to,
    @Doc("whether all of this also holds from 'to' to 'from'") @Default("false")
        boolean bidirectional,
    @Doc("price of traffic in this direction, USD per 10^9 bytes; absent: the provider's rate")
        @Range(min = 0)
        @Nullable Double usdPerGb,
    @Doc("round-trip time, ms; absent: estimated from the distance") @Range(min = 0)
        @Nullable Double rttMs,
    @Doc("capacity, 10^9 bits per second in each direction; absent: unlimited") @Range(min = 0)
        @Nullable Double gbps) {}
