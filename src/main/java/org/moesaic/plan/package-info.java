/**
 * What the plan file says: immutable records, their reader and their atomic writer. Nothing here
 * knows what a plan costs.
 */
@NullMarked
package org.moesaic.plan;

import org.jspecify.annotations.NullMarked;
