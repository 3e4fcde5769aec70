/**
 * Moves made for placement problems: on one shard, on two, and on all that an offer or a layer
 * holds.
 */
@NullMarked
package org.moesaic.solve.move;

import org.jspecify.annotations.NullMarked;
