/**
 * Recordings of real routing, read into loads and samples: how often experts were called, and which
 * ones single tokens chose.
 */
@NullMarked
package org.moesaic.routing;

import org.jspecify.annotations.NullMarked;
