/**
 * A plan for serving engines: one file per offer in an engine's own format, and who is routed
 * where.
 */
@NullMarked
package org.moesaic.export;

import org.jspecify.annotations.NullMarked;
