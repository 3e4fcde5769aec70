/**
 * A problem lowered once to dense, indexed arrays: shards, offers, sites, prices, round trips,
 * demand. Immutable and shared by every thread.
 */
@NullMarked
package org.moesaic.instance;

import org.jspecify.annotations.NullMarked;
