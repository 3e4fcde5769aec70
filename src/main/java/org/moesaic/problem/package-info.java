/**
 * What the problem file says: immutable records, the reader, and the validator that reports every
 * issue with its JSON pointer. Nothing here knows how a problem is solved.
 */
@NullMarked
package org.moesaic.problem;

import org.jspecify.annotations.NullMarked;
