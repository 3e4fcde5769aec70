/** Lower bounds on the cost of every plan that keeps the rules. */
@NullMarked
package org.moesaic.solve.bound;

import org.jspecify.annotations.NullMarked;
