/** The command line: parses arguments, calls the library, prints. */
@NullMarked
package org.moesaic.cli;

import org.jspecify.annotations.NullMarked;
