/**
 * Between a plan as written and an assignment as priced: turns each into the other, and checks a
 * plan against its problem.
 */
@NullMarked
package org.moesaic.check;

import org.jspecify.annotations.NullMarked;
