package org.moesaic.problem;

import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * GPU nodes of one kind that one provider leases in one region.
 *
 * @param id unique among offers
 * @param provider of its site
 * @param region of its site
 * @param accelerator e.g. {@code H100}; for people only
 * @param acceleratorsPerNode e.g. 8
 * @param memoryGibPerNode accelerator memory of a node, 2^30 bytes; absent: no limit
 * @param tflopsPerNode dense peak of a node, 10^12 operations per second; absent: no limit
 * @param networkGbpsPerNode fabric bandwidth of a node, 10^9 bits per second; absent: no limit
 * @param fabric e.g. {@code infiniband}; chooses the usable share of the network
 * @param powerKwPerNode power draw of a node, kW; 0 if absent
 * @param tenure e.g. {@code lease}
 * @param usdPerNodeHour price of a node, USD per hour
 * @param minNodes fewest nodes if any are leased
 * @param maxNodes most nodes; absent: unlimited
 * @param availableFrom first day; absent: now
 */
public record Offer(
    String id,
    String provider,
    String region,
    @Nullable String accelerator,
    @Nullable Integer acceleratorsPerNode,
    @Nullable Double memoryGibPerNode,
    @Nullable Double tflopsPerNode,
    @Nullable Double networkGbpsPerNode,
    @Nullable String fabric,
    double powerKwPerNode,
    String tenure,
    double usdPerNodeHour,
    int minNodes,
    @Nullable Integer maxNodes,
    @Nullable LocalDate availableFrom) {}
