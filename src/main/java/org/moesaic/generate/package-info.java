/**
 * Makes problems from published figures: shapes of models, list prices of nodes, egress rates,
 * round trips. What cannot be published, the routing, is drawn from a documented distribution with
 * a seed.
 */
@NullMarked
package org.moesaic.generate;

import org.jspecify.annotations.NullMarked;
