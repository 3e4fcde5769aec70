/**
 * What an assignment costs, what it sends, how long it takes and which rules it breaks. Slow,
 * plain, complete: this is the reference that every faster computation is asserted against.
 */
@NullMarked
package org.moesaic.pricing;

import org.jspecify.annotations.NullMarked;
