/** A plan and the search for it, for people: tables, a verdict, a log. Computes no price. */
@NullMarked
package org.moesaic.report;

import org.jspecify.annotations.NullMarked;
