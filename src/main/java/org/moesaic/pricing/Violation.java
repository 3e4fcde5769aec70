package org.moesaic.pricing;

/**
 * One rule that an assignment breaks.
 *
 * @param rule which rule
 * @param subject what breaks it, once for each rule: an offer ({@code capacity}, {@code
 *     availability}), an origin ({@code residency}, {@code latency}), a region ({@code power}), a
 *     provider ({@code providerShare}), two sites as in {@code azure/us-east -> oci/us-east}
 *     ({@code link}), or the part of the policy that shards break: {@code minReplicas}, {@code
 *     maxReplicas}, a kind of domain ({@code survival}), {@code pins/0}, {@code bans/2}
 * @param message the figure, the limit and their unit, for people
 */
public record Violation(Rule rule, String subject, String message) {}
