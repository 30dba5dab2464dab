/// Shows what is in a model file.
@NullMarked
package dev.millrace.cli.inspect;

import org.jspecify.annotations.NullMarked;
