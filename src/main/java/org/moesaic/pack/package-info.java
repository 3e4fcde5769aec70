/**
 * Experts to accelerators: which replica of which expert lies in which slot, so that no accelerator
 * has more to do than it must.
 */
@NullMarked
package org.moesaic.pack;

import org.jspecify.annotations.NullMarked;
