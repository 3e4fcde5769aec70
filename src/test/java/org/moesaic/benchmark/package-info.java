/** Commands that measure; nothing here is a test. */
@org.jspecify.annotations.NullMarked
package org.moesaic.benchmark;
