/** What is between two plans of one problem. */
@NullMarked
package org.moesaic.diff;

import org.jspecify.annotations.NullMarked;
