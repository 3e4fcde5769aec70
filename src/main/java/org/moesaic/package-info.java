/** Moesaic places the experts of mixture-of-experts models on rented GPUs, at the least cost. */
@NullMarked
package org.moesaic;

import org.jspecify.annotations.NullMarked;
