/**
 * The Timefold model: the domain, the constraints as readable streams, and a fast incremental
 * calculator of the same score. Internal to {@code solve}.
 */
@NullMarked
package org.moesaic.solve.model;

import org.jspecify.annotations.NullMarked;
