/** Constructions: assignments to start a search from, and the simple ones to compare it with. */
@NullMarked
package org.moesaic.solve.start;

import org.jspecify.annotations.NullMarked;
