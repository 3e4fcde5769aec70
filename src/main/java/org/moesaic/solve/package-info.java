/** The planner: options in, plans and progress out. */
@NullMarked
package org.moesaic.solve;

import org.jspecify.annotations.NullMarked;
