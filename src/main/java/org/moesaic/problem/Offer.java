package org.moesaic.problem;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;
import org.moesaic.json.Default;
import org.moesaic.json.Doc;
import org.moesaic.json.Limits;
import org.moesaic.json.Pattern;
import org.moesaic.json.Range;
import org.moesaic.json.WarnIfAbsent;

/** GPU nodes of one kind that one provider leases in one region. */
public record Offer(
    @Doc("unique among offers") @Pattern(value = Names.PLAIN, says = Names.PLAIN_SAYS) String id,
    @Doc("id of its provider") String provider,
    @Doc("id of its region") String region,
    @Doc("e.g. H100; for people only") @Nullable String accelerator,
    @Doc("e.g. 8; for people only") @Range(min = 0) @Nullable Integer acceleratorsPerNode,
    @Doc("accelerator memory of a node, 2^30 bytes; absent: no limit")
        @WarnIfAbsent("memory does not limit it")
        @Range(min = Limits.LEAST_CAPACITY)
        @Nullable Double memoryGibPerNode,
    @Doc("dense peak of a node, 10^12 operations per second; absent: no limit")
        @WarnIfAbsent("compute does not limit it")
        @Range(min = Limits.LEAST_CAPACITY)
        @Nullable Double tflopsPerNode,
    @Doc("fabric bandwidth of a node, 10^9 bits per second; absent: no limit")
        @Range(min = Limits.LEAST_CAPACITY)
        @Nullable Double networkGbpsPerNode,
    @Doc("e.g. infiniband; chooses the usable share of the network") @Nullable String fabric,
    @Doc("power draw of a node, kW") @Default("0") @Range(min = 0) double powerKwPerNode,
    @Doc("e.g. lease; for people only") @Default("\"lease\"") String tenure,
    @Doc("price of a node, USD per hour") @Range(min = 0) double usdPerNodeHour,
    @Doc("fewest nodes if any are leased") @Default("0") @Range(min = 0) int minNodes,
    @Doc("most nodes; absent: unlimited") @Range(min = 0) @Nullable Integer maxNodes,
    @Doc("first day; absent: available now") @Nullable LocalDate availableFrom) {}
